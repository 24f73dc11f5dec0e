"""A schema of another version than this program's: bringing it up to date, or saying what to do."""

from importlib.resources import files
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from indexer.errors import CatalogueOutdated, CatalogueTooNew, CongbaoError


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("indexer.catalogue") / "migrations"))
    return config


def upgrade(engine: sa.Engine, path: Path) -> None:
    """Run the migrations that the schema lacks. Raises CatalogueTooNew for one that a newer program wrote."""
    config = _alembic()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise _too_new(path) from error


def as_error(engine: sa.Engine, path: Path) -> CongbaoError:
    """Return what a reader says of a schema that is not of this program's version."""
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    if found is None or any(found == script.revision for script in ScriptDirectory.from_config(_alembic()).walk_revisions()):
        return CatalogueOutdated(f"Cơ sở dữ liệu {path} thuộc phiên bản cũ: chạy `congbao index` một lần để nâng cấp.")
    return _too_new(path)


def _too_new(path: Path) -> CatalogueTooNew:
    return CatalogueTooNew(
        f"Cơ sở dữ liệu {path} do phiên bản mới hơn của chương trình tạo ra: hãy cập nhật chương trình; dữ liệu giữ nguyên."
    )

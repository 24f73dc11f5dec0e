"""Opening the catalogue's database: durable settings, schema version, and errors in the project's own words."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from indexer.catalogue.schema import REVISION
from indexer.errors import CatalogueDamaged, DataFolderUnfit, PurgeUnfinished

_PATIENCE = 30  # seconds to wait for another connection
_PRAGMAS = (
    "journal_mode = WAL",  # readers never wait for the writer
    "synchronous = FULL",  # a transaction that returned survives loss of power
    "foreign_keys = ON",
    "secure_delete = ON",  # what is removed is overwritten; `scrub` says what that leaves
)


def connect(path: Path) -> sa.Engine:
    """Return an engine on the SQLite file at `path`, made if missing; connections are safe to use from many threads."""
    url = sa.URL.create("sqlite", database=str(path))
    engine = sa.create_engine(url, connect_args={"check_same_thread": False}, hide_parameters=True)

    @sa.event.listens_for(engine, "connect")
    def _settle(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # left to itself the driver begins no transaction for CREATE TABLE, so that a
        # migration that was killed would stay half done
        try:
            for pragma in (*_PRAGMAS, f"busy_timeout = {_PATIENCE * 1000:.0f}"):
                connection.execute(f"PRAGMA {pragma}")
        except sqlite3.Error:  # no database: the pool does not know this connection yet, so nobody else would close it
            connection.close()
            raise

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def open_checked(path: Path, check: Callable[[sa.Engine, Path], None]) -> sa.Engine:
    """Connect and run `check`; what it raises comes in the project's own words, and nothing stays open then."""
    engine = connect(path)
    try:
        with plain_errors(path):
            check(engine, path)
    except BaseException:
        engine.dispose()
        raise
    return engine


def migrate(engine: sa.Engine, path: Path) -> None:
    """Bring the schema to this program's version. Raises CatalogueTooNew for one that a newer program wrote."""
    if not _is_current(engine):
        from indexer.catalogue import migration  # alembic takes as long to load as all of sqlalchemy

        migration.upgrade(engine, path)


def check_version(engine: sa.Engine, path: Path) -> None:
    """Raise CatalogueTooNew or CatalogueOutdated unless the schema is of this program's version."""
    if not _is_current(engine):
        from indexer.catalogue import migration

        raise migration.as_error(engine, path)


def _is_current(engine: sa.Engine) -> bool:
    with engine.connect() as connection:
        known = sa.inspect(connection).has_table("alembic_version")
        return known and connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == REVISION


def scrub(engine: sa.Engine, path: Path) -> None:
    """Leave no byte of what was deleted in the database file and its log, whatever comes afterwards.

    secure_delete overwrites a deleted row, but not the copies that splitting and merging pages left of it: of 1,500 deleted small
    rows 4 to 11 stayed readable. So the file is written anew, from its live rows alone, which takes time and free space in
    proportion to its size. The log is emptied afterwards: a reader with an old snapshot, in any process, is waited for.

    Raises PurgeUnfinished when a reader does not end, DataFolderUnfit on a full disk.
    """
    with plain_errors(path), closing(engine.raw_connection()) as connection:
        cursor = connection.cursor()
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (blocked, *_), log = cursor.fetchall()[0], path.with_name(f"{path.name}-wal")
        if blocked:
            raise PurgeUnfinished(
                f"Văn bản không còn tìm được, nhưng một tiến trình vẫn đang đọc trạng thái cũ của {path} nên nội dung chưa xóa "
                "hẳn: đợi hoặc dừng tiến trình đó (`congbao serve`, một bản sao lưu đang chạy), rồi chạy lại lệnh vừa rồi."
            )
        with log.open("rb") as file:  # SQLite cuts it and does not wait for the disk: a loss of power would bring it back
            os.fsync(file.fileno())


@contextmanager
def plain_errors(path: Path) -> Iterator[None]:
    """Turn the database's own errors into sentences that say what to do."""
    try:
        yield
    except (sa.exc.DBAPIError, sqlite3.Error) as error:
        cause = str(getattr(error, "orig", error))
        if "full" in cause:
            raise DataFolderUnfit(
                f"Ổ đĩa chứa {path} đã đầy: giải phóng chỗ trống rồi chạy lại; dữ liệu đã ghi còn nguyên."
            ) from error
        if "readonly" in cause or "unable to open" in cause:
            raise DataFolderUnfit(f"Không mở hoặc ghi được {path}: kiểm tra quyền của thư mục dữ liệu.") from error
        if "malformed" in cause or "not a database" in cause:
            raise CatalogueDamaged(f"Cơ sở dữ liệu {path} bị hỏng: phục hồi từ bản sao lưu gần nhất.") from error
        raise

"""The one options object: congbao.toml, then CONGBAO_* variables, then flags; read once at the edge and passed in.

An unknown key is an error, so that a misspelt setting never passes in silence.
"""

import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from indexer.errors import BadConfiguration
from indexer.model import Kind, Visibility

SETTINGS_FILE = "congbao.toml"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Limits(_Section):
    """What reading one file may cost; the worker that exceeds it is ended and the file fails."""

    memory_mb: Annotated[int, Field(ge=128)] = 512  # address space beyond what the worker needs at rest
    cpu_seconds: Annotated[int, Field(ge=1)] = 60
    wall_seconds: Annotated[int, Field(ge=1)] = 90
    ocr_seconds: Annotated[int, Field(ge=0)] = 600  # more for recognising scanned pages; 0: never
    pages: Annotated[int, Field(ge=1)] = 3000
    file_mb: Annotated[int, Field(ge=1)] = 200
    unpacked_mb: Annotated[int, Field(ge=1)] = 300  # of a zipped format or an archive, all members together
    files_per_worker: Annotated[int, Field(ge=1)] = 200  # then a fresh process takes its place


class Source(_Section):
    """A place that documents come from. Only a publishable source becomes searchable (the gate is closed by default)."""

    path: Path
    publishable: bool = False
    visibility: Visibility = Visibility.PUBLIC
    kind: Kind = Kind.LEGAL
    site: str | None = None


class Serve(_Section):
    """Where and how the HTTP service listens."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    workers: Annotated[int, Field(ge=1, le=64)] = 1  # processes
    threads: Annotated[int, Field(ge=1, le=256)] = 8  # in each process


class RegisterPreset(_Section):
    """How a publisher's register is read: `columns` maps theirs to our field ("" ignores one); `values` rewords by our field."""

    columns: dict[str, str]
    host: str | None = None  # the publisher's; unnamed, the preset is taken only for a register whose first record has it
    values: dict[str, dict[str, str]] = Field(default_factory=dict)


class Options(BaseSettings):
    """Every setting of the project with its default.

    In the environment: CONGBAO_DATA, CONGBAO_SERVE__PORT, CONGBAO_LIMITS__PAGES ...
    """

    model_config = SettingsConfigDict(
        env_prefix="CONGBAO_", env_nested_delimiter="__", extra="forbid", frozen=True, toml_file=SETTINGS_FILE
    )

    data: Path = Path("data")  # catalogue, index and caches
    workers: Annotated[int, Field(ge=1, le=256)] = Field(default_factory=lambda: os.cpu_count() or 1)  # reading files
    limits: Limits = Limits()
    serve: Serve = Serve()
    sources: dict[str, Source] = Field(default_factory=dict)
    registers: dict[str, RegisterPreset] = Field(default_factory=dict)  # by name, beside and before the built-in ones

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  the base class fixes the signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  as above
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: flags first, then the environment, then the file."""
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls))


def _refuse_unknown_variables() -> None:
    """Raise BadConfiguration for a CONGBAO_ variable that sets nothing; the library passes over those in silence."""
    for variable in sorted(os.environ):
        if not variable.startswith("CONGBAO_"):
            continue
        name, _, inner = variable.removeprefix("CONGBAO_").lower().partition("__")
        field = Options.model_fields.get(name)
        section = field.annotation if field is not None else None
        known = section.model_fields if isinstance(section, type) and issubclass(section, BaseModel) else None
        if field is None or (known is not None and inner and inner not in known):
            raise BadConfiguration(f"Biến môi trường `{variable}` không đặt cấu hình nào: sửa tên hoặc bỏ đi (xem README).")


def load_options(**flags: Any) -> Options:
    """Read the options; `flags` that are None were not given. Raises BadConfiguration, naming the setting."""
    _refuse_unknown_variables()
    try:
        return Options(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadConfiguration(f"Cấu hình `{where}` không dùng được: {first['msg']}. Sửa trong {SETTINGS_FILE}.") from error
    except ValueError as error:  # TOML syntax
        raise BadConfiguration(f"Không đọc được {SETTINGS_FILE}: {error}") from error

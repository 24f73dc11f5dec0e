"""The one options object: congbao.toml, then CONGBAO_* variables, then flags; read once at the edge and passed in.

An unknown key is an error, so that a misspelt setting never passes in silence.
"""

import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from indexer.errors import BadConfiguration
from indexer.model import Kind, Visibility

SETTINGS_FILE = "congbao.toml"
_TOML_PLACE = re.compile(r"at line (\d+), column (\d+)")


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


def _named(folder: Any) -> Any:
    """Refuse an empty name, which would mean the working directory and scatter files there."""
    if folder == "":
        raise ValueError("phải là tên một thư mục")
    return folder


def _file(path: Any) -> Any:
    if path == "":
        raise ValueError("phải là tên một tệp")
    return path


class Options(BaseSettings):
    """Every setting of the project with its default.

    In the environment: CONGBAO_DATA, CONGBAO_SERVE__PORT, CONGBAO_LIMITS__PAGES ...
    """

    model_config = SettingsConfigDict(
        env_prefix="CONGBAO_", env_nested_delimiter="__", extra="forbid", frozen=True, toml_file=SETTINGS_FILE
    )

    data: Annotated[Path, BeforeValidator(_named)] = Path("data")  # catalogue, index and caches
    workers: Annotated[int, Field(ge=1, le=256)] = Field(default_factory=lambda: os.cpu_count() or 1)  # reading files
    limits: Limits = Limits()
    serve: Serve = Serve()
    abbreviations: Annotated[Path | None, BeforeValidator(_file)] = None  # an operator's own, beside those of the program
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


_WORDS = {  # by pydantic's names of what may be wrong
    "extra_forbidden": "không có mục này",
    "missing": "còn thiếu",
    "int_parsing": "phải là số nguyên",
    "int_type": "phải là số nguyên",
    "int_from_float": "phải là số nguyên",
    "bool_parsing": "phải là true hoặc false",
    "bool_type": "phải là true hoặc false",
    "string_type": "phải là chữ",
    "path_type": "phải là đường dẫn",
    "greater_than_equal": "phải từ {ge} trở lên",
    "less_than_equal": "không được quá {le}",
    "enum": "phải là {expected}",
    "literal_error": "phải là {expected}",
    "dict_type": "phải là một mục có các khóa",
    "model_type": "phải là một mục có các khóa",
    "model_attributes_type": "phải là một mục có các khóa",
}


def in_words(wrong: ErrorDetails) -> str:
    """Return in Vietnamese what is wrong with a value."""
    if wrong["type"] == "value_error":
        return str(wrong["ctx"]["error"])
    words = _WORDS.get(wrong["type"])
    return words.format(**wrong.get("ctx", {})).replace(" or ", " hoặc ") if words else wrong["msg"]


def load_options(**flags: Any) -> Options:
    """Read the options; `flags` that are None were not given. Raises BadConfiguration, naming the setting and where it stands."""
    _refuse_unknown_variables()
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return Options(**given)
    except ValidationError as error:
        first = error.errors()[0]
        where = [str(part) for part in first["loc"]]
        variable = next((name for name in _variables(where) if name in os.environ), None)
        mend = f"Sửa biến môi trường `{variable}`" if variable else f"Sửa trong {SETTINGS_FILE}"
        raise BadConfiguration(f"Cấu hình `{'.'.join(where)}` không dùng được: {in_words(first)}. {mend}.") from error
    except tomllib.TOMLDecodeError as error:
        place = _TOML_PLACE.search(str(error))
        at = f" ở dòng {place[1]}, cột {place[2]}" if place else ""
        raise BadConfiguration(f"{SETTINGS_FILE} không đúng cú pháp TOML{at}: sửa rồi chạy lại.") from error
    except (ValueError, SettingsError) as error:  # not UTF-8, or a variable that is no JSON where one is needed
        raise BadConfiguration(f"Không đọc được {SETTINGS_FILE} hoặc biến môi trường CONGBAO_*: sửa rồi chạy lại.") from error


def _variables(where: list[str]) -> Iterator[str]:
    """Yield the variables that may have set `where`, the innermost first."""
    for count in range(len(where), 0, -1):
        yield "CONGBAO_" + "__".join(where[:count]).upper()

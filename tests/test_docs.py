"""What the developers' pages name exists."""

import importlib
import re
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
_ROW = re.compile(r"^\|[^|]+\|[^|]+\| (?P<code>[^|]+) \|[^|]+\|$", re.MULTILINE)


def _names() -> list[str]:
    page = (REPOSITORY / "docs" / "GLOSSARY.md").read_text(encoding="utf-8")
    cells = [row["code"].strip() for row in _ROW.finditer(page)]
    return sorted({cell.strip("`") for cell in cells if cell.startswith("`")})


def _resolve(name: str) -> Any:
    """Return what a dotted name names: the longest part of it that is a file is the module, the rest are attributes."""
    parts = name.split(".")
    depth = max(size for size in range(1, len(parts) + 1) if _is_module(parts[:size]))
    found: Any = importlib.import_module(".".join(parts[:depth]))
    for part in parts[depth:]:
        fields = getattr(found, "model_fields", {})  # pydantic keeps a field without default out of the class
        found = fields[part] if part in fields else getattr(found, part)
    return found


def _is_module(parts: list[str]) -> bool:
    path = REPOSITORY.joinpath(*parts)
    return path.with_suffix(".py").is_file() or path.joinpath("__init__.py").is_file()


@pytest.mark.parametrize("name", _names())
def test_a_name_in_the_glossary_exists(name: str) -> None:
    """The third column holds a dotted name that imports, or a path in the repository."""
    if "/" in name:
        assert (REPOSITORY / name).is_file()
    else:
        _resolve(name)


def _paths() -> list[str]:
    page = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
    spans = re.findall(r"`([^`\s]+)`", page)
    return sorted({span for span in spans if "/" in span and not re.search(r"[*]|^[./]|^v?\d|0004", span)})


@pytest.mark.parametrize("path", _paths())
def test_a_path_in_the_recipes_exists(path: str) -> None:
    """A recipe sends nobody to a file or folder that is not there."""
    assert (REPOSITORY / path).exists()

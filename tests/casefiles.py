"""Test cases as data: tests/cases/<topic>.json holds a list of objects with at least `name` and `why`."""

import json
from pathlib import Path
from typing import Any

import pytest

_FOLDER = Path(__file__).parent / "cases"


def by_name(case: dict[str, Any]) -> str:
    """Return the test id of a case."""
    return str(case["name"])


def cases(topic: str) -> list[Any]:
    """Read the cases of `topic`; one with "fails": "reason" becomes a strict xfail."""
    rows = json.loads((_FOLDER / f"{topic}.json").read_text(encoding="utf-8"))
    assert rows, f"tests/cases/{topic}.json holds no case"
    return [
        pytest.param(row, marks=pytest.mark.xfail(reason=row["fails"], strict=True)) if "fails" in row else row for row in rows
    ]

"""The rules of ARCHITECTURE.md that a reader relies on."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
PACKAGES = ("analyzers", "indexer", "search_api")
MODULES = sorted(path for package in PACKAGES for path in (REPOSITORY / package).rglob("*.py"))

ONE_ROOM = {
    "whoosh": "indexer/engine/whooshdb/",
    "pdfminer": "indexer/extract/pdf/",
    "sqlalchemy": "indexer/catalogue/",
    "falcon": "search_api/",
    "waitress": "search_api/serve.py",
    "tantivy": "search_api/evaluation/peers.py",  # of the development tools, imported when a comparison is asked for
    "bm25s": "search_api/evaluation/peers.py",
}


def imports(path: Path) -> Iterator[str]:
    """The full names of what a module imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute, so that a reader sees the room"
            yield node.module or ""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_imports_go_one_way(path: Path) -> None:
    """No package imports one that stands above it."""
    package = path.relative_to(REPOSITORY).parts[0]
    above = PACKAGES[PACKAGES.index(package) + 1 :]
    assert not [name for name in imports(path) if name.split(".")[0] in above]


@pytest.mark.parametrize(("library", "room"), ONE_ROOM.items())
def test_a_library_is_imported_in_its_room_alone(library: str, room: str) -> None:
    """Replacing a library means looking into one room."""
    places = [str(path.relative_to(REPOSITORY)) for path in MODULES if library in {name.split(".")[0] for name in imports(path)}]
    assert places
    assert [place for place in places if not place.startswith(room)] == []


def test_kernels_are_in_two_rooms() -> None:
    """The engine's and the word model's: whoever reads the rest needs no numba."""
    places = {str(path.relative_to(REPOSITORY)) for path in MODULES if "numba" in {name.split(".")[0] for name in imports(path)}}
    assert places
    assert [place for place in places if not place.startswith(("indexer/engine/whooshdb/", "analyzers/kernels/"))] == []


def test_the_segmentation_model_is_read_in_one_place() -> None:
    """Underthesea's code is imported nowhere; its model files are found by one module."""
    assert not [path for path in MODULES if "underthesea" in {name.split(".")[0] for name in imports(path)}]
    finders = [path for path in MODULES if 'find_spec("underthesea")' in path.read_text(encoding="utf-8")]
    assert [str(path.relative_to(REPOSITORY)) for path in finders] == ["analyzers/tagger.py"]


def test_the_api_loads_no_reader_and_no_model() -> None:
    """Importing the application and its command leaves pdfminer and underthesea out of the process."""
    code = "import sys, search_api.app, search_api.cli; print(sorted({'pdfminer', 'underthesea'} & sys.modules.keys()))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert loaded.stdout.strip() == "[]"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_modules_can_be_read_in_one_sitting(path: Path) -> None:
    """No module is longer than 500 lines."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 500


def test_locks_name_no_address() -> None:
    """The lock files say what and with which hash, not where it was downloaded from."""
    for lock in REPOSITORY.glob("requirements*.lock"):
        assert "://" not in lock.read_text(encoding="utf-8")


def test_analysis_compiles_nothing_before_words_are_asked_for() -> None:
    """Importing the profiles, and analysing with them, leaves numba and the tagger out of the process."""
    code = (
        "import sys; from analyzers import profiles\n"
        "profiles.analyse('đất', profiles.Profile.QUERY); profiles.analyse('đất', profiles.Profile.FOLDED)\n"
        "print(sorted({'numba', 'analyzers.tagger', 'analyzers.kernels'} & sys.modules.keys()))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert loaded.stdout.strip() == "[]"

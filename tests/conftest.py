"""Fixtures that every test may use."""

import os
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

REPOSITORY = Path(__file__).resolve().parent.parent
# One cache of compiled kernels for all tests and the processes that they start, instead of one in every data folder.
os.environ.setdefault("NUMBA_CACHE_DIR", str(REPOSITORY / ".pytest_cache" / "kernels"))
Path(os.environ["NUMBA_CACHE_DIR"]).mkdir(parents=True, exist_ok=True)
# What tests start would compile all of the project anew, each process for itself, where Python is told to keep nothing.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
os.environ.setdefault("CONGBAO_LIMITS__OCR_SECONDS", "0")  # recognising real scans takes minutes; test_ocr has its own pages
settings.register_profile("project", deadline=None)  # speed is no matter of tests, on a busy machine least of all
settings.load_profile("project")
SHARED_DATA = REPOSITORY.parent / "shared" / "data"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what the Makefile and continuous integration switch on."""
    parser.addoption("--long", action="store_true", help="the full-size proofs instead of a tenth of their cases")
    parser.addoption("--require-browser", action="store_true", help="fail, instead of skip, where no browser is installed")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile the kernels once, before the workers of xdist and the processes that tests give a time limit need them."""
    from indexer.engine.whooshdb.compiled import kept_in
    from indexer.engine.whooshdb.warming import warm

    if hasattr(session.config, "workerinput") or any(kept_in(Path(os.environ["NUMBA_CACHE_DIR"])).glob("*")):
        return
    with tempfile.TemporaryDirectory() as folder:
        warm(Path(folder) / "index")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the full-size proofs to `make verify-long`, which runs every case of the tests that have some."""
    long = [item for item in items if item.get_closest_marker("long")]
    if config.getoption("--long"):
        proofs = {item.path for item in long}
        chosen = [item for item in items if item.path in proofs]
    else:
        chosen = [item for item in items if item not in set(long)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
    items[:] = chosen


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real documents and judgements; tests that need it are skipped where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the real documents (../shared/data) are not on this machine")
    return SHARED_DATA


@pytest.fixture(scope="session")
def warmed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that holds the machine code of every kernel, for processes that must not take the time to compile."""
    from indexer.engine.whooshdb.compiled import kept_in
    from indexer.engine.whooshdb.warming import warm

    warm(tmp_path_factory.mktemp("warmed") / "index")
    return kept_in(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="session")
def samples() -> Path:
    """The repository's own sample documents."""
    return REPOSITORY / "samples"

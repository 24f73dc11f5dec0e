"""Fixtures that every test may use."""

from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED_DATA = REPOSITORY.parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real documents and judgements; tests that need it are skipped where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the real documents (../shared/data) are not on this machine")
    return SHARED_DATA


@pytest.fixture(scope="session")
def samples() -> Path:
    """The repository's own sample documents."""
    return REPOSITORY / "samples"

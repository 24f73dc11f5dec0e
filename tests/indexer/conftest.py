"""An operator's desk for every test of indexing; some make their own."""

from pathlib import Path

import pytest
from operator_desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk with an empty data folder."""
    return Desk(tmp_path / "data")

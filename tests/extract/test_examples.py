"""The examples in the docstrings of the readers."""

import doctest
from importlib import import_module

import pytest


@pytest.mark.parametrize("name", ["sheets.cell_values", "numerals", "sheets.cells"])
def test_examples_hold(name):
    """Each example gives what it says."""
    result = doctest.testmod(import_module(f"indexer.extract.{name}"))
    assert result.attempted > 0
    assert result.failed == 0

"""The examples in docstrings run."""

import doctest
from importlib import import_module

import pytest

MODULES = ["accents", "citations", "normalise", "profiles", "tokenise"]


@pytest.mark.parametrize("name", MODULES)
def test_examples_are_true(name):
    """Each module's docstrings hold examples, and every one gives what it shows."""
    result = doctest.testmod(import_module(f"analyzers.{name}"))
    assert result.attempted > 0
    assert result.failed == 0

"""Reading files: what a file is, its text with fonts and pages, and the worker processes that keep a hostile file apart."""

from indexer.extract.dispatch import extract, unpack

__all__ = ["extract", "unpack"]

"""Extraction: a file's bytes to raw text with pages and font runs, one module a format."""

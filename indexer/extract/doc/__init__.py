"""Word 97-2003 and 6/95 (DOC)."""

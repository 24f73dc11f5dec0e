"""The indexing side: reading files, understanding them, the catalogue and the engines."""

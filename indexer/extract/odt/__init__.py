"""OpenDocument (ODT, ODS)."""

"""Falcon resources; each only translates HTTP."""

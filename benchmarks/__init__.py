"""Comparisons that the README quotes, each one command."""

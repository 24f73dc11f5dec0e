"""Decoding: raw runs, some in legacy encodings, to the canonical text and the steps that led there."""

from indexer.decoding.canonical import decode

__all__ = ["decode"]

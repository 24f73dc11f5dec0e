"""Decoding: raw runs, some in legacy encodings, to the canonical text and the steps that led there."""

"""Compiled loops over text. Import this only where texts are indexed or searched: numba takes half a second."""

from typing import Final

from analyzers.kernels.chunks import number_chunks
from analyzers.kernels.viterbi import best_path, score

KERNELS: Final = (best_path, number_chunks, score)
"""What is called from outside; indexer/engine/whooshdb/compiled.py keeps their machine code."""

"""Tests of how the time of a function grows with its input, on machines of any speed."""

import gc
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_LINEAR, _ALLOWED = 4, 9  # four times the input: linear takes 4 times as long, quadratic 16
_UNSEEN = 0.05  # seconds of processor time below which no growth is seen, and none matters
_ATTEMPTS = 3


def assert_grows_linearly(read: Callable[[T], object], input_of: Callable[[int], T], size: int) -> None:
    """Assert that `read` takes no more than linear processor time up to inputs of `size`.

    `input_of` makes an input of a size. A pause of the machine is no growth: the best of three comparisons counts.
    """
    ratios = []
    for _ in range(_ATTEMPTS):
        small, large = (_seconds(read, input_of(length)) for length in (size // _LINEAR, size))
        if large < max(_UNSEEN, _ALLOWED * small):
            return
        ratios.append(large / small)
    raise AssertionError(f"{_LINEAR} times the input took {', '.join(f'{ratio:.0f}' for ratio in ratios)} times as long")


def repeated(piece: str) -> Callable[[int], str]:
    """Return what makes texts of a length in characters out of one piece."""
    return lambda length: (piece * (length // len(piece) + 1))[:length]


def _seconds(read: Callable[[T], object], value: T) -> float:
    gc.disable()  # what it takes depends on all that the other tests keep
    try:
        began = time.process_time()
        read(value)
        return time.process_time() - began
    finally:
        gc.enable()

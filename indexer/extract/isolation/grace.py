"""More time for a file whose slow part has a limit of its own: its worker asks, and whoever waits for it waits longer, once."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MoreTime:
    """A worker's message: the file that it reads needs so many seconds more."""

    seconds: int


_ask: Callable[[int], None] | None = None


def on_asking(ask: Callable[[int], None] | None) -> None:
    """Set who is asked in this process."""
    global _ask  # a process reads one file at a time, and readers deep below must reach the one who waits
    _ask = ask


def ask_for(seconds: int) -> None:
    """Ask for time to read the present file; outside a worker nobody waits, and nothing is asked."""
    if _ask is not None:
        _ask(seconds)

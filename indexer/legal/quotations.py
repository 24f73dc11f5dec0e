"""What an amending document quotes: blocks of lines between “ and ”, which belong to the document that is amended."""

import re
from collections.abc import Sequence

from indexer.legal.lines import Line

_OPENS = re.compile(r"[*_\s]*[“\"«„]")
_AFTER_CLOSING = " *_.;,:/"


def quoted_blocks(lines: Sequence[Line]) -> list[tuple[int, int]]:
    """Return (first, last) line indexes of the quoted blocks, in order, none overlapping.

    A block opens at a line that starts with a quotation mark and leaves it open, and closes at the next line that ends with one
    that it did not open. One that another opening overtakes was never closed: it holds its first line alone.
    """
    blocks: list[tuple[int, int]] = []
    opened: int | None = None
    for index, line in enumerate(lines):
        if left_open(line.text):
            if opened is not None:
                blocks.append((opened, opened))
            opened = index
        elif _OPENS.match(line.text) and opened is None and _ends_quotation(line.text):
            blocks.append((index, index))
        elif opened is not None and _balance(line.text) < 0 and _ends_quotation(line.text):
            blocks.append((opened, index))
            opened = None
    if opened is not None:
        blocks.append((opened, opened))
    return blocks


def left_open(text: str) -> bool:
    """Say whether a line opens a quotation that it does not close."""
    return _OPENS.match(text) is not None and _balance(text) > 0


def _ends_quotation(text: str) -> bool:
    return text.rstrip(_AFTER_CLOSING).endswith(("”", '"', "»", "“"))


def _balance(text: str) -> int:
    """Return +1 where `text` leaves a quotation open, -1 where it closes one that it did not open, 0 otherwise.

    Straight marks look alike on both sides: an odd number of them opens where the line starts with one, and closes elsewhere.
    """
    curved = text.count("“") + text.count("«") + text.count("„") - text.count("”") - text.count("»")
    if text.count('"') % 2:
        curved += 1 if _OPENS.match(text) else -1
    return (curved > 0) - (curved < 0)

"""Accents off: the second, weaker spelling by which `duong` finds `đường`."""

from typing import Final
from unicodedata import category, normalize

from analyzers.normalise import nfc

# Latin-1 letters, Latin Extended-A and -B, Latin Extended Additional: every precomposed Vietnamese letter is in one of them.
_BLOCKS: Final = (range(0xC0, 0x250), range(0x1E00, 0x1F00))
_UNDECOMPOSED: Final = {"đ": "d", "Đ": "D", "ð": "d", "Ð": "D"}  # đ has no decomposition; eth is typed for it


def _bare_letters() -> dict[int, str]:
    """Map each letter of the blocks that is one ASCII letter with marks to that letter alone."""
    bare = {ord(letter): plain for letter, plain in _UNDECOMPOSED.items()}
    for code in (code for block in _BLOCKS for code in block):
        parts = normalize("NFD", chr(code))
        base, marks = parts[0], parts[1:]
        if marks and base.isascii() and all(category(mark) == "Mn" for mark in marks):
            bare[code] = base
    return bare


_BARE: Final = _bare_letters()


def fold(text: str) -> str:
    """Return `text` (NFC) without accents, đ as d; each character gives one, so offsets stay. Letter case stays too.

    Only characters are exchanged: a free-standing combining mark is left alone, so bring text to NFC first.

    >>> fold("Đường số 5, Hoà Bình")
    'Duong so 5, Hoa Binh'
    """
    return text if text.isascii() else text.translate(_BARE)


def has_accents(text: str) -> bool:
    """Say whether `text`, in any normal form, holds a letter that `fold` would change."""
    composed = nfc(text)
    return fold(composed) != composed

"""One spelling for what readers take as the same syllable: letter case, tone placement, i or y, look-alike letters.

Accents are kept; `accents.fold` removes them.
"""

import re
from functools import lru_cache
from typing import Final
from unicodedata import is_normalized, normalize

from analyzers.tables import rows

# Soft hyphen, zero-width space, non-joiner, joiner, word joiner, byte order mark: nothing is printed for them inside a line.
INVISIBLE: Final = "\u00ad\u200b\u200c\u200d\u2060\ufeff"

LOOKALIKES: Final = {found: meant for found, meant, _ in rows("analyzers", "lookalikes.tsv")}
_REPAIRS: Final = str.maketrans({**LOOKALIKES, **dict.fromkeys(INVISIBLE)})

_TONES: Final = {"a": "àáảãạ", "e": "èéẻẽẹ", "o": "òóỏõọ", "u": "ùúủũụ", "y": "ỳýỷỹỵ"}
_OPEN_PAIRS: Final = ("oa", "oe", "uy")  # the only rhymes on which the two schools differ


def _older_school() -> dict[str, str]:
    """Map each open pair with its tone on the second letter to the pair with it on the first, in all letter cases."""
    moved = {}
    for first, second in _OPEN_PAIRS:
        for toned_first, toned_second in zip(_TONES[first], _TONES[second], strict=True):
            for lead, lead_toned in ((first, toned_first), (first.upper(), toned_first.upper())):
                moved[lead + toned_second] = lead_toned + second
                moved[lead + toned_second.upper()] = lead_toned + second.upper()
    return moved


_OLDER_SCHOOL: Final = _older_school()
_NEWER_SCHOOL: Final = {older: newer for newer, older in _OLDER_SCHOOL.items()}
# What may stand before an open pair: hoà, thuỷ, nghoè; not q, for in quý the u belongs to the initial
_INITIAL: Final = re.compile(r"[bcdđghklmnprstvx]{0,3}", re.IGNORECASE)
# kỹ, lý, quý, sỹ: y is the whole rhyme; tay and thuý are not
_Y_RHYME: Final = re.compile(r"(?:[hklmstv]|qu)[yỳýỷỹỵ]")
_Y_TO_I: Final = str.maketrans("yỳýỷỹỵ", "iìíỉĩị")


def nfc(text: str) -> str:
    """Return `text` in Unicode normal form C, itself when it is so already."""
    return text if is_normalized("NFC", text) else normalize("NFC", text)


def settle_tone(syllable: str) -> str:
    """Return `syllable` (NFC) with its tone mark where the older school writes it; the tone itself and the length stay.

    >>> settle_tone("hoà"), settle_tone("THUỶ"), settle_tone("hoàn"), settle_tone("quý")
    ('hòa', 'THỦY', 'hoàn', 'quý')
    """
    return _moved(syllable, _OLDER_SCHOOL)


def newer_school(syllable: str) -> str:
    """Return `syllable` (NFC) with its tone mark where the newer school writes it: what `settle_tone` undoes.

    >>> newer_school("hòa"), newer_school("Ủy")
    ('hoà', 'Uỷ')
    """
    return _moved(syllable, _NEWER_SCHOOL)


def _moved(syllable: str, forms: dict[str, str]) -> str:
    rhyme = forms.get(syllable[-2:])
    if rhyme is None or not _INITIAL.fullmatch(syllable, 0, len(syllable) - 2):
        return syllable
    return syllable[:-2] + rhyme


def repair(text: str) -> str:
    """Return `text` in NFC with look-alike letters replaced (QÐ with Eth, СР in Cyrillic) and invisible characters out."""
    return nfc(nfc(text).translate(_REPAIRS))


def normalise(syllable: str) -> str:
    """Return the main layer's spelling of `syllable`; a second application changes nothing.

    >>> [normalise(text) for text in ("Hoà", "UỶ", "kỹ", "tay", "QÐ", "đ\u00adược")]
    ['hòa', 'ủy', 'kĩ', 'tay', 'qđ', 'được']
    """
    settled = syllable.lower() if syllable.isascii() else settle_tone(repair(repair(syllable).lower()))
    return settled.translate(_Y_TO_I) if _Y_RHYME.fullmatch(settled) else settled


# For syllables, which the tokenizer bounds, not for whole texts. Legal text repeats its vocabulary: nearly every one is a hit.
term: Final = lru_cache(maxsize=32_768)(normalise)

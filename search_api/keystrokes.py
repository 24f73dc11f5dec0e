"""What keys of an input method that is off were meant to write: telex (quyeest ddinhj) and VNI (quye61t d9inh5).

The methods' keys are common knowledge among typists; https://vi.wikipedia.org/wiki/Telex_(kiểu_gõ) and VNI list them.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_GRAVE, _ACUTE, _HOOK, _TILDE, _DOT = "\u0300", "\u0301", "\u0309", "\u0303", "\u0323"


@dataclass(frozen=True, slots=True)
class _Method:
    letters: Mapping[str, str]  # keys → the letter that they write
    tones: Mapping[str, str]  # key → combining mark
    shape: re.Pattern[str]  # what may be keys of this method


_TELEX: Final = _Method(
    {"aa": "â", "aw": "ă", "ee": "ê", "oo": "ô", "ow": "ơ", "uw": "ư", "dd": "đ"},
    {"f": _GRAVE, "s": _ACUTE, "r": _HOOK, "x": _TILDE, "j": _DOT},
    re.compile(r"[a-z]{2,12}"),
)
_VNI: Final = _Method(
    {"a6": "â", "a8": "ă", "e6": "ê", "o6": "ô", "o7": "ơ", "u7": "ư", "d9": "đ"},
    {"2": _GRAVE, "1": _ACUTE, "3": _HOOK, "4": _TILDE, "5": _DOT},
    re.compile(r"[a-z]+[1-9][a-z1-9]{0,10}"),
)
_VOWELS: Final = "aăâeêioôơuưy"
_FIRST: Final = re.compile(r"(?:gi|qu)?[^aăâeêioôơuưy]*")  # what stands before the vowels


def read_keys(word: str) -> str | None:
    """Return the syllable that a word is the keys of, in small letters; None where it is none.

    >>> [read_keys(word) for word in ("quyeest", "ddinhj", "quye61t", "nghi5", "dduwowngf", "ban")]
    ['quyết', 'định', 'quyết', 'nghị', 'đường', None]
    """
    plain = word.lower()
    for method in (_TELEX, _VNI):
        if method.shape.fullmatch(plain) and (read := _read(plain, method)) and read != plain:
            return read
    return None


def _read(word: str, method: _Method) -> str | None:
    tones = [place for place, key in enumerate(word) if key in method.tones and _behind_vowel(word, place)]
    if len(tones) > 1:
        return None
    mark = method.tones[word[tones[0]]] if tones else ""
    rest = word[: tones[0]] + word[tones[0] + 1 :] if tones else word
    rest = rest.replace("uow", "ươ") if method is _TELEX else rest.replace("uo7", "ươ")
    for keys, letter in method.letters.items():
        rest = rest.replace(keys, letter)
    if not rest.isalpha() or (method is _TELEX and "w" in rest):
        return None
    return unicodedata.normalize("NFC", _with_tone(rest, mark)) if mark else rest


def _behind_vowel(word: str, place: int) -> bool:
    return any(letter in _VOWELS for letter in word[:place])


def _with_tone(word: str, mark: str) -> str:
    """Put a tone mark on the vowel that bears it: the one with a diacritic, else the second of three or before a consonant."""
    first = _FIRST.match(word)
    begin = first.end() if first and first.end() < len(word) else 0
    vowels = [place for place in range(begin, len(word)) if word[place] in _VOWELS]
    if not vowels:
        return word
    marked = [place for place in vowels if word[place] in "ăâêôơư"]
    if marked:
        at = marked[-1]
    elif len(vowels) > 1 and vowels[-1] < len(word) - 1:
        at = vowels[-1]
    else:
        at = vowels[1] if len(vowels) > 2 else vowels[0]
    return f"{word[: at + 1]}{mark}{word[at + 1 :]}"

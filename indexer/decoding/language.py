"""How well text reads as Vietnamese: which tokens are syllables that the orthography allows.

A rule, not a word list: onset + rhyme + tone (data/syllables.tsv), with the tone mark where one of the two schools of writing
puts it. Legacy bytes read as Latin-1 break the rule nearly always, which is what the choice of a table rests on.
"""

import unicodedata
from functools import cache

from analyzers.tables import rows

TONES = "\u0300\u0301\u0303\u0309\u0323"  # grave, acute, tilde, hook above, dot below
ACUTE = "\u0301"
_STOP_TONES = ACUTE + "\u0323"
_FRONT = frozenset("eêiy")
_VOWELS = frozenset("aăâeêioôơuưy")
_MODIFIED = "ăâêôơ"  # a letter with a mark of its own takes the tone, ư only when there is no other
_TWO_SCHOOLS = frozenset({"oa", "oe", "uy"})


def is_syllable(token: str) -> bool:
    """Return whether `token` (NFC, any case) is spelt as a Vietnamese syllable, with or without tone.

    >>> is_syllable("Quyết"), is_syllable("hoà"), is_syllable("hòa"), is_syllable("QuyÕt"), is_syllable("đấc")
    (True, True, True, False, True)
    """
    return token.lower() in spellings()


@cache
def spellings() -> frozenset[str]:
    """Every spelling that the rules allow, lower case, NFC: about 25,000 strings."""
    onsets, rhymes = _parts()
    spelt: set[str] = set()
    for rhyme, stop, limited in rhymes:
        toned = _toned(rhyme, _STOP_TONES if stop else TONES)
        toned.add(rhyme)
        for onset in limited or onsets:
            if _agree(onset, rhyme):
                spelt.update(onset + rhyme_spelt for rhyme_spelt in toned)
    return frozenset(spelt)


def _parts() -> tuple[tuple[str, ...], tuple[tuple[str, bool, list[str]], ...]]:
    """Return the onsets, and each rhyme with whether it ends in a stop and the onsets that it is limited to."""
    parts = rows("indexer.decoding", "syllables.tsv")
    onsets = ("", *(part for kind, part, _, _ in parts if kind == "onset"))
    rhymes = tuple((part, kind == "stop", limited.split()) for kind, part, limited, _ in parts if kind != "onset")
    return onsets, rhymes


def _agree(onset: str, rhyme: str) -> bool:
    """Spelling rules: k, gh, ngh before front vowels and c, g, ng before the others; yê only without an onset or after qu."""
    front = rhyme[0] in _FRONT
    if onset in ("k", "gh", "ngh"):
        return front and not rhyme.startswith("yê")
    if onset in ("c", "ng"):
        return not front
    if onset == "g":
        return not front or rhyme in ("i", "in")  # gì, gìn: "gi" with its own i
    if onset == "qu":
        return rhyme[0] not in "uưo"  # the u of qu is the glide: quốc is qu + ôc
    if rhyme.startswith("yê"):
        return onset == ""
    if rhyme == "y":
        return onset in ("", "h", "k", "l", "m", "s", "t", "v")
    if rhyme.startswith("iê"):
        return onset != ""
    return True


def _toned(rhyme: str, tones: str) -> set[str]:
    """Return `rhyme` with each tone where it may be written."""
    return {
        unicodedata.normalize("NFC", rhyme[: place + 1] + tone + rhyme[place + 1 :])
        for place in _carriers(rhyme)
        for tone in tones
    }


def _carriers(rhyme: str) -> tuple[int, ...]:
    """Return the indexes of the vowels that may carry the tone: ương → ơ, oan → a, oa → either."""
    vowels = [index for index, letter in enumerate(rhyme) if letter in _VOWELS]
    modified = [index for index in vowels if rhyme[index] in _MODIFIED] or [index for index in vowels if rhyme[index] == "ư"]
    if modified:
        return (modified[-1],)
    if rhyme in _TWO_SCHOOLS:
        return tuple(vowels)
    closed = len(vowels) < len(rhyme)
    return (vowels[1],) if len(vowels) > 1 and (closed or len(vowels) == 3) else (vowels[0],)

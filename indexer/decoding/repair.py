"""Repairs of Unicode text: NFC, invisible characters out, spaces and lines settled, look-alike letters made Latin.

Each repair is one rule below; together they are applied in an order in which a later one makes no work for an earlier one.
Tone placement and wording stay as written.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache

from analyzers.normalise import LOOKALIKES
from analyzers.tables import rows
from indexer.decoding.changes import Changes

# CRLF, CR, vertical tab, form feed, the information separators, NEL, and Unicode's two separators
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_C1 = re.compile("[\x80-\x84\x86-\x9f]")  # Windows-1252 punctuation that was read as Latin-1
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
_SOFT_HYPHENS = re.compile("\xad")
_ZERO_WIDTH = re.compile("[\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")
# Surrogates break UTF-8; non-characters, interlinear marks and tags are no text
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f\ud800-\udfff\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e0fff]")
_ODD_SPACES = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_LIGATURES = re.compile("[\ufb00-\ufb06]")
_MARKED = re.compile("[^\n][\u0300-\u036f]+")
_ETH = re.compile("[ÐðƉɖ]")
_FOREIGN = re.compile("[\u0370-\u052f]")
_JOINED_WORD = re.compile("[^\\W_](?:[^\\W_]|[\u0300-\u036f/&-])*")  # NĐ-СР is one, so that СР is seen beside Latin letters
_TRAILING = re.compile(r"(?<![ \t])[ \t]++(?=\n|\Z)")  # the look-behind keeps it linear on a long run of spaces
_BLANK_LINES = re.compile(r"\n{3,}")

_MOST_MARKS = 8  # on one letter; Vietnamese needs two, and normalising a long run costs its square
_LAST_COMBINING = 0x1F000  # no combining mark has a higher code (Unicode 15)

_GLYPHS = {chr(int(code, 16)): character for code, character, _ in rows("indexer.decoding", "glyphs.tsv")}
# of the other alphabets alone: m² stays as written, and Ð is Đ wherever it stands
_LATIN = str.maketrans({letter: latin for letter, latin in LOOKALIKES.items() if _FOREIGN.match(letter)})


def _from_windows_1252(character: str) -> str:
    return character.encode("latin-1").decode("cp1252", errors="ignore")


# name of the step, the characters, what each becomes; in order
_CHARACTER_RULES: tuple[tuple[str, re.Pattern[str], str | Callable[[str], str]], ...] = (
    ("windows_1252", _C1, _from_windows_1252),
    ("symbol_glyphs", _PRIVATE, lambda glyph: _GLYPHS.get(glyph, " ")),
    ("soft_hyphens", _SOFT_HYPHENS, ""),
    ("zero_width", _ZERO_WIDTH, ""),
    ("control_characters", _CONTROLS, ""),
    ("odd_spaces", _ODD_SPACES, " "),
    ("ligatures", _LIGATURES, lambda ligature: unicodedata.normalize("NFKC", ligature)),
    ("eth", _ETH, LOOKALIKES.__getitem__),
)


def settle_line_ends(text: str, changes: Changes) -> str:
    """Return `text` with every kind of line end as LF."""
    return changes.substitute("line_ends", _LINE_ENDS, "\n", text) if _LINE_ENDS.search(alphabet(text)) else text


@lru_cache(maxsize=4)  # asked of the same text by one stage after another
def alphabet(text: str) -> str:
    """Return each character of `text` once: what a rule for single characters can be asked first, at a tenth of the cost."""
    return "".join(set(text))


def repair(text: str, changes: Changes) -> str:
    """Return `text` (lines ended by LF, legacy encodings decoded) with its Unicode defects repaired.

    Afterwards it is NFC, holds no control, format, private-use or odd space character besides LF and tab, no line ends in a space
    and at most one blank line stands between others. Tabs stay: they are the only trace of a table's cells.
    """
    present = alphabet(text)
    for name, characters, replacement in _CHARACTER_RULES:
        if characters.search(present):
            text = changes.substitute(name, characters, replacement, text)
    if not text.isascii():
        text = _repair_letters(text, present, changes)
    if " \n" in text or "\t\n" in text or text.endswith((" ", "\t")):
        text = changes.substitute("trailing_spaces", _TRAILING, "", text)
    return changes.substitute("blank_lines", _BLANK_LINES, "\n\n", text) if "\n\n\n" in text else text


def _repair_letters(text: str, present: str, changes: Changes) -> str:
    """NFC, and look-alikes of Latin letters; `present` is the text's alphabet before the character rules."""
    if any(map(unicodedata.combining, present)):
        text = changes.substitute("stacked_marks", _stacked_marks(), lambda marks: marks[:_MOST_MARKS], text)
    text = _compose(text, changes)
    if _FOREIGN.search(present):
        text = _compose(changes.substitute("lookalikes", _JOINED_WORD, _to_latin, text), changes)
    return text


@cache
def _stacked_marks() -> re.Pattern[str]:
    marks = "".join(chr(code) for code in range(0x300, _LAST_COMBINING) if unicodedata.combining(chr(code)))
    return re.compile(f"[{marks}]{{{_MOST_MARKS + 1},}}")


def _compose(text: str, changes: Changes) -> str:
    if unicodedata.is_normalized("NFC", text):
        return text
    marked = _MARKED.findall(text)
    before = next((piece for piece in marked if not unicodedata.is_normalized("NFC", piece)), "")
    changes.note("nfc", max(1, len(marked)), before, unicodedata.normalize("NFC", before))
    return unicodedata.normalize("NFC", text)


def _to_latin(word: str) -> str:
    """СР of NĐ-СР: where a word has Latin letters and every other one looks Latin, it becomes Latin; Москва and kΩ stay."""
    if not _FOREIGN.search(word):
        return word
    latin = word.translate(_LATIN)
    has_latin = any(letter.isalpha() and not _FOREIGN.match(letter) for letter in word)
    return latin if has_latin and not _FOREIGN.search(latin) else word

"""TCVN 5712:1993, set VN3 ("ABC", fonts .Vn*): one byte a letter, no capital letters with a tone."""

import re
import unicodedata

from analyzers.tables import rows

_ROWS = rows("indexer.decoding", "tcvn3.tsv")
_LETTERS = str.maketrans({chr(int(byte, 16)): letter for byte, letter, _ in _ROWS if len(byte) == 2 and len(letter) == 1})
_GUISES = {chr(int(code, 16)): chr(int(byte, 16)) for code, byte, _ in _ROWS if len(code) > 2}
_MARKS = {chr(int(byte, 16)): chr(int(mark.removeprefix("U+"), base=16)) for byte, mark, _ in _ROWS if mark.startswith("U+")}
_MARKED = re.compile(f"([aeiouyAEIOUYăâêôơưĂÂÊÔƠƯ])([{''.join(_MARKS)}])")  # "30°" keeps its sign: a digit carries no tone
# n−íc and −¬ng, but neither "5 − 3" nor a dash before a capital
_GUISE = re.compile(f"(?<=[A-Za-z\xa1-\xff])[{''.join(_GUISES)}]|[{''.join(_GUISES)}](?=[a-z\xa8-\xff])")
_SYMBOL_FONT = re.compile("[\uf0a1-\uf0fe]")  # bytes of a font that calls itself a symbol font: U+F000 + byte
_WORD = re.compile(r"[^\W\d_]+")


def from_tcvn3(text: str) -> str:
    r"""Return `text`, TCVN3 bytes shown as Latin-1, in Unicode; characters outside the table stay.

    A word in capitals whose toned letters could only be written small gets them back.

    >>> from_tcvn3("Uû ban nh©n d©n"), from_tcvn3("QUYÕT §ÞNH"), from_tcvn3("®\xad\xeec 30°")
    ('Uỷ ban nhân dân', 'QUYẾT ĐỊNH', 'được 30°')
    """
    text = _SYMBOL_FONT.sub(lambda match: chr(ord(match[0]) - 0xF000), text)
    text = _GUISE.sub(lambda match: _GUISES[match[0]], text)
    decoded = _MARKED.sub(lambda match: unicodedata.normalize("NFC", match[1] + _MARKS[match[2]]), text.translate(_LETTERS))
    return _WORD.sub(lambda match: _capitals(match[0]), decoded)


def _capitals(word: str) -> str:
    """THủ → THỦ: at least two capitals, and nothing small but letters that TCVN3 cannot write large."""
    small = [letter for letter in word if letter.islower()]
    if not small or len(word) - len(small) < 2 or any(letter.isascii() or letter in "ăâêôơưđ" for letter in small):
        return word
    return word.upper()

"""The control words of RTF that say where text belongs, and those that are text themselves.

Source: Rich Text Format (RTF) Specification 1.9.1, appendix B (index of RTF control words).
"""

import re
from enum import Enum, auto

from indexer.extract.rtf.flows import Break


class Place(Enum):
    """What the text of a group is."""

    TEXT = auto()
    NOTHING = auto()  # nothing below is read
    FONTS = auto()
    STYLES = auto()
    SHAPE = auto()  # only its properties and text boxes are read
    PROPERTY_NAME = auto()
    PROPERTY_VALUE = auto()
    INSTRUCTION = auto()  # of a field
    ANSI_VARIANT = auto()  # repeats for older readers what its \ud group says


_NOTHING = (
    # tables and settings
    "colortbl info listtable listoverridetable revtbl rsidtbl filetbl generator template private xmlnstbl themedata "
    "colorschememapping datastore latentstyles pgptbl "
    # what repeats text or pictures for other readers
    "nonshppict shprslt nonesttables mmathPict objdata objclass objname objalias "
    # marks in the text, and numbering that listtext and pntext spell out
    "pn xe rxe txe tc bkmkstart bkmkend atnid atnauthor atndate atnicn atnref atrfstart atrfend "
    # separators of notes, and what forms ask
    "ftnsep ftnsepc ftncn aftnsep aftnsepc aftncn ffname ffdeftext ffformat ffhelptext ffstattext ffl"
)
_SHAPES = "shpinst do pict picprop shppict background"
_MATH_PROPERTIES = re.compile(rb"m\w+Pr")
_PLACES = {
    b"fonttbl": Place.FONTS,
    b"stylesheet": Place.STYLES,
    b"fldinst": Place.INSTRUCTION,
    b"upr": Place.ANSI_VARIANT,
    b"sn": Place.PROPERTY_NAME,
    b"sv": Place.PROPERTY_VALUE,
    **dict.fromkeys(_SHAPES.encode().split(), Place.SHAPE),
    **dict.fromkeys(_NOTHING.encode().split(), Place.NOTHING),
}

STARRED_TEXT = frozenset(b"nesttableprops moMath moMathPara mmath shp shpgrp".split())  # read although they may be skipped
CAPITALS = frozenset(b"caps scaps".split())  # full and small
STYLES = frozenset(b"s cs ds ts".split())
HEADERS = frozenset(b"header headerl headerr headerf".split())
FOOTERS = frozenset(b"footer footerl footerr footerf".split())
BOXES = frozenset(b"shptxt dptxbxtext".split())
LABELS = frozenset(b"listtext pntext".split())

LINES = frozenset(b"line softline".split())
PARAGRAPHS = frozenset(b"par sect page softpage column".split())
CELLS = frozenset(b"cell nestcell".split())
ROWS = {b"trowd": Break.ROW_START, b"row": Break.ROW, b"nestrow": Break.NESTED_ROW}

CHARACTERS = {
    b"tab": "\t",
    b"emdash": "—",
    b"endash": "–",
    b"bullet": "•",
    b"lquote": "‘",
    b"rquote": "’",
    b"ldblquote": "“",
    b"rdblquote": "”",
    b"emspace": " ",
    b"enspace": " ",
    b"qmspace": " ",
}
SYMBOLS = {b"~": "\u00a0", b"_": "-", b"-": "\u00ad", b"\\": "\\", b"{": "{", b"}": "}"}  # in TCVN3 fonts the soft hyphen is ư

CODE_PAGES = {b"ansi": 1252, b"mac": 10000, b"pc": 437, b"pca": 850}


def place_of(word: bytes) -> Place | None:
    """Return what a group that begins with `word` holds; None where the word says nothing of that."""
    return Place.NOTHING if _MATH_PROPERTIES.fullmatch(word) else _PLACES.get(word)

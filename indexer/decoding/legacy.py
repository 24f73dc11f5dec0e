"""Which legacy table each stretch of text is in: by its font's name and by how well the decoded text reads as Vietnamese.

A stretch is what one line, or one cell of a row, holds in one class of font. One that shows no evidence of its own (a short
line, an ASCII word) follows the last one of its class that does, so that a heading is read as its document is.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from indexer.decoding.changes import Changes
from indexer.decoding.language import is_syllable
from indexer.decoding.tcvn3 import from_tcvn3
from indexer.decoding.vni import from_vni
from indexer.model import Run


class Encoding(Enum):
    """How a stretch of text is encoded; the value is the name of the step that decodes it."""

    UNICODE = "unicode"
    TCVN3 = "tcvn3"
    VNI = "vni"


class _FontClass(Enum):
    """What a font's name says about the text set in it."""

    OTHER = Encoding.UNICODE, False
    TCVN3 = Encoding.TCVN3, False
    TCVN3_CAPITALS = Encoding.TCVN3, True  # .VnTimeH shows small letters as capitals
    VNI = Encoding.VNI, False

    @property
    def encoding(self) -> Encoding:
        return self.value[0]

    @property
    def shows_capitals(self) -> bool:
        return self.value[1]


_TABLES: dict[Encoding, Callable[[str], str]] = {Encoding.TCVN3: from_tcvn3, Encoding.VNI: from_vni}
_SUBSET = re.compile(r"^[A-Z]{6}\+")
_STYLE = re.compile(r"[-, ]?(?:Bold|Italic|Oblique|Regular|Normal|MT|,)+$", re.IGNORECASE)
_VN_FONT = re.compile(r"\.[Vv][Nn][A-Za-z]|V[nN][A-Z]", re.ASCII)
_SMALL_H = re.compile(r"\.?vn(?:time|arial|avant|centuryschoolbook|helvetins?|present|revue|teknical|univers)h", re.IGNORECASE)
_VNI_FONT = re.compile(r"VNI[-\s]", re.IGNORECASE)

_HIGH = re.compile("[\xa1-\xff\u03bc\u2212\u2219\uf0a1-\uf0fe]")  # what a legacy byte can look like
_UNICODE_ONLY = re.compile("[ăĂđĐĩĨũŨơƠưƯ\u1ea0-\u1ef9\u0300\u0301\u0303\u0309\u0323]")  # no legacy text shows these
_CELL = re.compile("[^\t\n]*[\t\n]?")
_TOKEN = re.compile("[^\\s!-@\\[-`{-~\u2010-\u2027]+")
_LEAST_EVIDENCE = 3  # different tokens that only decoding makes Vietnamese, before text in no legacy font is decoded at all
_AGAINST_FONT = 3  # tokens by which another legacy table must read better than the one the font's name promises


@dataclass(slots=True)
class _Stretch:
    """Text of one line or cell in one class of font, and its place; `capitals` is as in `Run`."""

    page: int
    text: str
    font: _FontClass
    capitals: bool = False
    encoding: Encoding | None = None  # None: no evidence of its own


def decode_legacy(pages: Sequence[Sequence[Run]], changes: Changes) -> list[str]:
    """Return each page's text with its legacy stretches decoded; lines must end at LF."""
    stretches = [stretch for number, runs in enumerate(pages) for stretch in _stretches(number, runs)]
    for font in _FontClass:
        _decide([stretch for stretch in stretches if stretch.font is font], font)
    texts: list[list[str]] = [[] for _ in pages]
    for stretch in stretches:
        texts[stretch.page].append(_decoded(stretch, changes))
    return ["".join(parts) for parts in texts]


def has_legacy_font(run: Run) -> bool:
    """Say whether the name of the run's font promises a legacy table."""
    return _font_class(run.font) is not _FontClass.OTHER


def _font_class(name: str) -> _FontClass:
    """Return what a font's name promises: .VnTime, ABCDEF+.VnArialH-Bold, .VNTIMEH, VNI-Times."""
    bare = _STYLE.sub("", _SUBSET.sub("", name.strip()))
    if _VNI_FONT.match(bare):
        return _FontClass.VNI
    if _VN_FONT.match(bare):  # a small h may belong to the family's own name, as in .VnEnglish
        return _FontClass.TCVN3_CAPITALS if bare.endswith("H") or _SMALL_H.fullmatch(bare) else _FontClass.TCVN3
    return _FontClass.OTHER


def _stretches(page: int, runs: Iterable[Run]) -> list[_Stretch]:
    """Join neighbours of one class, for a VNI letter and its mark may lie in two runs, and cut them at lines' and cells' ends."""
    joined: list[tuple[tuple[_FontClass, bool], list[str]]] = []
    for run in runs:
        kind = _font_class(run.font), run.capitals
        if joined and (joined[-1][0] == kind or not run.text.strip()):
            joined[-1][1].append(run.text)
        else:
            joined.append((kind, [run.text]))
    return [_Stretch(page, text, *kind) for kind, parts in joined for text in _CELL.findall("".join(parts)) if text]


def _decide(group: Sequence[_Stretch], font: _FontClass) -> None:
    """Settle the encoding of every stretch of one class of font."""
    if font is _FontClass.OTHER:
        _decide_by_text(group)
    else:
        _decide_by_font(group, font.encoding)


def _decide_by_font(group: Sequence[_Stretch], promised: Encoding) -> None:
    """Use the table that the name promises, unless a stretch reads better as it stands (Unicode in .VnTime) or by another."""
    for stretch in group:
        reading = _read(stretch.text)
        other = max((encoding for encoding in _TABLES if encoding is not promised), key=reading.valid.__getitem__)
        if (
            reading.valid[other] >= reading.valid[promised] + _AGAINST_FONT
            and reading.valid[other] > reading.valid[Encoding.UNICODE]
        ):
            stretch.encoding = other
        elif reading.valid[Encoding.UNICODE] != reading.valid[promised]:
            stretch.encoding = max((promised, Encoding.UNICODE), key=reading.valid.__getitem__)
    evidenced = [stretch.encoding for stretch in group if stretch.encoding]
    usual = max((promised, *Encoding), key=evidenced.count)  # the first of equals
    for stretch in group:
        stretch.encoding = stretch.encoding or usual


def _decide_by_text(group: Sequence[_Stretch]) -> None:
    """Decode what only decoding makes Vietnamese, where the whole text gives enough evidence for one table."""
    candidates: list[_Stretch] = []
    mended: dict[Encoding, set[str]] = {encoding: set() for encoding in _TABLES}
    for stretch in group:
        if not _HIGH.search(stretch.text):
            continue
        candidates.append(stretch)
        if _UNICODE_ONLY.search(stretch.text):
            stretch.encoding = Encoding.UNICODE
            continue
        reading = _read(stretch.text)
        stretch.encoding = reading.best()
        if stretch.encoding in mended:
            mended[stretch.encoding] |= reading.mended[stretch.encoding]
    believed = {encoding for encoding, tokens in mended.items() if len(tokens) >= _LEAST_EVIDENCE} | {Encoding.UNICODE}
    evidenced = [stretch.encoding for stretch in candidates if stretch.encoding in believed]
    last = evidenced[0] if evidenced else Encoding.UNICODE
    for stretch in candidates:
        last = stretch.encoding = stretch.encoding if stretch.encoding in believed else last


@dataclass(frozen=True, slots=True)
class _Reading:
    """How many tokens with a letter outside ASCII are syllables, by encoding; and those that only decoding makes so."""

    valid: dict[Encoding, int]
    mended: dict[Encoding, set[str]]

    def best(self) -> Encoding | None:
        """Return the encoding that reads better than every other, or None."""
        first, second = sorted(self.valid, key=self.valid.__getitem__, reverse=True)[:2]
        return first if self.valid[first] > self.valid[second] else None


def _read(text: str) -> _Reading:
    tokens = _TOKEN.findall(text)
    telling = [index for index, token in enumerate(tokens) if len(token) > 1 and not token.isascii()]
    as_it_stands = {index for index in telling if is_syllable(tokens[index])}
    valid = {Encoding.UNICODE: len(as_it_stands)}
    mended: dict[Encoding, set[str]] = {}
    for encoding, table in _TABLES.items():
        decoded = _TOKEN.findall(table(text))  # no table makes or takes a separator, so tokens pair off
        readable = {index for index in telling if is_syllable(decoded[index]) and not _UNICODE_ONLY.search(tokens[index])}
        valid[encoding] = len(readable)
        mended[encoding] = {decoded[index] for index in readable - as_it_stands if _UNICODE_ONLY.search(decoded[index])}
    return _Reading(valid, mended)


def _decoded(stretch: _Stretch, changes: Changes) -> str:
    encoding = stretch.encoding or Encoding.UNICODE
    if encoding is Encoding.UNICODE:
        text = stretch.text.upper() if stretch.capitals else stretch.text
        if text != stretch.text:
            changes.note("capitals", 1, stretch.text.strip(), text.strip())
        return text
    text = _TABLES[encoding](stretch.text)
    if stretch.font.shows_capitals or stretch.capitals:
        text = text.upper()
    if text != stretch.text:
        changes.note(encoding.value, 1, stretch.text.strip(), text.strip())
    return text

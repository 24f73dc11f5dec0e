"""HTML: the document of a page, without scripts, menus and forms.

libxml2 is used as a stream of events: its tree builder drops what lies deeper than 256 (or 2048) elements in silence, its events
reach any depth.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import unescape
from typing import Any, BinaryIO, cast

from lxml import etree

from indexer.config import Limits
from indexer.errors import UnreadableFile
from indexer.extract.runs import RunCollector
from indexer.extract.text import decode_text, is_single_byte
from indexer.model import RawPage, RawText, Run

_SKIPPED = frozenset(  # no part of a document; form stays, since ASP.NET wraps the whole page in one
    """script style template noscript head title nav header footer aside menu dialog button select option textarea svg math
    iframe object audio video canvas map""".split()  # noqa: SIM905  a list of quoted names is harder to read
)
_CODE = frozenset(("script", "style"))  # the only text that no reader sees in any form
_INLINE = frozenset(  # what does not part words; a menu's links and buttons stand apart
    "abbr acronym b basefont bdi bdo big cite code dfn em font i kbd mark s small span strike strong sub sup tt u".split()  # noqa: SIM905
)
_SPOKEN = ("alt", "title", "aria-label", "string")  # attributes that say something to a reader; string is v:textpath's
_BLOCKS = frozenset(
    """address article blockquote body br caption center dd details div dl dt fieldset form figcaption figure h1 h2 h3 h4 h5 h6
    hr html legend li main ol p pre section summary tbody tfoot thead ul""".split()  # noqa: SIM905  as above
)
_CELLS = frozenset(("td", "th"))
_ROWS = frozenset(("tr", "table"))
_FONT_FAMILY = re.compile(r"font-family\s{0,9}:\s{0,9}['\"]?([^;,'\"}]{1,100})", re.IGNORECASE)
_CASE = re.compile(r"(?:text-transform|font-variant(?:-caps)?)\s{0,9}:\s{0,9}([\w-]{1,20})", re.IGNORECASE)
_CAPITALS = frozenset(("uppercase", "small-caps", "all-small-caps"))
_WATERMARK = re.compile(r"<v:textpath\s[^<>]{0,1000}?\bstring\s{0,9}=\s{0,9}[\"']([^\"'<>]{1,500})")  # <!--[if gte vml 1]>...
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w.:-]{1,40})", re.IGNORECASE)
_META_WITHIN = 4096  # HTML asks for the first 1024 bytes; Word writes its label later
_SPACES = re.compile(r"[ \t\r\n\f]+")
_MOTTO = re.compile(r"CỘNG\s+H(?:Ò|O)[AÀ]\s+XÃ\s+HỘI\s+CHỦ\s+NGHĨA|VIỆT\s+NAM\s+DÂN\s+CHỦ\s+CỘNG\s+H")
_SHELL_TEXT = 200  # a page of fewer characters than that,
_SHELL_SCRIPT = 20  # and that many times as many in scripts and menus, holds no document


def read_html(file: BinaryIO, limits: Limits) -> RawText:
    """Read the document of a web page as one page. Raises UnreadableFile (empty, unsupported, damaged).

    Where quốc hiệu stands inside an element that holds half of the text, what precedes that element is the site's menu. All that
    is left out, except code, is `aside`.
    """
    markup = decode_markup(file.read(limits.file_mb * 2**20))
    events = _Events()
    parser = etree.HTMLParser(target=cast("Any", events), huge_tree=True)
    try:
        parser.feed(markup)
        parser.close()
    except etree.LxmlError as error:
        raise UnreadableFile("extract", "damaged", f"Không đọc được mã HTML ({type(error).__name__}).") from error
    runs = events.collector.runs()
    text = "".join(run.text for run in runs)
    if not text.strip() or (len(text) < _SHELL_TEXT and events.skipped_text > _SHELL_SCRIPT * len(text)):
        raise UnreadableFile("extract", "empty", "Trang HTML không chứa nội dung văn bản.")
    start = _document_start(text, events.spans)
    before = tuple(replace(run, text=run.text.replace("\t", "\n")) for run in _before(runs, start))
    return RawText("html", (RawPage(_after(runs, start)),), (*before, *events.aside.runs()))


def _document_start(text: str, spans: Sequence[tuple[int, int]]) -> int:
    motto = _MOTTO.search(text)
    if motto is None:
        return 0
    holding = [span for span in spans if span[0] <= motto.start() < span[1] and (span[1] - span[0]) * 2 > len(text)]
    start = min(holding, key=lambda span: span[1] - span[0], default=(0, 0))[0]
    return start + len(text[start:]) - len(text[start:].lstrip())


def _after(runs: Sequence[Run], start: int) -> tuple[Run, ...]:
    """Return the runs without their first `start` characters."""
    kept = []
    for run in runs:
        if start < len(run.text):
            kept.append(replace(run, text=run.text[max(start, 0) :]))
        start -= len(run.text)
    return tuple(kept)


def _before(runs: Sequence[Run], start: int) -> tuple[Run, ...]:
    """Return the first `start` characters of the runs."""
    kept = []
    for run in runs:
        if start > 0:
            kept.append(replace(run, text=run.text[:start]))
        start -= len(run.text)
    return tuple(kept)


def decode_markup(data: bytes) -> str:
    """Decode by byte order mark, else as UTF-8 if it is that (labels are often wrong), else by label, else as legacy bytes."""
    text = decode_text(data)
    if not is_single_byte(data):
        return text
    label = _META_CHARSET.search(data[:_META_WITHIN])
    try:
        return data.decode(label[1].decode("ascii")) if label else text
    except (LookupError, UnicodeError):
        return text


class _Events:
    """libxml2's target: keeps the text, skipped elements' apart, with its font, and where each element begins and ends in it."""

    def __init__(self) -> None:
        self.collector = RunCollector()
        self.aside = RunCollector()  # what skipped elements and attributes say
        self.spans: list[tuple[int, int]] = []
        self.skipped_text = 0  # characters of scripts, menus and the like
        self._skipped = 0  # open elements since the outermost skipped one
        self._open: list[tuple[int, str, bool, str]] = [(0, "", False, "")]  # of each open element: begin, font, capitals, tag
        self._styles: dict[str, str] = {}
        self._cases: dict[str, bool] = {}
        self._at_row_start = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Open an element."""
        _, font, capitals, _ = self._open[-1]
        said = self._shows_capitals(tag, attributes)
        self._open.append((self.collector.length, self._font(tag, attributes) or font, capitals if said is None else said, tag))
        self._say(tag, attributes)
        if self._skipped or tag in _SKIPPED:
            self._skipped += 1
            self._part_aside(tag)
        elif tag in _ROWS:
            self.collector.start_row()
            self._at_row_start = True
        elif tag in _CELLS and not self._at_row_start:
            self.collector.cell()
        elif tag in _CELLS:
            self._at_row_start = False
        elif tag in _BLOCKS:
            self.collector.line()

    def end(self, tag: str) -> None:
        """Close an element."""
        begin, *_ = self._open.pop() if len(self._open) > 1 else self._open[0]
        if self._skipped:
            self._skipped -= 1
            self._part_aside(tag)
            return
        if self.collector.length > begin:
            self.spans.append((begin, self.collector.length))
        if tag in _ROWS:
            self.collector.row()
        elif tag in _BLOCKS:
            self.collector.line()

    def data(self, text: str) -> None:
        """Keep text; any number of spaces and line ends is one space."""
        _, font, capitals, tag = self._open[-1]
        if self._skipped:
            self.skipped_text += len(text)
        if tag == "style":
            self._read_styles(text)
        if tag in _CODE:
            return
        if tag == "textarea":
            self.aside.add(text, font)  # the one element whose line ends show
            return
        collector = self.aside if self._skipped else self.collector
        words = _SPACES.sub(" ", text)
        if words.startswith((" ", "\xa0")):
            collector.space()
        collector.add(words.strip(" \xa0"), font, capitals=capitals)
        if words.endswith((" ", "\xa0")):
            collector.space()

    def comment(self, text: str) -> None:
        """Keep the watermarks that Word writes into comments; nothing else in one says anything to a reader."""
        for words in _WATERMARK.findall(text):
            self.aside.line()
            self.aside.add(unescape(words))
            self.aside.line()

    def close(self) -> None:
        """Nothing is pending."""

    def _part_aside(self, tag: str) -> None:
        if tag not in _INLINE:
            self.aside.line()

    def _say(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Keep what attributes tell: the words for a picture, a hint, what a field is filled in with."""
        is_filled_in = tag == "input" and attributes.get("type", "").lower() != "hidden"
        for name in (*_SPOKEN, "value") if is_filled_in else _SPOKEN:
            if said := attributes.get(name):
                self.aside.line()
                self.aside.add(said)
                self.aside.line()

    def _font(self, tag: str, attributes: Mapping[str, str]) -> str:
        if face := attributes.get("face"):
            return face.split(",")[0].strip(" '\"")
        if match := _FONT_FAMILY.search(attributes.get("style", "")):
            return match[1].strip()
        return next((self._styles[name] for name in _selectors(tag, attributes) if name in self._styles), "")

    def _shows_capitals(self, tag: str, attributes: Mapping[str, str]) -> bool | None:
        """Tell whether an element asks for capitals, full or small; None where it doesn't say."""
        if match := _CASE.search(attributes.get("style", "")):
            return match[1].lower() in _CAPITALS
        return next((self._cases[name] for name in _selectors(tag, attributes) if name in self._cases), None)

    def _read_styles(self, sheet: str) -> None:
        for rule in sheet.replace("<!--", "").split("}"):
            selectors, _, declarations = rule.partition("{")
            font, case = _FONT_FAMILY.search(declarations), _CASE.search(declarations)
            for selector in selectors.split(",") if font or case else ():
                if font:
                    self._styles.setdefault(selector.strip().lower(), font[1].strip())
                if case:
                    self._cases.setdefault(selector.strip().lower(), case[1].lower() in _CAPITALS)


def _selectors(tag: str, attributes: Mapping[str, str]) -> list[str]:
    """Return the selectors of a style sheet that mean an element, the nearest first: p.MsoNormal, .MsoNormal, p."""
    names = [f"{tag}.{name}" for name in attributes.get("class", "").lower().split()]
    return [*names, *(name[len(tag) :] for name in names), tag]

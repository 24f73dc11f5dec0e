"""HTML: the document of a page, without scripts, menus and forms.

libxml2 is used as a stream of events: its tree builder drops what lies deeper than 256 (or 2048) elements in silence, its events
reach any depth.
"""

import re
from collections.abc import Mapping
from typing import Any, BinaryIO, cast

from lxml import etree

from indexer.config import Limits
from indexer.errors import UnreadableFile
from indexer.extract.runs import RunCollector
from indexer.extract.text import decode_text, is_single_byte
from indexer.model import RawPage, RawText

_SKIPPED = frozenset(  # no part of a document; form stays, since ASP.NET wraps the whole page in one
    """script style template noscript head title nav header footer aside menu dialog button select option textarea svg math
    iframe object audio video canvas map""".split()  # noqa: SIM905  a list of quoted names is harder to read
)
_BLOCKS = frozenset(
    """address article blockquote body br caption center dd details div dl dt fieldset form figcaption figure h1 h2 h3 h4 h5 h6
    hr html legend li main ol p pre section summary tbody tfoot thead ul""".split()  # noqa: SIM905  as above
)
_CELLS = frozenset(("td", "th"))
_ROW_ENDS = frozenset(("tr", "table"))
_FONT_FAMILY = re.compile(r"font-family\s*:\s*['\"]?([^;,'\"]{1,100})", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w.:-]{1,40})", re.IGNORECASE)
_META_WITHIN = 4096  # HTML asks for the first 1024 bytes; Word writes its label later
_SPACES = re.compile(r"[ \t\r\n\f]+")


def read_html(file: BinaryIO, limits: Limits) -> RawText:
    """Read the page's document as one page. Raises UnreadableFile (empty, unsupported, damaged)."""
    markup = decode_markup(file.read(limits.file_mb * 2**20))
    events = _Events()
    parser = etree.HTMLParser(target=cast("Any", events), huge_tree=True)
    try:
        parser.feed(markup)
        parser.close()
    except etree.LxmlError as error:
        raise UnreadableFile("extract", "damaged", f"Không đọc được mã HTML ({type(error).__name__}).") from error
    runs = events.collector.runs()
    if not any(run.text.strip() for run in runs):
        raise UnreadableFile("extract", "empty", "Trang HTML không có nội dung văn bản.")
    return RawText("html", (RawPage(runs),))


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
    """libxml2's target: keeps the text outside skipped elements, with its font."""

    def __init__(self) -> None:
        self.collector = RunCollector()
        self._skipped = 0  # open elements since the outermost skipped one
        self._fonts = [""]
        self._at_row_start = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Open an element."""
        self._fonts.append(_font(attributes) or self._fonts[-1])
        if self._skipped or tag in _SKIPPED:
            self._skipped += 1
        elif tag == "tr":
            self.collector.row()
            self._at_row_start = True
        elif tag in _CELLS and not self._at_row_start:
            self.collector.cell()
        elif tag in _CELLS:
            self._at_row_start = False
        elif tag in _BLOCKS:
            self.collector.line()

    def end(self, tag: str) -> None:
        """Close an element."""
        if len(self._fonts) > 1:
            self._fonts.pop()
        if self._skipped:
            self._skipped -= 1
        elif tag in _ROW_ENDS:
            self.collector.row()
        elif tag in _BLOCKS:
            self.collector.line()

    def data(self, text: str) -> None:
        """Keep text; any number of spaces and line ends is one space."""
        if self._skipped:
            return
        words = _SPACES.sub(" ", text)
        if words.startswith(" "):
            self.collector.space()
        self.collector.add(words.strip(" "), self._fonts[-1])
        if words.endswith(" "):
            self.collector.space()

    def comment(self, text: str) -> None:
        """Comments say nothing to a reader."""

    def close(self) -> None:
        """Nothing is pending."""


def _font(attributes: Mapping[str, str]) -> str:
    if face := attributes.get("face"):
        return face.split(",")[0].strip(" '\"")
    match = _FONT_FAMILY.search(attributes.get("style", ""))
    return match[1].strip() if match else ""

r"""RTF: headers, body, notes and footers in reading order, with the font of each run.

Groups are kept on a stack of states, so that depth costs memory alone. What a font's charset says of its bytes is settled here;
text in TCVN3 and VNI fonts leaves as Windows-1252 shows it, which is the form that the decoding stage expects of every format.
Source: Rich Text Format (RTF) Specification 1.9.1.
"""

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple

from indexer.config import Limits
from indexer.errors import UnreadableFile
from indexer.extract.codepages import decode_bytes
from indexer.extract.rtf.flows import Break, Flow, Label
from indexer.extract.rtf.fonts import FontTable, StyleFonts
from indexer.extract.rtf.tokens import Kind, tokens
from indexer.extract.rtf.words import (
    BOXES,
    CAPITALS,
    CELLS,
    CHARACTERS,
    CODE_PAGES,
    FOOTERS,
    HEADERS,
    LABELS,
    LINES,
    PARAGRAPHS,
    ROWS,
    STARRED_TEXT,
    STYLES,
    SYMBOLS,
    Place,
    place_of,
)
from indexer.model import RawPage, RawText, Run

_SILENT = frozenset((Place.NOTHING, Place.SHAPE, Place.ANSI_VARIANT))  # whose bytes are no text
_GATHERING = frozenset((Place.INSTRUCTION, Place.PROPERTY_NAME, Place.PROPERTY_VALUE))  # whose text is looked at once whole
_SYMBOL_FIELD = re.compile(r'\s*SYMBOL\s+(\d{1,6})(?:[^"]*\\f\s*"([^"]{1,100})")?', re.IGNORECASE)
_SHOWN_PROPERTIES = ("gtextUNICODE", "wzDescription")  # letters drawn as a picture; what a picture is said to show
_WORDART_FONT = "gtextFont"


def read_rtf(file: BinaryIO, limits: Limits) -> RawText:
    """Read the document as one page; of one cut short, what is there. Raises UnreadableFile (empty)."""
    reader = _Reader()
    reader.read(file.read(limits.file_mb * 2**20))
    runs = reader.runs()
    if not any(run.text.strip() for run in runs):
        raise UnreadableFile("extract", "empty", "Tệp RTF không có chữ nào.")
    return RawText("rtf", (RawPage(runs),), reader.aside())


class _State(NamedTuple):
    """What holds until the group ends."""

    place: Place
    flow: Flow
    font: int | None = None  # None: the document's default
    replaced: int = 1  # characters after a \u for readers that don't know it
    capitals: bool = False
    hidden: bool = False
    deleted: bool = False
    symbol_shown: bool = False  # of a field whose instruction was text itself


class _Reader:
    """Follows the tokens of one file."""

    def __init__(self) -> None:
        self._fonts, self._styles = FontTable(), StyleFonts()
        self._headers: list[Flow] = []
        self._footers: list[Flow] = []
        self._body, self._notes, self._beside = Flow(), Flow(), Flow()
        self._state = _State(Place.TEXT, self._body)
        self._outer: list[_State] = []
        self._starred = False  # whether who doesn't know the next word may skip its group
        self._ignored = 0  # characters still to be passed over after a \u
        self._bytes = bytearray()  # text whose last character may go on in the next token
        self._high_surrogate = 0
        self._gathered: list[str] = []  # of the instruction, the property's name or its value
        self._property = ""
        self._properties: dict[str, str] = {}
        self._last_hidden = False

    def read(self, data: bytes) -> None:
        """Take down what the tokens of `data` say."""
        for kind, value, number in tokens(data):
            if kind is Kind.TEXT:
                self._take_bytes(value)
                continue
            self._settle_bytes()
            if kind is Kind.WORD:
                self._take_word(value, number)
            elif kind is Kind.SYMBOL:
                self._take_symbol(value)
            else:
                self._starred, self._ignored = False, 0
                if kind is Kind.OPEN:
                    self._outer.append(self._state)
                elif self._outer:
                    self._close(self._outer.pop())
        self._settle_bytes()
        self._end_shape()

    def runs(self) -> tuple[Run, ...]:
        """Return the document's text: between headers and footers, each once and only if it holds letters, body and notes."""
        return (*_running(self._headers), *self._body.runs(), *self._notes.runs(), *_running(self._footers))

    def aside(self) -> tuple[Run, ...]:
        """Return what stands beside the text: what is hidden, comments, watermarks, descriptions of pictures."""
        return self._beside.runs()

    def _close(self, outer: _State) -> None:
        """End a group; what it gathered finds its place."""
        inner, self._state = self._state, outer
        if isinstance(inner.flow, Label) and inner.flow is not outer.flow:
            self._write(*inner.flow.shown())
        if inner.place is Place.SHAPE and outer.place is not Place.SHAPE:
            self._end_shape()
        if inner.place is outer.place or inner.place not in _GATHERING:
            return
        gathered = "".join(self._gathered)
        self._gathered.clear()
        if inner.place is Place.PROPERTY_NAME:
            self._property = gathered.strip()
        elif inner.place is Place.PROPERTY_VALUE:
            self._properties[self._property] = gathered
        else:
            self._show_symbol(gathered)

    def _take_bytes(self, data: bytes) -> None:
        self._starred = False
        passed = min(self._ignored, len(data))
        self._ignored -= passed
        if passed < len(data) and self._state.place not in _SILENT:
            self._bytes += data[passed:]
            self._high_surrogate = 0

    def _settle_bytes(self) -> None:
        """Write the bytes that wait as the font that they are set in shows them."""
        if self._bytes:
            page = self._fonts.font(self._state.font).page if self._state.place is Place.TEXT else self._fonts.ansi
            self._write(decode_bytes(bytes(self._bytes), page))
            self._bytes.clear()

    def _take_symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self._starred = True
        elif symbol in (b"\r", b"\n"):
            self._part(b"par")
        elif symbol in SYMBOLS:
            self._write_or_pass(SYMBOLS[symbol])

    def _take_word(self, word: bytes, number: int | None) -> None:
        starred, self._starred = self._starred, False
        place = self._state.place
        if place in (Place.NOTHING, Place.INSTRUCTION) or (place is Place.ANSI_VARIANT and word != b"ud"):
            return
        if word in CHARACTERS:
            self._write_or_pass(CHARACTERS[word])
        elif word == b"u":
            self._take_code(number or 0)
        elif word == b"uc":
            self._state = self._state._replace(replaced=max(1 if number is None else number, 0))
        elif self._enters(word):
            pass
        elif starred and word not in STARRED_TEXT and not (place is Place.STYLES and word in STYLES):
            self._state = self._state._replace(place=Place.NOTHING)
        elif place is Place.TEXT:
            self._part(word)
            self._format(word, number)
        elif place is Place.FONTS:
            self._fonts.say(word, number or 0)
        elif place is Place.STYLES:
            self._styles.say(word, number)

    def _take_code(self, number: int) -> None:
        r"""Take the UTF-16 code, signed, that a \u gives."""
        self._ignored = self._state.replaced
        code = number & 0xFFFF
        if 0xDC00 <= code < 0xE000 and self._high_surrogate:
            self._write(chr(0x10000 + ((self._high_surrogate - 0xD800) << 10) + code - 0xDC00))
        elif not 0xD800 <= code < 0xE000 and code:
            self._write(chr(code))
        self._high_surrogate = code if 0xD800 <= code < 0xDC00 else 0

    def _enters(self, word: bytes) -> bool:
        """Let the group be what `word` says of it, if it says anything."""
        state = self._state
        if place := place_of(word):
            if place is Place.SHAPE:
                self._end_shape()
            self._gathered.clear()
        elif word == b"ud" and len(self._outer) > 1 and self._outer[-1].place is Place.ANSI_VARIANT:
            place = self._outer[-2].place
        elif word == b"fldrslt" and state.symbol_shown:
            place = Place.NOTHING
        elif flow := self._flow(word):
            self._state = state._replace(place=Place.TEXT, flow=flow)
            return True
        if place:
            self._state = state._replace(place=place)
        return place is not None

    def _flow(self, word: bytes) -> Flow | None:
        """Return the stream that the text of a group called `word` belongs to, if not to that around it."""
        if word in HEADERS or word in FOOTERS:
            flows = self._headers if word in HEADERS else self._footers
            flows.append(Flow())
            return flows[-1]
        if word in BOXES:
            return self._state.flow.box()
        if word in LABELS:
            return Label()
        if word in (b"footnote", b"annotation"):
            flow = self._notes if word == b"footnote" else self._beside
            flow.end_paragraph()
            return flow
        return None

    def _part(self, word: bytes) -> None:
        """Write the break that `word` stands for."""
        flow = self._state.flow
        if word in PARAGRAPHS:
            flow.end_paragraph()
        elif word in CELLS:
            flow.end_paragraph()
            flow.part(Break.CELL)
        elif word in ROWS:
            flow.part(ROWS[word])
        elif word in LINES:
            flow.part(Break.LINE)
        else:
            return
        self._end_hidden()

    def _format(self, word: bytes, number: int | None) -> None:
        """Set what `word` says of the text that follows, or of the whole document."""
        state = self._state
        if word == b"f":
            self._state = state._replace(font=number)
        elif word in STYLES:
            font, capitals = self._styles.font(word, number or 0), self._styles.capitals(word, number or 0)
            self._state = state._replace(
                font=state.font if font is None else font, capitals=state.capitals if capitals is None else capitals
            )
        elif word == b"plain":
            self._state = state._replace(font=None, capitals=False, hidden=False, deleted=False)
        elif word in CAPITALS:
            self._state = state._replace(capitals=number != 0)
        elif word == b"v":
            self._state = state._replace(hidden=number != 0)
        elif word == b"deleted":
            self._state = state._replace(deleted=number != 0)
        elif word == b"deff":
            self._fonts.default = number or 0
        elif word == b"ansicpg":
            self._fonts.ansi = number or self._fonts.ansi
        elif word in CODE_PAGES:
            self._fonts.ansi = CODE_PAGES[word]

    def _write_or_pass(self, text: str) -> None:
        r"""Write a character, unless it only stands in for the \u before it."""
        if self._ignored:
            self._ignored -= 1
        else:
            self._write(text)

    def _write(self, text: str, font: str | None = None) -> None:
        """Write `text` where the group's text belongs, in the current font or in `font`."""
        state = self._state
        if state.place is Place.TEXT:
            if state.deleted or not text:
                return
            if not state.hidden:
                self._end_hidden()
            self._last_hidden = state.hidden
            flow = self._beside if state.hidden else state.flow
            flow.add(text, self._fonts.font(state.font).name if font is None else font, capitals=state.capitals)
        elif state.place is Place.FONTS:
            self._fonts.spell(text)
        elif state.place is Place.STYLES:
            if ";" in text:
                self._styles.end()
        elif state.place in _GATHERING:
            self._gathered.append(text)

    def _end_hidden(self) -> None:
        """Part one stretch of hidden text from the next."""
        if self._last_hidden:
            self._beside.part(Break.LINE)
            self._last_hidden = False

    def _show_symbol(self, instruction: str) -> None:
        r"""Write the character of a field like SYMBOL 163 \f "Symbol"; its result is empty or repeats it."""
        if not (field := _SYMBOL_FIELD.match(instruction)):
            return
        font = self._fonts.named(field[2]) if field[2] else self._fonts.font(self._state.font)
        code = int(field[1])
        if code < 0x100:
            self._write(decode_bytes(bytes([code]), font.page), font.name)
        elif not 0xD800 <= code < 0xE000:
            self._write(chr(code), font.name)
        self._state = self._state._replace(symbol_shown=True)

    def _end_shape(self) -> None:
        """Keep what the last shape shows or is said to show."""
        for name in _SHOWN_PROPERTIES:
            self._beside.add(self._properties.get(name, ""), self._properties.get(_WORDART_FONT, ""))
            self._beside.part(Break.LINE)
        self._properties.clear()


def _running(flows: Iterable[Flow]) -> Iterator[Run]:
    """Yield the runs of headers or footers, which each section repeats; one that is only a page number says nothing."""
    for runs in dict.fromkeys(flow.runs() for flow in flows):
        if any(any(map(str.isalpha, run.text)) for run in runs):
            yield from runs

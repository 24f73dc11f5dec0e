"""DOC (Word 97 to 2003): headers, text, notes and footers in reading order, with the font of each run.

Source: [MS-DOC], 2.3 (document parts), 2.4 (retrieving text, paragraphs, tables), sprmCFSpec (special codes), Plcfld (fields).
"""

import re
import struct
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO

from indexer.config import Limits
from indexer.errors import UnreadableFile
from indexer.extract.doc.drawings import Box, Drawings, Span
from indexer.extract.doc.file import Part, Story, WordFile, damaged, plc
from indexer.extract.doc.lists import read_lists
from indexer.extract.doc.modifiers import Modifiers
from indexer.extract.doc.properties import Properties
from indexer.extract.doc.styles import Character, Paragraph
from indexer.extract.numbering import LEVELS, Counter
from indexer.extract.runs import RunCollector
from indexer.model import RawPage, RawText

_PARAGRAPH = re.compile("[^\r\x07\x0c]*[\r\x07\x0c]?")
_CELL, _PAGE_BREAK, _PICTURE = "\x07", "\x0c", "\x01"
_MARKS = frozenset("\r\x07\x0c")
_CODES = re.compile("([\x00-\x08\x0a-\x1f])")
_LINE_BREAKS = frozenset("\x0b\x0c\x0e")
_HYPHEN, _SOFT_HYPHEN = "\x1e", "\x1f"
_U = "\u00ad"  # byte AD: in TCVN3 fonts ư, in Unicode text the soft hyphen that is dropped in decoding
_FIELD, _RESULT, _FIELD_END = "\x13", "\x14", "\x15"
_SEPARATORS, _OF_A_SECTION, _HEADERS = 6, 6, frozenset((0, 1, 4))  # stories of notes' separators; headers among a section's
_LAST_LIST = 0x7FE  # greater numbers say that a paragraph was in a list


def read_doc(file: BinaryIO, limits: Limits) -> RawText:  # noqa: ARG001  all it may cost comes from the file's own size
    """Read the document as one page. Raises UnreadableFile (empty, encrypted, damaged)."""
    try:
        document = WordFile(file)
        drawings = Drawings(document)
        runs = RunCollector()
        _write_document(document, drawings, runs)
    except (struct.error, IndexError) as error:
        raise damaged() from error
    page = RawPage(runs.runs())
    if not page.text.strip():
        raise UnreadableFile("extract", "empty", "Tệp Word (.doc) không có chữ nào.")
    return RawText("doc", (page,), drawings.shown)


def _write_document(document: WordFile, drawings: Drawings, runs: RunCollector) -> None:
    properties = Properties(document)
    writer = _Writer(document, properties, Counter(read_lists(document, properties)), drawings)
    boxes = drawings.boxes(Story.HEADERS)
    headers, footers = _running(document)
    for span in headers:
        _write_running(span, _hung_on(boxes, span), writer, runs)
    end = document.story(Story.HEADERS)[1]
    _write_running((end, end), boxes[bisect_left(boxes, (end,)) :], writer, runs)  # those whose anchor is not found
    writer.write(document.story(Story.MAIN), drawings.boxes(Story.MAIN), runs)
    for notes in (Story.FOOTNOTES, Story.ENDNOTES):
        writer.write(document.story(notes), (), runs)
    for span in footers:
        _write_running(span, _hung_on(boxes, span), writer, runs)


def _running(document: WordFile) -> tuple[list[Span], list[Span]]:
    """Return where the headers and the footers of all sections lie."""
    positions, _ = plc(document.part(Part.HEADERS), 0)
    of_sections = list(document.spans(Story.HEADERS, positions))[_SEPARATORS:]
    headers = [span for place, span in enumerate(of_sections) if place % _OF_A_SECTION in _HEADERS]
    footers = [span for place, span in enumerate(of_sections) if place % _OF_A_SECTION not in _HEADERS]
    return headers, footers


def _hung_on(boxes: Sequence[Box], span: Span) -> Sequence[Box]:
    """Return the boxes, in order of their anchors, whose anchor lies in a span."""
    start, end = span
    return boxes[bisect_left(boxes, (start,)) : bisect_left(boxes, (end,))]


def _write_running(span: Span, boxes: Sequence[Box], writer: "_Writer", runs: RunCollector) -> None:
    """Write a header or footer unless it holds only a page number."""
    own = RunCollector()
    writer.write(span, boxes, own)
    written = own.runs()
    if any(any(map(str.isalpha, run.text)) for run in written):
        for run in (*written[:-1], replace(written[-1], text=written[-1].text.removesuffix("\n"))):
            runs.add(run.text, run.font, capitals=run.capitals)
        runs.line()


@dataclass(slots=True)
class _Block:
    """A paragraph: texts with their modifiers and those of their piece, the last one ended by the mark; where it ends."""

    texts: list[tuple[str, bytes, Modifiers]]
    paragraph: Paragraph
    end: int  # in characters


class _Writer:
    """Writes stories of one document, with the labels that Word numbers paragraphs with."""

    def __init__(self, document: WordFile, properties: Properties, counter: Counter, drawings: Drawings) -> None:
        self._document, self._properties, self._counter, self._drawings = document, properties, counter, drawings
        self._hyphens = {_HYPHEN: "-", _SOFT_HYPHEN: "" if _has_u(document) else _U}

    def write(self, span: Span, boxes: Sequence[Box], runs: RunCollector) -> None:
        """Write a span of characters; text boxes, in order of their anchors, come after the paragraph that anchors them."""
        fields = _Fields()
        waiting = list(reversed(boxes))
        before = Paragraph()
        for block in self._blocks(span):
            if block.paragraph.starts_row_after(before):
                runs.start_row()
            self._write_block(block, fields, runs)
            while waiting and waiting[-1][0] < block.end:
                self._write_box(waiting.pop()[1], runs)
            _part(block, runs)
            before = block.paragraph
        while waiting:
            self._write_box(waiting.pop()[1], runs)
        fields.demand_closed()

    def _write_box(self, span: Span, runs: RunCollector) -> None:
        runs.line()
        self.write(span, (), runs)

    def _blocks(self, span: Span) -> Iterator[_Block]:
        """Cut a span into paragraphs; what follows its last mark is one, too."""
        texts: list[tuple[str, bytes, Modifiers]] = []
        for piece in self._document.pieces(*span):
            place, last = piece.offset, piece.offset + piece.length
            while place < last:
                alike, own = self._properties.characters_at(place)
                end = min(last, max(alike - (alike - place) % piece.width, place + piece.width))
                for match in _PARAGRAPH.finditer(self._document.characters(place, end, piece.width)):
                    if text := match[0]:
                        place += len(text) if piece.width == 1 else len(text.encode("utf-16-le"))
                        texts.append((text, own, piece.modifiers))
                        if text[-1] in _MARKS:
                            ends, paragraph = self._properties.paragraph_at(place - piece.width, piece.modifiers)
                            if text[-1] != _PAGE_BREAK or ends == place:
                                yield _Block(texts, paragraph, piece.start + (place - piece.offset) // piece.width)
                                texts = []
                place = end
        if texts:
            yield _Block(texts, Paragraph(), span[1])

    def _write_block(self, block: _Block, fields: "_Fields", runs: RunCollector) -> None:
        style = block.paragraph.style
        characters = [self._properties.character(style, own, of_piece) for _, own, of_piece in block.texts]
        if not block.paragraph.ends_row and not all(character.is_unseen for character in characters):
            self._write_label(block.paragraph, characters[-1], runs)
        for (text, _, _), character in zip(block.texts, characters, strict=True):
            self._write_text(text, character, fields, runs)

    def _write_label(self, paragraph: Paragraph, of_mark: Character, runs: RunCollector) -> None:
        if not 0 < paragraph.list <= _LAST_LIST:
            return
        label = self._counter.label(str(paragraph.list), min(paragraph.level, LEVELS - 1))
        if label is not None:
            runs.add(label.text, label.font or self._properties.font_of(label.text, of_mark))
            runs.space()

    def _write_text(self, text: str, character: Character, fields: "_Fields", runs: RunCollector) -> None:
        for piece in _CODES.split(text):
            if piece and character.special:
                fields.see(piece)
            if not piece or character.is_unseen or fields.in_instruction:
                continue
            if piece in _LINE_BREAKS:
                runs.line()
            elif piece in self._hyphens:
                hyphen = self._hyphens[piece]
                runs.add(hyphen, self._properties.font_of(hyphen, character), capitals=character.shows_capitals)
            elif piece == _PICTURE and character.picture is not None:
                self._drawings.add_picture(character.picture)
            elif character.symbol is not None:
                font, symbol = character.symbol
                runs.add(symbol * len(piece), self._properties.font(font))
            elif not _CODES.match(piece):
                runs.add(piece, self._properties.font_of(piece, character), capitals=character.shows_capitals)


class _Fields:
    """Which fields stand open: of each, its instruction comes first and then, perhaps, the result that is shown."""

    def __init__(self) -> None:
        self._open: list[bool] = []  # whether still in the instruction
        self._instructions = 0

    @property
    def in_instruction(self) -> bool:
        """Whether what comes next is no text."""
        return self._instructions > 0

    def see(self, code: str) -> None:
        """Take note of a code that may begin, part or end a field."""
        if code == _FIELD:
            self._open.append(True)
            self._instructions += 1
        elif self._open and code in (_RESULT, _FIELD_END):
            self._instructions -= self._open[-1]
            self._open[-1] = False
            if code == _FIELD_END:
                self._open.pop()

    def demand_closed(self) -> None:
        """Raise UnreadableFile where an instruction has no end: the text after it would be lost in silence."""
        if self.in_instruction:
            raise damaged()


def _has_u(document: WordFile) -> bool:
    """Tell whether byte AD stands in the text; Word's own soft hyphen is only then none of those that it was turned into."""
    pieces = document.pieces(0, document.story(Story.HEADER_BOXES)[1])
    return any(_U in document.characters(piece.offset, piece.offset + piece.length, piece.width) for piece in pieces)


def _part(block: _Block, runs: RunCollector) -> None:
    """Write the break that a paragraph's mark asks for."""
    paragraph = block.paragraph
    if paragraph.ends_row or paragraph.ends_inner_row:
        runs.row()
    elif paragraph.ends_inner_cell or block.texts[-1][0][-1] == _CELL:
        runs.cell()
    else:
        runs.line()

"""DOC (Word 97 to 2003): headers, text, notes and footers in reading order, with the font of each run.

Source: [MS-DOC], 2.3 (document parts), 2.4.1 (retrieving text), 2.4.3 (tables), 2.8.25 (fields), 2.9.46 and 2.6.1 (special codes).
"""

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from indexer.config import Limits
from indexer.errors import UnreadableFile
from indexer.extract.doc_drawings import Drawings, Span
from indexer.extract.doc_file import Part, Story, WordFile, damaged, plc
from indexer.extract.doc_lists import read_lists
from indexer.extract.doc_modifiers import Modifiers
from indexer.extract.doc_properties import Properties
from indexer.extract.doc_styles import Character, Paragraph
from indexer.extract.numbering import LEVELS, Counter
from indexer.extract.runs import RunCollector
from indexer.model import RawPage, RawText

_PARAGRAPH = re.compile("[^\r\x07\x0c]*[\r\x07\x0c]?")
_CELL, _PAGE_BREAK, _PICTURE = "\x07", "\x0c", "\x01"
_CODES = re.compile("([\x00-\x08\x0a-\x1f])")
_LINE_BREAKS = frozenset("\x0b\x0c\x0e")
_HYPHENS = {"\x1e": "-", "\x1f": "\u00ad"}  # in TCVN3 fonts the soft hyphen is ư
_FIELD, _RESULT, _FIELD_END = "\x13", "\x14", "\x15"
_SEPARATORS, _OF_A_SECTION, _HEADERS = 6, 6, frozenset((0, 1, 4))  # stories of notes' separators; headers among a section's
_LAST_LIST = 0x7FE  # greater numbers say that a paragraph was in a list


def read_doc(file: BinaryIO, limits: Limits) -> RawText:  # noqa: ARG001  all it may cost comes from the file's own size
    """Read the document as one page. Raises UnreadableFile (empty, encrypted, damaged, unsupported)."""
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
    running = list(document.spans(Story.HEADERS, plc(document.part(Part.HEADERS), 0)[0]))[_SEPARATORS:]
    boxes = drawings.boxes(Story.HEADERS)
    headers = [span for place, span in enumerate(running) if place % _OF_A_SECTION in _HEADERS]
    footers = [span for place, span in enumerate(running) if place % _OF_A_SECTION not in _HEADERS]
    for header in headers:
        _write_running(header, writer, boxes, runs)
    writer.write(document.story(Story.MAIN), drawings.boxes(Story.MAIN), runs)
    for notes in (Story.FOOTNOTES, Story.ENDNOTES):
        writer.write(document.story(notes), (), runs)
    for footer in footers:
        _write_running(footer, writer, boxes, runs)


def _write_running(span: Span, writer: "_Writer", boxes: Sequence[tuple[int, Span]], runs: RunCollector) -> None:
    """Write a header or footer unless it holds only a page number."""
    start, end = span
    own = RunCollector()
    writer.write(span, [box for box in boxes if start <= box[0] < end], own)
    written = own.runs()
    if any(any(map(str.isalpha, run.text)) for run in written):
        for run in written[:-1]:
            runs.add(run.text, run.font)
        runs.add(written[-1].text.removesuffix("\n"), written[-1].font)
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

    def write(self, span: Span, boxes: Sequence[tuple[int, Span]], runs: RunCollector) -> None:
        """Write a span of characters; text boxes, in order of their anchors, come after the paragraph that anchors them."""
        fields = _Fields()
        waiting = list(reversed(boxes))
        for block in self._blocks(span):
            self._write_block(block, fields, runs)
            while waiting and waiting[-1][0] < block.end:
                self._write_box(waiting.pop()[1], runs)
            _part(block, runs)
        while waiting:
            self._write_box(waiting.pop()[1], runs)
        fields.demand_closed()

    def _write_box(self, span: Span, runs: RunCollector) -> None:
        runs.line()
        self.write(span, (), runs)

    def _blocks(self, span: Span) -> Iterator[_Block]:
        """Cut a span into paragraphs; what follows its last mark is one, too."""
        texts: list[tuple[str, bytes, Modifiers]] = []
        paragraph = Paragraph()
        for piece in self._document.pieces(*span):
            place, last = piece.offset, piece.offset + piece.width * (piece.end - piece.start)
            while place < last:
                alike, own = self._properties.characters_at(place)
                end = min(last, max(alike - (alike - place) % piece.width, place + piece.width))
                for match in _PARAGRAPH.finditer(self._document.characters(place, end, piece.width)):
                    if text := match[0]:
                        place += len(text) if piece.width == 1 else len(text.encode("utf-16-le"))
                        texts.append((text, own, piece.modifiers))
                        mark = place - piece.width
                        ends, paragraph = self._properties.paragraph_at(mark, piece.modifiers)
                        if text[-1] in "\r\x07" or (text[-1] == _PAGE_BREAK and ends == place):
                            yield _Block(texts, paragraph, piece.start + (place - piece.offset) // piece.width)
                            texts = []
                place = end
        if texts:
            yield _Block(texts, paragraph, span[1])

    def _write_block(self, block: _Block, fields: "_Fields", runs: RunCollector) -> None:
        style = block.paragraph.style
        characters = [self._properties.character(style, own, of_piece) for _, own, of_piece in block.texts]
        if not block.paragraph.ends_row and not characters[-1].is_unseen:
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
            elif piece in _HYPHENS:
                runs.add(_HYPHENS[piece], self._properties.font_of(_HYPHENS[piece], character))
            elif piece == _PICTURE and character.picture is not None:
                self._drawings.add_picture(character.picture)
            elif character.symbol is not None:
                font, symbol = character.symbol
                runs.add(symbol, self._properties.font(font))
            elif not _CODES.match(piece):
                runs.add(piece, self._properties.font_of(piece, character))


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


def _part(block: _Block, runs: RunCollector) -> None:
    """Write the break that a paragraph's mark asks for."""
    paragraph = block.paragraph
    if paragraph.ends_row or paragraph.ends_inner_row:
        runs.row()
    elif paragraph.ends_inner_cell or block.texts[-1][0][-1] == _CELL:
        runs.cell()
    else:
        runs.line()

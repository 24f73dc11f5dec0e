"""Drawings of a Word binary file: on which character each text box hangs, and what is shown beside the text.

Source: [MS-DOC], OfficeArtContent, Spa, FTXBXS and PICF; [MS-ODRAW], OfficeArtSpgrContainer, OfficeArtFSP and OfficeArtFOPT.
"""

import struct
from collections.abc import Iterator

from indexer.extract.doc.file import Part, Story, WordFile, damaged, plc
from indexer.model import Run

_HEAD = 8  # bytes of a record before its content
_CONTAINER = 0xF  # version of a record that consists of others
_GROUP, _SHAPE, _OPTIONS = 0xF003, 0xF00A, frozenset((0xF00B, 0xF121, 0xF122))
_WORD_ART, _WORD_ART_FONT, _DESCRIPTION = 0x00C0, 0x00C5, 0x0381
_TEXTS = (_WORD_ART, _WORD_ART_FONT, _DESCRIPTION)
_HAS_DATA, _NUMBER = 0x8000, 0x3FFF  # of a property's identifier
_ANCHOR, _BOX, _BOX_SHAPE = 26, 22, 14  # bytes of an entry; where in that of a box its shape is named
_PICTURE = 68  # bytes that describe a picture
_SHAPE_PICTURE, _NAMED_PICTURE = 0x64, 0x66  # kinds drawn as a shape; the second has its name before that

_BOXES_OF = {
    Story.MAIN: (Part.ANCHORS, Part.BOXES, Story.BOXES),
    Story.HEADERS: (Part.HEADER_ANCHORS, Part.HEADER_BOXES, Story.HEADER_BOXES),
}

Span = tuple[int, int]  # of characters, counted over all stories
Box = tuple[int, Span]  # the character that a text box hangs on, and its text


class Drawings:
    """The drawings of one file. `shown` is what they show beside the text, each item once."""

    def __init__(self, file: WordFile) -> None:
        self._file = file
        self._groups: dict[int, int] = {}  # shape → the group that is anchored in its place
        self._pictures: set[int] = set()
        self._picture_bytes = 0
        self._shown: dict[Run, None] = {}
        self._read(file.part(Part.DRAWINGS))

    @property
    def shown(self) -> tuple[Run, ...]:
        """Texts drawn as pictures and descriptions of pictures, each on lines of its own."""
        return tuple(self._shown)

    def boxes(self, story: Story) -> list[Box]:
        """Return the text boxes of the main text or of headers, in order of the characters that they hang on.

        Where none is found it is the end of the story.
        """
        of_anchors, of_boxes, story_of_boxes = _BOXES_OF[story]
        start, end = self._file.story(story)
        places, entries = plc(self._file.part(of_anchors), _ANCHOR)
        shapes = [struct.unpack_from("<I", entry)[0] for entry in entries]
        anchors = {shape: start + place for shape, place in zip(shapes, places, strict=False)}
        positions, entries = plc(self._file.part(of_boxes), _BOX)
        shapes = [struct.unpack_from("<I", entry, _BOX_SHAPE)[0] for entry in entries]
        spans = self._file.spans(story_of_boxes, positions)
        return sorted((anchors.get(self._groups.get(shape, shape), end), span) for shape, span in zip(shapes, spans, strict=True))

    def add_picture(self, place: int) -> None:
        """Take down what a picture in the data stream is described as."""
        if place in self._pictures:
            return
        self._pictures.add(place)
        data = self._file.data
        if place + _PICTURE > len(data):
            return  # the name of an embedded object
        length, header, kind = struct.unpack_from("<IHH", data, place)
        if kind not in (_SHAPE_PICTURE, _NAMED_PICTURE):
            return
        self._picture_bytes += length
        if self._picture_bytes > len(data):  # no two pictures share their bytes
            raise damaged()
        start = place + header
        if kind == _NAMED_PICTURE:
            start += 1 + data[start]
        for _, kind_of_record, count, content, end in _records(data, start, place + length):
            if kind_of_record in _OPTIONS:
                self._take_down(data[content:end], count)

    def _read(self, data: bytes) -> None:
        place = _HEAD + struct.unpack_from("<I", data, 4)[0] if data else 0  # behind what all drawings share
        while place + 1 + _HEAD <= len(data):  # a byte tells whether a drawing is of the main text or of headers
            end = place + 1 + _HEAD + struct.unpack_from("<I", data, place + 5)[0]
            group: int | None = None
            for depth, kind, count, content, end_of_record in _records(data, place + 1, end):
                if kind == _GROUP and depth == 1:
                    group = None  # its own shape comes first
                elif kind == _SHAPE and depth > 1:
                    shape = struct.unpack_from("<I", data, content)[0]
                    group = shape if group is None else group
                    self._groups[shape] = group
                elif kind in _OPTIONS:
                    self._take_down(data[content:end_of_record], count)
            place = end

    def _take_down(self, data: bytes, count: int) -> None:
        """Keep the texts among a shape's properties: an array, then the data of those that have some."""
        texts: dict[int, str] = {}
        place = 6 * count
        for entry in range(0, min(place, len(data) - 5), 6):
            name, value = struct.unpack_from("<HI", data, entry)
            if name & _HAS_DATA:
                if name & _NUMBER in _TEXTS:
                    texts[name & _NUMBER] = data[place : place + value].decode("utf-16-le", errors="replace").rstrip("\0")
                place += value
        font = texts.get(_WORD_ART_FONT, "")
        for text, its_font in ((texts.get(_WORD_ART, ""), font), (texts.get(_DESCRIPTION, ""), "")):
            if text.strip():
                self._shown[Run(f"{text}\n", its_font)] = None


def _records(data: bytes, place: int, end: int) -> Iterator[tuple[int, int, int, int, int]]:
    """Yield each record's depth in groups, its kind, its instance, and where its content begins and ends; containers first."""
    groups: list[int] = []
    end = min(end, len(data))
    while place + _HEAD <= end:
        head, kind, length = struct.unpack_from("<HHI", data, place)
        while groups and place >= groups[-1]:
            groups.pop()
        content = place + _HEAD
        yield len(groups), kind, head >> 4, content, min(content + length, end)
        if kind == _GROUP:
            groups.append(content + length)
        place = content if head & 0xF == _CONTAINER else content + length

"""Drawings of a Word binary file: on which character each text box hangs, and what is shown beside the text.

Source: [MS-DOC], OfficeArtContent, Spa, FTXBXS and PICF; [MS-ODRAW], OfficeArtSpgrContainer, OfficeArtFSP and OfficeArtFOPT.
"""

import struct
from collections.abc import Iterator

from indexer.extract.doc_file import Part, Story, WordFile, damaged, plc
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

Span = tuple[int, int]  # of characters, counted over all stories


class Drawings:
    """The drawings of one file. `shown` is what they show beside the text, each item once."""

    def __init__(self, file: WordFile) -> None:
        self._file, self._data = file, file.data()
        self._groups: dict[int, int] = {}  # shape → the group that is anchored in its place
        self._pictures_left = len(self._data)
        self._pictures: set[int] = set()
        self._shown: dict[Run, None] = {}
        self._read(file.part(Part.DRAWINGS))

    @property
    def shown(self) -> tuple[Run, ...]:
        """Texts drawn as pictures and descriptions of pictures, each on lines of its own."""
        return tuple(self._shown)

    def boxes(self, story: Story) -> list[tuple[int, Span]]:
        """Return the text boxes of the main text or of headers, each after the character that it hangs on, in order."""
        in_headers = story is Story.HEADERS
        start, end = self._file.story(story)
        anchors = {}
        for place, anchor in zip(
            *plc(self._file.part(Part.HEADER_ANCHORS if in_headers else Part.ANCHORS), _ANCHOR), strict=False
        ):
            anchors[struct.unpack_from("<I", anchor)[0]] = start + place
        positions, entries = plc(self._file.part(Part.HEADER_BOXES if in_headers else Part.BOXES), _BOX)
        boxes = []
        for span, entry in zip(
            self._file.spans(Story.HEADER_BOXES if in_headers else Story.BOXES, positions), entries, strict=False
        ):
            shape = struct.unpack_from("<I", entry, _BOX_SHAPE)[0]
            boxes.append((anchors.get(self._groups.get(shape, shape), end), span))
        return sorted(boxes)

    def add_picture(self, place: int) -> None:
        """Take down what a picture in the data stream is described as."""
        if place in self._pictures:
            return
        self._pictures.add(place)
        if place + _PICTURE > len(self._data):
            return  # the name of an embedded object
        length, header, kind = struct.unpack_from("<IHH", self._data, place)
        if kind not in (_SHAPE_PICTURE, _NAMED_PICTURE):
            return
        self._pictures_left -= length  # no two pictures share their bytes
        if self._pictures_left < 0:
            raise damaged()
        start = place + header
        if kind == _NAMED_PICTURE:
            start += 1 + self._data[start]
        for _, kind_of_record, count, content, end in _records(self._data, start, place + length):
            if kind_of_record in _OPTIONS:
                self._take_down(self._data[content:end], count)

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

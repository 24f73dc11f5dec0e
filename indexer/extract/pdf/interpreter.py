"""Running content streams for what they write: text, straight lines, the extent of pictures (ISO 32000-1, 8 and 9).

Files, streams and fonts are pdfminer's. Operators for colour, clipping, shading and marked content change none of what is taken
down here and are passed over, as is an operator whose operands are not its own.
"""

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, cast

from pdfminer.pdffont import PDFFont, PDFUnicodeNotDefined
from pdfminer.pdfinterp import PDFResourceManager
from pdfminer.pdftypes import PDFObjRef, PDFStream, dict_value, list_value, resolve1, stream_value
from pdfminer.psparser import literal_name
from pdfminer.utils import MATRIX_IDENTITY, Matrix, apply_matrix_rect, mult_matrix

from indexer.errors import UnreadableFile
from indexer.extract.pdf.content import Operand, operations
from indexer.extract.pdf.drawing import Drawing, Written

UNKNOWN = "\ufffd"  # a glyph that its font gives no character for
_SUBSET = re.compile(r"^[A-Z]{6}\+")
_STATE = ("_matrix", "_face", "_size", "_between_letters", "_between_words", "_leading", "_rise", "_stretch")  # kept by q
_STATE_OF: Callable[[object], tuple[Any, ...]] = attrgetter(*_STATE)
_BLANK = "\x00 \t\r\n\xa0"
_OFTEN = 0x3FF  # operations between two looks at the clock, less one


class Fonts:
    """The fonts of one document, each made when a text is first set in it."""

    def __init__(self) -> None:
        self._manager = PDFResourceManager()
        self._faces: dict[int, Face] = {}

    def get(self, specification: Any) -> "Face":
        """Return the font that a resource dictionary or a reference in it specifies; an empty one gives Type 1's default."""
        number = specification.objid if isinstance(specification, PDFObjRef) else None
        if number in self._faces:
            return self._faces[number]
        face = Face(self._manager.get_font(number, dict_value(specification)))
        if number is not None:
            self._faces[number] = face
        return face


class Face:
    """A font: how its strings are read."""

    def __init__(self, font: PDFFont) -> None:
        name = font.fontname
        self.name = _SUBSET.sub("", name.decode("latin-1") if isinstance(name, bytes) else str(name))
        self.decode: Callable[[bytes], Iterable[int]] = font.decode
        self.is_vertical = font.is_vertical()
        self.spaces_words = not font.is_multibyte()
        self._font = font
        self._glyphs: dict[int, tuple[str, float]] = {}

    def glyph(self, code: int) -> tuple[str, float]:
        """Return the character of a code, "" for a space, and how far it moves the pen at size 1."""
        found = self._glyphs.get(code)
        if found is None:
            try:
                text = self._font.to_unichr(code)
            except PDFUnicodeNotDefined:
                text = UNKNOWN
            found = self._glyphs[code] = (text if text.strip(_BLANK) else "", float(self._font.char_width(code)))
        return found


class Interpreter:
    """Draws streams on a drawing; what forms draw lands among the page's own.

    Forms that draw forms can make it endless: `until` is the processor time (time.process_time) at which it gives up.
    """

    def __init__(self, fonts: Fonts, drawing: Drawing, until: float) -> None:
        self.drawing = drawing
        self.pictured = 0.0  # square points that pictures cover, overlaps counted twice
        self._until = until
        self._fonts = fonts
        self._resources: Mapping[str, Any] = {}
        self._running: set[int] = set()  # streams that have begun and not ended: none is run inside itself
        self._matrix: Matrix = MATRIX_IDENTITY
        self._saved: list[tuple[Any, ...]] = []
        self._figures: list[list[float]] = []  # of the path that is being made, the extent of each: x0 y0 x1 y1
        self._at = (0.0, 0.0)  # where the path's pen is, before the matrix
        self._text_matrix: Matrix = MATRIX_IDENTITY
        self._pen = 0.0  # how far the text line has come
        self._face: Face | None = None
        self._size = self._between_letters = self._between_words = self._leading = self._rise = 0.0
        self._stretch = 1.0

        # operators that take so many numbers
        self._numeric: dict[bytes, tuple[int, Callable[..., None]]] = {
            b"q": (0, self._save),
            b"Q": (0, self._restore),
            b"cm": (6, self._concatenate),
            b"m": (2, self._move_to),
            b"l": (2, self._line_to),
            b"c": (2, self._line_to),  # its extent is taken from its ends
            b"v": (2, self._line_to),
            b"y": (2, self._line_to),
            b"re": (4, self._rectangle),
            b"n": (0, self._forget_path),
            **dict.fromkeys((b"S", b"s", b"B", b"B*", b"b", b"b*"), (0, self._stroke)),
            **dict.fromkeys((b"f", b"F", b"f*"), (0, self._fill)),
            b"BT": (0, self._begin_text),
            b"Tc": (1, self._set_between_letters),
            b"Tw": (1, self._set_between_words),
            b"Tz": (1, self._set_stretch),
            b"TL": (1, self._set_leading),
            b"Ts": (1, self._set_rise),
            b"Td": (2, self._move_text),
            b"TD": (2, self._move_text_and_lead),
            b"Tm": (6, self._set_text_matrix),
            b"T*": (0, self._next_line),
            b"EI": (0, self._picture),
        }
        self._other: dict[bytes, Callable[[list[Operand]], None]] = {
            b"Tf": self._set_font,
            b"Tj": self._show,
            b"TJ": self._show,
            b"'": self._show_on_next_line,
            b'"': self._show_spaced,
            b"Do": self._draw_object,
        }

    def run(self, streams: Sequence[object], resources: Mapping[str, Any], matrix: Matrix) -> None:
        """Draw streams that are one after another, in the space that `matrix` gives. Raises UnreadableFile (timeout)."""
        begun = [stream for stream in map(stream_value, streams) if stream.objid not in self._running]
        numbers = {stream.objid for stream in begun if stream.objid is not None}
        self._running |= numbers
        before = (self._state(), self._saved, self._figures, self._resources)
        self._saved, self._figures, self._resources = [], [], resources
        self._matrix = matrix
        try:
            content = b"\n".join(stream.get_data() for stream in begun)
            for number, (operator, operands, numeric) in enumerate(operations(content)):
                if not number & _OFTEN and time.process_time() > self._until:
                    raise UnreadableFile("extract", "timeout", "PDF có trang cần quá nhiều thời gian để đọc.")
                if operator in self._numeric:
                    count, run = self._numeric[operator]
                    if numeric and len(operands) >= count:
                        run(*operands[len(operands) - count :])
                elif operator in self._other:
                    self._other[operator](operands)
        finally:
            state, self._saved, self._figures, self._resources = before
            self._set_state(state)
            self._running -= numbers

    def _state(self) -> tuple[Any, ...]:
        return _STATE_OF(self)

    def _set_state(self, state: tuple[Any, ...]) -> None:
        for name, value in zip(_STATE, state, strict=True):
            setattr(self, name, value)

    def _save(self) -> None:
        self._saved.append(self._state())

    def _restore(self) -> None:
        if self._saved:
            self._set_state(self._saved.pop())

    def _concatenate(self, *matrix: float) -> None:
        self._matrix = mult_matrix(cast("Matrix", matrix), self._matrix)

    # Paths

    def _move_to(self, x: float, y: float) -> None:
        a, b, c, d, e, f = self._matrix
        x, y = a * x + c * y + e, b * x + d * y + f
        self._figures.append([x, y, x, y])

    def _line_to(self, x: float, y: float) -> None:
        if not self._figures:
            self._move_to(x, y)
            return
        a, b, c, d, e, f = self._matrix
        x, y = a * x + c * y + e, b * x + d * y + f
        figure = self._figures[-1]
        if x < figure[0]:
            figure[0] = x
        elif x > figure[2]:
            figure[2] = x
        if y < figure[1]:
            figure[1] = y
        elif y > figure[3]:
            figure[3] = y

    def _rectangle(self, x: float, y: float, width: float, height: float) -> None:
        self._figures.append(list(apply_matrix_rect(self._matrix, (x, y, x + width, y + height))))

    def _forget_path(self) -> None:
        self._figures = []

    def _stroke(self) -> None:
        self._paint(stroked=True)

    def _fill(self) -> None:
        self._paint(stroked=False)

    def _paint(self, *, stroked: bool) -> None:
        for x0, y0, x1, y1 in self._figures:
            self.drawing.add_figure((x0, y0, x1, y1), stroked=stroked)
        self._figures = []

    # Pictures and forms

    def _picture(self) -> None:
        x0, y0, x1, y1 = apply_matrix_rect(self._matrix, (0.0, 0.0, 1.0, 1.0))  # it fills the unit square of its own space
        self.pictured += abs((x1 - x0) * (y1 - y0))

    def _draw_object(self, operands: list[Operand]) -> None:
        drawn = resolve1(self._named("XObject", operands[-1:]))
        if not isinstance(drawn, PDFStream):
            return
        kind = literal_name(drawn.get("Subtype"))
        if kind == "Image":
            self._picture()
        elif kind == "Form":
            own = cast("Matrix", tuple(list_value(drawn.get("Matrix", MATRIX_IDENTITY))))
            resources = dict_value(drawn["Resources"]) if "Resources" in drawn else self._resources
            self.run([drawn], resources, mult_matrix(own, self._matrix))

    def _named(self, kind: str, name: list[Operand]) -> Any:
        """Return what the resources call by a name, None for what they don't know."""
        return dict_value(self._resources.get(kind, {})).get(name[0]) if name and isinstance(name[0], str) else None

    # Text

    def _begin_text(self) -> None:
        self._text_matrix, self._pen = MATRIX_IDENTITY, 0.0

    def _set_between_letters(self, space: float) -> None:
        self._between_letters = space

    def _set_between_words(self, space: float) -> None:
        self._between_words = space

    def _set_stretch(self, percent: float) -> None:
        self._stretch = percent / 100

    def _set_leading(self, leading: float) -> None:
        self._leading = leading

    def _set_rise(self, rise: float) -> None:
        self._rise = rise

    def _set_font(self, operands: list[Operand]) -> None:
        if len(operands) > 1 and isinstance(size := operands[-1], float):
            self._face, self._size = self._fonts.get(self._named("Font", operands[-2:-1]) or {}), size

    def _move_text(self, x: float, y: float) -> None:
        a, b, c, d, e, f = self._text_matrix
        self._text_matrix, self._pen = (a, b, c, d, x * a + y * c + e, x * b + y * d + f), 0.0

    def _move_text_and_lead(self, x: float, y: float) -> None:
        self._leading = -y
        self._move_text(x, y)

    def _set_text_matrix(self, *matrix: float) -> None:
        self._text_matrix, self._pen = cast("Matrix", matrix), 0.0

    def _next_line(self) -> None:
        self._move_text(0.0, -self._leading)

    def _show_on_next_line(self, operands: list[Operand]) -> None:
        self._next_line()
        self._show(operands)

    def _show_spaced(self, operands: list[Operand]) -> None:
        words, letters = operands[-3:-1] if len(operands) > 2 else (None, None)
        if isinstance(words, float) and isinstance(letters, float):
            self._between_words, self._between_letters = words, letters
        self._show_on_next_line(operands)

    def _show(self, operands: list[Operand]) -> None:
        face = self._face
        if face is None or not operands:
            return
        pieces = operands[-1] if isinstance(operands[-1], list) else operands[-1:]
        written: list[Written] = []
        pen, scale = self._pen, self._size * self._stretch
        between_letters = self._between_letters * self._stretch
        between_words = self._between_words * self._stretch if face.spaces_words else 0.0
        for piece in pieces:
            if isinstance(piece, float):
                pen -= piece / 1000 * scale
            elif isinstance(piece, bytes):
                for code in face.decode(piece):
                    text, width = face.glyph(code)
                    advance = width * scale
                    written.append((text, pen, advance))
                    pen += advance + between_letters
                    if code == 32:
                        pen += between_words
        self._pen = pen
        matrix = mult_matrix(self._text_matrix, self._matrix)
        self.drawing.write(written, face.name, matrix, self._rise, self._size, down=face.is_vertical)

"""The operators of a PDF content stream with their operands (ISO 32000-1, 7.2, 7.3 and 7.8.2), lexed by one pattern.

pdfminer's own parser takes four fifths of the time that its interpreter needs: every token there passes through a dozen calls.
"""

import re
from collections.abc import Iterator

Operand = float | str | bytes | list["Operand"] | None  # number, name, string, array; a dictionary or a Boolean is None

_BLANK, _REGULAR = rb"\0\t\n\f\r ", rb"[^\0\t\n\f\r ()<>\[\]{}/%]"
_NUMBER, _WORD, _NAME, _STRING, _HEX, _OPEN, _CLOSE, _ESCAPED = range(1, 9)
_TOKEN = re.compile(
    rb"(?:[" + _BLANK + rb"]++|%[^\r\n]*+)*+"
    rb"(?:([+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?!" + _REGULAR + rb"))"
    rb"|(" + _REGULAR + rb"++)"
    rb"|/(" + _REGULAR + rb"*+)"
    rb"|\(([^()\\\r]*+)\)"
    rb"|<([0-9A-Fa-f" + _BLANK + rb"]*+)>"
    rb"|(\[|<<)|(\]|>>)|(\()|[<>{})])"
)
_ODD_NUMBER = re.compile(rb"[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)|([^-+.0-9].*+)|[-+.]", re.DOTALL)  # 12Tf, 0-3, --5
_IMAGE_END = re.compile(rb"[" + _BLANK + rb"]EI(?!" + _REGULAR + rb")")
_PARENTHESIS = re.compile(rb"\\.|[()]", re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r\n|.)|\r\n?", re.DOTALL)
_ESCAPED_AS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b"", b"\r\n": b""}
_NAME_HEX = re.compile(rb"#([0-9A-Fa-f]{2})")
_DEEPEST = 100  # arrays in arrays: deeper, brackets are passed over
_VALUES = {b"true", b"false", b"null"}


def operations(data: bytes) -> Iterator[tuple[bytes, list[Operand], bool]]:
    """Yield each operator, its operands, and whether these are plain numbers; an inline image as EI without operands.

    What is no token is passed over, and what follows the last operator is left.
    """
    operands: list[Operand] = []
    enclosing: list[list[Operand]] = []  # operands around the array or dictionary that is open
    numbers, position = True, 0
    while (match := _TOKEN.match(data, position)) is not None:
        position = match.end()
        kind = match.lastindex
        if kind == _NUMBER:
            operands.append(float(match[1]))
        elif kind == _WORD:
            word = match[2]
            if word[0] in b"+-.0123456789":
                word = _take_numbers(word, operands)
            if word in _VALUES:
                operands.append(None)
                numbers = False
            elif word == b"ID":
                end = _IMAGE_END.search(data, position)
                position = end.end() if end else len(data)
                yield b"EI", [], True
                operands, enclosing, numbers = [], [], True
            elif word:
                yield word, operands, numbers
                operands, enclosing, numbers = [], [], True
        else:
            numbers = False
            if kind == _STRING:
                operands.append(match[4])
            elif kind == _HEX:
                digits = match[5].translate(None, b"\0\t\n\f\r ")
                operands.append(bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii")))
            elif kind == _NAME:
                operands.append(_name(match[3]))
            elif kind == _OPEN and len(enclosing) < _DEEPEST:
                enclosing.append(operands)
                operands = []
            elif kind == _CLOSE and enclosing:
                inner, operands = operands, enclosing.pop()
                operands.append(inner if match[7] == b"]" else None)
            elif kind == _ESCAPED:
                string, position = _string(data, position)
                operands.append(string)


def _take_numbers(word: bytes, operands: list[Operand]) -> bytes:
    """Add the numbers that a word begins with, and return the operator after them."""
    for match in _ODD_NUMBER.finditer(word):
        if match[1]:
            return match[1]
        if match[0] not in {b"-", b"+", b"."}:
            operands.append(float(match[0]))
    return b""


def _name(raw: bytes) -> str:
    if b"#" in raw:
        raw = _NAME_HEX.sub(lambda digits: bytes.fromhex(digits[1].decode("ascii")), raw)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return str(raw)  # as pdfminer names it in dictionaries


def _string(data: bytes, start: int) -> tuple[bytes, int]:
    """Return the string whose parenthesis was opened before `start`, and where it ends."""
    depth = 1
    for mark in _PARENTHESIS.finditer(data, start):
        depth += (mark[0] == b"(") - (mark[0] == b")")
        if not depth:
            return _ESCAPE.sub(_unescape, data[start : mark.start()]), mark.end()
    return b"", len(data)


def _unescape(escape: re.Match[bytes]) -> bytes:
    code = escape[1]
    if code is None:
        return b"\n"  # however the line ended
    if code[0] in b"01234567":
        return bytes((int(code, 8) & 255,))
    return _ESCAPED_AS.get(code, code)

"""Content streams: tokens as ISO 32000-1 defines them, and the operations that pdfminer's own parser finds."""

import pytest
from growth import assert_grows_linearly
from hypothesis import example, given
from hypothesis import strategies as st
from pdfminer.pdfinterp import PDFContentParser
from pdfminer.pdftypes import PDFStream
from pdfminer.psparser import PSEOF, PSKeyword, PSLiteral, literal_name

from indexer.extract.pdf.content import operations

CASES = [
    ("an odd last digit counts as followed by 0", b"<48 656c6C6f2> Tj", [(b"Tj", [b"Hello "])]),
    ("parentheses in a string may be balanced", b"(a(b)c) Tj", [(b"Tj", [b"a(b)c"])]),
    ("escapes", rb"(\(\)\\\n\101\53\0053\q) Tj", [(b"Tj", [b"()\\\nA+\x053q"])]),
    ("an escaped line end is none, any other is LF", b"(a\\\r\nb\r\nc\rd) Tj", [(b"Tj", [b"ab\nc\nd"])]),
    ("an octal code beyond a byte loses its highest bit", rb"(\777) Tj", [(b"Tj", [b"\xff"])]),
    ("arrays", b"[(a)-12.5<62>]TJ", [(b"TJ", [[b"a", -12.5, b"b"]])]),
    (
        "arrays in arrays and dictionaries",
        b"/P<</M[1 2]/N<</O 1>>>>BDC [[1][2]] 0 d",
        [(b"BDC", ["P", None]), (b"d", [[[1.0], [2.0]], 0.0])],
    ),
    ("names with codes", b"/A#42#20C 1 Tf", [(b"Tf", ["AB C", 1.0])]),
    ("the empty name", b"/ gs", [(b"gs", [""])]),
    ("comments", b"1 % 2 (3\n4 m%", [(b"m", [1.0, 4.0])]),
    ("numbers in all forms", b"1 -2 +3 .5 4. -.25 0 cm", [(b"cm", [1.0, -2.0, 3.0, 0.5, 4.0, -0.25, 0.0])]),
    ("numbers that touch", b"1-2 --3 4.5.6 m", [(b"m", [1.0, -2.0, -3.0, 4.5, 0.6])]),
    ("an operator that touches a number", b"12Tc 0.5w", [(b"Tc", [12.0]), (b"w", [0.5])]),
    (
        "operators with other letters",
        b"T* (a)' 1 2(b)\" f* d0",
        [(b"T*", []), (b"'", [b"a"]), (b'"', [1.0, 2.0, b"b"]), (b"f*", []), (b"d0", [])],
    ),
    ("values that are no operators", b"true false null x", [(b"x", [None, None, None])]),
    (
        "an inline image, whatever its bytes say",
        b"q BI /W 1/H 1 ID \x00(EIEI]>\x01 EI Q",
        [(b"q", []), (b"BI", []), (b"EI", []), (b"Q", [])],
    ),
    ("a closing mark that nothing opened", b"] >> ) } 1 w", [(b"w", [1.0])]),
    ("an array that nothing closes", b"[1 2 Tj 3 w", [(b"Tj", [1.0, 2.0]), (b"w", [3.0])]),
    ("a string that nothing closes", b"1 w (abc 2 w", [(b"w", [1.0])]),
]


@pytest.mark.parametrize(("data", "found"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_tokens(data: bytes, found: list[tuple[bytes, list[object]]]) -> None:
    """Each case is a rule of the standard, or what real files break it with."""
    assert [(operator, operands) for operator, operands, _ in operations(data)] == found


def by_pdfminer(data: bytes) -> list[tuple[bytes, list[object]]]:
    """The operations of a stream by pdfminer's parser, in our terms."""
    parser = PDFContentParser([PDFStream({}, data)])
    found: list[tuple[bytes, list[object]]] = []
    operands: list[object] = []
    while True:
        try:
            _, token = parser.nextobject()
        except PSEOF:
            return found
        if isinstance(token, PSKeyword):
            found.append((token.name, operands))
            operands = []
        else:
            operands.append(plain(token))


def plain(token: object) -> object:
    """A token of pdfminer's in our terms."""
    match token:
        case bool() | dict():
            return None
        case int() | float():
            return float(token)
        case PSLiteral():
            return literal_name(token)
        case list():
            return [plain(one) for one in token]
    return token


def in_hex(string: bytes) -> bytes:
    """A string as hexadecimal digits."""
    return b"<" + string.hex().encode() + b">"


def in_parentheses(string: bytes) -> bytes:
    """A string with what must be escaped escaped."""
    return b"(" + b"".join(b"\\%03o" % code if code in b"()\\\r" else bytes((code,)) for code in string) + b")"


NUMBERS = st.integers(-9999, 9999).map(b"%d".__mod__) | st.floats(-999, 999).map(lambda value: f"{value:.4f}".encode())
STRINGS = st.binary(max_size=12).flatmap(lambda string: st.sampled_from((in_hex(string), in_parentheses(string))))
NAMES = st.text("abcXYZ0129+-_.", min_size=1, max_size=6).map(lambda name: b"/" + name.encode())
ARRAYS = st.lists(NUMBERS | STRINGS, max_size=5).map(lambda items: b"[" + b" ".join(items) + b"]")
OPERATIONS = st.tuples(
    st.lists(NUMBERS | STRINGS | NAMES | ARRAYS, max_size=6), st.sampled_from((b"Tj", b"TJ", b"T*", b"Tf", b"cm", b"re"))
)


@given(st.lists(OPERATIONS, max_size=8), st.sampled_from((b" ", b"\n", b"\r\n", b" \t\0")))
def test_the_same_operations_as_pdfminer(written: list[tuple[list[bytes], bytes]], between: bytes) -> None:
    """Whatever is written by the rules is read alike."""
    data = between.join(token for operands, operator in written for token in (*operands, operator))
    assert [(operator, operands) for operator, operands, _ in operations(data)] == by_pdfminer(data + b"\n")


@given(
    st.lists(
        st.sampled_from([bytes((code,)) for code in b"()<>[]{}/%\\#+-.0129aTEIDBf' \n\r\0\xff"])
        | st.sampled_from([b"BI", b"ID", b"EI", b"<<", b">>"]),
        max_size=60,
    )
)
@example([b"("] * 60)
def test_no_bytes_break_it(pieces: list[bytes]) -> None:
    """Hostile streams give operations or none, and nothing else is called a number."""
    for operator, operands, numbers in operations(b"".join(pieces)):
        assert operator
        assert not numbers or all(isinstance(operand, float) for operand in operands)


@pytest.mark.parametrize(
    "piece", [b"(", b"[", b"<<", b"<4", b"((a)", b"1 ", b"\\(", b"%", b" \0", b"-", b"ID ", b"ID EIx", b"/a#4"]
)
def test_time_grows_with_the_stream(piece: bytes) -> None:
    """No repetition of anything takes more than linear time."""
    assert_grows_linearly(lambda data: [*operations(data)], lambda size: piece * size, 200_000)

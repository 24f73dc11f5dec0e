"""RTF files: their text in reading order, their fonts, and files that are cut short or hostile."""

import io

import pytest
from casefiles import by_name, cases
from growth import assert_grows_linearly
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.config import Limits
from indexer.errors import UnreadableFile
from indexer.extract.rtf import words as rtf_words
from indexer.extract.rtf.document import read_rtf
from indexer.extract.rtf.tokens import Kind, tokens
from indexer.model import RawText, Run


def read(data: bytes) -> RawText:
    """Read a file of these bytes."""
    return read_rtf(io.BytesIO(data), Limits())


def read_or_refuse(data: bytes) -> RawText | UnreadableFile:
    """Read bytes that may be anything."""
    try:
        return read(data)
    except UnreadableFile as refusal:
        return refusal


@pytest.mark.parametrize("case", cases("extract_rtf"), ids=by_name)
def test_a_files_text(case):
    """Each case gives exactly its lines, its runs and what stands aside where it names them; without text it is empty."""
    outcome = read_or_refuse(case["input"].encode("latin-1"))
    if not case["expect"]:
        assert isinstance(outcome, UnreadableFile)
        assert outcome.code == "empty"
        return
    assert outcome.pages[0].text == case["expect"]
    assert "".join(run.text for run in outcome.aside) == case.get("aside", "")
    if "runs" in case:
        assert outcome.pages[0].runs == tuple(Run(*run) for run in case["runs"])


_TABLES = [table for name, table in vars(rtf_words).items() if isinstance(table, frozenset | dict) and not name.startswith("__")]
_WORDS = {word.decode() for table in _TABLES for word in table if word.isalpha()}
_FORMATS = ["plain", "u", "uc", "f", "fcharset", "cpg", "sbasedon", "deff", "ansicpg", "v", "deleted", "bin", "ud", "fldrslt"]
_PIECES = [
    *(rf"\{word}" for word in sorted(_WORDS.union(_FORMATS))),
    *["{", "{", "{", "}", "}", r"\*", r"\~", r"\-", r"\\", "\\", r"\'e1", r"\'8", r"\'", " ", ";", "Điều", "\r\n", "Symbol"],
    *["0", "1", "-1", "163", "1258", "65001", "7879", "-10179", "SYMBOL 163", "99999999999999"],
]


@settings(max_examples=500, deadline=None)
@given(pieces=st.lists(st.sampled_from(_PIECES), max_size=60))
def test_any_row_of_tokens_is_read_or_refused(pieces):
    """Tokens in any order bring about no other error, and no character that UTF-8 cannot write."""
    outcome = read_or_refuse(b"{\\rtf1" + "".join(pieces).encode())
    if isinstance(outcome, RawText):
        outcome.pages[0].text.encode()
    else:
        assert outcome.code == "empty"


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data):
    """So do bytes that are no RTF at all."""
    assert isinstance(read_or_refuse(b"{\\rtf1" + data), RawText | UnreadableFile)


@pytest.mark.parametrize("case", cases("extract_rtf"), ids=by_name)
def test_any_start_of_a_file_is_read_or_refused(case):
    """A file that is cut short anywhere gives what was there."""
    data = case["input"].encode("latin-1")
    for length in range(len(data)):
        assert isinstance(read_or_refuse(data[:length]), RawText | UnreadableFile)


@settings(max_examples=200, deadline=None)
@given(pieces=st.lists(st.text(alphabet="aĐệ{}\\ 1", min_size=1, max_size=5), min_size=1, max_size=8))
def test_text_comes_back_as_it_was_written(pieces):
    """Text that is written out character by character is read whole, in the font that it is set in."""
    codes = ["".join(rf"\u{ord(character)}?" for character in piece) for piece in pieces]
    written = "".join(rf"{{\f{number % 2} {piece}}}" for number, piece in enumerate(codes))
    head = r"{\rtf1{\fonttbl{\f0 Arial;}{\f1 .VnTime;}}x"
    text = read(f"{head}{written}".encode()).pages[0].text
    assert text == f"x{''.join(pieces)}\n"


def test_tokens_lose_no_byte_of_text():
    """Every byte that is neither a control word nor a brace is text."""
    found = [(kind, value) for kind, value, _ in tokens(b"{\\b1 a\\'e1\\'E2b\r\nc\\par}\\*\\")]
    assert found == [
        (Kind.OPEN, b""),
        (Kind.WORD, b"b"),
        (Kind.TEXT, b"a"),
        (Kind.TEXT, b"\xe1\xe2"),
        (Kind.TEXT, b"bc"),
        (Kind.WORD, b"par"),
        (Kind.CLOSE, b""),
        (Kind.SYMBOL, b"*"),
    ]


def test_a_hundred_thousand_groups_deep():
    """Depth is no reason to lose a word."""
    depth = 100_000
    data = b"{\\rtf1 a" + b"{" * depth + b" b" + b"}" * depth + b" c}"
    assert read(data).pages[0].text == "a b c\n"


_HOSTILE = {
    "nested groups": ("{", "x", "}"),
    "nested text boxes": (r"{\shptxt a", "x", "}"),
    "nested fields": (r"{\field{\*\fldinst A}{\fldrslt a", "x", "}}"),
    "fonts": (r"{\fonttbl{\f1 A;}}\f1 a", "x", ""),
    "fonts in turn": (r"\f1 a\f0 b", "x", ""),
    "code units": (r"\u272?", "x", ""),
    "one long line": ("a b ", "x", ""),
    "bytes": (r"\'e1", "x", ""),
    "bytes of which two make one": (r"{\fonttbl{\f0\fcharset128 A;}}\f0 \'8d\'82", "x", ""),
    "labels": (r"{\listtext 1.\tab}a\par", "x", ""),
    "headers": (r"{\header a\par}", "x", ""),
    "properties": (r"{\sp{\sn gtextUNICODE}{\sv a}}", "x", ""),
    "properties in one another": (r"{\sn{\sv", "x", "}a}"),
    "backslashes": ("\\", "x", ""),
    "digits": ("1", "x", ""),
    "rows": (r"\trowd\intbl a\cell b\cell\row", "x", ""),
}


@pytest.mark.parametrize("what", _HOSTILE)
def test_time_grows_with_length(what):
    """No construction costs more than its length, however often it is repeated."""
    before, middle, after = _HOSTILE[what]

    def made(size: int) -> bytes:
        count = size // len(before + after)
        return (r"{\rtf1{\fonttbl{\f0 A;}{\f1 B;}}" + before * count + middle + after * count + "}").encode()

    assert_grows_linearly(read_or_refuse, made, 200_000)

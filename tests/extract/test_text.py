"""Plain text files in the encodings that they come in."""

import contextlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.config import Limits
from indexer.errors import UnreadableFile
from indexer.extract.text import decode_text, read_text

SENTENCE = "Ủy ban nhân dân tỉnh Lạng Sơn quyết định: Điều 1. Phê duyệt quy hoạch.\n" * 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_is_recognised(encoding):
    """UTF-8 and UTF-16 are read with and without a byte order mark."""
    assert read_text(io.BytesIO(SENTENCE.encode(encoding)), Limits()).pages[0].text == SENTENCE


def test_legacy_bytes_keep_their_numbers():
    """TCVN3 text arrives as the characters that windows-1252 shows, as it does from every other format."""
    assert decode_text("QuyÕt ®Þnh sè 12/Q§-UB “\xadu ®·i”".encode("cp1252")) == "QuyÕt ®Þnh sè 12/Q§-UB “\xadu ®·i”"


def test_line_ends_are_line_feeds():
    """Whatever ends a line or a page in the file ends a line here."""
    data = "a\r\nb\rc\fd\u2028e\n".encode()
    assert read_text(io.BytesIO(data), Limits()).pages[0].text == "a\nb\nc\nd\ne\n"


@pytest.mark.parametrize(
    ("data", "code"), [(b" \r\n\t\n", "empty"), (bytes(range(32)) * 40, "unsupported"), (b"\xef\xbb\xbf", "empty")]
)
def test_what_is_no_text_is_refused(data, code):
    """White space alone is empty, control characters are a binary file."""
    with pytest.raises(UnreadableFile) as refusal:
        read_text(io.BytesIO(data), Limits())
    assert refusal.value.code == code


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_utf8_survives(text):
    """Any text without control characters comes back from UTF-8 unchanged."""
    assert decode_text(b"\xef\xbb\xbf" + text.encode()) == text


@given(st.binary())
def test_any_bytes_are_text_or_refused(data):
    """No bytes bring about another error."""
    with contextlib.suppress(UnreadableFile):
        assert isinstance(decode_text(data), str)

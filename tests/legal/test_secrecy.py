"""Secrecy marks: found where they stand, not where a text only speaks of them."""

import json

import pytest
from casefiles import by_name, cases
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.legal.secrecy import find_mark, series_mark
from indexer.model import Canonical

_ALL = [case for case in cases("secrecy") if isinstance(case, dict)]


@pytest.mark.parametrize("case", cases("secrecy"), ids=by_name)
def test_marks_are_found(case):
    """Each case's mark has the level that it expects; None where the document is no secret."""
    mark = find_mark(Canonical(case["input"]), case.get("number"))
    assert (mark.level if mark else None) == case["expect"]


@pytest.mark.parametrize("case", [case for case in _ALL if case["expect"]], ids=by_name)
def test_the_reason_quotes_nothing_of_the_document(case):
    """A reason names the level and the place; no other word of the text or the number is in it."""
    mark = find_mark(Canonical(case["input"]), case.get("number"))
    template = "Văn bản mang dấu chỉ độ (trang , dòng có chữ thứ ). Số, ký hiệu thuộc loạt văn bản có độ . TUYỆT TỐI MẬT"
    words = {word.strip("().,") for word in mark.reason.split()}
    assert {word for word in words if not word.isdigit()} <= {word.strip("().,") for word in template.split()}


@pytest.mark.parametrize(
    ("number", "level"),
    [
        ("12/BC-TM", "TUYỆT MẬT"),
        ("12/bc–tm", "TUYỆT MẬT"),  # an en dash, small letters
        ("7/QĐ-UBND(TOM)", "TỐI MẬT"),
        ("15-M/UBND-NC", "MẬT"),
        ("9/BC-MA\u0323\u0302T", "MẬT"),  # decomposed letters
        ("12/BC-TMĐT", None),
        ("36/2025/QĐ-UBND", None),
        ("", None),
    ],
)
def test_a_number_alone_tells_its_series(number, level):
    """A number that no text bears, such as a register's, is judged as the text's own is, and the reason does not quote it."""
    mark = series_mark(number)
    assert (mark.level if mark else None) == level
    assert mark == find_mark(Canonical(""), number)
    assert mark is None or number not in mark.reason


def test_the_span_is_the_mark():
    """`start` and `end` point at the mark in the canonical text."""
    text = "UBND TỈNH\nM Ậ T\tCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
    mark = find_mark(Canonical(text), None)
    assert text[mark.start : mark.end] == "M Ậ T"


def test_marks_at_the_edges_of_any_page():
    """A running head or foot of a later page counts, with the diacritics lost too."""
    pages = ["Trang một\n" + "chữ\n" * 60, "TOI MAT\n" + "chữ\n" * 60]
    text = "".join(pages)
    mark = find_mark(Canonical(text, (0, len(pages[0]))), None)
    assert mark.level == "TỐI MẬT"
    assert "trang 2" in mark.reason


@settings(max_examples=200)
@given(
    st.sampled_from(("MẬT", "TỐI MẬT", "TUYỆT MẬT")),
    st.lists(st.sampled_from(("Điều 1. Phạm vi", "Căn cứ Luật", "BÁO CÁO", "1. Khoản")), max_size=80),
    st.integers(0, 80),
    st.sampled_from(("{}", "  {}  ", "* {} *", "[{}]", "--- {} ---", "{}.")),
)
def test_a_mark_in_capitals_is_never_missed(level, lines, place, frame):
    """Wherever a framed mark stands alone on a line, it is found."""
    place = min(place, len(lines))
    text = "\n".join([*lines[:place], frame.format(level), *lines[place:]])
    assert find_mark(Canonical(text), None).level == level


@settings(max_examples=200)
@given(st.text(max_size=200), st.one_of(st.none(), st.text(max_size=30)))
def test_any_text_is_judged(text, number):
    """No text and no number makes it fail; a mark's span lies in the text."""
    mark = find_mark(Canonical(text), number)
    assert mark is None or 0 <= mark.start <= mark.end <= len(text)


def test_real_public_documents_raise_no_alarm(shared_data):
    """Not one of a thousand real public documents is taken for a secret."""
    zstandard = pytest.importorskip("zstandard")
    judged = 0
    with (shared_data / "fulltext" / "docs.jsonl.zst").open("rb") as packed:
        rest = b""
        for chunk in zstandard.ZstdDecompressor().read_to_iter(packed):
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                document = json.loads(line)
                assert find_mark(Canonical(document["text"]), document["doc_no"]) is None
                judged += 1
            if judged >= 1_000:
                break
    assert judged >= 1_000

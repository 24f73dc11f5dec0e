"""Secrecy marks: found where they stand, not where a text only speaks of them."""

import json

import pytest
from casefiles import by_name, cases
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.legal.secrecy import find_mark, series_mark
from indexer.model import Canonical, Step

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
    template = (
        "Văn bản mang dấu chỉ độ (trang , dòng có chữ thứ ). Số, ký hiệu thuộc loạt văn bản có độ . TUYỆT TỐI MẬT "
        "Văn bản mang dấu giải mật: cần người xem dấu ấy có cho cả văn bản không"
    )
    words = {word.strip("().,:") for word in mark.reason.split()}
    assert {word for word in words if not word.isdigit()} <= {word.strip("().,:") for word in template.split()}


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


@pytest.mark.parametrize("words", ["MẤT", "MẶT"])
def test_a_wrong_accent_counts_where_pictures_were_read(words):
    """Typed they are other words; recognised from a picture they may be a mark."""
    text = f"UBND TỈNH\n{words}\nSố: 3/BC"
    assert find_mark(Canonical(text), None) is None
    assert find_mark(Canonical(text, steps=(Step("ocr", 1),)), None).level == "MẬT"


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


_PARTS = (
    "Số: 15/KH-UBND",
    "Số: 7/2024/NQ-HĐND",
    "Số:      /BC-STP",
    "Lạng Sơn, ngày 5 tháng 8 năm 2024",
    "Hà Nội, ngày    tháng 12 năm 2019",
    "UBND TỈNH LẠNG SƠN",
    "BỘ CHỈ HUY QUÂN SỰ",
    "CÔNG AN HUYỆN CAO LỘC",
    "KẾ HOẠCH",
    "QUYẾT ĐỊNH",
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
)


@settings(max_examples=300)
@given(
    st.sampled_from(("MẬT", "TỐI MẬT", "TUYỆT MẬT", "TOI MAT", "M Ậ T")),
    st.sampled_from(("", *_PARTS)),
    st.sampled_from(("", *_PARTS)),
    st.sampled_from((" ", "   ", "\t", " - ", " | ")),
    st.sampled_from(("{}", "({})", "[{}]", "*{}*")),
    st.permutations(_PARTS),
)
def test_a_mark_beside_parts_of_a_header_is_never_missed(words, before, after, gap, frame, others):
    """Whatever parts a page's columns put on its line, in which order, and however they are parted."""
    line = gap.join(part for part in (before, frame.format(words), after) if part)
    mark = find_mark(Canonical("\n".join([*others[:3], line, *others[3:]])), None)
    assert mark is not None
    assert mark.level == {"TOI MAT": "TỐI MẬT", "M Ậ T": "MẬT"}.get(words, words)


@given(
    st.sampled_from(("MẬT", "TỐI MẬT", "TUYỆT MẬT")),
    st.sampled_from(("V/v báo cáo tình hình", "Kính gửi: Bộ Công an", "1. Lữ đoàn 12")),
    st.sampled_from((" ", "  ", " - ", " (")),
    st.integers(0, 30),
)
def test_a_mark_after_other_text_is_never_missed(level, text, gap, place):
    """In the document's header, whatever the text is, as long as it is no title in capitals."""
    lines = ["Căn cứ Luật"] * 30
    assert find_mark(Canonical("\n".join([*lines[:place], text + gap + level, *lines[place:]])), None).level == level


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

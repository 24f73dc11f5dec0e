"""Articles (Điều): which lines open one, what it is called, where it ends."""

from itertools import pairwise

import pytest
from casefiles import by_name, cases
from growth import assert_grows_linearly, repeated
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.legal.structure import read_provisions
from indexer.model import Canonical

_LINES = st.sampled_from(
    (
        "Điều 1. Phạm vi",
        "Điều 2",
        "Điều 3: Quyết định này có hiệu lực.",
        "Điều 4 của Luật này",
        "ĐIỀU 12 - Tổ chức",
        "“Điều 5. Được sửa đổi",
        "1. Khoản một.”",
        "sửa đổi như sau:",
        "PHỤ LỤC II",
        "QUY CHẾ",
        "(Ban hành kèm theo Quyết định)",
        "MẪU SỐ 1",
        "Mục lục",
        "Chương II",
        "Điều",
        "TM. ỦY BAN NHÂN DÂN",
        "1. Nội dung",
        "",
        '"',
    )
)


@pytest.mark.parametrize("case", cases("structure"), ids=by_name)
def test_articles_are_read(case):
    """Each case's articles come out in order, with the anchors, labels and titles that it expects."""
    provisions = read_provisions(Canonical(case["input"]))
    assert [[provision.anchor, provision.label, provision.heading] for provision in provisions] == case["expect"]


@settings(max_examples=300)
@given(st.one_of(st.lists(_LINES, max_size=40).map("\n".join), st.text(max_size=80)))
def test_spans_hold_for_any_text(text):
    """Anchors are unique, spans lie in order without overlap, and each opens with its label."""
    provisions = read_provisions(Canonical(text))
    assert len({provision.anchor for provision in provisions}) == len(provisions)
    assert all(0 <= provision.start < provision.end <= len(text) for provision in provisions)
    assert all(first.end <= second.start for first, second in pairwise(provisions))
    opened = (text[provision.start : provision.start + 30].replace(" ", "").lower() for provision in provisions)
    assert all("điều" in label for label in opened)


def test_a_span_ends_before_what_is_not_its_own():
    """The next article, a chapter's heading, the signature block and an attached part end a span."""
    text = (
        "Điều 1. Một\n1. Khoản.\n\nChương II\nTÊN CHƯƠNG\nĐiều 2. Hai\n1. Khoản.\nĐiều 3. Ba\n"
        "BỘ TRƯỞNG Bộ Tài chính quyết định.\nNơi nhận:\n- Như Điều 3;\nPHỤ LỤC\nDanh sách"
    )
    spans = [text[provision.start : provision.end] for provision in read_provisions(Canonical(text))]
    assert spans == ["Điều 1. Một\n1. Khoản.", "Điều 2. Hai\n1. Khoản.", "Điều 3. Ba\nBỘ TRƯỞNG Bộ Tài chính quyết định."]


def test_a_quotation_stays_in_the_span_of_its_article():
    """What an amending article quotes is part of it, chapters and signatures in the quotation included."""
    text = "Điều 1. Sửa đổi như sau:\n“Chương III\nĐiều 9. Chín\nNơi nhận:”\nĐiều 2. Hiệu lực\n1. Từ ngày ký."
    first, second = read_provisions(Canonical(text))
    assert text[first.start : first.end] == "Điều 1. Sửa đổi như sau:\n“Chương III\nĐiều 9. Chín\nNơi nhận:”"
    assert second.anchor == "dieu-2"


@pytest.mark.parametrize(
    "line",
    [
        "Điều 1. Một\n1. Khoản\n",
        "“Điều 5. x\n",
        "PHỤ LỤC I\nĐiều 1. a\nĐiều 2. b\n",
        '"\n',
        "Điều 7 của\n",
        "*" * 50 + "\n",
        "." * 50 + "9\n",
    ],
)
def test_long_text_is_read_in_linear_time(line):
    """Up to 600 kB of one hostile line over and over, the time grows as the text does."""
    assert_grows_linearly(lambda text: read_provisions(Canonical(text)), repeated(line), 600_000)


@pytest.mark.parametrize("piece", ["*", ".", "Điều ", " ", "“"])
def test_one_long_line_is_read_in_linear_time(piece):
    """One line of up to a million characters costs no more than its length."""

    def text(length):
        line = f"Điều 1{repeated(piece)(length)}x"
        return Canonical(f"Điều 1. Một\n{line}\n{line[6:-1]}\n{line}9")

    assert_grows_linearly(read_provisions, text, 1_000_000)


def test_articles_of_real_files_are_found(shared_data):
    """Every article that the codified database holds of a real file is found in the file, under its title."""
    extract = pytest.importorskip("indexer.extract").extract
    decode = pytest.importorskip("indexer.decoding").decode
    limits = pytest.importorskip("indexer.config").Limits(ocr_seconds=0)
    missed = checked = 0
    for folder in ("docx", "pdf_text"):
        for gold in sorted((shared_data / "files" / "gold_articles" / folder).iterdir()):
            provisions = read_provisions(decode(extract(shared_data / "files" / folder / gold.name.removesuffix(".txt"), limits)))
            found = {f"{provision.label}. {provision.heading}".rstrip(". ") for provision in provisions}
            expected = [line.rstrip(". ") for line in gold.read_text(encoding="utf-8").split("\n") if line.startswith("Điều ")]
            checked += len(expected)
            missed += sum(line not in found for line in expected)
    assert checked >= 60
    assert missed == 0

"""The header reader: cases that a clerk could add, and what holds for every text."""

from typing import Any

import pytest
from casefiles import by_name, cases
from growth import assert_grows_linearly, repeated
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.tables import rows
from indexer.decoding import decode
from indexer.legal.header import read_header
from indexer.legal.signer import read_signatures
from indexer.model import METADATA_FIELDS, Canonical, LegalMetadata, RawPage, RawText, Run, Step

_NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n"
# Pieces of real headers, and what may stand between them: any order of them is a text that the reader must survive
_PIECES = (
    _NATION,
    "CỘNG",
    "BỘ TÀI CHÍNH",
    "ỦY BAN NHÂN DÂN\nTỈNH LẠNG SƠN",
    "VĂN",
    "Số: ",
    "12/2020/TT-BTC",
    "/2025/QĐ-UBND",
    "QUYẾT ĐỊNH",
    "của Bộ trưởng",
    "Về việc",
    "V/v",
    "Hà Nội, ngày 12 tháng 6 năm 2020",
    "ngày 31 tháng 2 năm 2020",
    "Căn cứ Luật Giá;",
    "Kính gửi:",
    "thông qua ngày 1 tháng 2 năm 2020",
    "KT. BỘ TRƯỞNG",
    "THỨ TRƯỞNG",
    "(Đã ký)",
    "Nguyễn Thị",
    "Kim Chi",
    "Phụ lục",
    "**",
    "-------",
    "\n",
    "\t",
    "|",
    "     ",
    " ",
    "đ ịnh",
    "VĂN BẢN HỢP NHẤT - BỘ Y TẾ\n",
    "XÁC THỰC VĂN BẢN HỢP NHẤT\n",
    "Số: 4/VBHN-BYT\n",
    "LUẬT ĐÈN BIỂN\n",
)
_TEXTS = st.lists(st.one_of(st.sampled_from(_PIECES), st.text(max_size=6)), max_size=40).map("".join)

_HOSTILE = (
    " ",
    "\t",
    "|",
    "\n",
    "*",
    "A ",
    "Số: ",
    "Số:\n",
    "12/",
    "1/2020/QĐ-",
    "CỘNG\n",
    "BỘ - ",
    "BỘ TÀI CHÍNH\n",
    "QUYẾT ĐỊNH\n",
    "QUYẾT ĐỊNH CỦA\n",
    "của ",
    "V/v a\n",
    "Hà Nội, ngày 1 tháng 1 năm 2020\n",
    "Luật này được Quốc hội thông qua ",
    "KT. BỘ TRƯỞNG\n",
    "CHỦ TỊCH QUỐC\n",
    "   CHỦ",
    "Nguyễn Thị\n",
    "Đã ký\n",
    "XÁC THỰC VĂN BẢN HỢP NHẤT\n",
    "VĂN BẢN HỢP NHẤT -\n",
    "Số: 1/2020/TTLT-BTC-\nBNV-\n",
    "LUẬT ĐÈN BIỂN\n",
    "n g ày 1 ",
    "CỦA QUỐC HỘI NƯỚC\nVIỆT NAM\n",
)


def _stated(metadata: LegalMetadata) -> dict[str, str]:
    """Return the fields that are not None, dates in ISO form."""
    return {name: str(value) for name in METADATA_FIELDS if (value := getattr(metadata, name)) is not None}


@pytest.mark.parametrize("case", cases("header"), ids=by_name)
def test_header_fields_are_read(case: dict[str, Any]) -> None:
    """Each case's fields come out as its `expect` says; fields it doesn't name stay empty."""
    metadata, _ = read_header(Canonical(case["text"]))
    assert _stated(metadata) == case["expect"]


@pytest.mark.parametrize("case", cases("header"), ids=by_name)
def test_evidence_shows_what_was_read(case: dict[str, Any]) -> None:
    """Every field has evidence; its span, spaces and markup aside, begins and ends with what the value does, if it was read."""
    text = case["text"]
    metadata, evidence = read_header(Canonical(text))
    assert set(evidence) == set(_stated(metadata))
    for name in ("title", "number", "signer"):
        derived = name in evidence and evidence[name].confidence < 0.65
        if name in evidence and not derived and (name, metadata.type) != ("signer", "Thông tư liên tịch"):
            value = str(getattr(metadata, name)).casefold()
            shown = text[evidence[name].start : evidence[name].end].casefold()
            assert shown[0] == value[0]
            assert shown[-1] == value[-1]


def test_evidence_names_the_page() -> None:
    """A signature on the second page has evidence there, the number on the first."""
    first = f"BỘ TƯ PHÁP\nSố: 4/QĐ-BTP\n{_NATION}Hà Nội, ngày 2 tháng 3 năm 2020\nQUYẾT ĐỊNH\nVề sổ sách\nCăn cứ Luật Giá;\n"
    text = f"{first}BỘ TRƯỞNG\nLê Văn Hòa"
    _, evidence = read_header(Canonical(text, (0, len(first))))
    assert (evidence["number"].page, evidence["signer"].page) == (1, 2)


def test_who_signed_a_law_without_signature_is_derived_and_says_so() -> None:
    """A law that ends with its adoption was signed by that day's chair; the evidence is the day, and less sure than a name."""
    closing = "Luật này được Quốc hội khóa XIII, kỳ họp thứ 10 thông qua ngày 27 tháng 11 năm 2015."
    bare = f"QUỐC HỘI\nLuật số: 99/2015/QH13\n{_NATION}LUẬT\nCHỢ PHIÊN\nĐiều 1. Chợ\n{closing}\n"
    metadata, evidence = read_header(Canonical(bare))
    signed, shown = read_header(Canonical(f"{bare}CHỦ TỊCH QUỐC HỘI\nLê Thị Hoa\n"))
    assert (metadata.signer, signed.signer) == ("Nguyễn Sinh Hùng", "Lê Thị Hoa")
    assert bare[evidence["signer"].start : evidence["signer"].end] == "ngày 27 tháng 11 năm 2015"
    assert evidence["signer"].confidence < shown["signer"].confidence


def test_stated_fields_are_surer_than_derived_ones() -> None:
    """An issuer that only the symbol tells is less sure than one of the letterhead."""
    stated, derived = f"CHÍNH PHỦ\nSố: 4/2020/NĐ-CP\n{_NATION}", f"Số: 4/2020/NĐ-CP\n{_NATION}"
    assert read_header(Canonical(stated))[1]["issuer"].confidence > read_header(Canonical(derived))[1]["issuer"].confidence


_SURNAMES = [name for name, _ in rows("indexer.legal", "surnames.tsv") if name != "Ông"]  # also how a man is addressed


@pytest.mark.parametrize("middle", ["Văn", "Thị", "Thanh", "Ninh", "Phương"])
@pytest.mark.parametrize("given_name", ["Sơn", "Thư", "Hải", "Bản", "An", "Yên", "Tế", "Niên"])
def test_every_surname_signs_under_an_office(middle: str, given_name: str) -> None:
    """With a capital in every word right under an office, each family name with each middle and given name is a signer."""
    names = [f"{surname} {middle} {given_name}" for surname in _SURNAMES]
    read = [read_signatures(f"KT. CHỦ TỊCH\nPHÓ CHỦ TỊCH\n{name}\n", 0, joint=False) for name in names]
    assert [signed[0].name if signed else None for signed in read] == names


@given(_TEXTS)
@settings(max_examples=400)
def test_any_text_is_survived_and_evidence_lies_within_it(text: str) -> None:
    """Whatever pieces a text is made of, the reader raises nothing, and each field has a non-empty span inside the text."""
    metadata, evidence = read_header(Canonical(text))
    assert set(evidence) == set(_stated(metadata))
    for found in evidence.values():
        assert 0 <= found.start < found.end <= len(text)
        assert 0 < found.confidence <= 1


@pytest.mark.parametrize("piece", _HOSTILE)
def test_hostile_repetition_takes_linear_time(piece: str) -> None:
    """Up to 150,000 characters of one repeated piece, nothing backtracks over the whole text."""
    assert_grows_linearly(lambda text: read_header(Canonical(text)), repeated(piece), 150_000)


def test_real_documents_have_numbers_and_types(shared_data: Any) -> None:
    """Of the real text files, all of which are documents with a letterhead, at least 97 in 100 give a number and a type."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((shared_data / "files" / "text").glob("*.txt"))]
    read = [read_header(decode(RawText("text", (RawPage((Run(text),)),))))[0] for text in texts]
    assert sum(bool(metadata.number and metadata.type) for metadata in read) >= 0.97 * len(texts)


def test_an_issuer_read_from_a_picture_is_spelt_as_it_is_known():
    """Accents that recognition took for others are set right in the names that the tables know; printed ones stay as printed."""
    text = "ỦY BAN NHÂN DÂN\nTĨNH PHÚ THỌ\nSố: 28/2023/QĐ-UBND\n\nQUYẾT ĐỊNH\nVề việc thử\n\nĐiều 1. Thử."
    issuers = [read_header(Canonical(text, steps=steps))[0].issuer for steps in ((), (Step("ocr", 1, "0.90"),))]
    assert issuers == ["Ủy ban nhân dân tĩnh Phú Thọ", "Ủy ban nhân dân tỉnh Phú Thọ"]

"""Legacy tables: real Vietnamese encoded with each table comes back, with and without the help of a font's name."""

import doctest
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.tables import rows
from indexer.decoding import decode, language, tcvn3, vni
from indexer.decoding.tcvn3 import from_tcvn3
from indexer.decoding.vni import from_vni
from indexer.model import RawPage, RawText, Run

_TCVN3 = {
    letter: chr(int(byte, 16)) for byte, letter, _ in rows("indexer.decoding", "tcvn3.tsv") if len(byte) == 2 and len(letter) == 1
}
_VNI: dict[str, str] = {}
for _sequence, _letter, _ in rows("indexer.decoding", "vni.tsv"):
    _VNI.setdefault(_letter, _sequence)
    _VNI.setdefault(_letter.upper(), _sequence.upper())

_SMALL = sorted(letter for letter in _TCVN3 if letter.islower())
_WORDS = st.lists(st.sampled_from([*"bcdghklmnpqrstvxaeiouy", " ", "\n", *_SMALL]), max_size=40).map("".join)
_PARAGRAPHS = (
    "Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015;",
    "Xét đề nghị của Giám đốc Sở Tài nguyên và Môi trường tại Tờ trình số 45/TTr-STNMT,",
    "Điều 1. Phê duyệt điều chỉnh quy hoạch sử dụng đất đến năm 2030.",
    "Ủy ban nhân dân các huyện, thành phố chịu trách nhiệm thi hành quyết định này.",
    "Nơi nhận:",
    "- Như Điều 3;",
    "Chủ tịch",
    "Lưu: VT",
    "Những người được hưởng trợ cấp hằng tháng ở những xã đặc biệt khó khăn; mức hỗ trợ bằng 0,5 lần.",
)


def _to_tcvn3(text: str) -> str:
    """Encode; TCVN3 has no toned capitals, so these become small."""
    return "".join(_TCVN3.get(letter) or _TCVN3.get(letter.lower()) or letter for letter in text)


def _to_vni(text: str) -> str:
    return "".join(_VNI.get(letter, letter) for letter in text)


def _decoded(text: str, font: str = "") -> str:
    return decode(RawText("text", (RawPage((Run(text, font),)),))).text


def test_tables_are_whole():
    """Each Vietnamese letter that a table can write is in it once: 67 small ones, and the seven capitals of TCVN3."""
    assert len(_SMALL) == 67
    assert len(_TCVN3) == 74
    assert {letter for letter in _VNI if letter.islower()} == set(_SMALL)


@settings(max_examples=300)
@given(_WORDS)
def test_any_letters_survive_the_tables(text):
    """Encoding then decoding is the identity on small letters, in whatever order they stand."""
    assert from_tcvn3(_to_tcvn3(text)) == text
    assert from_vni(_to_vni(text)) == text


@settings(max_examples=150)
@given(st.lists(st.sampled_from(_PARAGRAPHS), min_size=3, max_size=12), st.sampled_from(("", ".VnTime", "Arial")))
def test_tcvn3_text_is_found_and_decoded(paragraphs, font):
    """A TCVN3 text comes back whatever its font is called, but for the case of toned capitals, as long as it gives evidence."""
    text = "\n".join([_PARAGRAPHS[0], *paragraphs])
    assert _decoded(_to_tcvn3(text), font).lower() == text.lower()


@settings(max_examples=150)
@given(st.lists(st.sampled_from(_PARAGRAPHS), min_size=3, max_size=12), st.sampled_from(("", "VNI-Times", "Arial")))
def test_vni_text_is_found_and_decoded(paragraphs, font):
    """A VNI text comes back to the letter."""
    text = "\n".join([_PARAGRAPHS[0], *paragraphs])
    assert _decoded(_to_vni(text), font) == text


@settings(max_examples=150)
@given(st.lists(st.sampled_from(_PARAGRAPHS), min_size=1, max_size=12), st.sampled_from(("", ".VnTime", "VNI-Times", "Arial")))
def test_unicode_text_is_left_alone(paragraphs, font):
    """Unicode text stays as it is, even in a font that promises a legacy table."""
    text = "\n".join(paragraphs)
    assert _decoded(text, font) == text


def test_real_documents_come_back_from_both_tables(shared_data):
    """Of the lines of real documents, encoded without a font's name, at least 99.8 % come back."""
    lines = wrong = 0
    for text in _documents(shared_data, 12):
        expected = _decoded(text)
        for encode in (_to_tcvn3, _to_vni):
            pairs = zip(expected.split("\n"), _decoded(encode(expected)).split("\n"), strict=True)
            results = [before.lower() == after.lower() for before, after in pairs]
            lines += len(results)
            wrong += results.count(False)
    assert lines > 1_000
    assert wrong <= 0.002 * lines


def test_real_unicode_documents_hold_no_legacy_text(shared_data):
    """Not one line of clean Unicode documents is taken for a legacy one."""
    for text in _documents(shared_data, 12):
        canonical = decode(RawText("text", (RawPage((Run(text),)),)))
        assert not {"tcvn3", "vni"} & {step.name for step in canonical.steps}


@pytest.mark.parametrize("folder", ["legacy_docx"])
def test_legacy_files_read_as_their_transcripts(shared_data, folder):
    """Real layouts in a legacy font read like their transcripts, syllable by syllable."""
    extract = pytest.importorskip("indexer.extract").extract
    limits = pytest.importorskip("indexer.config").Limits(ocr_seconds=0)
    files = sorted((shared_data / "files" / folder).iterdir())
    assert files
    for file in files:
        transcript = (shared_data / "files" / "gold_text" / folder / f"{file.name}.txt").read_text(encoding="utf-8")
        assert decode(extract(file, limits)).text.split() == transcript.split()


def _documents(shared_data, count: int) -> list[str]:
    """Return the first `count` documents of 20,000 characters or more, cut there."""
    zstandard = pytest.importorskip("zstandard")
    texts: list[str] = []
    with (shared_data / "fulltext" / "docs.jsonl.zst").open("rb") as packed:
        rest = b""
        for chunk in zstandard.ZstdDecompressor().read_to_iter(packed):
            *whole, rest = (rest + chunk).split(b"\n")
            texts += [text[:20_000] for text in (json.loads(line)["text"] for line in whole) if len(text) >= 20_000]
            if len(texts) >= count:
                return texts[:count]
    return texts


@pytest.mark.parametrize("module", [language, tcvn3, vni], ids=lambda module: module.__name__)
def test_examples_in_docstrings_run(module):
    """What a docstring shows is what the function does."""
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


def test_capitals_are_made_after_decoding():
    """What a format shows in capitals gets them as letters, in legacy fonts once it is decoded, and a step tells of it."""
    runs = (
        Run("Tối mật", capitals=True),
        Run(" Số 5\n"),
        Run(_to_tcvn3("ủy ban nhân dân được"), ".VnTime", capitals=True),
        Run(_to_tcvn3("\nđiều một"), ".VnTime"),
    )
    decoded = decode(RawText("docx", (RawPage(runs),)))
    assert decoded.text == "TỐI MẬT Số 5\nỦY BAN NHÂN DÂN ĐƯỢC\nđiều một"
    assert [step.name for step in decoded.steps] == ["capitals", "tcvn3"]

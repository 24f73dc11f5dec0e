"""What the layout states besides the metadata: cases that a clerk could add, and what holds for every text."""

import dataclasses
from typing import Any

import pytest
from casefiles import by_name, cases
from growth import assert_grows_linearly, repeated
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.legal.formalities import read_formalities
from indexer.legal.header import read_header
from indexer.model import Canonical, Evidence, Formalities

_NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n"
_HEAD = f"SỞ XÂY DỰNG\nSố: 4/QĐ-SXD\n{_NATION}Hà Nội, ngày 2 tháng 3 năm 2020\n"
_PIECES = (
    _HEAD,
    "UBND TỈNH CÀ MAU\n",
    "HỎA TỐC\n",
    "QUYẾT ĐỊNH\n",
    "Nơi nhận:\n",
    "- Như trên;\n",
    "- Lưu: VT.\n",
    "TM. ỦY BAN NHÂN DÂN\n",
    "KT. CHỦ TỊCH\n",
    "Lê Văn Hòa\n",
    "Thông tư số 4/2020/TT-BTC có hiệu lực\n",
    "Số: 4/VBHN-BTC\n",
    "XÁC THỰC VĂN BẢN HỢP NHẤT\n",
    "\t",
    "\n",
)
_TEXTS = st.lists(st.one_of(st.sampled_from(_PIECES), st.text(max_size=6)), max_size=30).map("".join)


def _read(text: str) -> tuple[Formalities, dict[str, Evidence]]:
    canonical = Canonical(text)
    return read_formalities(canonical, read_header(canonical)[0].type)


def _stated(found: Formalities) -> dict[str, Any]:
    """Return the fields that hold something, lists as JSON has them."""
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in dataclasses.asdict(found).items() if value
    }


@pytest.mark.parametrize("case", cases("formalities"), ids=by_name)
def test_formalities_are_read(case: dict[str, Any]) -> None:
    """Each case's fields come out as its `expect` says; fields that it doesn't name stay empty."""
    found, _ = _read(case["text"])
    assert _stated(found) == case["expect"]


@given(_TEXTS)
@settings(max_examples=200, deadline=None)
def test_any_text_is_survived_and_evidence_lies_within_it(text: str) -> None:
    """Whatever pieces a text is made of, each field that holds something has a non-empty span inside the text."""
    found, evidence = _read(text)
    assert set(evidence) == set(_stated(found))
    assert all(0 <= shown.start < shown.end <= len(text) for shown in evidence.values())


@pytest.mark.parametrize("piece", ["Nơi nhận:\n", "- a\n", "XÁC THỰC VĂN BẢN HỢP NHẤT\n", "Thông tư số ", "KHẨN\n", " "])
def test_hostile_repetition_takes_linear_time(piece: str) -> None:
    """Up to 150,000 characters of one repeated piece under a letterhead, nothing backtracks over the whole text."""
    fill = repeated(piece)
    assert_grows_linearly(_read, lambda size: f"{_HEAD}{fill(size)}", 150_000)

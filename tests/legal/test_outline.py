"""The outline: every unit of a document, as a tree of spans that tile its text."""

from itertools import groupby, pairwise
from operator import attrgetter

import pytest
from casefiles import by_name, cases
from growth import assert_grows_linearly, repeated
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.legal.outline import read_units
from indexer.legal.structure import provisions_of, survey
from indexer.model import Level, Provision, Unit

_LINES = st.sampled_from(
    (
        "Phần thứ nhất",
        "Chương I",
        "Chương",
        "CHƯƠNG II. QUY ĐỊNH CHUNG",
        "Mục 1",
        "Tiểu mục 1. Tên",
        "Điều 1. Phạm vi",
        "Điều 2",
        "Điều 3. 1. Khoản ngay sau",
        "Điều",
        "1. Khoản một",
        "2. Khoản hai như sau:",
        "1a. Khoản thêm",
        "3/ Khoản ba",
        "1.1. Số thập phân",
        "a) Điểm a",
        "b) Điểm b",
        "đ) Điểm đ",
        "Sửa đổi khoản 2 Điều 5 như sau:",
        "“1. Khoản mới",
        "a) Điểm mới.”",
        "PHỤ LỤC",
        "PHỤ LỤC II",
        "QUY CHẾ",
        "(Ban hành kèm theo Quyết định)",
        "MẪU SỐ 1",
        "Mục lục",
        "Nơi nhận:",
        "TM. ỦY BAN NHÂN DÂN",
        "   ",
        '"',
    )
)


def _read(text: str) -> tuple[tuple[Provision, ...], tuple[Unit, ...]]:
    found = survey(text)
    provisions = provisions_of(found)
    return provisions, read_units(found, provisions, len(text))


@pytest.mark.parametrize("case", cases("outline"), ids=by_name)
def test_units_are_read(case):
    """Each case's units come out in order, by anchor, with ": heading" where they have one; the document itself is left out."""
    _, units = _read(case["input"])
    assert [f"{unit.anchor}: {unit.heading}" if unit.heading else unit.anchor for unit in units[1:]] == case["expect"]


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.lists(_LINES, max_size=40).map("\n".join), st.text(max_size=80)))
def test_units_tile_any_text(text):
    """The document holds the whole text; children adjoin up to their parent's end; anchors are unique; parents come first."""
    _, units = _read(text)
    assert (units[0].level, units[0].start, units[0].end, units[0].parent) == (Level.DOCUMENT, 0, len(text), None)
    assert len({unit.anchor for unit in units}) == len(units)
    assert all(unit.parent is not None and unit.parent < index for index, unit in enumerate(units) if index)
    assert [unit.start for unit in units] == sorted(unit.start for unit in units)
    for parent, children in groupby(sorted(units[1:], key=attrgetter("parent")), key=attrgetter("parent")):
        spans = [(child.start, child.end) for child in children]
        assert units[parent].start <= spans[0][0]
        assert spans[-1][1] == units[parent].end
        assert all(first[1] == second[0] and first[0] < first[1] for first, second in pairwise(spans))


@settings(max_examples=200, deadline=None)
@given(st.lists(_LINES, max_size=40).map("\n".join))
def test_articles_are_those_of_the_list(text):
    """The outline's articles are the provisions, each with its span and what comes before the next unit."""
    provisions, units = _read(text)
    articles = {unit.anchor: unit for unit in units if unit.level is Level.ARTICLE}
    assert list(articles) == [provision.anchor for provision in provisions]
    for provision in provisions:
        unit = articles[provision.anchor]
        assert (unit.label, unit.heading, unit.start) == (provision.label, provision.heading, provision.start)
        assert provision.end <= unit.end


@settings(max_examples=200, deadline=None)
@given(st.lists(_LINES, max_size=40).map("\n".join))
def test_a_unit_opens_with_its_label(text):
    """What is printed as label stands where the unit begins, but for decoration and line ends."""
    _, units = _read(text)
    for unit in units:
        opened = " ".join(text[unit.start : unit.start + 80].split())
        assert unit.label in opened


@pytest.mark.parametrize(
    "block",
    [
        "Chương I\n",
        "Điều 1. Một\n1. a\n",
        "1. Sửa đổi khoản 1 Điều 2 như sau:\n",
        "PHỤ LỤC\n",
        "a) b\n",
        "Điều 1. a\nĐiều 2. b\nChương I\n",
    ],
)
def test_an_outline_is_drawn_in_linear_time(block):
    """Up to 400 kB of one hostile piece over and over below two articles, the time grows as the text does."""

    def text(length):
        return "Điều 1. Một\nĐiều 2. Hai\n1. Khoản\n" + repeated(block)(length)

    assert_grows_linearly(_read, text, 400_000)

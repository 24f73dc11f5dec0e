"""The canonical text: what decode() guarantees of every input, and the repairs case by case."""

import unicodedata
from itertools import pairwise

import pytest
from casefiles import by_name, cases
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from indexer.decoding import decode
from indexer.errors import UnreadableFile
from indexer.model import Canonical, RawPage, RawText, Run

_FONTS = ("", "Times New Roman", ".VnTime", ".VnTimeH", "ABCDEF+.VnArial-Bold", "VNI-Times")
_PIECES = (
    "Quyết định",
    "QuyÕt ®Þnh",
    "Quyeát ñònh",
    "®\xad\xeac",
    "hoa\u0300 bi\u0300nh",
    "NĐ-СР",
    "QÐ-UBND",
    "\u200bphát\xadtriển",
    "\r\n",
    "\n\n\n",
    " \t ",
    "\x0c",
    "\uf0b7",
    "e\u0323\u0302\u0301",
    "\u0344" * 20,
    "×",
    "là công",
    "Tªn cã",
    "phát triển dự án",
    "dựán pháttriển",
    "D Ự   Á N",
    "P H Á T T R I Ể N",
)
_TEXTS = st.one_of(
    st.lists(st.sampled_from(_PIECES), max_size=12).map(" ".join),
    st.lists(st.sampled_from(_PIECES), max_size=12).map("\n".join),
    st.text(max_size=60),
    st.text(alphabet=st.characters(max_codepoint=0x1FF), max_size=60),
)
_PAGES = st.lists(
    st.lists(st.builds(Run, _TEXTS, st.sampled_from(_FONTS)), max_size=4).map(lambda runs: RawPage(tuple(runs))), max_size=5
)


def _raw(*pages: str, font: str = "") -> RawText:
    return RawText("text", tuple(RawPage((Run(page, font),)) for page in pages))


def _pages_of(canonical: Canonical) -> list[str]:
    bounds = [*canonical.page_starts, len(canonical.text)]
    return [canonical.text[start:end].removesuffix("\n") for start, end in pairwise(bounds)]


@pytest.mark.parametrize("case", cases("decoding"), ids=by_name)
def test_text_is_decoded(case):
    """Each case's runs come out as its `expect` says, by the steps that it names."""
    runs = [Run(*run) for run in case["input"]] if isinstance(case["input"], list) else [Run(case["input"])]
    canonical = decode(RawText("text", (RawPage(tuple(runs)),)))
    assert canonical.text == case["expect"]
    if "steps" in case:
        assert [step.name for step in canonical.steps] == case["steps"]


@settings(max_examples=500)
@given(_PAGES)
@example([RawPage((Run("a\ud800\u0300"),)), RawPage(()), RawPage((Run("b"),))])
def test_guarantees_hold_for_any_input(pages):
    """NFC, bounded length, settled lines and exact page starts; decoding again changes nothing."""
    raw = RawText("pdf", tuple(pages))
    try:
        canonical = decode(raw)
    except UnreadableFile as error:
        event(error.code)
        return
    text = canonical.text
    assert unicodedata.is_normalized("NFC", text)
    assert len(text) <= 3 * sum(len(page.text) for page in pages) + len(pages)
    assert all(line == line.rstrip() for line in text.split("\n"))
    assert "\n\n\n" not in text
    assert not any(
        unicodedata.category(letter) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp") for letter in text if letter not in "\n\t"
    )
    assert len(canonical.page_starts) == len(pages)
    assert canonical.page_starts[0] == 0
    assert list(canonical.page_starts) == sorted(canonical.page_starts)
    again = decode(_raw(text))
    assert (again.text, again.steps) == (text, ())
    by_page = decode(_raw(*_pages_of(canonical)))
    assert (by_page.text, by_page.page_starts, by_page.steps) == (text, canonical.page_starts, ())


def test_pages_start_where_their_text_does():
    """An empty page starts where the next one does, so that no offset belongs to it."""
    canonical = decode(_raw("Trang một\n\n", " \n", "Trang ba", "\n"))
    assert canonical.text == "Trang một\nTrang ba"
    assert canonical.page_starts == (0, 10, 10, 18)
    assert [canonical.page_of(offset) for offset in (0, 9, 10, 17)] == [1, 1, 3, 3]


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "empty"), (" \n\t\u200b***", "empty"), ("(cid:12)(cid:3) a", "undecodable"), ("\ufffd" * 9, "undecodable")],
)
def test_text_without_letters_is_refused(text, code):
    """What holds no letter, or glyphs that stand for none, is a failure with a reason, not an empty document."""
    with pytest.raises(UnreadableFile) as caught:
        decode(_raw(text))
    assert (caught.value.stage, caught.value.code) == ("decode", code)


def test_steps_count_and_show_what_changed():
    """A step tells how often and gives an example in which invisible characters can be seen."""
    canonical = decode(_raw("phát\xad triển\xad bền vững"))
    assert [(step.name, step.count, step.example) for step in canonical.steps] == [("soft_hyphens", 2, "U+00AD → ∅")]


@pytest.mark.parametrize(
    "hostile",
    [
        " " * 1_000_000 + "x",
        "\u0301\u0323" * 300_000 + "a",
        "а" * 1_000_000 + "a",
        "\n" * 1_000_000 + "x",
        "×a" * 400_000,
        "á b c d " * 100_000 + "ef",
        "án dự " + "dựán" * 200_000,
        "án dự " + "dựán " * 200_000,
        "|" * 500_000 + "Á B C D",
        "á " + " " * 500_000 + "b ế",
    ],
)
def test_hostile_text_costs_no_more_than_its_length(hostile):
    """Long runs of spaces, marks, look-alikes, line ends, single letters or joined words are read within seconds."""
    assert decode(_raw(hostile)).text

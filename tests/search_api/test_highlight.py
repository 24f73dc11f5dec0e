"""Marks found in texts, compared with analysing the whole text."""

import re
from itertools import pairwise

import pytest
from casefiles import by_name, cases
from hypothesis import given
from hypothesis import strategies as st

from analyzers.accents import fold
from analyzers.profiles import Profile, analyse
from analyzers.tokens import TokenKind
from indexer.engine.query import Layer
from indexer.model import Provision
from search_api import highlight
from search_api.highlight import Highlighter
from search_api.meaning import Mark, MarkKind
from search_api.passage import LONGEST, opening, sentence_starts
from search_api.understand import understand

WORDS = st.sampled_from(
    [
        *("đất", "Đất", "dat", "đ\u00adất", "hoà", "hòa", "HOÀ", "ủy", "uỷ"),
        *("quy", "quí", "quỹ", "kỹ", "kĩ", "sử", "dụng", "covid-19", "a", "12/2022/QĐ-UBND"),
    ]
)
GAPS = st.sampled_from([" ", "\n", ", ", "-", "", "\u200b", " . ", "_", "\t"])
_TOO_LONG = re.compile(r"[^\W_]{65}")  # cut in two by analysis; no word of a language is
TEXTS = (
    st.lists(st.tuples(WORDS, GAPS), max_size=30)
    .map(lambda parts: "".join(word + gap for word, gap in parts))
    .filter(lambda text: not _TOO_LONG.search(text))
)


def _marked(highlighter: Highlighter, text: str) -> list[tuple[int, int]]:
    return highlighter.matches(text).spans(0, len(text))


@pytest.mark.parametrize("layer", list(Layer))
@given(text=TEXTS, words=st.lists(WORDS, min_size=1, max_size=4))
def test_single_words_are_found_exactly_where_analysis_finds_them(layer, text, words):
    """The spans are those of all tokens with one of the terms, no more and no fewer."""
    profile = Profile.QUERY if layer is Layer.MAIN else Profile.FOLDED
    terms = {token.text for word in words for token in analyse(word, profile) if token.kind is TokenKind.SYLLABLE}
    expected = [(t.start, t.end) for t in analyse(text, profile) if t.text in terms and t.kind is TokenKind.SYLLABLE]
    assert _marked(Highlighter([Mark((term,), layer) for term in terms]), text) == expected


@given(text=TEXTS, words=st.lists(WORDS, min_size=2, max_size=3))
def test_phrases_are_found_exactly_where_analysis_finds_them(text, words):
    """A phrase is marked where its terms are consecutive syllables."""
    terms = tuple(token.text for token in analyse(" ".join(words), Profile.FOLDED) if token.kind is TokenKind.SYLLABLE)
    tokens = [token for token in analyse(text, Profile.FOLDED) if token.kind is TokenKind.SYLLABLE]
    rows = [tokens[start : start + len(terms)] for start in range(len(tokens))]
    expected = {(token.start, token.end) for row in rows if tuple(token.text for token in row) == terms for token in row}
    assert _marked(Highlighter([Mark(terms, Layer.FOLDED)]), text) == sorted(expected)


@given(text=TEXTS, beginning=st.sampled_from(["da", "qu", "ho", "us", "12"]))
def test_prefixes_are_found_exactly_where_analysis_finds_them(text, beginning):
    """Every word that starts with the prefix is marked whole."""
    tokens = analyse(text, Profile.FOLDED)
    expected = [(t.start, t.end) for t in tokens if t.kind is TokenKind.SYLLABLE and t.text.startswith(beginning)]
    assert _marked(Highlighter([Mark((beginning,), Layer.FOLDED, MarkKind.PREFIX)]), text) == expected


@pytest.mark.parametrize(
    ("q", "text", "expected"),
    [
        ("12/2022/qd-ubnd", "theo Quyết định số 12 /2022/QĐ- UBND ngày", ["12 /2022/QĐ- UBND"]),
        ("30/2020", "Nghị định 30/2020/NĐ-CP, 30 ngày, năm 2020", ["30/2020"]),
        (
            "ngày 23/3/2022",
            "ngày 23 tháng 3 năm 2022; 23.03.2022; 123/3/2022; năm 2022",
            ["ngày 23 tháng 3 năm 2022", "23.03.2022"],
        ),
        ("2022-03-23", "x " * 100 + "2022-03-23", ["2022-03-23"]),
        ('"sử dụng đất"', "đất chưa sử dụng; sử dụng\nđất; sử dụng và đất", ["sử", "dụng", "đất"]),
        ("đất", "đạt được đất", ["đất"]),
        ("dat", "đạt được đất", ["đạt", "đất"]),
    ],
)
def test_what_is_marked(q, text, expected):
    """Numbers and dates are marked whole and in any spelling; accents count when typed."""
    assert [text[start:end] for start, end in _marked(Highlighter(understand(q).marks), text)] == expected


@given(text=TEXTS, words=st.lists(WORDS, max_size=4))
def test_snippets_are_slices_of_the_text(text, words):
    """A snippet's text and highlights are the canonical text's at its start, and highlights do not overlap."""
    for snippet in Highlighter(understand(" ".join(words)).marks).snippets(text, ()):
        assert text[snippet.start : snippet.start + len(snippet.text)] == snippet.text
        ends = [0, *(end for _, end in snippet.highlights)]
        assert all(ends[place] <= start < end <= len(snippet.text) for place, (start, end) in enumerate(snippet.highlights))


def test_the_passage_with_most_words_side_by_side_is_shown():
    """Scattered words early in the text lose against the whole expression later; the article is named."""
    filler = "Nội dung khác của văn bản này. " * 40
    text = f"Đất. {filler}Quy hoạch. {filler}Điều 7. Kế hoạch\nPhê duyệt quy hoạch sử dụng đất của huyện.\n{filler}"
    article = Provision("dieu-7", "Điều 7", "Kế hoạch", text.index("Điều 7"), len(text))
    best = Highlighter(understand("quy hoạch sử dụng đất").marks).snippets(text, (article,))[0]
    assert "quy hoạch sử dụng đất" in best.text
    assert best.provision == article


def test_a_second_passage_shows_the_words_that_the_first_lacks():
    """When no passage holds all words, two are given."""
    filler = "Nội dung khác của văn bản này. " * 40
    first, second = Highlighter(understand("bảo hiểm giao thông").marks).snippets(f"Bảo hiểm. {filler}Giao thông. {filler}", ())
    assert "Bảo hiểm" in first.text
    assert "Giao thông" in second.text


def test_snippets_end_between_words():
    """A passage begins and ends with whole words and keeps to its length."""
    text = "một hai ba bốn năm " * 200 + "đích " + "sáu bảy tám chín mười " * 200
    (snippet,) = Highlighter(understand("đích").marks).snippets(text, ())
    assert set(snippet.text.split()) <= set(text.split())
    assert 150 <= len(snippet.text) <= LONGEST


def test_without_a_match_the_beginning_is_shown():
    """A document found by its title or number still shows how its text begins."""
    (snippet,) = Highlighter(understand("không có").marks).snippets("Chương một. " * 100, ())
    assert (snippet.start, snippet.highlights) == (0, ())
    assert snippet.text


@pytest.mark.parametrize(
    ("text", "title", "expected"),
    [
        ("UBND TỈNH\nV/v phòng\n cháy\nKính gửi: các sở", "V/v phòng cháy", "\nKính gửi: các sở"),
        ("V/v phòng cháy \n", "V/v phòng cháy", "V/v phòng cháy \n"),
        ("Một hai ba", "(không [khớp", "Một hai ba"),
        ("Một hai ba", "", "Một hai ba"),
        ("x " * 9_000 + "cuối trang", "cuối", "x " * 9_000 + "cuối trang"),
    ],
)
def test_where_a_text_opens(text, title, expected):
    """After the title, in whatever lines it is printed near the top; at the beginning when it is not there."""
    assert text[opening(text, (), title) :] == expected


def test_lower_case_after_folding_keeps_length():
    """No character grows when it is folded and lowered, so offsets found in folded text hold in the text."""
    characters = "".join(chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000)
    assert len(fold(characters).lower()) == len(characters)


def test_a_huge_text_costs_bounded_work(monkeypatch):
    """Of five million characters full of the words, no more than a bound are matched, and each spelling is analysed once."""
    analysed = []
    monkeypatch.setattr(highlight, "analyse", lambda text, profile: (analysed.append(text), analyse(text, profile))[1])
    text = "Ủy ban nhân dân tỉnh quy định về việc sử dụng đất nông nghiệp và các khoản thu khác. " * 60_000
    highlighter = Highlighter(understand("nhân dân sử dụng đất").marks)
    assert len(highlighter.matches(text).marks) <= 2 * highlight._ENOUGH
    assert highlighter.snippets(text, ())
    assert len(analysed) <= 2 * 20


@pytest.mark.parametrize("case", cases("passages"), ids=by_name)
def test_passages_read_well(case):
    """Each case's best passage begins and ends as it says; what stands in braces is one sentence of a filler."""
    text = re.sub(r"\{([^}]*)\}", r"\1 ", case["text"])
    articles = [found.start() for found in re.finditer(r"^Điều \d+\.", text, re.MULTILINE)]
    provisions = [
        Provision(f"dieu-{place}", f"Điều {place}", "", start, end)
        for place, (start, end) in enumerate(pairwise([*articles, len(text)]), 1)
    ]
    best = Highlighter(understand(case["q"]).marks).snippets(text, provisions, title=case.get("title", ""))[0]
    assert (best.text[: len(case["begins"])], best.text[-len(case["ends"]) :]) == (case["begins"], case["ends"])


@given(text=TEXTS, words=st.lists(WORDS, min_size=1, max_size=4), cuts=st.lists(st.integers(0, 400), max_size=6))
def test_passages_keep_within_their_articles(text, words, cuts):
    """A passage is no longer than the bound, unless a match alone is, and lies in the article that it names."""
    borders = sorted({cut for cut in cuts if 0 < cut < len(text) and text[cut - 1].isspace()})
    provisions = [Provision(f"dieu-{start}", "Điều", "", start, end) for start, end in pairwise([*borders, len(text)])]
    for snippet in Highlighter(understand(" ".join(words)).marks).snippets(text, provisions):
        end = snippet.start + len(snippet.text)
        assert len(snippet.text) <= LONGEST
        assert snippet.provision is None or (snippet.provision.start <= snippet.start and end <= snippet.provision.end)


@given(
    lines=st.lists(
        st.sampled_from(["một hai", "Ba bốn.", "năm. Sáu", "1. Bảy", "a) tám", "TP. Chín", "của", "", "  "]), max_size=12
    )
)
def test_sentences_begin_at_words(lines):
    """Each beginning is a place behind white space where a word or sign stands, in ascending order."""
    text = "\n".join(lines)
    starts = sentence_starts(text, 0, len(text))
    assert starts == sorted(set(starts))
    assert all(text[start - 1].isspace() and not text[start].isspace() for start in starts)

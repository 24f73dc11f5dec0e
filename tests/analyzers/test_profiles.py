"""Chains as a whole: order, positions, offsets, on random and on real text."""

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard
from casefiles import by_name, cases
from hypothesis import given
from hypothesis import strategies as st

from analyzers.accents import fold
from analyzers.normalise import normalise
from analyzers.profiles import CHAINS, Profile, analyse
from analyzers.tokens import Token, TokenKind

KINDS = list(TokenKind)
WRITTEN = [
    "Quyết định",
    "12/2022/QĐ-UBND",
    "12 /2022/QÐ- UBND",
    "ngày 23 tháng 3 năm 2022",
    "23/3/2022",
    "điểm đ khoản 2 Điều 15",
]
SPELT = ["hoà", "quy hoạch sử dụng đất", "Ủy ban nhân dân", "đ\u00adược", "quye\u0302\u0301t", "1", "A", "m²"]
pieces = st.sampled_from([*WRITTEN, *SPELT, ",", ".", "(", "\n", "_", "\u200b"])
texts = st.lists(pieces | st.text(max_size=6), max_size=12).map(" ".join) | st.text(max_size=60)
profiles = st.sampled_from(Profile)


def real_texts(shared_data: Path) -> Iterator[str]:
    """Whole texts of laws as portals give them, and some of the big collection."""
    for path in sorted((shared_data / "files" / "text").glob("*.txt")):
        yield path.read_text(encoding="utf-8", errors="replace")[:20_000]
    with (shared_data / "fulltext" / "docs.jsonl.zst").open("rb") as packed:
        lines = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(packed), encoding="utf-8", newline="\n")
        for line, _ in zip(lines, range(25), strict=False):
            yield json.loads(line)["text"][:20_000]


def check_source(text: str, tokens: tuple[Token, ...], profile: Profile) -> None:
    """Every token is in place, in order, and made from the text between its offsets."""
    spell = normalise if profile is not Profile.FOLDED else lambda syllable: fold(normalise(syllable))
    singles = [token for token in tokens if token.kind is TokenKind.SYLLABLE]
    assert [token.position for token in singles] == list(range(len(singles)))
    assert list(tokens) == sorted(tokens, key=lambda token: (token.position, KINDS.index(token.kind)))
    for token in singles:
        assert spell(text[token.start : token.end]) == token.text
    for token in tokens:
        assert singles[token.position].start <= token.start < singles[token.position].end
        assert 0 < token.end <= len(text)
        assert text[token.start : token.end] == text[token.start : token.end].strip()


def check_words(text: str, tokens: tuple[Token, ...]) -> None:
    """Every word is made of the syllables from its position on, as many as its span covers."""
    singles = [token for token in tokens if token.kind is TokenKind.SYLLABLE]
    for word in (token for token in tokens if token.kind is TokenKind.WORD):
        parts = singles[word.position : word.position + word.text.count("_") + 1]
        assert "_".join(part.text for part in parts) == word.text
        assert (parts[0].start, parts[-1].end) == (word.start, word.end)


@pytest.mark.parametrize("case", cases("tokens"), ids=by_name)
def test_texts_become_tokens(case):
    """Each case's text gives exactly the terms and positions of its `expect`."""
    assert [[token.text, token.position] for token in analyse(case["input"], Profile(case["profile"]))] == case["expect"]


@given(texts, profiles)
def test_tokens_come_from_their_source(text, profile):
    """The offsets of every token of any text lead back to what it was made from."""
    check_source(text, analyse(text, profile), profile)
    check_words(text, analyse(text, profile))


@pytest.mark.parametrize("profile", Profile)
def test_tokens_come_from_their_source_in_real_texts(shared_data, profile):
    """The same holds for published laws and decrees."""
    for text in real_texts(shared_data):
        tokens = analyse(text, profile)
        check_source(text, tokens, profile)
        check_words(text, tokens)


@given(texts)
def test_layers_share_positions(text):
    """The same syllables have the same positions and spans in every profile; the query profile is the main one without words."""
    main, query, folded = (analyse(text, profile) for profile in (Profile.MAIN, Profile.QUERY, Profile.FOLDED))
    assert tuple(token for token in main if token.kind is not TokenKind.WORD) == query
    places = [[token[1:4] for token in tokens if token.kind is TokenKind.SYLLABLE] for tokens in (query, folded)]
    assert places[0] == places[1]


@given(texts, texts, profiles, st.sampled_from(" \n\t\u00a0"))
def test_analysis_is_local(left, right, profile, space):
    """A slice cut at white space gives the syllables of the whole, shifted: highlighting analyses slices."""
    whole = [token for token in analyse(left + space + right, profile) if token.kind is TokenKind.SYLLABLE]
    first = [token for token in analyse(left, profile) if token.kind is TokenKind.SYLLABLE]
    second = [token for token in analyse(right, profile) if token.kind is TokenKind.SYLLABLE]
    shift = len(left) + 1
    moved = [
        token._replace(start=token.start + shift, end=token.end + shift, position=token.position + len(first)) for token in second
    ]
    assert whole == first + moved


def test_every_profile_has_a_chain():
    """The table names each profile once, in the order of the enumeration."""
    assert list(CHAINS) == list(Profile)


def test_queries_load_no_model():
    """Analysing queries and folded text reads no model, and words need none of underthesea's code."""
    program = (
        "import sys; from analyzers import segment; from analyzers.profiles import Profile, analyse\n"
        "analyse('sử dụng đất', Profile.QUERY); analyse('sử dụng đất', Profile.FOLDED)\n"
        "assert segment._tagger.cache_info().currsize == 0\n"
        "analyse('sử dụng đất', Profile.MAIN)\n"
        "assert segment._tagger.cache_info().currsize == 1\n"
        "assert not {name.partition('.')[0] for name in sys.modules} & {'underthesea', 'underthesea_core'}\n"
    )
    finished = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr

"""The model evaluated here against underthesea's own evaluation of it."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analyzers.tagger import WordTagger

COMMON = "Ủy ban Uỷ ban nhân dân quy hoạch sử dụng đất HÀNG HOÁ hàng hoá Lạng Sơn của và"
ODD = "12 2022 - + % ( A a1 ß İ ² ª ǅ 一 ١"
printed = st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1, max_size=4)  # units hold no space


@pytest.fixture(scope="module")
def ours() -> WordTagger:
    """The model as this project reads it."""
    return WordTagger()


@pytest.fixture(scope="module")
def theirs() -> Any:
    """The model as underthesea loads it."""
    from underthesea.pipeline import word_tokenize

    word_tokenize.word_tokenize("luật")
    return word_tokenize.word_tokenize_model


def joins(tagger: Any, units: list[str]) -> list[bool]:
    """Underthesea's tags as answers to the same question."""
    return [tag == "I-W" for tag in tagger.predict([[unit] for unit in units])]


def worth(tagger: WordTagger, units: list[str], joined: list[bool]) -> float:
    """What the model says for these tags: the sum that the best path has the most of."""
    stay_out, go_out, go_in, stay_in = tagger._steps
    steps = {(False, False): stay_out, (True, False): go_out, (False, True): go_in, (True, True): stay_in}
    tags = sum(score for score, joins_word in zip(tagger._scores(units), joined, strict=True) if joins_word)
    return tags + sum(steps[pair] for pair in pairwise(joined))


@settings(max_examples=400, deadline=None)
@given(units=st.lists(st.sampled_from([*COMMON.split(), *ODD.split()]) | printed, min_size=1, max_size=12))
@example(units=["Ủy"] * 9 + ["ban"])  # two paths are worth the same, and rounding decides
def test_any_units_get_the_same_tags(ours, theirs, units):
    """Whatever the units are, every one is tagged as underthesea tags it, or by a path worth the same."""
    mine, reference = ours.joins(units), joins(theirs, units)
    assert mine == reference or worth(ours, units, mine) == pytest.approx(worth(ours, units, reference), abs=1e-9)


def test_real_text_gets_the_same_tags(ours, theirs, shared_data):
    """Every unit of published laws is tagged as underthesea tags it."""
    texts = [
        path.read_text(encoding="utf-8", errors="replace") for path in sorted((shared_data / "files" / "text").glob("*.txt"))
    ]
    units = [line.split()[:200] for text in texts for line in text[:8_000].split("\n") if line.strip()]
    assert sum(map(len, units)) > 30_000
    assert sum(ours.joins(line) != joins(theirs, line) for line in units) == 0


def test_what_is_remembered_does_not_change_answers():
    """A fresh model and one that has read much agree."""
    used = WordTagger()
    clause = COMMON.split()
    first = used.joins(clause)
    for word in clause:
        used.joins([word, *clause[::-1]])
    assert used.joins(clause) == first == WordTagger().joins(clause)


def test_a_missing_model_is_named(tmp_path):
    """Another package than underthesea as it is pinned gives an error with the path that is missing."""
    with pytest.raises(FileNotFoundError, match=r"models\.bin"):
        WordTagger(tmp_path)

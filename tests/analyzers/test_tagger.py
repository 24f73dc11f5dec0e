"""The model evaluated here against underthesea's own evaluation of it."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analyzers.kernels import viterbi
from analyzers.tagger import WordTagger

COMMON = "Ủy ban Uỷ ban nhân dân quy hoạch sử dụng đất HÀNG HOÁ hàng hoá Lạng Sơn của và"
ODD = "12 2022 - + % ( A a1 ß İ ² ª ǅ 一 ١ BOS EOS"
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


def joins(tagger: WordTagger, units: list[str]) -> list[bool]:
    """Our answer for units as they are spelt."""
    found: list[bool] = tagger.joins(np.array([tagger.number(unit) for unit in units], np.int64)).tolist()
    return found


def their_joins(tagger: Any, units: list[str]) -> list[bool]:
    """Underthesea's tags as answers to the same question."""
    return [tag == "I-W" for tag in tagger.predict([[unit] for unit in units])]


def worth(tagger: WordTagger, units: list[str], joined: list[bool]) -> float:
    """What the model says for these tags: the sum that the best path has the most of."""
    stay_out, go_out, go_in, stay_in = tagger._steps
    steps = {(False, False): stay_out, (True, False): go_out, (False, True): go_in, (True, True): stay_in}
    numbers = np.array([tagger.number(unit) for unit in units], np.int64)
    scores = viterbi.score(numbers, tagger._written, tagger._small, tagger._shapes)[4 : 4 + len(units)]
    return float(scores[np.array(joined)].sum()) + sum(steps[pair] for pair in pairwise(joined))


@settings(max_examples=400)
@given(units=st.lists(st.sampled_from([*COMMON.split(), *ODD.split()]) | printed, min_size=1, max_size=12))
@example(units=["-0", "hoạch"])  # digits to underthesea, as is what else fits an integer of 32 bits
@example(units=["-2147483648", "hoạch", "2147483648", "hoạch", "+" + "0" * 30 + "1", "hoạch"])
@example(units=["0" * 5000, "hoạch", "-" + "0" * 5000 + "7", "hoạch"])  # more figures than Python takes for a number
@example(units=["Ủy"] * 9 + ["ban"])  # two paths are worth the same, and rounding decides
def test_any_units_get_the_same_tags(ours, theirs, units):
    """Whatever the units are, every one is tagged as underthesea tags it, or by a path worth the same."""
    mine, reference = joins(ours, units), their_joins(theirs, units)
    assert mine == reference or worth(ours, units, mine) == pytest.approx(worth(ours, units, reference), abs=1e-9)


def test_real_text_gets_the_same_tags(ours, theirs, shared_data):
    """Every unit of published laws is tagged as underthesea tags it."""
    texts = [
        path.read_text(encoding="utf-8", errors="replace") for path in sorted((shared_data / "files" / "text").glob("*.txt"))
    ]
    units = [text[:8_000].split() for text in texts]
    assert sum(map(len, units)) > 30_000
    assert sum(joins(ours, text) != their_joins(theirs, text) for text in units) == 0


@given(units=st.lists(st.sampled_from(COMMON.split()) | printed, max_size=12))
@settings(max_examples=30)
def test_kernels_do_what_they_say_in_python(ours, units):
    """Compiled and plain, the kernels give the same answers."""
    numbers = np.array([ours.number(unit) for unit in units], np.int64)
    scores = viterbi.score(numbers, ours._written, ours._small, ours._shapes)
    assert viterbi.score.py_func(numbers, ours._written, ours._small, ours._shapes).tolist() == scores.tolist()
    assert viterbi.best_path.py_func(scores, ours._steps).tolist() == viterbi.best_path(scores, ours._steps).tolist()


def test_spelling_is_underthesea_s(ours):
    """Units are spelt as underthesea spells them, the longest ones left alone."""
    from underthesea.pipeline.text_normalize import token_normalize

    for unit in ("uỷ", "Uỷ", "hoà", "nghành", "nghạch", "khuỷu", "đất", "UỶ", "thuỷ-sản"):
        assert ours.spell(unit) == token_normalize(unit)


def test_a_missing_model_is_named(tmp_path):
    """Another package than underthesea as it is pinned gives an error with the path that is missing."""
    with pytest.raises(FileNotFoundError, match=r"models\.bin"):
        WordTagger(tmp_path)

"""Short and long forms in questions."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from analyzers.profiles import Profile, analyse
from analyzers.tables import rows
from analyzers.tokens import TokenKind
from indexer.engine.query import Layer
from search_api.abbreviations import built_in


def test_each_row_is_found_both_ways():
    """A short form finds its long one, a long one the first short one of one word, in both layers."""
    for short, long, _ in rows("search_api", "abbreviations.tsv"):
        (found,) = built_in().expansions(_words(short), Layer.MAIN)
        assert (found.short, found.shown) == (True, long)
        if " " not in short:
            assert any(not back.short and back.end - back.first > 1 for back in built_in().expansions(_words(long), Layer.MAIN))


def test_the_longest_form_wins():
    """Forms within a longer one are not found beside it."""
    (found,) = built_in().expansions(_words("văn bản quy phạm pháp luật"), Layer.MAIN)
    assert (found.first, found.end, found.other) == (0, 6, ("vbqppl",))


@given(
    st.lists(st.sampled_from(["bảo", "hiểm", "y", "tế", "xã", "hội", "bhxh", "ubnd", "đất"]), max_size=20), st.sampled_from(Layer)
)
def test_expansions_never_overlap(words, layer):
    """They come in order, each within the question."""
    found = built_in().expansions(words, layer)
    assert all(0 <= one.first < one.end <= len(words) for one in found)
    assert all(one.end <= other.first for one, other in pairwise(found))


def _words(text: str) -> list[str]:
    return [token.text for token in analyse(text, Profile.QUERY) if token.kind is TokenKind.SYLLABLE]

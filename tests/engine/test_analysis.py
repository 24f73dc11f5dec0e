"""What the engines index of an entry."""

from collections.abc import Sequence

import pytest
from engine.building import entry
from hypothesis import given
from hypothesis import strategies as st

from analyzers.columns import Columns, chunk_columns
from analyzers.profiles import analyse
from indexer.engine.analysis import PROFILES, FieldTerms, analyse_entries, field_terms
from indexer.engine.fields import KEYWORD_FIELDS, Scope
from indexer.engine.query import Layer


def test_every_field_of_the_scope_is_analysed_in_both_layers() -> None:
    """A text that is not given is empty; fields of the other scope are not there."""
    (analysed,) = analyse_entries(1, [entry(1, title="Đất đai", number=("1", "", "1"), type="", year=2020)])
    assert set(analysed.terms) == {(field, layer) for field in ("title", "body") for layer in Layer}
    assert analysed.terms["title", Layer.MAIN].length == 2
    assert analysed.terms["title", Layer.FOLDED] == FieldTerms(2, ["dat", "dai"], [0, 1])
    assert analysed.terms["body", Layer.MAIN] == FieldTerms(0, [], [])
    assert analysed.keywords == dict.fromkeys(KEYWORD_FIELDS, frozenset()) | {"number": frozenset({"1"})}
    assert analysed.columns == {"visibility": "public", "year": 2020}


def test_provisions_have_fields_of_their_own() -> None:
    """Heading, context and text."""
    (analysed,) = analyse_entries(1, [entry(1, Scope.PROVISIONS, 3, heading="a", context="b", text="c")])
    assert {field for field, _ in analysed.terms} == {"heading", "context", "text"}
    assert (analysed.ordinal, analysed.anchor) == (3, "dieu-3")


@pytest.mark.parametrize("layer", Layer)
@given(text=st.text(max_size=200))
def test_terms_are_the_tokens_in_order(layer: Layer, text: str) -> None:
    """Each token is there with its position, and the length counts syllables."""
    terms = field_terms(text, layer)
    tokens = analyse(text, PROFILES[layer])
    assert list(zip(terms.terms, terms.positions, strict=True)) == [(token.text, token.position) for token in tokens]
    assert terms.length == sum(token.kind == "syllable" for token in tokens)


def test_another_analyser_can_be_given() -> None:
    """It gets every text of the scope in each layer; a text that is no Unicode is refused before."""
    asked = []

    def whole(texts: Sequence[str], layer: Layer) -> Columns:
        asked.extend((text, layer) for text in texts)
        return chunk_columns(["-".join(text.split()) for text in texts])

    (analysed,) = analyse_entries(1, [entry(1, title="Đất đai")], whole)
    assert analysed.terms["title", Layer.MAIN].terms == ["Đất-đai"]
    assert asked == [(text, layer) for text in ("Đất đai", "") for layer in Layer]
    with pytest.raises(ValueError, match="document 1, entry 0"):
        analyse_entries(1, [entry(1, title="\ud800")], whole)

"""The reader's words as query nodes."""

from collections.abc import Iterator
from typing import Any

import pytest
from casefiles import by_name, cases
from hypothesis import given
from hypothesis import strategies as st

from indexer.engine.query import And, Boost, Constant, Keyword, Layer, Node, Not, Or, Phrase, Prefix, Term
from search_api.combine import MAX_UNITS
from search_api.meaning import Understanding
from search_api.understand import understand


def _nodes(node: Node) -> Iterator[Node]:
    """Yield a node and what lies under it, but for what only adds to the score."""
    yield node
    if isinstance(node, And | Or):
        for child in node.children:
            yield from _nodes(child)
    elif isinstance(node, Not | Constant):
        yield from _nodes(node.child)


def _summary(understood: Understanding, wanted: dict[str, Any]) -> dict[str, Any]:
    """Return of an understanding what a case speaks of."""
    excluded = [node for node in _nodes(understood.node) if isinstance(node, Not)]
    unwanted = {part for node in excluded for part in _nodes(node)}
    nodes = list(dict.fromkeys(node for node in _nodes(understood.node) if node not in unwanted))
    plain = [node for node in nodes if isinstance(node, Term) and not node.fields]
    phrases = [list(node.terms) for node in nodes if isinstance(node, Phrase) and node.layer is Layer.MAIN and not node.fields]
    counted = [node.minimum for node in nodes if isinstance(node, Or) and node.minimum > 1]
    found = {
        "steps": [step.code for step in understood.steps],
        "browsing": understood.browsing,
        "terms": [node.text for node in plain],
        "layer": plain[0].layer.value if plain else None,
        "keys": [node.value for node in nodes if isinstance(node, Keyword) and not node.value.endswith("-")],  # whole ones
        "phrases": phrases,
        "prefixes": [node.text for node in nodes if isinstance(node, Prefix)],
        "excluded": len(excluded),
        "minimum": counted[0] if counted else None,
    }
    return {name: found[name] for name in wanted}


@pytest.mark.parametrize("case", cases("queries"), ids=by_name)
def test_questions_are_understood(case):
    """Each case's steps and nodes are what it says."""
    assert _summary(understand(case["q"]), case["expect"]) == case["expect"]


def test_every_step_is_a_sentence():
    """Each step that any case takes is told in a Vietnamese sentence."""
    steps = [step for case in cases("queries") for step in understand(case["q"]).steps]
    assert steps
    assert all(step.text[0].isupper() or step.text[0] == "“" for step in steps)
    assert all(step.text.endswith(".") for step in steps)


def test_long_questions_are_bounded():
    """However many words are typed, the query keeps a bounded number, and says so."""
    understood = understand(" ".join(f"từ{number}" for number in range(300)))
    assert len([node for node in set(_nodes(understood.node)) if isinstance(node, Term) and not node.fields]) == MAX_UNITS
    assert "shortened" in [step.code for step in understood.steps]


@given(st.text(max_size=60) | st.text(alphabet='"-* NOT/0129.QĐđấtx“”\ue000', max_size=60))
def test_any_text_is_understood(text):
    """No text is an error, and scoring parts never change what matches."""
    understood = understand(text)
    assert understood.browsing == (not understood.marks)
    assert not any(isinstance(node, Boost) and not isinstance(node.child, Phrase | Term) for node in _nodes(understood.node))

"""Personal identifiers: which numbers are some, and where."""

from typing import Any

import pytest
from casefiles import by_name, cases
from growth import assert_grows_linearly, repeated
from hypothesis import given
from hypothesis import strategies as st

from indexer.legal.personal import find_personal, mask

PIECES = st.sampled_from(
    [
        "CCCD ",
        "số ",
        "tài khoản ",
        "0912345678",
        "012345678901",
        "+84",
        " ",
        ".",
        "-",
        "1",
        "đất",
        "\n",
        "/",
        " của ông A: ",
        "0205 3812 345",
    ]
)


@pytest.mark.parametrize("case", cases("personal"), ids=by_name)
def test_identifiers_are_found(case: dict[str, Any]) -> None:
    """Each is found with its kind, whole; nothing else is."""
    text = case["text"]
    assert [f"{found.kind} {text[found.start : found.end]}" for found in find_personal(text)] == case["found"]


@given(st.lists(PIECES, max_size=40).map("".join))
def test_spans_are_apart_and_hold_digits(text: str) -> None:
    """Whatever the text, spans follow one another, begin and end with a figure (or a plus sign) and hold six at least."""
    end = 0
    for found in find_personal(text):
        piece = text[found.start : found.end]
        assert end <= found.start < found.end <= len(text)
        assert piece.lstrip("+")[0].isdigit()
        assert piece[-1].isdigit()
        assert sum(map(str.isdigit, piece)) >= 6
        end = found.end


@pytest.mark.parametrize(
    "piece",
    [
        "1 ",
        "CCCD ",
        "CCCD số số số ",
        "tài khoản 1",
        "0912",
        "09 1 2 ",
        "+84",
        "căn cước: : :",
        "1.1-",
        "0912345678/",
        "0912345678 / ",
        "CCCD của a ",
    ],
)
def test_hostile_repetition_takes_linear_time(piece: str) -> None:
    """The time grows as the text does."""
    assert_grows_linearly(find_personal, repeated(piece), 200_000)


@given(st.lists(PIECES, max_size=40).map("".join))
def test_what_is_masked_keeps_its_length_and_shows_no_figure(text: str) -> None:
    """Covered are the figures of identifiers alone; masking again changes nothing."""
    masked = mask(text)
    covered = {place for found in find_personal(text) for place in range(found.start, found.end) if text[place].isdigit()}
    assert "".join("•" if place in covered else character for place, character in enumerate(text)) == masked
    assert mask(masked) == masked

"""Issuers over time: cases that a clerk could add, and what holds for the tables."""

from datetime import date
from typing import Any

import pytest
from casefiles import by_name, cases
from hypothesis import given
from hypothesis import strategies as st

from analyzers.tables import rows
from indexer.legal.identity import identity_of, predecessors, successors

_BODIES, _PLACES = rows("indexer.legal", "issuers.tsv"), rows("indexer.legal", "places.tsv")
_IN_EVERY_PROVINCE = "uy-ban-nhan-dan"
_COUNCILS = [f"{council} {kind} {name}" for council in ("UBND", "HĐND") for _, kind, name, *_ in _PLACES]
_NAMES = [name for _, name, *_, parent, _ in _BODIES if parent != _IN_EVERY_PROVINCE] + _COUNCILS
_DAYS = st.one_of(st.none(), st.dates(date(1945, 9, 2), date(2030, 1, 1)))


@pytest.mark.parametrize("case", cases("issuers_over_time"), ids=by_name)
def test_a_name_means_the_body_of_its_day(case: dict[str, Any]) -> None:
    """Each case's identity is the one that its `expect` says, with the neighbours that it names."""
    found = identity_of(case["issuer"], date.fromisoformat(case["day"]) if case["day"] else None)
    stated = {
        "key": found and found.key,
        "name": found and found.name,
        "since": found and found.since and found.since.isoformat(),
        "until": found and found.until and found.until.isoformat(),
        "parent": found and found.parent,
        "before": [body.name for body in predecessors(found)] if found else [],
        "after": [body.name for body in successors(found)] if found else [],
    }
    assert {name: stated[name] for name in case["expect"]} == case["expect"]


@given(st.sampled_from(_NAMES), _DAYS)
def test_every_listed_body_has_an_identity_that_lived(name: str, day: date | None) -> None:
    """On whatever day a listed name is asked for, it means a body, which began before it ended."""
    found = identity_of(name, day)
    assert found is not None
    assert (found.since or date.min) < (found.until or date.max)


@given(st.sampled_from(_NAMES), _DAYS)
def test_who_took_over_is_the_reverse_of_from_whom(name: str, day: date | None) -> None:
    """A body is among the predecessors of each of its successors, and the other way round."""
    found = identity_of(name, day)
    assert found is not None
    assert all(found in predecessors(after) for after in successors(found))
    assert all(found in successors(before) for before in predecessors(found))


@given(st.text(max_size=60), _DAYS)
def test_any_text_is_survived(text: str, day: date | None) -> None:
    """Whatever a letterhead printed, the answer is an identity with a key and a name, or none."""
    found = identity_of(text, day)
    assert found is None or (found.key and found.name)


def test_tables_name_only_what_they_hold() -> None:
    """Every parent and both ends of every succession are keys of the tables, and days are given as they are read."""
    keys = {row[0] for row in (*_BODIES, *_PLACES)}
    successions = rows("indexer.legal", "successions.tsv")
    assert {parent for *_, parent, _ in _BODIES} - {"", _IN_EVERY_PROVINCE} <= keys
    assert {key for before, after, _, _ in successions for key in (before, after)} <= keys
    assert len({row[0] for row in _PLACES}) == len(_PLACES)


def test_thirty_four_provinces_are_left_of_sixty_three() -> None:
    """On 2025-06-30 there were 63 provinces, the day after 34."""

    def on(day: str) -> int:
        return sum((not since or since <= day) and (not until or day < until) for *_, since, until, _ in _PLACES)

    assert (on("2025-06-30"), on("2025-07-01")) == (63, 34)

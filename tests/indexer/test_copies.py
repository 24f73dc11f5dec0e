"""Which documents and provisions are taken for copies of one another; a wrong merge would hide a document."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from casefiles import by_name, cases
from hypothesis import given
from hypothesis import strategies as st

from indexer.catalogue import Declaration, FoundFile, WritableCatalogue
from indexer.catalogue.reading import metadata_from
from indexer.copies import SHORTEST, are_near, words_of
from indexer.engine.fields import COPY
from indexer.entries import entries_of
from indexer.model import Canonical, LegalMetadata, Provision, Understood, Visibility

FOLDER = Declaration(Path("/docs"), "gazette", publishable=True)
INTERNAL = replace(FOLDER, name="office", visibility=Visibility.INTERNAL)
WORDS = {
    "LONG2": " ".join(f"vỉa hè rộng {number} mét" for number in range(90)),
    "LONG": " ".join(f"thửa đất số {number} của tờ bản đồ" for number in range(30)),
}


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[WritableCatalogue]:
    """An empty catalogue on disk."""
    opened = WritableCatalogue.open(tmp_path / "catalogue.sqlite")
    yield opened
    opened.close()


def put(
    catalogue: WritableCatalogue,
    name: str,
    text: str,
    metadata: LegalMetadata,
    label: str = "Điều 1",
    declared: Declaration = FOLDER,
) -> int:
    """Store a document of one provision."""
    for short, words in WORDS.items():
        text = text.replace(short, words).replace(short.lower(), words.upper())
    understood = Understood(Canonical(text), metadata, (Provision("dieu", label, "", 0, len(text)),), "text")
    with catalogue.transaction() as change:
        return change.put(FoundFile(FOLDER.path / name, 9, 1, name * 8), declared, understood, metadata, {})


def copies(catalogue: WritableCatalogue, key: int) -> list[Any]:
    """The digests that a document and its provision have in the index."""
    return [entry.columns[COPY] for entry in entries_of(catalogue.get_many([key], masked=True)[key], catalogue)]


@pytest.mark.parametrize("case", cases("copies"), ids=by_name)
def test_copies_are_told_from_what_is_alike(catalogue: WritableCatalogue, case: dict[str, Any]) -> None:
    """Both have a digest and the same one where they are copies; else they differ, or one has none."""
    keys = []
    for number, side in enumerate((case["one"], case["other"])):
        metadata = metadata_from({name: value for name, value in side.items() if name not in {"text", "label"}})
        keys.append(put(catalogue, str(number), side["text"], metadata, side.get("label", "Điều 1")))
    place = ("documents", "provisions").index(case["scope"])
    one, other = (copies(catalogue, key)[place] for key in keys)
    assert (one is not None and one == other) is case["copies"]


@given(st.text(), st.text())
def test_words_hold_nothing_but_words(one: str, other: str) -> None:
    """They are the same when taken again, in capitals of which each is one letter, and around any white space."""
    words = words_of(one)
    assert words_of(words) == words
    assert words_of(f"{one}\n\n{other}") == words_of(f" {one} \t {other} ")
    assert not words or words.split(" ") == words.split()


@given(st.lists(st.sampled_from("abcdef"), min_size=3, max_size=60))
def test_a_text_is_near_itself(found: list[str]) -> None:
    """One of three words or more is; and nearness has no direction."""
    text, other = " ".join(found), " ".join(found[::-1])
    assert are_near(text, text)
    assert are_near(text, other) == are_near(other, text)


ACT = metadata_from({"number": "12/2022/QĐ-UBND", "issuer": "Ủy ban nhân dân tỉnh A", "issued_date": "2022-03-23"})
SCANNED = "LONG Đlều 1. Phê duyêt. Đất ở"


def test_short_provisions_are_copies_within_copies(catalogue: WritableCatalogue) -> None:
    """An article that says nothing by itself is the same in the same document from two sources."""
    text = "Điều 1. Quyết định này có hiệu lực từ ngày ký."
    one, other = put(catalogue, "a", text, ACT), put(catalogue, "b", text, ACT)
    alone = put(catalogue, "c", text, replace(ACT, number="13/2022/QĐ-UBND"))
    assert len(words_of(text)) < SHORTEST
    assert copies(catalogue, one) == copies(catalogue, other)
    assert copies(catalogue, one)[1] != copies(catalogue, alone)[1]


def test_a_document_takes_after_the_first_that_it_is_near_to(catalogue: WritableCatalogue) -> None:
    """When that one goes, is edited or gets another number, the index is told of the others by change numbers."""
    first = put(catalogue, "a", "LONG Điều 1. Phê duyệt.", ACT)
    second = put(catalogue, "b", SCANNED, ACT)
    assert copies(catalogue, second)[0] == copies(catalogue, first)[0]
    held = catalogue.last_change()
    with catalogue.transaction() as change:
        change.set_registered(first, replace(ACT, number="99/QĐ-UBND"), {"number": "99/QĐ-UBND"})
    assert {key for _, key in catalogue.changed_since(held)} == {first, second}
    assert copies(catalogue, second)[0] != copies(catalogue, first)[0]
    held = catalogue.last_change()
    with catalogue.transaction() as change:
        change.remove(second, "thử")
    assert {key for _, key in catalogue.changed_since(held)} == {second}


def test_an_internal_document_changes_nothing_for_the_public(catalogue: WritableCatalogue) -> None:
    """A public document takes after public ones alone, whatever came first; an internal one after either."""
    hidden = put(catalogue, "a", "LONG Điều 1. Phê duyệt.", ACT, declared=INTERNAL)
    shown = put(catalogue, "b", SCANNED, ACT)
    digests = copies(catalogue, shown)
    assert copies(catalogue, hidden)[0] == digests[0]
    held = catalogue.last_change()
    with catalogue.transaction() as change:
        change.remove(shown, "thử")
    assert {key for _, key in catalogue.changed_since(held)} == {hidden, shown}
    again = put(catalogue, "c", SCANNED, ACT)
    with catalogue.transaction() as change:
        change.remove(hidden, "thử")
    assert copies(catalogue, again) == digests

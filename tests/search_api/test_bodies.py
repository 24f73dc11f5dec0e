"""Issuing bodies that a collection has, as a field names them; and how many searches are answered at once."""

import threading

import pytest
from engine.building import fill

from indexer.engine.fields import Scope
from indexer.engine.memory import MemoryStore
from indexer.engine.port import Entry, SearchEngine
from indexer.model import Visibility
from search_api.abbreviations import built_in
from search_api.bodies import Bodies, bodies_of
from search_api.params import SearchParams
from search_api.plan import PUBLIC
from search_api.search import find, search
from search_api.services import Services

EVERYTHING = frozenset(Visibility)


def _engine(*issuers: tuple[str, Visibility]) -> SearchEngine:
    store = MemoryStore()
    entries = (
        Entry(
            key,
            str(key),
            Scope.DOCUMENTS,
            texts={"title": "tiêm chủng", "body": f"tiêm chủng {key}"},
            columns={"visibility": visibility, "issuer": issuer},
        )
        for key, (issuer, visibility) in enumerate(issuers, 1)
    )
    fill(store, *entries)
    return store.engine()


def _found(engine: SearchEngine, q: str, visible: frozenset[Visibility]) -> tuple[list[int], list[str]]:
    understood, result = find(engine, SearchParams(q=q), visible, built_in())
    return sorted(hit.key for hit in result.hits), [step.code for step in understood.steps]


def test_nobody_learns_of_bodies_of_hidden_documents() -> None:
    """A body with internal documents alone is none for the public, also once somebody who may see it has asked."""
    engine = _engine(("Sở Y tế tỉnh Bình Lâm", Visibility.PUBLIC), ("Hội đồng Thi đua tỉnh Bình Lâm", Visibility.INTERNAL))
    asked = "cơ quan: Hội đồng Thi đua"
    assert _found(engine, asked, EVERYTHING) == ([2], ["only_issuer"])
    assert _found(engine, asked, PUBLIC) == ([], ["nowhere", "field_as_words"])
    assert "Hội đồng Thi đua tỉnh Bình Lâm" in bodies_of(engine, EVERYTHING)
    assert "Hội đồng Thi đua tỉnh Bình Lâm" not in bodies_of(engine, PUBLIC)


def test_names_of_bodies_are_neither_mended_nor_given_accents() -> None:
    """What stands beside them is."""
    engine = _engine(("Sở Y tế tỉnh Bình Lâm", Visibility.PUBLIC), ("Sở Nội vụ tỉnh Bình Lâm", Visibility.PUBLIC))
    keys, steps = _found(engine, "co quan: so y te tiem chung", PUBLIC)
    assert keys == [1]
    assert steps[:2] == ["accents", "only_issuer"]
    understood, _ = find(engine, SearchParams(q="co quan: so y te tiem chung"), PUBLIC, built_in())
    assert understood.steps[0].terms == ("tiem", "tiêm", "chung", "chủng")


@pytest.mark.parametrize(
    ("typed", "whole", "end", "groups"),
    [
        ("Sở Y tế thanh tra", False, 7, ("Sở Y tế thành phố Lâm", "Sở Y tế tỉnh Bình")),  # no place called Thanh
        ("so y te tinh gian bien che", False, 7, ("Sở Y tế thành phố Lâm", "Sở Y tế tỉnh Bình")),  # tinh giản
        ("sở y tế tỉnh bình đất", False, 17, ("Sở Y tế tỉnh Bình",)),
        ("UBND tỉnh quy hoạch", False, 9, ("Ủy ban nhân dân tỉnh Bình",)),
        ("UBND xã", False, 0, ()),  # not those of provinces
        ("Sở", False, 2, ("Sở Y tế thành phố Lâm", "Sở Y tế tỉnh Bình")),
        ("Sở đất", False, 0, ()),
        ("SYT", True, 3, ("Sở Y tế thành phố Lâm", "Sở Y tế tỉnh Bình")),
        ("Ban Rừng", True, 8, ("Ban Rừng", "Bộ Y tế; Ban Rừng")),  # together with another, too
        ("Bộ Y tế; Ban Rừng", True, 17, ("Bộ Y tế; Ban Rừng",)),
        ("Ban Rừng đất", True, 0, ()),
    ],
)
def test_what_begins_a_name_is_that_body(typed: str, whole: bool, end: int, groups: tuple[str, ...]) -> None:
    """The longest beginning counts, not one that would cut a place off, nor what has other accents."""
    bodies = Bodies(
        (
            "Sở Y tế thành phố Lâm",
            "Sở Y tế tỉnh Bình",
            "Ủy ban nhân dân tỉnh Bình",
            "Ban Rừng",
            "Ban Rừng phòng hộ",
            "Bộ Y tế; Ban Rừng",
        )
    )
    found = bodies.leading(typed, whole=whole)
    assert ((found.end, found.groups) if found else (0, ())) == (end, groups)


def test_two_searches_are_answered_at_once(desk) -> None:
    """Whoever comes third waits for a turn, and an error ends one's turn."""
    inside, most = set(), []
    gate = threading.Condition()

    class Watched(Services):
        @property
        def engine(self) -> SearchEngine:
            with gate:
                inside.add(threading.get_ident())
                most.append(len(inside))
                gate.wait(0.05)
                inside.remove(threading.get_ident())
            raise RuntimeError("none")

    services = Watched(lambda: desk.services.engine, lambda: desk.services.library)

    def ask() -> None:
        with pytest.raises(RuntimeError):
            search(services, SearchParams(q="đất"))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 6
    assert max(most) == 2

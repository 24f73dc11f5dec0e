"""Relations are kept both ways: resolved when either side comes, shown only as far as a reader may see, gone when purged."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.catalogue import Declaration, FoundFile, WritableCatalogue
from indexer.model import Canonical, LegalMetadata, Relation, RelationKind, Target, Understood, Validity, Visibility

PUBLIC = Declaration(Path("/docs"), "gazette", publishable=True)
INTERNAL = replace(PUBLIC, name="office", visibility=Visibility.INTERNAL)
EVERYONE, STAFF = frozenset({Visibility.PUBLIC}), frozenset(Visibility)
DECREE = LegalMetadata(number="15/2020/NĐ-CP", issuer="Chính phủ", issued_date=date(2020, 2, 3))
DECISION = LegalMetadata(number="12/2025/QĐ-UBND", issuer="Ủy ban nhân dân tỉnh A", issued_date=date(2025, 3, 4))
REPLACES = Relation(RelationKind.REPLACES, Target("15/2020/NĐ-CP", "Nghị định", 2020), 5, 20, (0, 30))


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[WritableCatalogue]:
    """An empty catalogue on disk."""
    opened = WritableCatalogue.open(tmp_path / "catalogue.sqlite")
    yield opened
    opened.close()


def put(
    catalogue: WritableCatalogue, name: str, metadata: LegalMetadata, *relations: Relation, declared: Declaration = PUBLIC
) -> int:
    """Store a document with what it says of others."""
    understood = Understood(Canonical(f"Văn bản {name} " * 9), metadata, (), "text", relations=relations)
    with catalogue.transaction() as change:
        return change.put(FoundFile(PUBLIC.path / name, 9, 1, name * 8), declared, understood, metadata, {})


def remove(catalogue: WritableCatalogue, key: int) -> None:
    """Purge a document as `congbao remove` does."""
    with catalogue.transaction() as change:
        change.remove(key, "thử")


def ids(
    catalogue: WritableCatalogue, key: int, visible: frozenset[Visibility] = EVERYONE
) -> tuple[list[str | None], list[str | None]]:
    """The other ends of a document's relations: outgoing, incoming."""
    found = catalogue.relations_of(key, visible)
    return [one.other for one in found.outgoing], [one.other for one in found.incoming]


def id_of(catalogue: WritableCatalogue, key: int) -> str:
    """The public id of a live document."""
    return catalogue.get_many([key])[key].id


@pytest.mark.parametrize("target_first", [True, False])
def test_either_order_resolves(catalogue: WritableCatalogue, target_first: bool) -> None:
    """A relation finds its target that was there before, and one that comes later."""
    if target_first:
        target, citing = put(catalogue, "t", DECREE), put(catalogue, "c", DECISION, REPLACES)
    else:
        citing, target = put(catalogue, "c", DECISION, REPLACES), put(catalogue, "t", DECREE)
    assert ids(catalogue, citing) == ([id_of(catalogue, target)], [])
    assert ids(catalogue, target) == ([], [id_of(catalogue, citing)])
    assert catalogue.relations_of(citing, EVERYONE).outgoing[0].relation == REPLACES


def test_a_removed_document_is_nobodys_target(catalogue: WritableCatalogue) -> None:
    """What points at it is open again; what it said itself is gone; the same number can be resolved anew."""
    target, citing = put(catalogue, "t", DECREE), put(catalogue, "c", DECISION, REPLACES)
    remove(catalogue, target)
    assert ids(catalogue, citing) == ([None], [])
    again = put(catalogue, "u", DECREE)
    assert ids(catalogue, citing) == ([id_of(catalogue, again)], [])
    remove(catalogue, citing)
    assert ids(catalogue, again) == ([], [])
    with closing(sqlite3.connect(catalogue.path)) as connection:
        assert connection.execute("SELECT count(*) FROM relations").fetchone() == (0,)


def test_two_candidates_leave_it_open(catalogue: WritableCatalogue) -> None:
    """Where two documents fit, none is taken; when one goes, the other is."""
    citing = put(catalogue, "c", DECISION, REPLACES)
    first, second = put(catalogue, "t", DECREE), put(catalogue, "u", DECREE)
    assert ids(catalogue, citing) == ([None], [])
    remove(catalogue, first)
    assert ids(catalogue, citing) == ([id_of(catalogue, second)], [])


LOCAL = Target("1182/QĐ-UBND", "Quyết định", 2022, date(2022, 5, 6))


@pytest.mark.parametrize(
    ("target", "metadata", "found"),
    [
        (LOCAL, LegalMetadata(number="1182/QĐ-UBND", issuer="khác", issued_date=date(2022, 5, 6)), True),
        (LOCAL, LegalMetadata(number="1182/QĐ-UBND", issuer=DECISION.issuer, issued_date=date(2022, 5, 7)), False),
        (replace(LOCAL, issued=None), LegalMetadata(number="1182/QĐ-UBND", issuer="khác", issued_date=date(2022, 5, 6)), False),
        (
            replace(LOCAL, issued=None),
            LegalMetadata(number="1182/QĐ-UBND", issuer=DECISION.issuer, issued_date=date(2022, 5, 6)),
            True,
        ),
        (
            replace(LOCAL, issued=None, year=None),
            LegalMetadata(number="1182/QĐ-UBND", issuer=DECISION.issuer, issued_date=date(2022, 5, 6)),
            False,
        ),
        (
            Target("31/2019/QĐ-UBND", "Quyết định", 2019),
            LegalMetadata(number="31/2019/QĐ-UBND", issuer="khác", issued_date=date(2019, 1, 2)),
            False,
        ),
        (Target("1/2020/TT-BTC", "Thông tư", 2020), LegalMetadata(number="01/2020/TT-BTC"), True),
        (Target("1/2020/TT-BTC", "Thông tư", 2020), LegalMetadata(number="1/2020/TT-BCT"), False),
        (Target(None, "Luật Đất đai", 2013), LegalMetadata(number="45/2013/QH13"), False),
    ],
    ids=[
        "day agrees",
        "another day",
        "another issuer",
        "own issuer, year",
        "no year",
        "another province",
        "zero",
        "symbol",
        "name",
    ],
)
def test_numbers_count_within_issuer_and_year(
    catalogue: WritableCatalogue, target: Target, metadata: LegalMetadata, found: bool
) -> None:
    """The stated day decides; without it the year, and the issuer unless the number is a national body's."""
    put(catalogue, "t", metadata)
    citing = put(catalogue, "c", DECISION, replace(REPLACES, target=target))
    assert (ids(catalogue, citing)[0] != [None]) == found


def test_a_reader_learns_nothing_of_what_is_not_for_him(catalogue: WritableCatalogue) -> None:
    """An internal document is named to staff alone, on either side."""
    target = put(catalogue, "t", DECREE, declared=INTERNAL)
    citing = put(catalogue, "c", DECISION, REPLACES)
    assert ids(catalogue, citing) == ([None], [])
    assert ids(catalogue, citing, STAFF) == ([id_of(catalogue, target)], [])
    hidden = put(catalogue, "h", replace(DECISION, number="13/2025/QĐ-UBND"), REPLACES, declared=INTERNAL)
    assert ids(catalogue, target) == ([], [id_of(catalogue, citing)])
    assert ids(catalogue, target, STAFF) == ([], [id_of(catalogue, citing), id_of(catalogue, hidden)])


def test_a_register_that_corrects_a_number_moves_the_relation(catalogue: WritableCatalogue) -> None:
    """What holds after the register is what is resolved against."""
    target, citing = put(catalogue, "t", DECREE), put(catalogue, "c", DECISION, REPLACES)
    with catalogue.transaction() as change:
        change.set_registered(target, replace(DECREE, number="16/2020/NĐ-CP"), {"number": "16/2020/NĐ-CP"})
    assert ids(catalogue, citing) == ([None], [])


def test_a_catalogue_of_the_first_schema_is_brought_up(tmp_path: Path) -> None:
    """Documents of before have no relations until they are read again, and can be targets at once."""
    path = tmp_path / "catalogue.sqlite"
    catalogue = WritableCatalogue.open(path)
    target = put(catalogue, "t", DECREE)
    catalogue.close()
    with closing(sqlite3.connect(path)) as connection, connection:  # as the first schema left it
        connection.execute("DROP TABLE relations")
        connection.execute("ALTER TABLE texts DROP COLUMN personal")
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    catalogue = WritableCatalogue.open(path)
    assert ids(catalogue, target) == ([], [])
    citing = put(catalogue, "c", DECISION, REPLACES)
    assert ids(catalogue, citing) == ([id_of(catalogue, target)], [])
    catalogue.close()


def test_validity_follows_from_what_others_say(catalogue: WritableCatalogue) -> None:
    """From the day on which a document that replaces it acts, a document has ended, with that document as the source."""
    target = put(catalogue, "t", replace(DECREE, effective_date=date(2020, 4, 1)))
    citing = put(catalogue, "c", replace(DECISION, effective_date=date(2025, 5, 1)), REPLACES)
    told = {
        day: catalogue.derived_validity(target, EVERYONE, day) for day in (date(2020, 3, 1), date(2024, 1, 1), date(2025, 5, 1))
    }
    assert list(told.values()) == [
        Validity("Chưa có hiệu lực", date(2020, 4, 1)),
        None,
        Validity("Hết hiệu lực toàn bộ", date(2025, 5, 1), id_of(catalogue, citing)),
    ]


def test_a_part_ends_or_the_document_by_itself(catalogue: WritableCatalogue) -> None:
    """A repealed article ends a part; the document's own last day ends the whole, and what is hidden says nothing."""
    part = replace(REPLACES, kind=RelationKind.REPEALS, target=replace(REPLACES.target, anchor="dieu-5"))
    target = put(catalogue, "t", replace(DECREE, expiry_date=date(2025, 12, 31)))
    citing = put(catalogue, "c", replace(DECISION, effective_date=date(2025, 3, 4)), part)
    put(catalogue, "h", replace(DECISION, number="13/2025/QĐ-UBND", issued_date=date(2024, 1, 1)), REPLACES, declared=INTERNAL)
    assert catalogue.derived_validity(target, EVERYONE, date(2025, 6, 1)) == Validity(
        "Hết hiệu lực một phần", date(2025, 3, 4), id_of(catalogue, citing)
    )
    assert catalogue.derived_validity(target, EVERYONE, date(2026, 1, 1)) == Validity("Hết hiệu lực toàn bộ", date(2025, 12, 31))
    remove(catalogue, target)
    assert catalogue.derived_validity(target, EVERYONE, date(2026, 1, 1)) is None


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.booleans()), min_size=3, max_size=8))
def test_any_order_of_changes_ends_alike(tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, bool]]) -> None:
    """However documents come and go, a relation is resolved exactly where its one target is live at the end."""
    catalogue = WritableCatalogue.open(tmp_path_factory.mktemp("order") / "catalogue.sqlite")
    citing = put(catalogue, "c", DECISION, REPLACES)
    keys = {}
    live = set()
    for name, comes in steps:
        if comes:
            keys[name] = put(catalogue, name, DECREE)
            live.add(name)
        elif name in live:
            remove(catalogue, keys[name])
            live.discard(name)
    expected = id_of(catalogue, keys[next(iter(live))]) if len(live) == 1 else None
    assert ids(catalogue, citing)[0] == [expected]
    catalogue.close()

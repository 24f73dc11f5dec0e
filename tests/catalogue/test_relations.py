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
from indexer.model import Canonical, Evidence, LegalMetadata, Relation, RelationKind, Said, Target, Understood, Visibility

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
    """The other ends of a document's relations: of those that it states, of those that others state."""
    told = [one for group in catalogue.relations_of(key, visible, 100) for one in group.relations]
    names = {one.key: one.id for one in catalogue.get_many(one.other for one in told if one.other).values()}
    ends: tuple[list[str | None], list[str | None]] = ([], [])
    for one in told:
        ends[not one.own].append(names.get(one.other) if one.other else None)
    return ends


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
    (group,) = catalogue.relations_of(citing, EVERYONE, 1)
    assert (group.kind, group.received, group.total, group.relations[0].relation) == (RelationKind.REPLACES, False, 1, REPLACES)


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
        (LOCAL, LegalMetadata(number="1182/QĐ-UBND", issuer=DECISION.issuer, issued_date=date(2022, 5, 6)), True),
        (LOCAL, LegalMetadata(number="1182/QĐ-UBND", issuer="khác", issued_date=date(2022, 5, 6)), False),
        (LOCAL, LegalMetadata(number="1182/QĐ-UBND", issued_date=date(2022, 5, 6)), False),
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
        "day agrees, another issuer",
        "day agrees, issuer unknown",
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
    """The stated day decides, without it the year; the issuer must agree, too, unless the number is a national body's."""
    put(catalogue, "t", metadata)
    citing = put(catalogue, "c", DECISION, replace(REPLACES, target=target))
    assert (ids(catalogue, citing)[0] != [None]) == found


NAMED = Target("20/2020/QĐ-UBND", "Quyết định", 2020, date(2020, 6, 1))


@pytest.mark.parametrize(
    ("citing", "named", "issuer", "found"),
    [
        ("Ủy ban nhân dân tỉnh Lạng Sơn", "Ủy ban nhân dân tỉnh Lạng Sơn", "Ủy ban nhân dân tỉnh Hà Nam", False),
        ("Ủy ban nhân dân tỉnh Ninh Bình", "Ủy ban nhân dân tỉnh Hà Nam", "Ủy ban nhân dân tỉnh Hà Nam", True),
        ("Ủy ban nhân dân tỉnh Ninh Bình", "Ủy ban nhân dân tỉnh Hà Nam", "Ủy ban nhân dân tỉnh Ninh Bình", False),
        ("Ủy ban nhân dân tỉnh Lạng Sơn", None, "Uỷ ban nhân dân tỉnh Lạng Sơn", True),
        ("Chủ tịch UBND tỉnh Lạng Sơn", "Ủy ban nhân dân tỉnh", "Ủy ban nhân dân tỉnh Lạng Sơn", True),
        ("Sở Tài chính tỉnh Lạng Sơn", "Ủy ban nhân dân tỉnh", "Ủy ban nhân dân tỉnh Lạng Sơn", True),
        ("Sở Tài chính tỉnh Lạng Sơn", "Ủy ban nhân dân tỉnh", "Ủy ban nhân dân tỉnh Hà Nam", False),
        ("Sở Tài chính tỉnh Lạng Sơn", None, "Ủy ban nhân dân tỉnh Lạng Sơn", False),
        ("Bộ Nội vụ", "Ủy ban nhân dân tỉnh", "Ủy ban nhân dân tỉnh Lạng Sơn", False),
        ("Ủy ban nhân dân tỉnh Lạng Sơn", "Tỉnh", "Ủy ban nhân dân tỉnh Lạng Sơn", False),
        (None, None, "Ủy ban nhân dân tỉnh Lạng Sơn", False),
    ],
    ids=[
        "another province's",
        "a province that was merged",
        "not its own",
        "older spelling",
        "abbreviated, chairman",
        "its province's committee",
        "not another's",
        "a department's own",
        "no province",
        "not readable",
        "citing body unknown",
    ],
)
def test_the_body_named_is_the_targets(
    catalogue: WritableCatalogue, citing: str | None, named: str | None, issuer: str, found: bool
) -> None:
    """Of equal numbers the one is meant whose body is named; a body without its place is that of the citing body's place."""
    put(catalogue, "t", LegalMetadata(number="20/2020/QĐ-UBND", issuer=issuer, issued_date=date(2020, 6, 1)))
    own = replace(DECISION, issuer=citing, issued_date=date(2025, 8, 1))
    key = put(catalogue, "c", own, replace(REPLACES, kind=RelationKind.REPEALS, target=NAMED, issuer=named))
    assert (ids(catalogue, key)[0] != [None]) == found
    (group,) = catalogue.relations_of(key, EVERYONE, 1)
    assert group.relations[0].relation.issuer == named


@pytest.mark.parametrize(
    ("issuer", "same"),
    [("Uỷ ban nhân dân tỉnh A", True), ("UBND tỉnh A", True), ("Ủy ban nhân dân tỉnh B", False), (None, False)],
)
def test_a_number_given_twice_is_told_by_the_body(catalogue: WritableCatalogue, issuer: str | None, same: bool) -> None:
    """Two documents of one body, number and year are namesakes, however the body is spelled."""
    first = put(catalogue, "t", DECISION)
    second = replace(DECISION, issuer=issuer)
    key = put(catalogue, "u", second)
    with catalogue.transaction() as change:
        assert change.namesakes(key, second) == ([id_of(catalogue, first)] if same else [])


def test_a_reader_learns_nothing_of_what_is_not_for_him(catalogue: WritableCatalogue) -> None:
    """An internal document is named to staff alone, on either side."""
    target = put(catalogue, "t", DECREE, declared=INTERNAL)
    citing = put(catalogue, "c", DECISION, REPLACES)
    assert ids(catalogue, citing) == ([None], [])
    assert ids(catalogue, citing, STAFF) == ([id_of(catalogue, target)], [])
    hidden = put(catalogue, "h", replace(DECISION, number="13/2025/QĐ-UBND"), REPLACES, declared=INTERNAL)
    assert ids(catalogue, target) == ([], [])
    assert ids(catalogue, target, STAFF) == ([], [id_of(catalogue, citing), id_of(catalogue, hidden)])
    with catalogue.transaction() as change:
        change.redeclare(target, PUBLIC)
    assert ids(catalogue, target) == ([], [id_of(catalogue, citing)])


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


def test_a_catalogue_of_the_second_schema_keeps_its_public_targets(tmp_path: Path) -> None:
    """What was resolved to a public document stays linked for the public, what was to an internal one stays staff's."""
    path = tmp_path / "catalogue.sqlite"
    catalogue = WritableCatalogue.open(path)
    put(catalogue, "t", DECREE)
    put(catalogue, "i", replace(DECREE, number="16/2020/NĐ-CP"), declared=INTERNAL)
    other = replace(REPLACES, target=Target("16/2020/NĐ-CP", "Nghị định", 2020), start=21)
    citing = put(catalogue, "c", DECISION, REPLACES, other)
    before = ids(catalogue, citing), ids(catalogue, citing, STAFF)
    catalogue.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP INDEX ix_relations_public_target_key")
        connection.execute("ALTER TABLE relations DROP COLUMN public_target_key")
        connection.execute("ALTER TABLE relations DROP COLUMN issuer")
        connection.execute("UPDATE alembic_version SET version_num = '0002'")
    catalogue = WritableCatalogue.open(path)
    assert (ids(catalogue, citing), ids(catalogue, citing, STAFF)) == before
    catalogue.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT DISTINCT personal FROM texts").fetchall() == [(None,)]


def test_a_catalogue_of_the_third_schema_opens_links_between_bodies(tmp_path: Path) -> None:
    """A link to another local body's document may have been made by the day alone; one within a body and to a decree stays."""
    path = tmp_path / "catalogue.sqlite"
    catalogue = WritableCatalogue.open(path)
    other = LegalMetadata(number="1182/QĐ-UBND", issuer="Ủy ban nhân dân tỉnh B", issued_date=date(2022, 5, 6))
    own = LegalMetadata(number="5/2022/QĐ-UBND", issuer=DECISION.issuer, issued_date=date(2022, 5, 6))
    kept = [put(catalogue, "t", DECREE), put(catalogue, "o", own)]
    put(catalogue, "b", other)
    says = (REPLACES, replace(REPLACES, target=Target("5/2022/QĐ-UBND", "Quyết định", 2022)), replace(REPLACES, target=LOCAL))
    citing = put(catalogue, "c", DECISION, *says)
    catalogue.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        linked = "UPDATE relations SET target_key = (SELECT document_key FROM legal_metadata WHERE number = '1182/QĐ-UBND')"
        connection.execute(f"{linked} WHERE number = '1182/QĐ-UBND'")  # as the third schema's program did
        connection.execute("ALTER TABLE relations DROP COLUMN issuer")
        connection.execute("UPDATE alembic_version SET version_num = '0003'")
    catalogue = WritableCatalogue.open(path)
    (group,) = catalogue.relations_of(citing, STAFF, 9)
    assert [one.other for one in group.relations] == [*kept, None]
    catalogue.close()


def derived(catalogue: WritableCatalogue, key: int, on: date) -> tuple[str | None, date | None, int | None]:
    """What the public is told of a document's validity on a day: status, since when, which document's text says so."""
    found = catalogue.validity_of(key, EVERYONE, on)
    return found.status, found.because and found.because.day, found.because and found.because.key


NOTHING = (None, None, None)


def test_validity_follows_from_what_others_say(catalogue: WritableCatalogue) -> None:
    """From the day on which a document that replaces it acts, a document has ended, with that document as the source."""
    target = put(catalogue, "t", replace(DECREE, effective_date=date(2020, 4, 1)))
    citing = put(catalogue, "c", replace(DECISION, effective_date=date(2025, 5, 1)), REPLACES)
    days = (date(2020, 3, 31), date(2020, 4, 1), date(2025, 4, 30), date(2025, 5, 1))
    assert [derived(catalogue, target, day) for day in days] == [
        ("Chưa có hiệu lực", date(2020, 4, 1), None),
        NOTHING,
        NOTHING,
        ("Hết hiệu lực toàn bộ", date(2025, 5, 1), citing),
    ]
    because = catalogue.validity_of(target, EVERYONE, days[-1]).because
    assert because == Said(date(2025, 5, 1), citing, REPLACES.sentence)


def test_a_part_ends_or_the_document_by_itself(catalogue: WritableCatalogue) -> None:
    """A repealed article ends a part; the document's own day ends the whole, and what is hidden says nothing."""
    part = replace(REPLACES, kind=RelationKind.REPEALS, target=replace(REPLACES.target, anchor="dieu-5"))
    target = put(catalogue, "t", replace(DECREE, expiry_date=date(2026, 1, 1)))
    citing = put(catalogue, "c", replace(DECISION, effective_date=date(2025, 3, 4)), part)
    early = replace(DECISION, number="13/2025/QĐ-UBND", effective_date=date(2024, 1, 1))
    hidden = put(catalogue, "h", early, REPLACES, declared=INTERNAL)
    partly, wholly = ("Hết hiệu lực một phần", date(2025, 3, 4), citing), ("Hết hiệu lực toàn bộ", date(2026, 1, 1), None)
    assert derived(catalogue, target, date(2025, 12, 31)) == partly
    assert derived(catalogue, target, date(2026, 1, 1)) == wholly  # "hết hiệu lực từ ngày" holds on that day
    staff = catalogue.validity_of(target, STAFF, date(2025, 6, 1)).because
    assert staff is not None
    assert staff.key == hidden
    remove(catalogue, target)
    assert derived(catalogue, target, date(2026, 1, 1)) == NOTHING


@pytest.mark.parametrize(
    ("sentence", "status"),
    [
        ("Bãi bỏ Nghị định số 15/2020/NĐ-CP sửa đổi một số điều của Luật A.", "Hết hiệu lực toàn bộ"),
        ("Nghị định số 1/2010/NĐ-CP về một số việc, Nghị định số 15/2020/NĐ-CP hết hiệu lực.", "Hết hiệu lực toàn bộ"),
        ("Bãi bỏ một phần Nghị định số 15/2020/NĐ-CP như sau:", "Hết hiệu lực một phần"),
        ("Bãi bỏ một số quy định tại Nghị định số 15/2020/NĐ-CP.", "Hết hiệu lực một phần"),
        ("Bãi bỏ các biểu mẫu số 92, 93 ban hành kèm theo Nghị định số 15/2020/NĐ-CP.", "Hết hiệu lực một phần"),
        ("Nghị định số 15/2020/NĐ-CP hết hiệu lực, trừ trường hợp tại Khoản 3.", "Hết hiệu lực một phần"),
    ],
)
def test_the_whole_has_ended_only_where_no_part_is_left_out(catalogue: WritableCatalogue, sentence: str, status: str) -> None:
    """What a sentence takes out, or takes alone, makes it a part; another document's title does not."""
    start = sentence.index("15/2020")
    relation = replace(REPLACES, kind=RelationKind.REPEALS, start=start, end=start + 13, sentence=(0, len(sentence)))
    target = put(catalogue, "t", DECREE)
    acting = replace(DECISION, effective_date=date(2025, 3, 4))
    understood = Understood(Canonical(sentence), acting, (), "text", relations=(relation,))
    with catalogue.transaction() as change:
        citing = change.put(FoundFile(PUBLIC.path / "c", 9, 1, "c" * 8), PUBLIC, understood, acting, {})
    assert derived(catalogue, target, date(2025, 6, 1)) == (status, date(2025, 3, 4), citing)


def test_nothing_ends_a_document_before_it_was_issued(catalogue: WritableCatalogue) -> None:
    """A consolidated text is older than what amended it, and names that."""
    target = put(catalogue, "t", DECREE)
    put(catalogue, "c", replace(DECISION, effective_date=date(2020, 2, 2)), REPLACES)
    assert derived(catalogue, target, date(2025, 6, 1)) == NOTHING


def changed(catalogue: WritableCatalogue, since: int) -> set[int]:
    """The documents that the index is told of after a change."""
    return {key for _, key in catalogue.changed_since(since)}


def test_who_ends_a_document_changes_it_in_the_index(catalogue: WritableCatalogue) -> None:
    """When another document comes that ends it, is closed, opened, dated anew, gets another number or goes, it is told, too."""
    target, other = put(catalogue, "t", DECREE), put(catalogue, "o", replace(DECREE, number="16/2020/NĐ-CP"))
    held = catalogue.last_change()
    acting = replace(DECISION, effective_date=date(2035, 5, 1))
    citing = put(catalogue, "c", acting, REPLACES)
    assert (catalogue.first_day_without(target), catalogue.first_day_without(other)) == (date(2035, 5, 1), None)
    assert changed(catalogue, held) == {citing, target}
    for visible, day in ((INTERNAL, None), (PUBLIC, date(2035, 5, 1))):
        held = catalogue.last_change()
        with catalogue.transaction() as change:
            change.redeclare(citing, visible)
        assert (catalogue.first_day_without(target), changed(catalogue, held)) == (day, {citing, target})
    held = catalogue.last_change()
    with catalogue.transaction() as change:
        change.set_registered(citing, replace(acting, effective_date=date(2025, 6, 1)), {"effective_date": "2025-06-01"})
    assert (catalogue.first_day_without(target), changed(catalogue, held)) == (date(2025, 6, 1), {citing, target})
    held = catalogue.last_change()
    namesake = put(catalogue, "n", replace(DECREE, issued_date=date(2020, 3, 3)))
    assert (catalogue.first_day_without(target), changed(catalogue, held)) == (None, {target, namesake})
    held = catalogue.last_change()
    remove(catalogue, namesake)
    assert (catalogue.first_day_without(target), changed(catalogue, held)) == (date(2025, 6, 1), {target, namesake})
    held = catalogue.last_change()
    remove(catalogue, citing)
    assert (catalogue.first_day_without(target), changed(catalogue, held)) == (None, {citing, target})


def test_a_part_that_ends_leaves_the_document(catalogue: WritableCatalogue) -> None:
    """What ends is the whole, by another's word or by its own, whichever comes first."""
    part = replace(REPLACES, target=replace(REPLACES.target, anchor="dieu-5"))
    target = put(catalogue, "t", DECREE)
    put(catalogue, "c", replace(DECISION, effective_date=date(2025, 3, 4)), part)
    assert catalogue.first_day_without(target) is None
    with catalogue.transaction() as change:
        change.set_registered(target, replace(DECREE, expiry_date=date(2026, 1, 1)), {"expiry_date": "2026-01-01"})
    assert catalogue.first_day_without(target) == date(2026, 1, 1)


def test_each_day_has_who_says_it(catalogue: WritableCatalogue) -> None:
    """The text where it states the day, with the place; the register where that states another, or alone states one."""
    stated = replace(DECREE, effective_date=date(2020, 4, 1))
    understood = Understood(Canonical("Có hiệu lực"), stated, (), "text", {"effective_date": Evidence(3, 11, 1, 0.9)})
    registered = {"expiry_date": "2024-01-01"}
    with catalogue.transaction() as change:
        held = replace(stated, expiry_date=date(2024, 1, 1))
        key = change.put(FoundFile(PUBLIC.path / "t", 9, 1, "t" * 8), PUBLIC, understood, held, registered)
    found = catalogue.validity_of(key, EVERYONE, date(2022, 1, 1))
    assert (found.effective, found.expiry) == (Said(date(2020, 4, 1), key, (3, 11)), Said(date(2024, 1, 1)))
    with catalogue.transaction() as change:
        change.set_registered(key, replace(held, effective_date=date(2020, 5, 1)), {"effective_date": "2020-05-01"} | registered)
    assert catalogue.validity_of(key, EVERYONE, date(2022, 1, 1)).effective == Said(date(2020, 5, 1))


def test_an_internal_namesake_does_not_put_the_publics_links_in_doubt(catalogue: WritableCatalogue) -> None:
    """A link that vanished would tell that another document with the number is here; to staff it is in doubt."""
    target, citing = put(catalogue, "t", DECREE), put(catalogue, "c", DECISION, REPLACES)
    before = catalogue.relations_of(citing, EVERYONE, 9), catalogue.relations_of(target, EVERYONE, 9)
    hidden = put(catalogue, "h", DECREE, declared=INTERNAL)
    assert (catalogue.relations_of(citing, EVERYONE, 9), catalogue.relations_of(target, EVERYONE, 9)) == before
    assert ids(catalogue, citing, STAFF) == ([None], [])
    with catalogue.transaction() as change:
        change.redeclare(hidden, PUBLIC)
    assert ids(catalogue, citing) == ([None], [])
    with catalogue.transaction() as change:
        change.redeclare(target, INTERNAL)
    assert ids(catalogue, citing) == ([id_of(catalogue, hidden)], [])


def test_a_text_that_prints_its_own_number_says_nothing_of_another(catalogue: WritableCatalogue) -> None:
    """It is left out, but not the same number of another day or year; a law that is named without a number stays."""
    targets = (
        Target("12/2025/QĐ-UBND", "Quyết định", 2025),
        Target("12/2025/QĐ-UBND", "Quyết định", 2025, date(2025, 9, 9)),
        Target("12/2025/QĐ-UBND", "Quyết định", 2024),
        Target(None, "Luật Đất đai", 2013),
    )
    key = put(catalogue, "c", DECISION, *(replace(REPLACES, target=target) for target in targets))
    (group,) = catalogue.relations_of(key, EVERYONE, 9)
    assert (group.total, [one.relation.target for one in group.relations]) == (3, list(targets[1:]))


def test_groups_are_capped_with_exact_totals(catalogue: WritableCatalogue) -> None:
    """However many cite a document, so many are read, the newest first; pages tile the rest; both directions are apart."""
    own = replace(REPLACES, kind=RelationKind.BASIS, target=Target("1/2010/NĐ-CP", "Nghị định", 2010))
    passive = replace(REPLACES, passive=True)
    target = put(catalogue, "t", DECREE, own)
    keys = [
        put(catalogue, f"c{n}", replace(DECISION, number=f"{n}/2025/QĐ-UBND", issued_date=date(2025, 3, n)), REPLACES)
        for n in range(1, 8)
    ]
    put(catalogue, "p", replace(DECISION, number="90/2025/QĐ-UBND"), passive)
    groups = catalogue.relations_of(target, EVERYONE, 3)
    told = [(group.kind, group.received, group.total, [one.other for one in group.relations]) for group in groups]
    assert told == [
        (RelationKind.BASIS, False, 1, [None]),
        (RelationKind.REPLACES, False, 1, [keys[-1] + 1]),
        (RelationKind.REPLACES, True, 7, keys[:3:-1]),
    ]
    pages = [
        catalogue.relation_group(target, EVERYONE, RelationKind.REPLACES, received=True, offset=offset, limit=3)
        for offset in (0, 3, 6, 9)
    ]
    assert [one.other for page in pages for one in page.relations] == keys[::-1]
    assert {page.total for page in pages} == {7}
    assert catalogue.relation_group(target, EVERYONE, RelationKind.CITES, received=True, offset=0, limit=3).total == 0


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

"""The catalogue keeps identities, numbers every change, and forgets what is removed."""

import random
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from alembic import op
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from indexer.catalogue import Catalogue, Declaration, FoundFile, Outcome, WritableCatalogue, database, schema
from indexer.errors import CatalogueDamaged, CatalogueOutdated, CatalogueTooNew
from indexer.model import Canonical, Evidence, LegalMetadata, Personal, PersonalKind, Provision, Step, Understood, Visibility

FOLDER = Declaration(Path("/docs"), "gazette", publishable=True)
TEXT = "QUYẾT ĐỊNH\nĐiều 1. Phê duyệt quy hoạch.\nĐiều 2. Hiệu lực."
UNDERSTOOD = Understood(
    Canonical(TEXT, (0, 11), (Step("nfc", 2, "a → á"),)),
    LegalMetadata(number="12/2025/QĐ-UBND", type="Quyết định", issued_date=date(2025, 3, 4), title="Về quy hoạch"),
    (Provision("dieu-1", "Điều 1", "Phê duyệt quy hoạch.", 11, 40), Provision("dieu-2", "Điều 2", "Hiệu lực.", 40, 57)),
    "docx",
    {"number": Evidence(0, 5, 1, 0.9)},
)


def found(name: str, content: str = "a") -> FoundFile:
    """A file of the folder whose hash stands for its content."""
    return FoundFile(FOLDER.path / name, len(content), 1, content * 8)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[WritableCatalogue]:
    """An empty catalogue on disk."""
    opened = WritableCatalogue.open(tmp_path / "catalogue.sqlite")
    yield opened
    opened.close()


def put(catalogue: WritableCatalogue, file: FoundFile, understood: Understood = UNDERSTOOD) -> int:
    """Store a document as the pipeline does."""
    with catalogue.transaction() as change:
        return change.put(file, FOLDER, understood, understood.metadata, {})


def test_a_document_comes_back_whole(catalogue: WritableCatalogue) -> None:
    """Text, pages, steps, metadata, provisions, evidence and original are read as they were written."""
    key = put(catalogue, found("a.docx"))
    document = catalogue.get_many([key])[key]
    assert document.metadata == UNDERSTOOD.metadata
    assert (document.format, document.page_count, document.source) == ("docx", 2, "gazette")
    assert catalogue.canonical(key) == UNDERSTOOD.canonical
    assert catalogue.provisions(key) == UNDERSTOOD.provisions
    assert catalogue.evidence(key) == UNDERSTOOD.evidence
    original = catalogue.original(key)
    assert original is not None
    assert original.path == FOLDER.path / "a.docx"
    assert catalogue.get(document.id) == document


def test_personal_identifiers_are_masked_on_demand(catalogue: WritableCatalogue) -> None:
    """What the public is shown keeps its length and shows no figure of them; the text itself stays."""
    text = "Ông An, CCCD 020085001234, nhận 2 triệu đồng."
    personal = (Personal(PersonalKind.IDENTITY, 13, 25),)
    key = put(catalogue, found("a.docx"), Understood(Canonical(text), LegalMetadata(), (), "docx", personal=personal))
    shown = "Ông An, CCCD ••••••••••••, nhận 2 triệu đồng."
    assert catalogue.canonical(key).text == text
    assert catalogue.canonical(key, masked=True).text == shown
    assert catalogue.masked_texts([key, key + 1]) == {key: shown}


def test_an_edited_file_keeps_its_id(catalogue: WritableCatalogue) -> None:
    """New bytes at the same path are the same document with a new change number."""
    key = put(catalogue, found("a.docx", "a"))
    document = catalogue.get_many([key])[key]
    edited = replace(UNDERSTOOD, canonical=Canonical("Nội dung mới"), provisions=())
    assert put(catalogue, found("a.docx", "b"), edited) == key
    assert catalogue.get(document.id) is not None
    assert catalogue.canonical(key).text == "Nội dung mới"
    assert catalogue.provisions(key) == ()
    assert catalogue.changed_since(0) == [(2, key)]


def test_editing_one_of_two_copies_makes_a_second_document(catalogue: WritableCatalogue) -> None:
    """The untouched copy keeps the id; the edited one gets its own."""
    key = put(catalogue, found("a.docx", "a"))
    with catalogue.transaction() as change:
        change.attach(found("copy.docx", "a"), FOLDER, key)
    other = put(catalogue, found("copy.docx", "b"))
    assert other != key
    assert catalogue.live_keys() == [key, other]


def test_a_moved_file_keeps_its_document(catalogue: WritableCatalogue) -> None:
    """After the old path is forgotten the document lives on under the new one."""
    key = put(catalogue, found("a.docx"))
    with catalogue.transaction() as change:
        change.attach(found("b.docx"), FOLDER, key)
        before = change.line(FOLDER.path / "a.docx")
        assert before is not None
        change.forget(before, "moved")
    assert catalogue.live_keys() == [key]
    assert catalogue.changed_since(1) == []
    assert [line.path for line in catalogue.ledger()] == ["/docs/b.docx"]


def test_removing_erases_content_and_keeps_the_identity(catalogue: WritableCatalogue) -> None:
    """A removed document is gone for readers, its bytes are gone from the file, and its id is never given again."""
    key = put(catalogue, found("a.docx"))
    with catalogue.transaction() as change:
        paths = change.remove_by_order(key, "thu hồi")
    assert paths == ["/docs/a.docx"]
    assert catalogue.get_many([key]) == {}
    assert catalogue.provisions(key) == ()
    assert catalogue.changed_since(1) == [(2, key)]
    assert catalogue.outcomes()["removed"] == 1
    other = replace(UNDERSTOOD, canonical=Canonical("Văn bản khác"), metadata=LegalMetadata(), provisions=())
    assert put(catalogue, found("c.docx", "c"), other) > key
    catalogue.close()
    kept = b"".join(path.read_bytes() for path in sorted(catalogue.path.parent.iterdir()))
    assert zlib.compress(TEXT.encode()) not in kept
    assert "Phê duyệt quy hoạch".encode() not in kept


def test_quarantine_removes_what_the_file_gave_before(catalogue: WritableCatalogue) -> None:
    """A mark found in a new version takes the old version out too."""
    key = put(catalogue, found("a.docx", "a"))
    with catalogue.transaction() as change:
        change.quarantine(found("a.docx", "b"), FOLDER, "secrecy_mark", "Có dấu MẬT.")
    assert catalogue.live_keys() == []
    assert catalogue.changed_since(1) == [(2, key)]
    (line,) = catalogue.ledger(Outcome.QUARANTINED)
    assert (line.code, line.document_key) == ("secrecy_mark", None)


def test_a_failed_new_version_leaves_the_old_one(catalogue: WritableCatalogue) -> None:
    """A file that can no longer be read is a failure; what it gave before stays published."""
    key = put(catalogue, found("a.docx", "a"))
    with catalogue.transaction() as change:
        change.fail(found("a.docx", "b"), FOLDER, "extract", "damaged", "Tệp hỏng.")
    assert catalogue.live_keys() == [key]
    assert catalogue.verify() == []
    assert catalogue.outcomes() == {"indexed": 0, "failed": 1, "quarantined": 0, "unpacked": 0, "removed": 0, "missing": 0}


def test_a_transaction_that_fails_leaves_nothing(catalogue: WritableCatalogue) -> None:
    """What a block wrote before it raised is not there."""

    def half_way() -> None:
        with catalogue.transaction() as change:
            change.put(found("a.docx"), FOLDER, UNDERSTOOD, UNDERSTOOD.metadata, {})
            raise InterruptedError

    with pytest.raises(InterruptedError):
        half_way()
    assert catalogue.live_keys() == []
    assert catalogue.ledger() == []
    assert catalogue.last_change() == 0


def test_redeclaring_changes_only_what_differs(catalogue: WritableCatalogue) -> None:
    """A folder made internal renumbers its documents once; saying it again does nothing."""
    key = put(catalogue, found("a.docx"))
    internal = replace(FOLDER, visibility=Visibility.INTERNAL)
    for _ in range(2):
        with catalogue.transaction() as change:
            change.redeclare(key, internal)
    assert catalogue.get_many([key])[key].visibility is Visibility.INTERNAL
    assert catalogue.last_change() == 2


def test_the_ledger_knows_what_lies_below_a_folder(catalogue: WritableCatalogue) -> None:
    """A folder's lines are its own, not those of one whose name begins alike, nor of LIKE's wildcards."""
    for name in ("in/a", "in/sub/b", "in_x/c", "inn/d"):
        put(catalogue, found(name, name[-1]))
    with catalogue.transaction() as change:
        assert [line.path for line in change.lines_under(FOLDER.path / "in")] == ["/docs/in/a", "/docs/in/sub/b"]
        assert [line.path for line in change.lines_under(FOLDER.path / "in_x")] == ["/docs/in_x/c"]


def test_changes_come_once_for_each_document_in_order(catalogue: WritableCatalogue) -> None:
    """Replaying needs each document's newest change only."""
    first, second = put(catalogue, found("a", "a")), put(catalogue, found("b", "b"))
    assert put(catalogue, found("a", "c")) == first
    assert catalogue.changed_since(0) == [(2, second), (3, first)]
    assert catalogue.changed_since(2) == [(3, first)]


def test_migrations_give_the_schema(catalogue: WritableCatalogue) -> None:
    """The tables that the migrations make are those of schema.py."""
    with catalogue._engine.connect() as connection:
        context = MigrationContext.configure(connection, {"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []
        assert context.get_current_revision() == schema.REVISION


def test_a_newer_catalogue_is_refused_unharmed(catalogue: WritableCatalogue) -> None:
    """Reading and writing commands say to update the program, and change nothing."""
    catalogue.close()
    with closing(sqlite3.connect(catalogue.path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    for kind in (Catalogue, WritableCatalogue):
        with pytest.raises(CatalogueTooNew, match="cập nhật chương trình"):
            kind.open(catalogue.path)
    with closing(sqlite3.connect(catalogue.path)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]


def test_a_catalogue_without_schema_is_outdated_for_readers(tmp_path: Path) -> None:
    """A reader doesn't upgrade; it says which command does."""
    path = tmp_path / "catalogue.sqlite"
    sqlite3.connect(path).close()
    with pytest.raises(CatalogueOutdated, match="congbao index"):
        Catalogue.open(path)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    """Bytes that are no database give a sentence, not a stack trace."""
    path = tmp_path / "catalogue.sqlite"
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(CatalogueDamaged, match=r"catalogue\.sqlite"):
        WritableCatalogue.open(path)


def test_verify_finds_a_damaged_text(catalogue: WritableCatalogue) -> None:
    """A text that cannot be read any more is reported by its document's key."""
    key = put(catalogue, found("a.docx"))
    assert catalogue.verify() == []
    with catalogue._engine.begin() as connection:
        connection.execute(schema.texts.update().values(text=b"broken"))
    assert catalogue.verify() == [f"Nội dung của văn bản có khóa {key} bị hỏng: phục hồi từ bản sao lưu."]


def test_connections_are_durable(catalogue: WritableCatalogue) -> None:
    """Every connection writes ahead, waits for the disk and overwrites what is deleted."""
    with catalogue._engine.connect() as connection:
        assert [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        ] == ["wal", 2, 1, 1]


@pytest.mark.parametrize("seed", range(3))
def test_scrubbing_leaves_no_stale_copy(tmp_path: Path, seed: int) -> None:
    """Rows that pages were split and merged around are gone too; secure_delete alone leaves about one in a hundred of these."""
    chance, path = random.Random(seed), tmp_path / "rows.sqlite"
    engine = database.connect(path)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE kept (number INTEGER PRIMARY KEY, words TEXT)")
        for number in chance.choices(range(1000), k=1000):
            row = (number, f"word-{number:03d} " * chance.choice((1, 5, 20, 60, 150)))
            connection.exec_driver_sql("INSERT OR REPLACE INTO kept VALUES (?, ?)", row)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM kept WHERE number % 2")
    database.scrub(engine, path)
    left = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    engine.dispose()
    assert [number for number in range(1, 1000, 2) if f"word-{number:03d}".encode() in left] == []
    assert b"word-" in left


def test_a_migration_is_done_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is cut off leaves an empty file behind, which the next opening migrates."""
    path = tmp_path / "catalogue.sqlite"
    create = op.create_table

    def cut_off(name: str, *columns: object, **options: object) -> object:
        if name == "files":
            raise InterruptedError
        return create(name, *columns, **options)

    with monkeypatch.context() as patched:
        patched.setattr(op, "create_table", cut_off)
        with pytest.raises(InterruptedError):
            WritableCatalogue.open(path)
    WritableCatalogue.open(path).close()

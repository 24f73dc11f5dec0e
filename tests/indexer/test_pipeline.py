"""Indexing a folder again and again: only what changed is read, nothing is doubled, nothing is lost."""

import os
from pathlib import Path

import pytest
from operator_desk import TEXT, Desk, write

from indexer import commands, reports
from indexer.config import Source
from indexer.engine.port import SearchRequest
from indexer.errors import BadRegister, DataFolderBusy, IndexDamaged, UnknownDocument
from indexer.events import Event
from indexer.model import Visibility


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three decisions."""
    place = tmp_path / "documents"
    place.mkdir()
    for number in (1, 2, 3):
        write(place / f"{number}.txt", number)
    return place


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk with an empty data folder."""
    return Desk(tmp_path / "data")


def test_a_folder_becomes_searchable(desk: Desk, folder: Path) -> None:
    """Every file is a document that its number finds."""
    assert desk.index(folder) == {Event.INDEXED: 3}
    documents = desk.documents()
    assert sorted(documents) == ["1/2025/QĐ-UBND", "2/2025/QĐ-UBND", "3/2025/QĐ-UBND"]
    assert desk.found("2-2025-qdubnd") == [documents["2/2025/QĐ-UBND"].id]


def test_the_second_run_reads_nothing(desk: Desk, folder: Path) -> None:
    """Unchanged files are passed over and the index stays as it is."""
    desk.index(folder)
    before = desk.documents()
    assert desk.index(folder) == {Event.UNCHANGED: 3}
    assert desk.documents() == before


def test_touching_a_file_is_no_change(desk: Desk, folder: Path) -> None:
    """Another time with the same bytes is noticed and not read again."""
    desk.index(folder)
    os.utime(folder / "1.txt", (1, 1))
    assert desk.index(folder) == {Event.UNCHANGED: 3}


def test_an_edit_is_one_changed_document(desk: Desk, folder: Path) -> None:
    """The edited file keeps its id and its new text is found."""
    desk.index(folder)
    before = desk.documents()["1/2025/QĐ-UBND"].id
    write(folder / "1.txt", 10, body="Nội dung khác.")
    assert desk.index(folder) == {Event.INDEXED: 1, Event.UNCHANGED: 2}
    assert desk.found("10-2025-qdubnd") == [before]
    assert desk.found("1-2025-qdubnd") == []


def test_a_move_keeps_the_document(desk: Desk, folder: Path) -> None:
    """A file that was moved is neither new nor missing."""
    desk.index(folder)
    before = desk.documents()
    (folder / "sub").mkdir()
    (folder / "1.txt").rename(folder / "sub" / "renamed.txt")
    assert desk.index(folder) == {Event.MOVED: 1, Event.UNCHANGED: 2}
    assert desk.documents() == before


def test_a_copy_is_no_second_document(desk: Desk, folder: Path) -> None:
    """Two files with the same bytes are one document, whether they come together or one after the other."""
    (folder / "copy.txt").write_bytes((folder / "1.txt").read_bytes())
    assert desk.index(folder) == {Event.INDEXED: 3, Event.COPY: 1}
    (folder / "late.txt").write_bytes((folder / "2.txt").read_bytes())
    assert desk.index(folder) == {Event.UNCHANGED: 4, Event.COPY: 1}
    assert len(desk.documents()) == 3
    (folder / "1.txt").unlink()
    desk.index(folder, prune=True)
    assert len(desk.documents()) == 3


def test_a_vanished_file_is_reported_and_pruned_on_demand(desk: Desk, folder: Path) -> None:
    """Its document stays until the operator says otherwise."""
    desk.index(folder)
    (folder / "3.txt").unlink()
    assert desk.index(folder) == {Event.UNCHANGED: 2, Event.MISSING: 1}
    assert len(desk.documents()) == 3
    assert desk.index(folder, prune=True) == {Event.UNCHANGED: 2, Event.PRUNED: 1}
    assert sorted(desk.documents()) == ["1/2025/QĐ-UBND", "2/2025/QĐ-UBND"]
    assert desk.found("3-2025-qdubnd") == []


def test_what_is_not_declared_publishable_stays_out(desk: Desk, folder: Path) -> None:
    """The gate is closed by default, opens by declaration, is remembered, and closes again."""
    assert desk.index(folder, publishable=None) == {Event.QUARANTINED: 3}
    assert desk.documents() == {}
    assert desk.index(folder) == {Event.INDEXED: 3}
    assert desk.index(folder, publishable=None) == {Event.UNCHANGED: 3}
    assert desk.index(folder, publishable=False) == {Event.QUARANTINED: 3}
    assert desk.documents() == {}
    assert desk.found("1-2025-qdubnd") == []


def test_a_configured_source_is_publishable_without_a_flag(desk: Desk, folder: Path) -> None:
    """[sources] in congbao.toml declares a folder, and its name and visibility hold."""
    source = Source(path=folder, publishable=True, visibility=Visibility.INTERNAL)
    desk.options = desk.options.model_copy(update={"sources": {"office": source}})
    assert desk.index(folder, publishable=None) == {Event.INDEXED: 3}
    assert {(document.source, document.visibility) for document in desk.documents().values()} == {("office", "internal")}


def test_a_folder_made_internal_changes_its_documents(desk: Desk, folder: Path) -> None:
    """No file is read again; the documents and the index follow the declaration."""
    desk.index(folder)
    assert desk.index(folder, visibility=Visibility.INTERNAL) == {Event.UNCHANGED: 3}
    assert {document.visibility for document in desk.documents().values()} == {Visibility.INTERNAL}
    with reports.reading(desk.options) as (_, store):
        engine = store.engine()
        assert engine.search(SearchRequest()).total == 0
        engine.close()


def test_bad_files_cost_themselves_alone(desk: Desk, folder: Path) -> None:
    """Empty, damaged, linked and marked files each have their line; the rest is indexed."""
    (folder / "empty.pdf").write_bytes(b"")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    (folder / "link.txt").symlink_to(folder / "1.txt")
    (folder / "secret.txt").write_text("TỐI MẬT\n" + TEXT.format(number=9, title="Về việc riêng", body="x"), encoding="utf-8")
    assert desk.index(folder) == {Event.INDEXED: 3, Event.FAILED: 3, Event.QUARANTINED: 1}
    lines = {Path(line.path).name: line for line in reports.failures(desk.options)}
    assert {name: (line.stage, line.code) for name, line in lines.items()} == {
        "empty.pdf": ("sniff", "empty"),
        "broken.pdf": ("extract", "damaged"),
        "link.txt": ("scan", "link"),
        "secret.txt": ("gate", "secrecy_mark"),
    }
    assert all(line.reason and "riêng" not in line.reason for line in lines.values())
    assert desk.index(folder) == {Event.UNCHANGED: 3, Event.FAILED: 3, Event.QUARANTINED: 1}


def test_a_mark_in_a_new_version_takes_the_old_one_out(desk: Desk, folder: Path) -> None:
    """A document whose file is replaced by a marked one is no longer found."""
    desk.index(folder)
    write(folder / "1.txt", 1)
    (folder / "1.txt").write_text("MẬT\n" + (folder / "1.txt").read_text(encoding="utf-8"), encoding="utf-8")
    assert desk.index(folder) == {Event.QUARANTINED: 1, Event.UNCHANGED: 2}
    assert desk.found("1-2025-qdubnd") == []


def test_a_removed_document_stays_out_until_readmitted(desk: Desk, folder: Path) -> None:
    """Neither its file nor a copy brings it back; --readmit does, with the same id."""
    desk.index(folder)
    document = desk.documents()["1/2025/QĐ-UBND"]
    with commands.workplace(desk.options) as place:
        assert commands.remove(place, document.id, "thu hồi") == [str(folder / "1.txt")]
        assert commands.remove(place, document.id, "thu hồi") == [str(folder / "1.txt")]  # what was cut short is finished
        with pytest.raises(UnknownDocument):
            commands.remove(place, "0000", "thu hồi")
    (folder / "copy.txt").write_bytes((folder / "1.txt").read_bytes())
    assert desk.index(folder) == {Event.REMOVED: 2, Event.UNCHANGED: 2}
    assert desk.found("1-2025-qdubnd") == []
    assert desk.index(folder, readmit=True) == {Event.INDEXED: 1, Event.COPY: 1, Event.UNCHANGED: 2}
    assert desk.documents()["1/2025/QĐ-UBND"].id == document.id


def test_reindex_keeps_ids_and_answers(desk: Desk, folder: Path) -> None:
    """A rebuilt index answers as the old one did."""
    desk.index(folder)
    before = desk.found("1-2025-qdubnd")
    with commands.workplace(desk.options, rebuilding=True) as place:
        assert commands.reindex(place, desk) == 3
    assert desk.found("1-2025-qdubnd") == before
    assert reports.verify(desk.options) == []


def test_force_reads_again_and_keeps_ids(desk: Desk, folder: Path) -> None:
    """After an update of the program, --force reads every file anew into the same documents."""
    desk.index(folder)
    before = {number: document.id for number, document in desk.documents().items()}
    assert desk.index(folder, force=True) == {Event.INDEXED: 3}
    assert {number: document.id for number, document in desk.documents().items()} == before


def test_a_second_writer_is_told_who_writes(desk: Desk, folder: Path) -> None:
    """Two writing commands at once: the second says who holds the folder and does nothing."""
    with commands.workplace(desk.options), pytest.raises(DataFolderBusy, match=str(os.getpid())):
        desk.index(folder)


def test_an_older_catalogue_under_a_newer_index_is_refused(desk: Desk, folder: Path, tmp_path: Path) -> None:
    """After restoring an old backup the index must be rebuilt; until then nothing is mixed."""
    desk.index(folder)
    (tmp_path / "data" / "catalogue.sqlite").unlink()
    with pytest.raises(IndexDamaged, match="congbao reindex"):
        desk.index(tmp_path / "documents" / "1.txt")


def test_the_register_fills_and_overrides(desk: Desk, folder: Path, tmp_path: Path) -> None:
    """What the register states holds, for new and for unchanged files, and survives later runs without it."""
    desk.index(folder)
    register = tmp_path / "register.csv"
    register.write_text("files,number,title,field\n1.txt,1/2025/QĐ-UBND,Tên theo sổ,Đất đai\n", encoding="utf-8")
    assert desk.index(folder, register=register) == {Event.INDEXED: 1, Event.UNCHANGED: 2}
    assert desk.documents()["1/2025/QĐ-UBND"].metadata.title == "Tên theo sổ"
    write(folder / "1.txt", 1, body="Bản mới.")
    assert desk.index(folder) == {Event.INDEXED: 1, Event.UNCHANGED: 2}
    metadata = desk.documents()["1/2025/QĐ-UBND"].metadata
    assert (metadata.title, metadata.field) == ("Tên theo sổ", "Đất đai")


def test_the_register_can_close_a_document(desk: Desk, folder: Path, tmp_path: Path) -> None:
    """A row with a secrecy word quarantines; one that says internal hides, also after a run without the register."""
    desk.index(folder)
    register = tmp_path / "register.csv"
    register.write_text("files,secrecy,visibility\n1.txt,Mật,\n2.txt,,internal\n", encoding="utf-8")
    counts = desk.index(folder, register=register)
    assert counts[Event.QUARANTINED] == 1
    assert "1/2025/QĐ-UBND" not in desk.documents()
    desk.index(folder)
    assert desk.documents()["2/2025/QĐ-UBND"].visibility is Visibility.INTERNAL
    assert "1/2025/QĐ-UBND" not in desk.documents()


def test_secrecy_under_one_name_is_secrecy_under_all(desk: Desk, folder: Path, tmp_path: Path) -> None:
    """A copy that the register marks takes the document out, though its other file is not in the register."""
    desk.index(folder)
    (folder / "copy.txt").write_bytes((folder / "1.txt").read_bytes())
    register = tmp_path / "register.csv"
    register.write_text("files,visibility\ncopy.txt,internal\n", encoding="utf-8")
    desk.index(folder, register=register)
    assert desk.documents()["1/2025/QĐ-UBND"].visibility is Visibility.INTERNAL
    register.write_text("files,secrecy\ncopy.txt,Mật\n", encoding="utf-8")
    desk.index(folder, register=register)
    assert "1/2025/QĐ-UBND" not in desk.documents()
    assert desk.index(folder) == {Event.QUARANTINED: 2, Event.UNCHANGED: 2}


def test_a_register_opens_nothing_that_its_folder_closes(desk: Desk, folder: Path, tmp_path: Path) -> None:
    """A row that says public in a folder declared internal leaves the document internal."""
    register = tmp_path / "register.csv"
    register.write_text("files,visibility\n1.txt,public\n", encoding="utf-8")
    desk.index(folder, visibility=Visibility.INTERNAL, register=register)
    assert {document.visibility for document in desk.documents().values()} == {Visibility.INTERNAL}


def test_copies_in_folders_declared_otherwise_settle(desk: Desk, folder: Path) -> None:
    """A copy in an internal folder of the same source changes nothing, in whatever run."""
    desk.index(folder)
    (folder / "z").mkdir()
    (folder / "z" / "copy.txt").write_bytes((folder / "1.txt").read_bytes())
    desk.index(folder / "z", visibility=Visibility.INTERNAL)
    before = desk.documents()
    desk.index(folder, publishable=None)
    assert desk.documents() == before
    assert before["1/2025/QĐ-UBND"].visibility is Visibility.PUBLIC


def test_a_bad_register_changes_nothing(desk: Desk, folder: Path, tmp_path: Path) -> None:
    """An impossible date is named by row and column before any file is looked at."""
    register = tmp_path / "register.csv"
    register.write_text("files,issued_date\n1.txt,31/02/2025\n", encoding="utf-8")
    with pytest.raises(BadRegister, match="issued_date"):
        desk.index(folder, register=register)
    assert desk.documents() == {}


def test_no_real_file_is_lost(desk: Desk, shared_data: Path) -> None:
    """Every file of the real set's hostile and text classes ends as a document or as a failure with its reason."""
    paths = [shared_data / "files" / name for name in ("odd", "html")]
    counts = desk.index(*paths)
    files = sum(1 for path in paths for file in path.rglob("*") if file.is_file())
    assert counts.total() == files
    assert all(line.reason and line.code and line.stage for line in reports.failures(desk.options))
    outcomes = reports.status(desk.options).outcomes
    assert outcomes["indexed"] + outcomes["failed"] + outcomes["quarantined"] == files

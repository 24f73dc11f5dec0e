"""What was closed stays closed: by an operator, by the register, by a declaration, whatever becomes of files and lines."""

import shutil
from pathlib import Path

import pytest
from operator_desk import Desk, register, write

from indexer import commands, reports
from indexer.config import Source
from indexer.errors import BadConfiguration, IndexDamaged
from indexer.events import Event
from indexer.model import Visibility

FIRST = "1/2025/QĐ-UBND"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two decisions."""
    place = tmp_path / "documents"
    place.mkdir()
    for number in (1, 2):
        write(place / f"{number}.txt", number)
    return place


def remove(desk: Desk, number: str) -> None:
    """Take a document out as an operator does."""
    with commands.workplace(desk.options) as place:
        commands.remove(place, desk.documents()[number].id, "thu hồi")


def resave(folder: Path) -> None:
    """The file gets another byte."""
    (folder / "1.txt").write_text((folder / "1.txt").read_text(encoding="utf-8") + "\n.", encoding="utf-8")


def rename(folder: Path) -> None:
    """The file gets another name."""
    (folder / "1.txt").rename(folder / "renamed.txt")


def copy(folder: Path) -> None:
    """A second file gets its bytes."""
    (folder / "copy.txt").write_bytes((folder / "1.txt").read_bytes())


@pytest.mark.parametrize("happens", [resave, rename, copy])
def test_a_removed_document_stays_out(desk: Desk, folder: Path, happens: object) -> None:
    """Saving, renaming or copying its file brings it back only with --readmit."""
    desk.index(folder)
    remove(desk, FIRST)
    happens(folder)  # type: ignore[operator]
    desk.index(folder)
    assert FIRST not in desk.documents()
    desk.index(folder, readmit=True)
    assert FIRST in desk.documents()


@pytest.mark.parametrize("happens", [resave, rename, copy])
def test_an_internal_document_comes_back_internal(desk: Desk, folder: Path, tmp_path: Path, happens: object) -> None:
    """What the register said of a recalled document is erased with it, but not that it was closed to the public."""
    desk.index(folder, register=register(tmp_path, "files,visibility", "1.txt,internal"))
    assert desk.documents()[FIRST].visibility is Visibility.INTERNAL
    remove(desk, FIRST)
    happens(folder)  # type: ignore[operator]
    desk.index(folder, readmit=True)
    assert desk.documents()[FIRST].visibility is Visibility.INTERNAL


@pytest.mark.parametrize("happens", [resave, rename, copy])
def test_what_the_register_closed_stays_closed_without_it(desk: Desk, folder: Path, tmp_path: Path, happens: object) -> None:
    """Runs without the register open nothing; the register that no longer says so does."""
    desk.index(folder, register=register(tmp_path, "files,secrecy", "1.txt,Mật"))
    happens(folder)  # type: ignore[operator]
    desk.index(folder)
    assert FIRST not in desk.documents()
    opened = register(tmp_path, "files,number,secrecy", "1.txt,1/2025/QĐ-UBND,", "renamed.txt,1/2025/QĐ-UBND,")
    desk.index(folder, register=opened)
    assert FIRST in desk.documents()


@pytest.mark.parametrize("command", ["remove", "register"])
@pytest.mark.parametrize("between", ["pruned", "emptied"])
def test_an_interval_opens_nothing(desk: Desk, folder: Path, tmp_path: Path, command: str, between: str) -> None:
    """The file is absent or empty for one run, and its bytes come back."""
    desk.index(folder)
    if command == "remove":
        remove(desk, FIRST)
    else:
        desk.index(folder, register=register(tmp_path, "files,secrecy", "1.txt,Tối mật"))
    shutil.move(folder / "1.txt", tmp_path / "kept.txt")
    if between == "emptied":
        (folder / "1.txt").touch()
    desk.index(folder, prune=True)
    shutil.move(tmp_path / "kept.txt", folder / "1.txt")
    desk.index(folder)
    assert FIRST not in desk.documents()


def test_a_twin_read_earlier_in_the_run_is_taken_out(desk: Desk, folder: Path, tmp_path: Path) -> None:
    """The register marks the second name of bytes that were just indexed under the first, in this source or another."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(folder / "1.txt", elsewhere / "0.txt")
    shutil.copy(folder / "1.txt", folder / "z.txt")
    desk.index(elsewhere, source="other")
    desk.index(folder, register=register(tmp_path, "files,secrecy", "z.txt,Mật"))
    assert FIRST not in desk.documents()
    desk.index(folder, elsewhere)
    assert FIRST not in desk.documents()


def test_removed_bytes_in_the_place_of_another_document(desk: Desk, folder: Path) -> None:
    """The file that is overwritten with them gives its own document no longer."""
    desk.index(folder)
    remove(desk, FIRST)
    shutil.copy(folder / "1.txt", folder / "2.txt")
    assert desk.index(folder) == {Event.REMOVED: 2}
    assert desk.documents() == {}


def test_removal_takes_the_same_bytes_out_of_every_source(desk: Desk, folder: Path, tmp_path: Path) -> None:
    """A recalled document is recalled wherever it was published."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(folder / "1.txt", elsewhere / "0.txt")
    desk.index(folder)
    desk.index(elsewhere, source="other")
    remove(desk, FIRST)
    assert FIRST not in desk.documents()


@pytest.mark.parametrize("trouble", ["unreadable", "vanished"])
@pytest.mark.parametrize("closing", ["not publishable", "internal", "register"])
def test_a_document_without_its_file_can_be_closed(desk: Desk, folder: Path, tmp_path: Path, trouble: str, closing: str) -> None:
    """Neither an unreadable new version nor a missing file keeps the last good text open."""
    desk.index(folder)
    if trouble == "unreadable":
        (folder / "1.txt").write_bytes(b"%PDF-1.7 nothing")
        desk.index(folder)
    else:
        (folder / "1.txt").unlink()
    assert FIRST in desk.documents()
    if closing == "not publishable":
        desk.index(folder, publishable=False)
    elif closing == "internal":
        desk.index(folder, visibility=Visibility.INTERNAL)
    else:
        desk.index(folder, register=register(tmp_path, "number,issued_date,secrecy", "1/2025/QĐ-UBND,04/03/2025,Mật"))
    left = desk.documents().get(FIRST)
    assert left is None if closing != "internal" else left is not None and left.visibility is Visibility.INTERNAL


def test_a_secret_number_in_the_register_closes(desk: Desk, folder: Path, tmp_path: Path) -> None:
    """A file that states no number gets one of a secret series from the register."""
    (folder / "plain.txt").write_text("Báo cáo tình hình quản lý đất đai của địa phương trong năm.", encoding="utf-8")
    desk.index(folder, register=register(tmp_path, "files,number", "plain.txt,12/BC-TM"))
    assert not [number for number in desk.documents() if "BC" in number]


def test_a_source_taken_out_of_the_settings_closes(desk: Desk, folder: Path) -> None:
    """What congbao.toml declared holds only while it stands there."""
    opened = desk.options.model_copy(update={"sources": {"office": Source(path=folder, publishable=True)}})
    closed, desk.options = desk.options, opened
    desk.index(folder, publishable=None)
    assert FIRST in desk.documents()
    desk.options = closed
    desk.index(folder, publishable=None)
    assert desk.documents() == {}


def test_closing_a_configured_source_lasts(desk: Desk, folder: Path) -> None:
    """--not-publishable is remembered over what the settings say, until --publishable is said."""
    desk.options = desk.options.model_copy(update={"sources": {"office": Source(path=folder, publishable=True)}})
    desk.index(folder, publishable=False)
    desk.index(folder, publishable=None)
    assert desk.documents() == {}
    desk.index(folder, publishable=True)
    assert FIRST in desk.documents()


def test_closing_a_folder_closes_what_was_opened_below(desk: Desk, folder: Path) -> None:
    """A subfolder declared publishable before is closed with the folder above it."""
    (folder / "sub").mkdir()
    write(folder / "sub" / "3.txt", 3)
    desk.index(folder / "sub")
    desk.index(folder, publishable=False)
    assert desk.documents() == {}
    desk.index(folder, publishable=None)
    assert desk.documents() == {}


def test_prune_spares_what_could_not_be_looked_into(desk: Desk, folder: Path, tmp_path: Path) -> None:
    """A folder that is a link for one run loses nothing."""
    (folder / "sub").mkdir()
    write(folder / "sub" / "3.txt", 3)
    desk.index(folder)
    shutil.move(folder / "sub", tmp_path / "away")
    (folder / "sub").symlink_to(tmp_path / "away")
    counts = desk.index(folder, prune=True)
    assert (counts[Event.MISSING], counts[Event.PRUNED]) == (1, 0)
    assert "3/2025/QĐ-UBND" in desk.documents()


def test_folders_that_differ_in_case_are_two(desk: Desk, tmp_path: Path) -> None:
    """Pruning one touches nothing of the other."""
    for name, number in (("docs", 1), ("Docs", 2)):
        (tmp_path / name).mkdir()
        write(tmp_path / name / "a.txt", number)
        desk.index(tmp_path / name)
    desk.index(tmp_path / "Docs", prune=True)
    assert len(desk.documents()) == 2


def test_the_data_folder_is_no_source(tmp_path: Path) -> None:
    """Indexing the folder that the data folder lies in leaves the data folder's own files out."""
    desk = Desk(tmp_path / "data")
    write(tmp_path / "1.txt", 1)
    assert desk.index(tmp_path) == {Event.INDEXED: 1}
    assert desk.index(tmp_path) == {Event.UNCHANGED: 1}


def test_one_folder_under_two_spellings_is_one_source(desk: Desk, folder: Path, tmp_path: Path) -> None:
    """`..` and links in a root's path lead to the same files, which stay published."""
    desk.index(folder)
    (tmp_path / "link").symlink_to(folder)
    for spelling in (folder / ".." / folder.name, tmp_path / "link"):
        assert desk.index(spelling, publishable=None) == {Event.UNCHANGED: 2}


def test_a_move_to_another_source_keeps_the_document(desk: Desk, folder: Path, tmp_path: Path) -> None:
    """The id goes with the file, and the source is the new folder's."""
    desk.index(folder)
    before = desk.documents()[FIRST].id
    (tmp_path / "other").mkdir()
    shutil.move(folder / "1.txt", tmp_path / "other" / "1.txt")
    assert desk.index(tmp_path / "other", source="other") == {Event.MOVED: 1}
    assert (desk.documents()[FIRST].id, desk.documents()[FIRST].source) == (before, "other")


def test_a_repeated_number_is_told(desk: Desk, folder: Path) -> None:
    """Two documents of one number, year and issuer are both kept, and the operator hears of it (Decree 30/2020, annex VI)."""
    desk.index(folder)
    write(folder / "again.txt", 1, body="Nội dung khác.")
    desk.index(folder)
    assert [report.reason for report in desk.reports if "Trùng số" in report.reason]
    assert len(desk.found("1-2025-qdubnd")) == 2


def test_an_older_catalogue_is_refused_before_anything_is_added(desk: Desk, folder: Path, tmp_path: Path) -> None:
    """A restored backup under a newer index is told at once; `reindex` makes the two one history again."""
    desk.index(folder / "1.txt")
    shutil.copytree(tmp_path / "data", tmp_path / "backup")
    desk.index(folder / "2.txt")
    for path in (tmp_path / "data").glob("catalogue.sqlite*"):
        path.unlink()
    for path in (tmp_path / "backup").glob("catalogue.sqlite*"):
        shutil.copy(path, tmp_path / "data")
    write(folder / "3.txt", 3)
    with pytest.raises(IndexDamaged, match="congbao reindex"):
        desk.index(folder / "3.txt")
    with commands.workplace(desk.options, rebuilding=True) as place:
        commands.reindex(place, desk)
    desk.index(folder)
    assert len(desk.documents()) == 3


@pytest.mark.parametrize(("files", "gone"), [(12, 12), (2, 2), (21, 11)])
def test_pruning_stops_at_a_folder_that_looks_unmounted(desk: Desk, folder: Path, tmp_path: Path, files: int, gone: int) -> None:
    """All files of a folder gone, or more than half of many, is told first and changes nothing, unless the operator insists."""
    for number in range(3, files + 1):
        write(folder / f"{number}.txt", number)
    desk.index(folder)
    ids = {document.id for document in desk.documents().values()}
    (tmp_path / "unmounted").mkdir()
    for path in sorted(folder.iterdir())[:gone]:
        shutil.move(path, tmp_path / "unmounted")
    counts = desk.index(folder, prune=True)
    assert (counts[Event.MISSING], counts[Event.PRUNED], counts[Event.REFUSED]) == (gone, 0, 1)
    told = [report for report in desk.reports if report.event in {Event.MISSING, Event.REFUSED}]
    assert told[0].event is Event.REFUSED
    assert f"congbao index {folder} --prune-all" in told[0].reason
    assert all("--prune" not in report.reason for report in told[1:])
    assert sum(line.missing_since is not None for line in reports.failures(desk.options)) == gone
    assert desk.index(folder, prune_all=True)[Event.PRUNED] == gone
    for path in folder.iterdir():
        path.rename(tmp_path / "unmounted" / path.name)
    desk.index(folder, prune_all=True)
    assert desk.documents() == {}
    folder.rmdir()
    shutil.move(tmp_path / "unmounted", folder)
    desk.index(folder)
    assert {document.id for document in desk.documents().values()} == ids


def test_a_source_folder_that_is_gone_can_be_pruned(desk: Desk, folder: Path) -> None:
    """The ledger knows what lay there; a place that it never knew is a wrong path."""
    desk.index(folder)
    shutil.rmtree(folder)
    assert desk.index(folder, prune=True) == {Event.MISSING: 2, Event.REFUSED: 1}
    assert desk.index(folder, prune_all=True) == {Event.PRUNED: 2}
    with pytest.raises(BadConfiguration, match="documents"):
        desk.index(folder)


def test_a_missing_source_stops_no_other(desk: Desk, folder: Path, tmp_path: Path) -> None:
    """It is reported; with none left there is nothing to do."""
    sources = {"gone": Source(path=tmp_path / "gone", publishable=True), "here": Source(path=folder, publishable=True)}
    desk.options = desk.options.model_copy(update={"sources": sources})
    assert desk.index(publishable=None) == {Event.REFUSED: 1, Event.INDEXED: 2}
    assert desk.reports[0].path == str(tmp_path / "gone")
    desk.options = desk.options.model_copy(update={"sources": {"gone": sources["gone"]}})
    with pytest.raises(BadConfiguration, match="gone"):
        desk.index(publishable=None)


@pytest.mark.parametrize("order", [(Visibility.INTERNAL, Visibility.PUBLIC), (Visibility.PUBLIC, Visibility.INTERNAL)])
def test_who_may_see_unchanged_files_is_told_when_it_changes(
    desk: Desk, folder: Path, order: tuple[Visibility, Visibility]
) -> None:
    """Each document once, and not in the run after."""
    desk.index(folder, visibility=order[0])
    (folder / "copy.txt").write_bytes((folder / "1.txt").read_bytes())
    desk.index(folder)
    desk.index(folder, visibility=order[1])
    assert [report.shown_to for report in desk.reports if report.shown_to] == [order[1]] * 2
    desk.index(folder)
    assert not [report for report in desk.reports if report.shown_to]


def test_rows_without_a_file_are_told(desk: Desk, folder: Path, tmp_path: Path) -> None:
    """With their numbers, but for one that is marked secret; rows of files that are not read again have their file."""
    rows = ("number,files,secrecy", "1/2025/QĐ-UBND,,", ",2.txt,", "88/2025/QĐ-UBND,,", "99/2025/QĐ-UBND,,Mật")
    for _ in range(2):
        desk.warnings.clear()
        desk.index(folder, register=register(tmp_path, *rows))
        told = [warning for warning in desk.warnings if "không khớp với tệp nào" in warning]
        assert told == ["2 dòng của sổ văn bản không khớp với tệp nào: 88/2025/QĐ-UBND, dòng 5"]


def test_a_mark_that_goes_away_gives_the_document_back(desk: Desk, folder: Path) -> None:
    """The same bytes as before the mark are the same document, with its id."""
    desk.index(folder)
    before, text = desk.documents()[FIRST].id, (folder / "1.txt").read_text(encoding="utf-8")
    (folder / "1.txt").write_text("MẬT\n" + text, encoding="utf-8")
    desk.index(folder)
    assert FIRST not in desk.documents()
    (folder / "1.txt").write_text(text, encoding="utf-8")
    desk.index(folder)
    assert desk.documents()[FIRST].id == before

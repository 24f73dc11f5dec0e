"""Members of archives are files of their own: found, followed, closed and recalled as those in a folder are."""

import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from operator_desk import TEXT, Desk, register
from scans import picture, scan
from zipped import Record, written, zip_of

from indexer import commands, reports
from indexer.catalogue import LedgerLine, Outcome
from indexer.errors import BadConfiguration, UnknownDocument
from indexer.events import Event, FileReport
from indexer.model import Visibility

FIRST, SECOND, THIRD = (f"{number}/2025/QĐ-UBND" for number in (1, 2, 3))


def decision(number: int) -> str:
    """A decision that the header reader understands."""
    return TEXT.format(number=number, title="Về việc phê duyệt quy hoạch", body="Phê duyệt.")


def pack(place: Path, files: Mapping[str, str | bytes]) -> None:
    """Write an archive of these files."""
    place.write_bytes(zip_of(files))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an archive of two decisions, under a name that does not say so."""
    place = tmp_path / "documents"
    place.mkdir()
    pack(place / "gói.bin", {"a/1.txt": decision(1), "2.txt": decision(2), "a/": "", ".DS_Store": "x"})
    return place


def recall(desk: Desk, named: str) -> list[str]:
    """Recall a document by its number, or an archive by its path."""
    with commands.workplace(desk.options) as place:
        document = desk.documents().get(named)
        return commands.remove(place, document.id if document else named, "thu hồi")


def ids(desk: Desk) -> dict[str, str]:
    """The ids of the live documents by number."""
    return {number: document.id for number, document in desk.documents().items()}


def lines(desk: Desk) -> dict[str, LedgerLine]:
    """The ledger by path below the folder."""
    with reports.reading(desk.options) as (catalogue, _):
        return {line.path.split("/documents/")[-1]: line for line in catalogue.ledger()}


def test_members_are_documents(desk: Desk, folder: Path) -> None:
    """What an archive holds is found by its number; the archive has its line, and the next run reads nothing."""
    assert desk.index(folder) == {Event.UNPACKED: 1, Event.INDEXED: 2}
    assert sorted(desk.documents()) == [FIRST, SECOND]
    assert desk.found("1-2025-qdubnd") == [ids(desk)[FIRST]]
    assert {path: line.outcome for path, line in lines(desk).items()} == {
        "gói.bin": Outcome.UNPACKED,
        "gói.bin/a/1.txt": Outcome.INDEXED,
        "gói.bin/2.txt": Outcome.INDEXED,
    }
    assert reports.status(desk.options).outcomes["unpacked"] == 1
    assert desk.index(folder) == {Event.UNCHANGED: 3}


def test_another_time_is_no_change(desk: Desk, folder: Path) -> None:
    """The same bytes at another time are unpacked, and nothing in them is read."""
    desk.index(folder)
    os.utime(folder / "gói.bin", (1, 1))
    assert desk.index(folder) == {Event.UNPACKED: 1, Event.UNCHANGED: 2}
    assert desk.index(folder) == {Event.UNCHANGED: 3}


def test_a_changed_archive_keeps_its_documents(desk: Desk, folder: Path) -> None:
    """An unchanged member keeps its document, a new one is read, one that is gone is told and pruned when asked."""
    desk.index(folder)
    before = ids(desk)[FIRST]
    pack(folder / "gói.bin", {"a/1.txt": decision(1), "3.txt": decision(3)})
    assert desk.index(folder) == {Event.UNPACKED: 1, Event.UNCHANGED: 1, Event.INDEXED: 1, Event.MISSING: 1}
    assert desk.index(folder) == {Event.UNCHANGED: 3, Event.MISSING: 1}
    assert desk.index(folder, prune=True)[Event.PRUNED] == 1
    assert ids(desk)[FIRST] == before
    assert sorted(desk.documents()) == [FIRST, THIRD]


def test_a_renamed_member_has_moved(desk: Desk, folder: Path) -> None:
    """Its bytes under another name in the same archive are the same document, with one path."""
    desk.index(folder)
    before = ids(desk)
    pack(folder / "gói.bin", {"b/1.txt": decision(1), "2.txt": decision(2)})
    assert desk.index(folder) == {Event.UNPACKED: 1, Event.MOVED: 1, Event.UNCHANGED: 1}
    assert ids(desk) == before


def test_a_member_that_is_unpacked_by_hand_has_moved(desk: Desk, folder: Path) -> None:
    """Once the archive is gone, the same bytes beside it are the document's place."""
    desk.index(folder)
    before = ids(desk)[SECOND]
    (folder / "2.txt").write_text(decision(2), encoding="utf-8")
    assert desk.index(folder) == {Event.UNCHANGED: 3, Event.COPY: 1}
    (folder / "2.txt").rename(folder / "hai.txt")
    (folder / "gói.bin").unlink()
    assert desk.index(folder)[Event.MOVED] == 1
    assert ids(desk)[SECOND] == before


def test_a_renamed_archive_has_moved(desk: Desk, folder: Path) -> None:
    """Its members are the same documents at their new paths, and nothing is missing at the old ones."""
    pack(folder / "gói.bin", {"1.txt": decision(1), "trong.zip": zip_of({"2.txt": decision(2)})})
    desk.index(folder)
    before = ids(desk)
    (folder / "gói.bin").rename(folder / "khác.zip")
    assert desk.index(folder) == {Event.UNPACKED: 2, Event.MOVED: 2}
    assert ids(desk) == before
    assert sorted(lines(desk)) == ["khác.zip", "khác.zip/1.txt", "khác.zip/trong.zip", "khác.zip/trong.zip/2.txt"]


def test_an_archive_that_comes_back(desk: Desk, folder: Path, tmp_path: Path) -> None:
    """While it is away its members are missing; when it returns they are there again, and nothing is read."""
    desk.index(folder)
    before = ids(desk)
    (folder / "gói.bin").rename(tmp_path / "away")
    assert desk.index(folder) == {Event.MISSING: 3}
    (tmp_path / "away").rename(folder / "gói.bin")
    assert desk.index(folder) == {Event.UNPACKED: 1, Event.UNCHANGED: 2}
    assert reports.status(desk.options).outcomes["missing"] == 0
    assert ids(desk) == before


@pytest.mark.parametrize("how", ["cut", "link", "too large", "empty"])
def test_an_archive_that_cannot_be_opened_loses_nothing(desk: Desk, folder: Path, tmp_path: Path, how: str) -> None:
    """Its members stay found however often one prunes, and are as before once it can be opened."""
    desk.index(folder)
    before, whole = ids(desk), (folder / "gói.bin").read_bytes()
    options = desk.options
    if how == "cut":
        (folder / "gói.bin").write_bytes(whole[:-30])
    elif how == "link":
        (folder / "gói.bin").rename(tmp_path / "away")
        (folder / "gói.bin").symlink_to(tmp_path / "away")
    elif how == "too large":
        pack(folder / "gói.bin", {"1.txt": os.urandom(600_000), "2.txt": os.urandom(600_000)})
        desk.options = options.model_copy(update={"limits": options.limits.model_copy(update={"unpacked_mb": 1})})
    else:
        pack(folder / "gói.bin", {"a/": ""})
    for _ in range(2):
        counts = desk.index(folder, prune_all=True)
        assert (counts[Event.FAILED], counts[Event.MISSING], counts[Event.PRUNED]) == (1, 2, 0)
        assert ids(desk) == before
    desk.options = options
    (folder / "gói.bin").unlink()
    (folder / "gói.bin").write_bytes(whole)
    assert desk.index(folder, prune=True) == {Event.UNPACKED: 1, Event.UNCHANGED: 2}
    assert ids(desk) == before


def test_an_archive_replaced_by_a_document(desk: Desk, folder: Path) -> None:
    """What it held has vanished; and the other way round, the document gives way to the archive's members."""
    archive = (folder / "gói.bin").read_bytes()
    (folder / "gói.bin").write_text(decision(3), encoding="utf-8")
    desk.index(folder)
    (folder / "gói.bin").write_bytes(archive)
    assert desk.index(folder) == {Event.UNPACKED: 1, Event.INDEXED: 2}
    assert sorted(desk.documents()) == [FIRST, SECOND]
    (folder / "gói.bin").write_text(decision(3), encoding="utf-8")
    assert desk.index(folder, prune=True) == {Event.INDEXED: 1, Event.PRUNED: 2}
    assert sorted(desk.documents()) == [THIRD]


def test_archives_in_an_archive(desk: Desk, folder: Path) -> None:
    """Two levels of them are unpacked, each with its line; a third is a failure that says what to do; a document is none."""
    deepest = zip_of({"4.txt": decision(4)})
    deep = zip_of({"3.txt": decision(3), "sâu.zip": deepest})
    docx = zip_of({"[Content_Types].xml": "<Types/>", "word/document.xml": "<x/>"})
    pack(folder / "gói.bin", {"1.txt": decision(1), "trong.zip": zip_of({"2.txt": decision(2), "nữa.zip": deep}), "v.docx": docx})
    assert desk.index(folder) == {Event.UNPACKED: 3, Event.INDEXED: 3, Event.FAILED: 2}
    assert sorted(desk.documents()) == [FIRST, SECOND, THIRD]
    found = lines(desk)
    assert found["gói.bin/trong.zip/nữa.zip"].outcome is Outcome.UNPACKED
    assert found["gói.bin/trong.zip/nữa.zip/3.txt"].outcome is Outcome.INDEXED
    deeper = found["gói.bin/trong.zip/nữa.zip/sâu.zip"]
    assert (deeper.code, "giải nén lớp ngoài" in (deeper.reason or "")) == ("unsupported", True)
    assert desk.index(folder) == {Event.UNCHANGED: 6, Event.FAILED: 2}
    assert desk.index(folder, force=True) == {Event.UNPACKED: 3, Event.INDEXED: 3, Event.FAILED: 2}


def test_a_bad_member_costs_itself_alone(desk: Desk, folder: Path) -> None:
    """Encrypted, damaged, packed in an unknown way, empty: each has its line with its reason; the others are read."""
    records = [
        Record(b"1.txt", decision(1).encode()),
        Record(b"encrypted.txt", flags=1),
        Record(b"damaged.txt", crc=0),
        Record(b"method.txt", method=99),
        Record(b"zip64.txt", size=0xFFFFFFFF),
        Record(b"empty.txt", b""),
        Record(b"picture.png", b"\x89PNG"),
    ]
    (folder / "gói.bin").write_bytes(written(records))
    assert desk.index(folder) == {Event.UNPACKED: 1, Event.INDEXED: 1, Event.FAILED: 6}
    codes = {Path(line.path).stem: line.code for line in reports.failures(desk.options)}
    expect = {
        "encrypted": "encrypted",
        "damaged": "damaged",
        "method": "unsupported",
        "zip64": "unsupported",
        "empty": "empty",
        "picture": "unsupported",
    }
    assert codes == expect
    assert desk.index(folder) == {Event.UNCHANGED: 2, Event.FAILED: 6}


def test_a_marked_member_is_quarantined_alone(desk: Desk, folder: Path) -> None:
    """The gate judges each member by itself, as each file of a folder."""
    pack(folder / "gói.bin", {"1.txt": decision(1), "2.txt": f"MẬT\n{decision(2)}"})
    assert desk.index(folder) == {Event.UNPACKED: 1, Event.INDEXED: 1, Event.QUARANTINED: 1}
    assert desk.index(folder) == {Event.UNCHANGED: 2, Event.QUARANTINED: 1}
    assert sorted(desk.documents()) == [FIRST]


class Interrupted(Exception):
    """The run ends here, as if it were killed."""


class Listener(Desk):
    """A desk that ends its run after so many reports."""

    left = 2

    def file(self, report: FileReport) -> None:
        """End the run when the time has come."""
        super().file(report)
        self.left -= 1
        if self.left == 0:
            raise Interrupted


def test_a_run_that_ends_between_members_is_finished_by_the_next(tmp_path: Path, folder: Path, desk: Desk) -> None:
    """The archive has no line before all its members have; the next run reads what is left and writes it."""
    with pytest.raises(Interrupted):
        Listener(tmp_path / "data").index(folder)
    assert {path: line.outcome for path, line in lines(desk).items()} == {"gói.bin/a/1.txt": Outcome.INDEXED}
    assert desk.index(folder) == {Event.UNPACKED: 1, Event.UNCHANGED: 1, Event.INDEXED: 1}
    assert lines(desk)["gói.bin"].outcome is Outcome.UNPACKED


def test_a_change_that_is_undone_after_a_broken_run(tmp_path: Path, folder: Path, desk: Desk) -> None:
    """The old archive, brought back with its time, is not taken for the one of which half is in the ledger."""
    desk.index(folder)
    whole, status = (folder / "gói.bin").read_bytes(), (folder / "gói.bin").stat()
    pack(folder / "gói.bin", {"a/1.txt": decision(3), "2.txt": decision(4)})
    with pytest.raises(Interrupted):
        Listener(tmp_path / "data").index(folder)
    assert THIRD in desk.documents()
    (folder / "gói.bin").write_bytes(whole)
    os.utime(folder / "gói.bin", ns=(status.st_atime_ns, status.st_mtime_ns))
    desk.index(folder)
    assert sorted(desk.documents()) == [FIRST, SECOND]


# what closes


def test_a_source_that_is_not_publishable_opens_no_archive(desk: Desk, folder: Path) -> None:
    """It is one line with a hash; none of its members' names is written down."""
    assert desk.index(folder, publishable=False) == {Event.QUARANTINED: 1}
    assert list(lines(desk)) == ["gói.bin"]


@pytest.mark.parametrize("root", ["folder", "archive"])
def test_closing_the_source_closes_all_members(desk: Desk, folder: Path, root: str) -> None:
    """Whether the folder or the archive itself is declared; opened again, the documents are the same."""
    place = folder if root == "folder" else folder / "gói.bin"
    desk.index(place)
    before = ids(desk)
    desk.index(place, publishable=False)
    assert desk.documents() == {}
    desk.index(place, publishable=None)
    assert desk.documents() == {}
    desk.index(place, publishable=True)
    assert ids(desk) == before


def test_members_are_as_visible_as_their_folder(desk: Desk, folder: Path) -> None:
    """An archive declared internal has internal members, without being read again."""
    desk.index(folder)
    assert desk.index(folder, visibility=Visibility.INTERNAL) == {Event.UNCHANGED: 3}
    assert {document.visibility for document in desk.documents().values()} == {Visibility.INTERNAL}


@pytest.mark.parametrize("trouble", ["cut", "gone"])
@pytest.mark.parametrize("closing", ["not publishable", "internal", "register"])
def test_members_can_be_closed_without_their_archive(
    desk: Desk, folder: Path, tmp_path: Path, trouble: str, closing: str
) -> None:
    """Neither a damaged nor a vanished archive keeps open what it gave."""
    desk.index(folder)
    whole = (folder / "gói.bin").read_bytes()
    (folder / "gói.bin").unlink()
    if trouble == "cut":
        (folder / "gói.bin").write_bytes(whole[:-30])
    desk.index(folder)
    assert FIRST in desk.documents()
    if closing == "not publishable":
        desk.index(folder, publishable=False)
    elif closing == "internal":
        desk.index(folder, visibility=Visibility.INTERNAL)
    else:
        desk.index(folder, register=register(tmp_path, "files,secrecy", "gói.bin,Mật"))
    visible = {document.visibility for document in desk.documents().values()}
    assert visible == ({Visibility.INTERNAL} if closing == "internal" else set())


def test_a_register_that_marks_an_archive_closes_its_members(desk: Desk, folder: Path, tmp_path: Path) -> None:
    """Their bytes stay out under every name, also in runs without the register; the register alone opens them again."""
    (folder / "copy.txt").write_text(decision(2), encoding="utf-8")
    desk.index(folder)
    before = ids(desk)
    marked = register(tmp_path, "files,secrecy", "gói.bin,Mật")
    desk.index(folder, register=marked)
    assert desk.documents() == {}
    desk.index(folder)
    (folder / "one.txt").write_text(decision(1), encoding="utf-8")
    (folder / "gói.bin").rename(folder / "other.zip")
    desk.index(folder)
    assert desk.documents() == {}
    (folder / "other.zip").rename(folder / "gói.bin")
    desk.index(folder, register=register(tmp_path, "files,secrecy", "other.docx,Mật"))
    assert desk.documents() == {}
    desk.index(folder, register=register(tmp_path, "files,secrecy", "gói.bin,", "one.txt,", "copy.txt,"))
    assert ids(desk) == before


def test_the_register_opens_nothing_that_an_operator_recalled(desk: Desk, folder: Path, tmp_path: Path) -> None:
    """A member that was recalled stays out when its archive is closed and opened again."""
    desk.index(folder)
    recall(desk, FIRST)
    desk.index(folder, register=register(tmp_path, "files,secrecy", "gói.bin,Mật"))
    desk.index(folder, register=register(tmp_path, "files,secrecy", "gói.bin,"))
    pack(folder / "khác.zip", {"khác.txt": decision(1)})
    desk.index(folder)
    assert sorted(desk.documents()) == [SECOND]


def test_a_row_of_an_archive_is_no_scans_row(desk: Desk, folder: Path, tmp_path: Path) -> None:
    """What the register says of its archive is nothing to find a scan by; its own row makes it a document."""
    pack(folder / "gói.bin", {"scan.pdf": scan(picture()).getvalue()})
    desk.index(folder, register=register(tmp_path, "files,visibility", "gói.bin,internal"))
    assert desk.documents() == {}
    assert lines(desk)["gói.bin/scan.pdf"].code == "needs_ocr"
    desk.index(folder, register=register(tmp_path, "files,number,visibility", "gói.bin,,internal", f"scan.pdf,{FIRST},"))
    assert desk.documents()[FIRST].visibility is Visibility.INTERNAL


def test_a_marked_archive_leaves_no_name(desk: Desk, folder: Path, tmp_path: Path) -> None:
    """Of an archive that the register marks before it is ever opened, no member's name is in the ledger."""
    inner = zip_of({"3.txt": decision(3)})
    pack(folder / "gói.bin", {"1.txt": decision(1), "trong.zip": inner})
    marked = register(tmp_path, "files,secrecy", "trong.zip,Mật")
    assert desk.index(folder, register=marked) == {Event.UNPACKED: 1, Event.INDEXED: 1, Event.QUARANTINED: 1}
    assert sorted(lines(desk)) == ["gói.bin", "gói.bin/1.txt", "gói.bin/trong.zip"]
    (folder / "3.txt").write_text(decision(3), encoding="utf-8")
    desk.index(folder)
    assert sorted(desk.documents()) == [FIRST]


def test_what_the_register_says_of_an_archive_holds_for_its_members(desk: Desk, folder: Path, tmp_path: Path) -> None:
    """Who may see them, that is; a number or a title is one document's, and a member's own row can open nothing."""
    stated = ["files,number,title,visibility", "gói.bin,9/2025/QĐ-UBND,Tên gói,internal", f"1.txt,{FIRST},Tên một,public"]
    desk.index(folder, register=register(tmp_path, *stated))
    documents = desk.documents()
    assert {number: document.visibility for number, document in documents.items()} == dict.fromkeys(
        (FIRST, SECOND), Visibility.INTERNAL
    )
    assert documents[FIRST].metadata.title == "Tên một"
    desk.index(folder, register=register(tmp_path, "files,visibility", "gói.bin,public"))
    assert desk.documents()[SECOND].visibility is Visibility.PUBLIC


def test_a_member_has_its_own_row(desk: Desk, folder: Path, tmp_path: Path) -> None:
    """A row that names a member, or bears its number, speaks of it; one that marks it closes it alone."""
    stated = ["files,number,issued_date,title,secrecy", "1.txt,,,,Mật", f",{SECOND},04/03/2025,Tên theo sổ,"]
    desk.index(folder, register=register(tmp_path, *stated))
    assert {number: document.metadata.title for number, document in desk.documents().items()} == {SECOND: "Tên theo sổ"}
    assert desk.index(folder) == {Event.UNCHANGED: 2, Event.QUARANTINED: 1}


@pytest.mark.parametrize("happens", ["nothing", "repacked", "changed", "unpacked", "in another", "in one within"])
def test_a_recalled_member_stays_out(desk: Desk, folder: Path, happens: str) -> None:
    """By its bytes and by its path, wherever and in whatever it comes back, until it is readmitted."""
    desk.index(folder)
    before = ids(desk)[FIRST]
    assert recall(desk, FIRST) == [str(folder / "gói.bin" / "a" / "1.txt")]
    if happens == "repacked":
        pack(folder / "gói.bin", {"another/name.txt": decision(1), "2.txt": decision(2)})
    elif happens == "changed":
        pack(folder / "gói.bin", {"a/1.txt": decision(1) + ".", "2.txt": decision(2)})
    elif happens == "unpacked":
        (folder / "1.txt").write_text(decision(1), encoding="utf-8")
    elif happens == "in another":
        pack(folder / "khác.zip", {"x.txt": decision(1)})
    elif happens == "in one within":
        pack(folder / "gói.bin", {"trong.zip": zip_of({"1.txt": decision(1)}), "2.txt": decision(2)})
    for _ in range(2):
        assert desk.index(folder)[Event.REMOVED] >= 1
        assert sorted(desk.documents()) == [SECOND]
    desk.index(folder, readmit=True)
    assert ids(desk)[FIRST] == before or happens == "changed"


@pytest.mark.parametrize("happens", ["nothing", "renamed", "changed", "within another"])
def test_a_recalled_archive_stays_out_with_all_its_members(desk: Desk, folder: Path, happens: str) -> None:
    """Its path in place of an id; what it held is kept out by bytes, and it is not opened again until it is readmitted."""
    (folder / "copy.txt").write_text(decision(2), encoding="utf-8")
    desk.index(folder)
    before = ids(desk)
    assert len(recall(desk, str(folder / "gói.bin"))) == 4
    assert desk.documents() == {}
    assert len(recall(desk, str(folder / "gói.bin"))) == 4  # what was cut short is finished
    content = (folder / "gói.bin").read_bytes()
    if happens == "renamed":
        (folder / "gói.bin").rename(folder / "khác.zip")
    elif happens == "changed":
        pack(folder / "gói.bin", {"a/1.txt": decision(3)})
    elif happens == "within another":
        pack(folder / "khác.zip", {"trong.zip": content})
    for _ in range(2):
        desk.index(folder)
        assert desk.documents() == {}
    desk.index(folder, readmit=True)
    assert ids(desk).items() >= before.items() or (happens == "changed" and sorted(desk.documents()) == [SECOND, THIRD])


def test_only_an_archive_is_recalled_by_its_path(desk: Desk, folder: Path) -> None:
    """A folder, a document and a path that was never given are no archives."""
    (folder / "3.txt").write_text(decision(3), encoding="utf-8")
    desk.index(folder)
    for path in (folder, folder / "3.txt", folder / "none"):
        with pytest.raises(UnknownDocument):
            recall(desk, str(path))
    assert len(desk.documents()) == 3


def test_a_member_is_no_root(desk: Desk, folder: Path) -> None:
    """A path in an archive is refused with the archive's, and nothing is pruned."""
    desk.index(folder)
    with pytest.raises(BadConfiguration, match=r"gói\.bin"):
        desk.index(folder / "gói.bin" / "2.txt", prune_all=True)
    assert len(desk.documents()) == 2


def test_a_written_file_in_place_of_an_archive(desk: Desk, folder: Path) -> None:
    """A folder of the archive's name, with the same files in it, holds the same documents at the same paths."""
    desk.index(folder)
    before = ids(desk)
    with zipfile.ZipFile(folder / "gói.bin") as archive:
        archive.extractall(folder / "unpacked", [name for name in archive.namelist() if not name.startswith(".")])
    (folder / "gói.bin").unlink()
    (folder / "unpacked").rename(folder / "gói.bin")
    assert desk.index(folder, prune=True) == {Event.UNCHANGED: 2, Event.PRUNED: 1}
    assert ids(desk) == before

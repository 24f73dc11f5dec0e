"""ZIP archives: each member is a document of its own, at a path below the archive's."""

import io
import os
import warnings
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from operator_desk import TEXT, Desk

from indexer import commands
from indexer.archives import is_archive, is_there, members, open_file
from indexer.errors import UnreadableFile
from indexer.pipeline import Event


def decision(number: int) -> str:
    """A decision that the header reader understands."""
    return TEXT.format(number=number, title="Về việc phê duyệt quy hoạch", body="Phê duyệt.")


def pack(path: Path, files: dict[str, str | bytes]) -> None:
    """Write an archive of these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk with an empty data folder."""
    return Desk(tmp_path / "data")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an archive of two decisions, in a name that does not say so."""
    place = tmp_path / "documents"
    place.mkdir()
    pack(place / "gói.bin", {"a/1.txt": decision(1), "2.txt": decision(2), "a/": "", ".DS_Store": "x"})
    return place


def test_members_are_documents(desk: Desk, folder: Path) -> None:
    """What an archive holds is found by its number, and the next run reads nothing."""
    assert desk.index(folder) == {Event.UNPACKED: 1, Event.INDEXED: 2}
    assert sorted(desk.documents()) == ["1/2025/QĐ-UBND", "2/2025/QĐ-UBND"]
    assert desk.index(folder) == {Event.UNPACKED: 1, Event.UNCHANGED: 2}


def test_a_changed_archive_keeps_its_documents(desk: Desk, folder: Path) -> None:
    """An unchanged member keeps its document, a new one is read, one that is gone is told and pruned when asked."""
    desk.index(folder)
    before = desk.documents()["1/2025/QĐ-UBND"].id
    pack(folder / "gói.bin", {"a/1.txt": decision(1), "3.txt": decision(3)})
    assert desk.index(folder) == {Event.UNPACKED: 1, Event.UNCHANGED: 1, Event.INDEXED: 1, Event.MISSING: 1}
    assert desk.index(folder, prune=True)[Event.PRUNED] == 1
    assert {number: document.id for number, document in desk.documents().items()}["1/2025/QĐ-UBND"] == before
    assert "2/2025/QĐ-UBND" not in desk.documents()


def test_a_member_that_is_unpacked_keeps_its_document(desk: Desk, folder: Path) -> None:
    """The same bytes beside the archive are a copy; once the archive is gone they are the document's place."""
    desk.index(folder)
    before = desk.documents()["2/2025/QĐ-UBND"].id
    (folder / "2.txt").write_text(decision(2), encoding="utf-8")
    (folder / "gói.bin").unlink()
    assert desk.index(folder)[Event.MOVED] == 1
    assert desk.documents()["2/2025/QĐ-UBND"].id == before


def test_a_recalled_member_stays_out(desk: Desk, folder: Path) -> None:
    """A member's bytes are kept out wherever they turn up again."""
    desk.index(folder)
    with commands.workplace(desk.options) as place:
        commands.remove(place, desk.documents()["1/2025/QĐ-UBND"].id, "thử")
    pack(folder / "khác.zip", {"x.txt": decision(1)})
    assert desk.index(folder)[Event.REMOVED] == 2
    assert "1/2025/QĐ-UBND" not in desk.documents()


def test_a_marked_member_is_quarantined_alone(desk: Desk, folder: Path) -> None:
    """The gate judges each member by itself."""
    pack(folder / "gói.bin", {"1.txt": decision(1), "2.txt": f"MẬT\n{decision(2)}"})
    assert desk.index(folder) == {Event.UNPACKED: 1, Event.INDEXED: 1, Event.QUARANTINED: 1}


def test_what_cannot_be_unpacked_is_one_failed_file(desk: Desk, tmp_path: Path) -> None:
    """A member with a password, a damaged one and an archive inside fail alone; a cut archive is one failure."""
    place = tmp_path / "documents"
    place.mkdir()
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("1.txt", decision(1))
    pack(place / "gói.zip", {"2.txt": decision(2), "3.txt": decision(3), "trong.zip": inner.getvalue()})
    content = bytearray((place / "gói.zip").read_bytes())
    with zipfile.ZipFile(place / "gói.zip") as archive:
        (second, third, _) = archive.infolist()
    content[third.header_offset + 60] ^= 0xFF  # within the compressed text
    place_of_flags = content.index(b"PK\x01\x02") + 8
    content[place_of_flags] |= 1
    (place / "gói.zip").write_bytes(content)
    (place / "cụt.zip").write_bytes(content[: second.header_offset + 200])
    counts = desk.index(place)
    assert (counts[Event.FAILED], counts[Event.UNPACKED]) == (4, 1)
    reasons = {Path(line.path).name: line.code for line in commands.failures(desk.options)}
    assert reasons == {"2.txt": "encrypted", "3.txt": "damaged", "trong.zip": "unsupported", "cụt.zip": "damaged"}


def test_a_hostile_number_of_entries_is_refused_unread(desk: Desk, tmp_path: Path) -> None:
    """An archive of more members than the bound is one failure that says what to do."""
    place = tmp_path / "documents"
    place.mkdir()
    pack(place / "gói.zip", {f"{number}.txt": "" for number in range(10_001)})
    assert desk.index(place) == {Event.FAILED: 1}
    (line,) = commands.failures(desk.options)
    assert (line.code, "giải nén" in (line.reason or "")) == ("too_large", True)


@given(st.lists(st.text(st.sampled_from("./\\aà:\x00 "), max_size=8), max_size=6))
def test_no_name_leads_out_of_the_archive(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    """Whatever members are called, each has one path below the archive, under which its own bytes are read."""
    path = tmp_path_factory.mktemp("archive") / "gói.zip"
    with zipfile.ZipFile(path, "w") as archive, warnings.catch_warnings(action="ignore"):  # two of one name
        for number, name in enumerate(names):
            archive.writestr(zipfile.ZipInfo(name or "trống"), str(number))
    found = [place for place, _ in members(path)] if is_archive(path) else []
    assert len(set(found)) == len(found)
    contents = set()
    for place in found:
        assert os.path.normpath(place) == str(place)
        assert path in place.parents
        assert is_there(place)
        with open_file(place, 100) as file:
            contents.add(file.read())
    assert len(contents) == len(found)


def test_a_member_that_is_not_there() -> None:
    """A path below a file that is no archive, or of no member, is told as a missing file."""
    with pytest.raises((FileNotFoundError, UnreadableFile)):
        open_file(Path(__file__) / "x.txt", 100)
    assert not is_there(Path(__file__) / "x.txt")

"""ZIP archives: names, members and bombs; whatever an archive says, unpacking it is bounded."""

import hashlib
import io
import os
import struct
import zipfile
import zlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from casefiles import by_name, cases
from growth import assert_grows_linearly
from hypothesis import given, settings
from hypothesis import strategies as st
from zipped import Record, written, zip_of

from indexer.archives import MEMBERS, Archive, Contents, Member, MemberStream, archive_of, in_memory, open_file
from indexer.config import Limits
from indexer.errors import UnreadableFile
from indexer.extract import extract, unpack
from indexer.extract.contents import list_contents
from indexer.extract.isolation.sandbox import read_isolated
from indexer.read import read_document

LIMITS = Limits(ocr_seconds=0)
MB = 1 << 20


def contents(data: bytes, limits: Limits = LIMITS) -> Contents:
    """What an archive holds."""
    return list_contents(io.BytesIO(data), limits)


def contents_or_refusal(data: bytes) -> Contents | UnreadableFile:
    """What an archive holds, or why it is not unpacked."""
    try:
        return contents(data)
    except UnreadableFile as error:
        return error


def refusal(data: bytes, limits: Limits = LIMITS) -> UnreadableFile:
    """Why an archive as a whole is not unpacked."""
    with pytest.raises(UnreadableFile) as error:
        contents(data, limits)
    return error.value


def troubles(data: bytes, limits: Limits = LIMITS) -> dict[str, str]:
    """The codes of members that cannot be unpacked, by path."""
    return {member.path: member.error.code for member in contents(data, limits).members if member.error}


@pytest.mark.parametrize("case", cases("archive_names"), ids=by_name)
def test_each_member_has_a_path(case: dict[str, Any]) -> None:
    """Whatever members are called, their paths lead down from the archive, can be printed, and are all different."""
    names = [name.encode() for name in case.get("stated", ())] + [bytes.fromhex(name) for name in case.get("hex", ())]
    archive = Archive(io.BytesIO(written([Record(name, b"" if name.endswith((b"/", b"\\")) else b"x") for name in names])))
    assert list(archive.members) == case["expect"]


@settings(max_examples=100)
@given(
    st.lists(st.one_of(st.text(st.sampled_from("./\\aà:\x00 ("), max_size=8).map(str.encode), st.binary(max_size=6)), max_size=8)
)
def test_any_names_become_paths_of_their_own(names: list[bytes]) -> None:
    """Each file that is not the system's has one path, which leads down, under which its own bytes are read."""
    data = written([Record(name, str(number).encode()) for number, name in enumerate(names)])
    found = contents_or_refusal(data)
    if isinstance(found, UnreadableFile):
        assert found.code == "empty"
        return
    paths = [path for path, _ in found.under(Path("/x/gói.zip"))]
    assert all(os.path.normpath(path) == str(path) and path.is_relative_to("/x/gói.zip") for path in paths)
    archive = Archive(io.BytesIO(data))
    read = [in_memory(archive.open(member.path, 100)).read() for member in found.members]
    assert len(set(read)) == len(read)
    assert [hashlib.sha256(content).hexdigest() for content in read] == [member.sha256 for member in found.members]


@pytest.mark.parametrize("name", ["a" * 300 + ".docx", "ă/" * 600 + "b.docx", "ệ" * 60_000, "/".join(["ệ" * 80] * 40)])
def test_long_names_are_cut(name: str) -> None:
    """A path is no longer than a system takes, and keeps its suffix."""
    (path,) = Archive(io.BytesIO(written([Record(name.encode()[:0xFFFF])]))).members
    assert max(len(step.encode()) for step in path.split("/")) <= 255
    assert len(path.encode()) < 4000
    assert path.endswith(name[-5:] if name.endswith(".docx") else "")


@pytest.mark.parametrize(
    "names",
    [
        lambda count: [b"a.txt"] * count,
        lambda count: [b"a.txt"] * (count // 2) + [b"a (%d).txt" % number for number in range(count // 2)],
        lambda count: [b"a (%d).txt" % number for number in range(count // 2)] + [b"a.txt"] * (count // 2),
        lambda count: [b"a/" * (number % 400) + b"x" for number in range(count)],
    ],
    ids=["of one name", "numbered later", "numbered before", "in deep folders"],
)
def test_naming_takes_linear_time(names: Any) -> None:
    """A second file of a name is found a free one without trying all that are taken."""

    def archive(count: int) -> Archive:
        return Archive(io.BytesIO(written([Record(name) for name in names(count)])))

    assert_grows_linearly(lambda opened: opened.members, archive, MEMBERS)
    assert len(archive(1000).members) == 1000


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("size", [0, 1, 70_000, 3_000_000])
def test_members_are_read_as_they_were(method: int, size: int) -> None:
    """Every byte comes back, in whatever portions it is asked for, beside another member that is read at the same time."""
    content = os.urandom(size // 2) + bytes(size - size // 2)
    archive = Archive(io.BytesIO(zip_of({"a": content, "b": content[::-1]}, method)))
    first, second = archive.open("a", size), archive.open("b", size)
    parts: list[tuple[bytes, bytes]] = []
    while not parts or any(parts[-1]):
        parts.append((first.read(size // 3 + 1) or b"", second.read(1 << 16) or b""))
    assert [b"".join(part) for part in zip(*parts, strict=True)] == [content, content[::-1]]


@pytest.mark.parametrize("flag", [0, 0x800])
def test_what_other_programs_write_is_read(flag: int, tmp_path: Path) -> None:
    """Sizes after the data (streamed), a comment, bytes before the archive, ZIP64 records where none is needed."""
    buffer = io.BytesIO()

    class Pipe(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            return buffer.write(data)

    with zipfile.ZipFile(Pipe(), "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[arg-type]  # it cannot seek, as pipes
        archive.writestr("văn bản.txt", "Nội dung")
        archive.comment = b"PK \x05\x06 xuat tu he thong"
    data = bytearray(b"junk" + buffer.getvalue())
    data[data.index(b"PK\x01\x02") + 9] = flag >> 8
    opened = Archive(io.BytesIO(data))
    assert in_memory(opened.open("văn bản.txt", 100)).read() == "Nội dung".encode()
    assert in_memory(Archive(io.BytesIO(in_64_bits(bytes(data[4:])))).open("văn bản.txt", 100)).read() == "Nội dung".encode()


def in_64_bits(data: bytes) -> bytes:
    """Return an archive whose end is written as ZIP64 says, though nothing in it needs that."""
    place = data.rindex(b"PK\x05\x06")
    *_, count, size, start, comment = struct.unpack_from("<4s4H2LH", data, place)
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, place, 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, comment)
    return data[:place] + record + locator + end + data[place + 22 :]


@pytest.mark.parametrize(
    ("record", "code", "says"),
    [
        (Record(b"a", flags=1), "encrypted", "mật khẩu"),
        (Record(b"a", method=12), "unsupported", "số 12"),
        (Record(b"a", method=99), "unsupported", "số 99"),
        (Record(b"a", size=0xFFFFFFFF, packed=0xFFFFFFFF), "unsupported", "ZIP64"),
        (Record(b"a", size=201 * MB), "too_large", "200 MB"),
        (Record(b"a", bytes(9 * MB)), "too_large", "100 lần"),
        (Record(b"a", b"x" * 1000, size=10), "damaged", "hỏng"),
        (Record(b"a", b"x" * 1000, size=2000), "damaged", "hỏng"),
        (Record(b"a", b"x" * 1000, size=0), "damaged", "hỏng"),
        (Record(b"a", b"x" * 1000, size=10, method=0), "damaged", "hỏng"),
        (Record(b"a", crc=1), "damaged", "hỏng"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_member_that_cannot_be_unpacked_says_why(record: Record, code: str, says: str) -> None:
    """It alone fails; a size that is not the true one is never believed, in either direction."""
    found = contents(written([Record(b"first", b"1"), record, Record(b"last", b"2")])).members
    assert [member.error is None for member in found] == [True, False, True]
    error = found[1].error
    assert error is not None
    assert (error.code, says in error.reason) == (code, True), error.reason


def bytes_unpacked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Gather how many bytes each step of unpacking yields."""
    counted: list[int] = []
    real = MemberStream._unpacked

    def counting(stream: MemberStream, most: int) -> bytes:
        piece = real(stream, most)
        counted.append(len(piece))
        return piece

    monkeypatch.setattr(MemberStream, "_unpacked", counting)
    return counted


def test_a_size_that_lies_costs_no_more_than_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 50 MB that claim to be 1000 bytes no more than these and one more byte are unpacked."""
    counted = bytes_unpacked(monkeypatch)
    assert troubles(written([Record(b"a", bytes(50 * MB), size=1000)])) == {"a": "damaged"}
    assert sum(counted) <= 1001


@pytest.mark.parametrize("nested", [False, True])
def test_the_sum_is_known_before_anything_is_unpacked(monkeypatch: pytest.MonkeyPatch, nested: bool) -> None:
    """Members that together are larger than the limit are refused as one archive, those of archives within counted with them."""
    half = [Record(b"%d" % number, os.urandom(300_000)) for number in range(2)]
    inner = written(half)
    data = zip_of({"a.zip": inner, "b.zip": inner}) if nested else written(half + half)
    limits = Limits(unpacked_mb=2 if nested else 1)
    counted = bytes_unpacked(monkeypatch)
    error = refusal(data, limits)
    assert (error.code, "limits.unpacked_mb" in error.reason) == ("too_large", True)
    assert sum(counted) <= (2 * MB if nested else 0)


def test_members_that_share_their_bytes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few bytes that lie in the archive under a thousand names are not unpacked once."""
    shared = [Record(b"0", os.urandom(1000)), *(Record(b"%d" % number, os.urandom(1000), shares=0) for number in range(1, 1000))]
    counted = bytes_unpacked(monkeypatch)
    error = refusal(written(shared))
    assert (error.code, "chồng lên nhau" in error.reason) == ("damaged", True)
    assert counted == []


def test_a_member_that_holds_the_others_is_refused() -> None:
    """So is a bomb whose first member's packed bytes are the following members' records."""
    data = written([Record(b"%d" % number, os.urandom(2000), method=0) for number in range(4)])
    *_, start, _ = struct.unpack_from("<4s4H2LH", data, len(data) - 22)
    widened = bytearray(data)
    struct.pack_into("<L", widened, start + 20, start - 31)
    struct.pack_into("<L", widened, start + 24, start - 31)
    assert refusal(bytes(widened)).code == "damaged"


@pytest.mark.parametrize("count", [MEMBERS + 1, 200_000])
def test_a_hostile_number_of_members_is_refused(count: int, tmp_path: Path) -> None:
    """Nothing is made of more members than the limit, whether the archive says how many there are or not."""
    data = written([Record(b"%d" % number) for number in range(count)], count=3)
    assert refusal(data).code == "too_large"
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(UnreadableFile, match="giải nén rồi nạp"):
        unpack(tmp_path / "a.zip", LIMITS)


def test_members_of_archives_within_are_counted(tmp_path: Path) -> None:
    """Each of two archives within holds fewer than the limit, both together more."""
    inner = written([Record(b"%d" % number, b"", method=0) for number in range(MEMBERS // 2)])
    assert refusal(zip_of({"a.zip": inner, "b.zip": inner})).code == "too_large"
    assert len(contents(zip_of({"a.zip": inner})).members) == MEMBERS // 2 + 1


def quine() -> bytes:
    """An archive that seems to hold itself: its member is a whole archive of the same members, nested as deep as one likes."""
    data = zip_of({"x.txt": "x"})
    for _ in range(40):
        data = zip_of({"r.zip": data})
    return data


def test_a_deep_nest_ends() -> None:
    """Archives within each other are opened to a fixed depth; the one below is a failure with its reason."""
    found = contents(quine()).members
    assert [member.path for member in found] == ["r.zip", "r.zip/r.zip", "r.zip/r.zip/r.zip"]
    assert [member.is_archive for member in found] == [True, True, False]
    assert found[-1].error is not None
    assert "3 lớp" in found[-1].error.reason


def test_an_archive_within_that_is_too_large_for_memory_is_refused() -> None:
    """It is a failure that says what to do; a document of the same size is none."""
    large = {"a.bin": os.urandom(33 * MB)}
    inner = zip_of(large, zipfile.ZIP_STORED)
    docx = zip_of(large | {"[Content_Types].xml": "<Types/>", "word/document.xml": "<x/>"}, zipfile.ZIP_STORED)
    data = zip_of({"a.zip": inner, "b.docx": docx}, zipfile.ZIP_STORED)
    assert troubles(data) == {"a.zip": "too_large"}


def test_an_archive_with_the_name_of_a_folder_is_not_unpacked() -> None:
    """Its members would have the paths of the folder's files; those are what is read under them."""
    data = zip_of({"a.zip/b.txt": "folder", "a.zip": zip_of({"b.txt": "within"}), "c.zip": zip_of({"b.txt": "other"})})
    assert troubles(data) == {"a.zip": "damaged"}
    opened = Archive(io.BytesIO(data))
    assert in_memory(opened.open("a.zip/b.txt", 10)).read() == b"folder"
    assert in_memory(opened.open("c.zip/b.txt", 10)).read() == b"other"


@pytest.mark.parametrize("data", [zip_of({}), zip_of({"a/": ""}), zip_of({".DS_Store": "x"})])
def test_an_archive_without_a_file_is_empty(data: bytes) -> None:
    """It is told as such; within another, of that one alone."""
    assert refusal(data).code == "empty"
    assert troubles(zip_of({"a.zip": data, "b.txt": "x"})) == {"a.zip": "empty"}


@settings(max_examples=300)
@given(data=st.data())
def test_altered_archives_are_read_or_refused(data: st.DataObject) -> None:
    """With bytes changed or cut, an archive gives contents or its own error, and each member its bytes or an error."""
    whole = zip_of({"a.txt": b"x" * 300, "b.zip": zip_of({"c.txt": b"y" * 300})})
    changed = bytearray(whole[: data.draw(st.integers(22, len(whole)))])
    for _ in range(data.draw(st.integers(0, 6))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    found = contents_or_refusal(bytes(changed))
    if isinstance(found, UnreadableFile):
        assert found.code in {"damaged", "empty", "too_large"}
        return
    archive = Archive(io.BytesIO(changed))
    for member in found.members:
        if member.error is None:
            read = in_memory(archive.open(member.path, MB)).read()
            assert (len(read), hashlib.sha256(read).hexdigest()) == (member.size, member.sha256)


@pytest.mark.parametrize("paths", [["../x"], ["/x"], ["a//b"], ["a\x00b"], [""], ["a", "a"]])
def test_a_worker_cannot_name_files_elsewhere(paths: Sequence[str]) -> None:
    """What comes from a process that parsed hostile bytes is checked before it becomes a path."""
    with pytest.raises(UnreadableFile) as error:
        Contents(tuple(Member(path, 1, "0") for path in paths)).under(Path("/archive"))
    assert error.value.code == "crashed"


def test_a_member_is_opened_by_its_path(tmp_path: Path) -> None:
    """So are files; what is not there, or no longer, is told as gone."""
    (tmp_path / "a.zip").write_bytes(zip_of({"b.zip": zip_of({"c.txt": "c"}), "d.txt": "d"}))
    for path, content in (("a.zip/d.txt", b"d"), ("a.zip/b.zip/c.txt", b"c")):
        with open_file(tmp_path / path, 10) as file:
            assert file.read() == content
    (tmp_path / "a.zip").write_bytes(zip_of({"d.txt": "new"}))
    with open_file(tmp_path / "a.zip" / "d.txt", 10) as file:
        assert file.read() == b"new"
    for path in ("a.zip/b.zip/c.txt", "a.zip/x", "a.zip/d.txt/x"):
        with pytest.raises(UnreadableFile) as error:
            open_file(tmp_path / path, 10)
        assert error.value.code in {"vanished", "damaged"}
    with pytest.raises(UnreadableFile):
        open_file(tmp_path / "a.zip" / "d.txt", 2)
    with pytest.raises(FileNotFoundError):
        open_file(tmp_path / "x", 10)
    with pytest.raises(FileNotFoundError):
        archive_of(tmp_path / "none" / "x")


@pytest.mark.parametrize("name", ["a.zip", "a.docx", "a.pdf", "a"])
def test_an_archive_is_told_by_its_content(name: str, tmp_path: Path) -> None:
    """Its name changes nothing, nor does a PDF that lies at its beginning as it is; `extract` reads members, not the archive."""
    path = tmp_path / name
    path.write_bytes(zip_of({"1.pdf": b"%PDF-1.7\n", "2.txt": "Nội dung văn bản"}, zipfile.ZIP_STORED))
    found = unpack(path, LIMITS)
    assert found is not None
    assert [member.path for member in found.members] == ["1.pdf", "2.txt"]
    assert extract(path / "2.txt", LIMITS).pages[0].text.strip() == "Nội dung văn bản"
    with pytest.raises(UnreadableFile, match="đọc riêng"):
        extract(path, LIMITS)
    assert unpack(path / "2.txt", LIMITS) is None


BOMBS = {
    "one large member": lambda: written([Record(b"a.txt", bytes(250 * MB)), Record(b"b.txt", b"1 2 3")]),
    "many large members": lambda: written([Record(b"%d.txt" % number, bytes(80 * MB)) for number in range(4)]),
    "a size that lies": lambda: written([Record(b"a.txt", bytes(250 * MB), size=100)]),
    "many members": lambda: written([Record(b"%d" % number, b"") for number in range(100_000)], count=1),
    "a deep nest": quine,
    "a wide nest": lambda: _nest(zip_of({"0.txt": bytes(MB)}), 5),
    "a long repetition": lambda: written([Record(b"a.txt", b"Dieu 1. Noi dung.\n" * 3_000_000)]),
}


def _nest(data: bytes, depth: int) -> bytes:
    for _ in range(depth):
        data = zip_of({f"{number}.zip": data for number in range(12)})
    return data


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_little(name: str, tmp_path: Path) -> None:
    """Archive and members end within 30 seconds and 400 MB each, and the file beside them is read."""
    (tmp_path / "bomb.zip").write_bytes(BOMBS[name]())
    (tmp_path / "beside.txt").write_text("Văn bản bên cạnh", encoding="utf-8")
    limits = Limits(memory_mb=400, cpu_seconds=25, wall_seconds=30, ocr_seconds=0)
    found = read([tmp_path / "bomb.zip", tmp_path / "beside.txt"], limits)
    assert not isinstance(found[tmp_path / "beside.txt"], UnreadableFile)
    told = found[tmp_path / "bomb.zip"]
    inside = told.under(tmp_path / "bomb.zip") if isinstance(told, Contents) else []
    assert isinstance(told, Contents) or told.code in {"too_large", "damaged"}
    results = read([path for path, member in inside if member.sha256 and not member.is_archive], limits)
    codes = {result.code for result in results.values() if isinstance(result, UnreadableFile)}
    assert codes <= {"memory", "too_large", "damaged", "unsupported"}


def read(paths: Sequence[Path], limits: Limits) -> dict[Path, Any]:
    """Read files as indexing does."""
    return dict(read_isolated(partial(read_document, limits=limits), paths, limits, 1))


def test_crc_is_checked_once_at_the_end() -> None:
    """A reader that stops early is not told of damage behind; one that reads on is."""
    stream = Archive(io.BytesIO(written([Record(b"a", b"x" * 100, crc=zlib.crc32(b""))]))).open("a", 100)
    assert stream.read(50) == b"x" * 50
    assert stream.read(50) == b"x" * 50
    with pytest.raises(UnreadableFile):
        stream.read(1)

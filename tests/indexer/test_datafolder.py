"""The data folder: layout, fitness and the writer lock, with real processes."""

import errno
import os
import resource
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from indexer.catalogue import WritableCatalogue
from indexer.config import Options
from indexer.datafolder import NETWORK_FILE_SYSTEMS, DataFolder, disk_errors, file_system_of
from indexer.doctor import State, examine
from indexer.errors import DataFolderBusy, DataFolderUnfit

REPOSITORY = Path(__file__).resolve().parents[2]
HOLD = """
import sys
from pathlib import Path
from indexer.datafolder import DataFolder
with DataFolder(Path(sys.argv[1])).writer_lock(wait=False):
    print("held", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def another_writer(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a process that holds the writer lock until it reads a line."""
    command = [sys.executable, "-c", HOLD, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            if process.poll() is None:
                process.communicate("\n", timeout=60)


def test_prepare_makes_a_private_folder(tmp_path):
    """A new folder and its parts are its owner's alone; a second `prepare` changes nothing."""
    folder = DataFolder(tmp_path / "deep" / "data")
    folder.prepare()
    folder.prepare()
    assert sorted(path.name for path in folder.path.iterdir()) == ["cache", "index"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder.path, folder.index, folder.cache)} == {0o700}


def test_what_is_written_is_private_in_any_folder(tmp_path):
    """Also in one that was there before; `doctor` tells what others can read, and where no folder can be made."""
    folder = DataFolder(tmp_path)
    tmp_path.chmod(0o755)
    with folder.writer_lock(wait=False):
        catalogue = WritableCatalogue.open(folder.catalogue)
        files = [path for path in tmp_path.iterdir() if path.is_file()]
        catalogue.close()
    assert len(files) > 3
    assert not [path for path in files if path.exists() and path.stat().st_mode & 0o077]
    assert folder.open_to_others() == [tmp_path]
    checks = {check.name: check for check in examine(Options(data=tmp_path))}
    assert checks["Quyền riêng"].state is State.RISKY
    assert str(tmp_path) in checks["Quyền riêng"].detail
    assert examine(Options(data=Path("/proc/none")))[-1].state is State.BROKEN
    tmp_path.chmod(0o700)
    assert "Quyền riêng" not in {check.name for check in examine(Options(data=tmp_path))}


def test_a_folder_that_is_not_there_is_named(tmp_path):
    """A reader of a missing folder learns what to run; a file of that name is told apart."""
    with pytest.raises(DataFolderUnfit, match="chạy `congbao index`"):
        DataFolder(tmp_path / "none").require()
    (tmp_path / "file").write_text("x")
    for act in (
        DataFolder(tmp_path / "file").prepare,
        DataFolder(tmp_path / "file").require,
        DataFolder(tmp_path / "file/x").prepare,
    ):
        with pytest.raises(DataFolderUnfit, match="không phải là thư mục"):
            act()


def test_a_second_writer_learns_who_writes(tmp_path):
    """The refused writer is told the process id, the start time and the command of the other."""
    folder = DataFolder(tmp_path)
    with another_writer(tmp_path) as process:
        with (
            pytest.raises(DataFolderBusy, match=rf"tiến trình {process.pid} \(`-c .+ bắt đầu lúc .+/20") as caught,
            folder.writer_lock(wait=False),
        ):
            pytest.fail("two writers at once")
        assert caught.value.pid == process.pid
        assert caught.value.started is not None
    assert folder.writer() is None
    with folder.writer_lock(wait=False):
        assert folder.writer().pid == os.getpid()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "index", "writer.lock"]


def test_a_waiting_writer_gets_its_turn(tmp_path):
    """With `wait` the second writer is told once, and goes on when the first has ended."""
    told: list[DataFolderBusy] = []
    with another_writer(tmp_path) as process:
        release = threading.Timer(0.3, process.communicate, ["\n"])
        release.start()
        with DataFolder(tmp_path).writer_lock(wait=True, on_busy=told.append):
            process.wait(timeout=60)
        release.join()  # else it may read from the pipe of the next process that is started
    assert [busy.pid for busy in told] == [process.pid]


def test_a_killed_writer_does_not_block(tmp_path):
    """After kill -9 the note is still there, names nobody, and the lock is free."""
    with another_writer(tmp_path) as process:
        process.kill()
        process.wait(timeout=60)
    folder = DataFolder(tmp_path)
    assert (tmp_path / "writer.json").exists()
    assert folder.writer() is None
    with folder.writer_lock(wait=False):
        pass


def test_a_forked_child_does_not_keep_the_lock(tmp_path):
    """A worker process that outlives a killed writer does not hold the lock on its behalf."""
    code = HOLD.replace(
        'print("held", flush=True)',  # each line in one write: unbuffered, a print's text and its line end come apart
        'import os, time\n    os.fork() or (os.write(1, b"forked\\n"), time.sleep(20))\n    os.write(1, b"held\\n")',
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY, start_new_session=True
    ) as process:
        assert {process.stdout.readline() for _ in range(2)} == {"held\n", "forked\n"}  # the child has come to itself
        process.kill()
        process.wait(timeout=60)
        try:
            with DataFolder(tmp_path).writer_lock(wait=False):
                pass
        finally:
            os.killpg(process.pid, 9)


@pytest.mark.parametrize(
    "note", ["", "{", "[]", '{"pid": 1}', '{"pid": "x", "host": "h", "started": "soon", "command": ""}', "\ud800"]
)
def test_a_damaged_note_names_nobody(tmp_path, note):
    """A note cut short by a crash is no writer and no error."""
    (tmp_path / "writer.json").write_bytes(note.encode("utf-8", "surrogatepass"))
    assert DataFolder(tmp_path).writer() is None


def test_an_error_in_the_work_gives_the_lock_back(tmp_path):
    """The writer's own error passes unchanged and the next writer may begin."""
    folder = DataFolder(tmp_path)
    with pytest.raises(KeyError), folder.writer_lock(wait=False):
        raise KeyError
    with folder.writer_lock(wait=False):
        pass


MOUNTINFO = """27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
40 27 0:50 / /srv/kho\\040chung rw - nfs4 may-chu:/kho rw
41 40 0:51 / /srv/kho\\040chung/dia rw - xfs /dev/vdb rw
42 27 0:52 / /srv/che rw - cifs //may-chu/che rw
43 27 0:53 / /srv/che rw shared:1 - ext4 /dev/vdc rw
cut short
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/srv/data", "ext4"),
        ("/srv/kho chung/a/b", "nfs4"),
        ("/srv/kho chung/dia/a", "xfs"),
        ("/srv/che/x", "ext4"),
        ("/srv/kho chungx", "ext4"),
    ],
)
def test_the_nearest_and_last_mount_holds_a_path(tmp_path, path, kind):
    """The longest mount point that contains the path decides; of two on one point, the later."""
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTINFO)
    assert file_system_of(Path(path), mounts) == kind


def test_every_network_file_system_is_refused(tmp_path):
    """A data folder on each listed type is refused before anything is made there, with advice."""
    mounts = tmp_path / "mountinfo"
    for kind, reason in NETWORK_FILE_SYSTEMS:
        mounts.write_text(f"1 0 0:1 / / rw - ext4 /dev/vda rw\n2 1 0:2 / {tmp_path} rw - {kind} x rw\n")
        folder = DataFolder(tmp_path / "data", mounts)
        for act in (folder.prepare, folder.require):
            with pytest.raises(DataFolderUnfit, match=rf"\({kind}\), nơi {reason}: chọn một thư mục"):
                act()
    assert not (tmp_path / "data").exists()


def test_an_unknown_system_is_not_refused(tmp_path):
    """Where the system doesn't tell what is mounted, the folder is used."""
    DataFolder(tmp_path / "data", tmp_path / "absent").prepare()


def test_this_machine_tells_its_file_systems():
    """The running kernel's own list is readable in the form that is expected."""
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux has /proc/self/mountinfo")
    assert file_system_of(Path("/proc/self")) == "proc"


def test_a_full_disk_is_said_plainly(tmp_path):
    """A write that finds no space, by the system or by SQLite, says so and what to do."""
    with pytest.raises(DataFolderUnfit, match="đã đầy"), disk_errors(tmp_path), Path("/dev/full").open("wb", buffering=0) as full:
        full.write(b"x")
    database = sqlite3.connect(tmp_path / "small.sqlite")
    database.execute("PRAGMA max_page_count = 2")
    database.execute("CREATE TABLE t (x)")
    with pytest.raises(DataFolderUnfit, match="đã đầy"), disk_errors(tmp_path):
        database.execute("INSERT INTO t VALUES (zeroblob(100000))")
    database.close()


def test_a_full_disk_is_seen_before_any_work(tmp_path):
    """A folder in which not one block can be written is refused at the start, and nothing is left behind."""
    folder = DataFolder(tmp_path)
    folder.prepare()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(DataFolderUnfit, match="hết hạn mức"), folder.writer_lock(wait=False):
            pytest.fail("work began on a full disk")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "index"]


def test_a_full_disk_during_the_work_is_said_plainly(tmp_path):
    """What the disk refuses while the lock is held is told in the same words, and the lock is given back."""
    folder = DataFolder(tmp_path)
    for _ in range(2):
        with (
            pytest.raises(DataFolderUnfit, match="đã đầy"),
            folder.writer_lock(wait=False),
            Path("/dev/full").open("wb", buffering=0) as full,
        ):
            full.write(b"x")


def test_a_read_only_catalogue_is_said_plainly(tmp_path):
    """SQLite's refusal to write a read-only file is told as such."""
    sqlite3.connect(tmp_path / "catalogue.sqlite").close()
    database = sqlite3.connect(f"file:{tmp_path}/catalogue.sqlite?mode=ro", uri=True)
    with pytest.raises(DataFolderUnfit, match="chỉ đọc được"), disk_errors(tmp_path):
        database.execute("CREATE TABLE t (x)")
    database.close()


@pytest.mark.parametrize("number", [errno.EROFS, errno.EDQUOT, errno.ENOSYS, errno.EACCES])
def test_a_refusal_elsewhere_is_not_the_data_folders(tmp_path, number):
    """The same error about a file outside the folder passes unchanged."""
    with pytest.raises(DataFolderUnfit), disk_errors(tmp_path):
        raise OSError(number, "x", str(tmp_path / "index"))
    with pytest.raises(OSError, match="x"), disk_errors(tmp_path / "data"):
        raise OSError(number, "x", str(tmp_path / "source.pdf"))


@contextmanager
def unprivileged() -> Iterator[None]:
    """Act as `nobody` where the suite runs as root, who passes every permission check."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_missing_permission_is_said_plainly():
    """A folder whose rights were taken away is refused with the advice to grant them."""
    with TemporaryDirectory() as name:  # not tmp_path: another user cannot reach into that
        closed = Path(name)
        closed.chmod(0o555)
        with unprivileged():
            for act in (DataFolder(closed / "data").prepare, DataFolder(closed).prepare):
                with pytest.raises(DataFolderUnfit, match="cấp quyền"):
                    act()
        closed.chmod(0o700)

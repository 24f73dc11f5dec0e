"""Where the kernels' machine code is kept: in a cache folder of the data folder, named after their source.

Compiling all of them takes about 30 s on one core; reading them from the cache 0.3 s. numba's own cache is not used: it finds
code by a function's own file alone, so that a change in a module that it calls would go unnoticed; it fails where its folder
can't be written or a file was cut short; and two processes that fill it at once may leave one signature's code under another's
name. Here each piece of code has a file of its own, whose name says all that it depends on and whose digest is checked, so that
what is missing, damaged or another processor's is compiled again. A cache that cannot be written costs the compilation at every
start, never an answer. NUMBA_CACHE_DIR, numba's own variable, moves it.

Whoever may write to the cache has code run by whoever reads it, as with Python's own; it is made for its owner alone.
"""

# mypy: disallow-untyped-calls=False, disable-error-code="attr-defined,import-untyped"
# numba has no types, and gets its options at run time.

import hashlib
import logging
import os
import pickle
import shutil
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import llvmlite.binding
import numba
from numba.core.caching import _Cache as Cache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from analyzers import kernels as text_kernels
from indexer.engine.whooshdb.kernels import KERNELS

_SOURCES = (Path(__file__).parent / "kernels", Path(text_kernels.__file__).parent)
_UNUSED = 30 * 24 * 3600  # seconds
_FOLDERS: list[Path] = []  # the one that this process has prepared
_COMPILING, _UNWRITABLE = threading.Event(), threading.Event()
_LOG = logging.getLogger(__name__)


def prepare(folder: Path) -> None:
    """Keep the kernels' machine code under `folder`, which is made when there is some; the first call in a process decides."""
    if _FOLDERS:
        return
    _FOLDERS.append(folder)
    place = kept_in(folder)
    _remove_unused(place)
    kernels: tuple[Any, ...] = (*KERNELS, *text_kernels.KERNELS)
    for kernel in kernels:
        kernel._cache = KernelCache(kernel.__name__, place)  # noqa: SLF001  as its enable_caching does


def prepared() -> Path | None:
    """Return the folder that this process has prepared, for the processes that it starts."""
    return _FOLDERS[0] if _FOLDERS else None


def is_complete(folder: Path) -> bool:
    """Return whether there is code below `folder` for every kernel, by what `mark_complete` noted on such a processor."""
    return _mark(folder).exists()


def mark_complete(folder: Path) -> None:
    """Note that code is there for every kernel, unless some could not be kept."""
    if not _UNWRITABLE.is_set():
        with suppress(OSError):
            _mark(folder).touch(mode=0o600)


def can_keep(folder: Path) -> bool:
    """Return whether code can be written below `folder`."""
    try:
        _make(kept_in(folder))
        with tempfile.TemporaryFile(dir=kept_in(folder)):
            return True
    except OSError:
        return False


def _mark(folder: Path) -> Path:
    processor = f"{llvmlite.binding.get_host_cpu_name()} {llvmlite.binding.get_host_cpu_features().flatten()}"
    return kept_in(folder) / f"complete-{hashlib.sha256(processor.encode()).hexdigest()[:16]}"


def _make(place: Path) -> None:
    place.parent.mkdir(mode=0o700, exist_ok=True)  # not what is above: a reader makes no data folder
    place.mkdir(mode=0o700, exist_ok=True)


def prepare_worker(folder: Path | None) -> None:
    """Do as the process that started this one has done, and leave it to that one to say that something is compiled."""
    _COMPILING.set()
    if folder:
        prepare(folder)


def kept_in(folder: Path) -> Path:
    """Return the folder for machine code below `folder`, or below NUMBA_CACHE_DIR, of the kernels as they are now."""
    settings = sorted(
        (name, value) for name, value in os.environ.items() if name.startswith("NUMBA_") and name != "NUMBA_CACHE_DIR"
    )
    versions = f"{numba.__version__} {llvmlite.__version__} {sys.implementation.cache_tag}"
    digest = hashlib.sha256(f"{versions} {settings}".encode())
    constants = Path(__file__).parent.parent / "fields.py"  # are compiled in
    for path in (*(path for folder in _SOURCES for path in sorted(folder.glob("*.py"))), constants):
        digest.update(path.read_bytes())
    return Path(os.environ.get("NUMBA_CACHE_DIR") or folder) / f"kernels-{digest.hexdigest()[:16]}"


class KernelCache(Cache):
    """One kernel's machine code, a file for each signature and processor: numba asks it before it compiles and tells it after."""

    def __init__(self, kernel: str, folder: Path) -> None:
        self._kernel = kernel
        self._folder = folder

    @property
    def cache_path(self) -> str:
        """The folder, for numba's statistics."""
        return str(self._folder)

    def load_overload(self, signature: Any, target: Any) -> Any:
        """Return the code for a signature, None when there is none that is whole."""
        target.refresh()
        try:
            content = self._file(signature, target.codegen()).read_bytes()
        except OSError:
            content = b""
        if content[:32] == hashlib.sha256(content[32:]).digest():
            return CompileResult._rebuild(target, *pickle.loads(content[32:]))  # noqa: SLF001, S301  as numba's own cache does
        if not _COMPILING.is_set():
            _COMPILING.set()
            _LOG.warning("Biên dịch các vòng lặp tìm kiếm lần đầu (tất cả khoảng 30 giây); mã máy được giữ ở `%s`.", self._folder)
        return None

    def save_overload(self, signature: Any, compiled: Any) -> None:
        """Keep the code for a signature, if the folder can be written."""
        content = dumps(compiled._reduce())  # noqa: SLF001  as above
        try:
            _make(self._folder)
            with tempfile.TemporaryDirectory(dir=self._folder) as drafts:
                draft = Path(drafts, "draft")
                draft.write_bytes(hashlib.sha256(content).digest() + content)
                draft.replace(self._file(signature, compiled.codegen))
        except OSError:
            if not _UNWRITABLE.is_set():
                _UNWRITABLE.set()
                _LOG.warning("Không ghi được `%s`: lần khởi động sau lại phải biên dịch.", self._folder)

    def enable(self) -> None:
        """Do nothing: it is always in use."""

    def disable(self) -> None:
        """Do nothing, as above."""

    def flush(self) -> None:
        """Do nothing: what is out of date has another name."""

    def _file(self, signature: Any, codegen: Any) -> Path:
        wanted = f"{signature} {codegen.magic_tuple()}"  # types; and the processor's name and features
        return self._folder / f"{self._kernel}-{hashlib.sha256(wanted.encode()).hexdigest()[:32]}"


def _remove_unused(place: Path) -> None:
    """Remove what no program has used for a month; two versions beside each other keep what each has compiled."""
    with suppress(OSError):
        os.utime(place)
    for other in place.parent.glob("kernels-*"):
        with suppress(OSError):  # another process may be removing it, too
            if time.time() - other.stat().st_mtime > _UNUSED:
                shutil.rmtree(other, ignore_errors=True)

"""Where the kernels' machine code is kept: in a cache folder of the data folder, named after their source.

Compiling all of them takes about 25 s on one core; loading them from the cache 0.3 s. numba finds its cache by a function's own
file alone, so a change in a module that it calls would go unnoticed: hence a folder for each state of the source. A cache
that cannot be written costs the compilation at every start, never an answer. NUMBA_CACHE_DIR, numba's own variable, moves it.
"""

# mypy: disallow-untyped-calls=False, disable-error-code="attr-defined"
# numba has no types, and gets its options at run time.

import hashlib
import logging
import os
import shutil
import threading
from importlib.metadata import version
from pathlib import Path

import numba

from indexer.engine.whooshdb.kernels import KERNELS

_SOURCE = Path(__file__).parent / "kernels"
_PREPARED = threading.Event()
_LOG = logging.getLogger(__name__)


def prepare(folder: Path) -> None:
    """Keep the kernels' machine code under `folder`, which is made; the first call in a process decides."""
    if _PREPARED.is_set():
        return
    _PREPARED.set()
    place = Path(numba.config.CACHE_DIR or folder) / f"kernels-{_fingerprint()}"
    try:
        place.mkdir(parents=True, exist_ok=True)
        writable = os.access(place, os.W_OK)
    except OSError:
        writable = False
    if not writable and not any(place.glob("**/*.nbi")):
        _LOG.warning("Không ghi được `%s`: các vòng lặp số học được biên dịch lại mỗi lần khởi động (khoảng 25 giây).", place)
        return
    if writable:
        _remove_older(place)
    keep_code_in(str(place))
    for kernel in KERNELS:
        kernel.enable_caching()


def keep_code_in(folder: str) -> None:
    """Have what this process compiles from now on kept in a folder, as in the process that started it."""
    numba.config.CACHE_DIR = folder


def _fingerprint() -> str:
    digest = hashlib.sha256(version("numba").encode())
    for path in sorted(_SOURCE.glob("*.py")):
        digest.update(path.read_bytes())
    digest.update((Path(__file__).parent.parent / "fields.py").read_bytes())  # its constants are compiled in
    return digest.hexdigest()[:16]


def _remove_older(place: Path) -> None:
    for older in place.parent.glob("kernels-*"):
        if older != place:
            shutil.rmtree(older, ignore_errors=True)  # another process may be removing it, too

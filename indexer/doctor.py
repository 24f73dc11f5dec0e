"""What this machine lacks for the work, what that costs, and whether the data folder can be used."""

import shlex
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from indexer.config import Options
from indexer.datafolder import DataFolder
from indexer.errors import DataFolderUnfit
from indexer.extract.scans import ocr

_UNFOUND = "bản quét (PDF ảnh) không tìm được theo nội dung, chỉ theo sổ văn bản"
_ROOM_GB = 2  # a small corpus with its index


class State(StrEnum):
    """How one check ended."""

    FINE = "fine"
    MISSING = "missing"  # optional; the detail says what it costs
    RISKY = "risky"  # works, but the operator should know
    BROKEN = "broken"  # must be mended


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at, for people in Vietnamese."""

    name: str
    state: State
    detail: str


def examine(options: Options) -> tuple[Check, ...]:
    """Look at everything; nothing is changed."""
    return tuple(_checks(options))


def _checks(options: Options) -> Iterator[Check]:
    yield Check("Python", State.FINE, sys.version.split()[0])
    if not options.limits.ocr_seconds:
        yield Check("Nhận dạng chữ (OCR)", State.MISSING, f"đang tắt (limits.ocr_seconds = 0): {_UNFOUND}")
    elif ocr.is_installed():
        yield Check("Nhận dạng chữ (OCR)", State.FINE, "tesseract có mô hình tiếng Việt")
    else:
        yield Check(
            "Nhận dạng chữ (OCR)",
            State.MISSING,
            f"{_UNFOUND}: cài tesseract-ocr và tesseract-ocr-vie",
        )
    data = DataFolder(options.data)
    yield (folder := _data_folder(data))
    if folder.state is State.FINE and (seen := data.open_to_others()):
        names = ", ".join(map(str, seen))
        told = f"người dùng khác của máy đọc hoặc ghi được {names}: chạy `chmod -R go= {shlex.quote(str(data.path))}`"
        yield Check("Quyền riêng", State.RISKY, told)


def _data_folder(data: DataFolder) -> Check:
    try:
        if not data.path.exists():
            data.require_place()
            return Check("Thư mục dữ liệu", State.FINE, f"{data.path} chưa có; `congbao index` sẽ tạo")
        data.require()
    except DataFolderUnfit as error:
        return Check("Thư mục dữ liệu", State.BROKEN, str(error))
    free = shutil.disk_usage(data.path).free / 2**30
    if free < _ROOM_GB:
        return Check("Thư mục dữ liệu", State.BROKEN, f"{data.path}: ổ đĩa chỉ còn {free:.1f} GB, cần ít nhất {_ROOM_GB} GB")
    return Check("Thư mục dữ liệu", State.FINE, f"{data.path}, ổ đĩa còn {free:.0f} GB")

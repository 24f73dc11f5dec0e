"""What the command line shows while it works and when it is done."""

from collections import Counter
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeRemainingColumn

from indexer.events import Event, FileReport
from indexer.model import FIELD_NAMES, Visibility

_SHOWN = 20  # troubles listed in the terminal; `congbao failures` has them all
_WORDS = {
    Event.INDEXED: "đưa vào",
    Event.UNCHANGED: "không đổi",
    Event.COPY: "bản sao",
    Event.MOVED: "chuyển chỗ",
    Event.FAILED: "lỗi",
    Event.QUARANTINED: "cách ly",
    Event.UNPACKED: "tệp nén đã mở",
    Event.REMOVED: "đã gỡ",
    Event.MISSING: "không còn tệp",
    Event.PRUNED: "gỡ vì không còn tệp",
    Event.REFUSED: "chưa làm",
}
# Words for codes, which stay in --json.
INSPECTED = {"indexed": "đưa vào được", "failed": "lỗi", "quarantined": "cách ly", "unpacked": "tệp nén đã mở"}
FIELDS = FIELD_NAMES | {
    "place": "nơi ban hành",
    "parent": "cơ quan chủ quản",
    "authority": "thẩm quyền ký",
    "recipients": "nơi nhận",
    "urgency": "độ khẩn",
    "base_number": "số, ký hiệu của văn bản gốc",
}
SEEN_BY = {Visibility.PUBLIC: "công khai", Visibility.INTERNAL: "nội bộ"}
STAGES = {
    "scan": "tìm tệp",
    "sniff": "nhận dạng",
    "extract": "đọc tệp",
    "decode": "giải mã chữ",
    "understand": "hiểu văn bản",
    "gate": "cửa kiểm mật",
}
OUTCOMES = {
    "indexed": "đã đưa vào",
    "failed": "lỗi",
    "quarantined": "cách ly",
    "unpacked": "tệp nén đã mở",
    "removed": "đã gỡ",
    "missing": "không còn trên đĩa",
}
STATES = {"fine": ("green", "tốt"), "missing": ("yellow", "thiếu"), "risky": ("yellow", "lưu ý"), "broken": ("red", "hỏng")}
_CHANGED = {Visibility.PUBLIC: "nội bộ sang công khai", Visibility.INTERNAL: "công khai sang nội bộ"}
_TROUBLES = (Event.REFUSED, Event.FAILED, Event.QUARANTINED, Event.MISSING)  # the first are shown first


class FileProgress:
    """A bar for reading files, with their rate and the time left."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,  # a log wants no bar
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._progress.stop()

    def found(self, files: int) -> None:
        """Begin the bar, or lengthen it by what an archive holds."""
        if "files" not in self._tasks:
            self._tasks["files"] = self._progress.add_task("Đọc tệp", total=0, rate="")
        task = self._tasks["files"]
        self._progress.update(task, total=(self._progress.tasks[task].total or 0) + files)

    def read(self) -> None:
        """Move the bar on by one file."""
        task = self._tasks["files"]
        self._progress.advance(task)
        speed = self._progress.tasks[task].speed
        self._progress.update(task, rate=f"{speed:.1f} tệp/giây" if speed else "")


class IndexProgress(FileProgress):
    """A bar for reading files and one for indexing them; remembers what went wrong for the summary."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self.troubles: list[FileReport] = []
        self.warnings: list[str] = []
        self.shown_to: Counter[Visibility] = Counter()  # documents that changed from internal to public, or the reverse

    def warned(self, warnings: tuple[str, ...]) -> None:
        """Show what the operator should look at in the register."""
        self.warnings += warnings
        for warning in warnings[:_SHOWN]:
            self._console.print(f"[yellow]Lưu ý:[/] {escape(warning)}")

    def scanned(self, total: int) -> None:
        """Begin the bar of files."""
        self.found(total)

    def file(self, report: FileReport) -> None:
        """Advance the bar of files; a vanished file was not among those found, nor were the members of an archive."""
        if report.event in _TROUBLES or report.reason:
            self.troubles.append(report)
        if report.shown_to is not None:
            self.shown_to[report.shown_to] += 1
        self.found(report.inside)
        if report.event not in {Event.MISSING, Event.PRUNED, Event.REFUSED}:
            self.read()

    def indexing(self, done: int, total: int) -> None:
        """Move the bar of the index."""
        if "index" not in self._tasks:
            self._tasks["index"] = self._progress.add_task("Lập chỉ mục", total=total, rate="")
        self._progress.update(self._tasks["index"], completed=done, total=total)

    def summary(self, counts: Counter[Event]) -> None:
        """Print how many files ended how, and the first troubles with their reasons."""
        self._progress.stop()
        parts = [f"{counts[event]} {word}" for event, word in _WORDS.items() if counts[event] and event is not Event.REFUSED]
        self._console.print("Xong: " + (", ".join(parts) or "không có tệp nào") + ".")
        for visibility, words in _CHANGED.items():
            if self.shown_to[visibility]:
                self._console.print(f"{self.shown_to[visibility]} văn bản chuyển từ {words}.")
        by_weight = sorted(self.troubles, key=lambda told: (*_TROUBLES, told.event).index(told.event))
        for trouble in by_weight[:_SHOWN]:
            self._console.print(f"  [yellow]{_WORDS[trouble.event]}[/] {escape(trouble.path)}: {escape(trouble.reason)}")
        if len(self.troubles) > _SHOWN:
            self._console.print(f"  và {len(self.troubles) - _SHOWN} tệp khác: xem `congbao failures`.")


def marked(text: str, highlights: Sequence[tuple[int, int]]) -> str:
    """Return a passage in one line, what is highlighted in colour."""
    parts, at = [], 0
    for start, end in highlights:
        parts += [escape(text[at:start]), f"[yellow]{escape(text[start:end])}[/]"]
        at = end
    return " ".join("".join([*parts, escape(text[at:])]).split())

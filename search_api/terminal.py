"""What the command line shows while it works and when it is done."""

from collections import Counter
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeRemainingColumn

from indexer.events import Event, FileReport

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
}
_TROUBLES = frozenset({Event.FAILED, Event.QUARANTINED, Event.MISSING})


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
        self.found(report.inside)
        if report.event not in {Event.MISSING, Event.PRUNED}:
            self.read()

    def indexing(self, done: int, total: int) -> None:
        """Move the bar of the index."""
        if "index" not in self._tasks:
            self._tasks["index"] = self._progress.add_task("Lập chỉ mục", total=total, rate="")
        self._progress.update(self._tasks["index"], completed=done, total=total)

    def summary(self, counts: Counter[Event]) -> None:
        """Print how many files ended how, and the first troubles with their reasons."""
        self._progress.stop()
        parts = [f"{counts[event]} {word}" for event, word in _WORDS.items() if counts[event]]
        self._console.print("Xong: " + (", ".join(parts) or "không có tệp nào") + ".")
        for trouble in self.troubles[:_SHOWN]:
            self._console.print(f"  [yellow]{_WORDS[trouble.event]}[/] {escape(trouble.path)}: {escape(trouble.reason)}")
        if len(self.troubles) > _SHOWN:
            self._console.print(f"  và {len(self.troubles) - _SHOWN} tệp khác: xem `congbao failures`.")

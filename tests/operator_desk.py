"""An operator's desk for tests: a data folder, small decisions to put in it, and the commands."""

from collections import Counter
from pathlib import Path

from indexer import commands, reports
from indexer.commands import IndexRequest, Workplace
from indexer.config import Limits, Options
from indexer.engine.port import SearchRequest
from indexer.engine.query import Keyword
from indexer.events import Event, FileReport
from indexer.model import Document, Visibility

TEXT = """ỦY BAN NHÂN DÂN
TỈNH BÌNH LÂM
Số: {number}/2025/QĐ-UBND
Bình Lâm, ngày 4 tháng 3 năm 2025

QUYẾT ĐỊNH
{title}

Điều 1. {body}
Điều 2. Quyết định này có hiệu lực từ ngày ký.
"""


def write(path: Path, number: int, body: str = "Phê duyệt.", title: str = "Về việc phê duyệt quy hoạch") -> None:
    """Write a decision that the header reader understands."""
    path.write_text(TEXT.format(number=number, title=title, body=body), encoding="utf-8")


def register(tmp_path: Path, *lines: str) -> Path:
    """Write a register with these lines."""
    path = tmp_path / "register.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


class Desk:
    """A data folder and the commands; listens to its own runs."""

    def __init__(self, data: Path) -> None:
        self.total = 0
        self.reports: list[FileReport] = []
        self.warnings: list[str] = []
        self.options = Options(data=data, workers=1, limits=Limits(wall_seconds=20, ocr_seconds=0))

    def index(self, *paths: Path, **request: object) -> Counter[Event]:
        """Run `congbao index`; publishable unless said otherwise."""
        with commands.workplace(self.options) as place:
            return self.index_in(place, *paths, **request)

    def index_in(self, place: Workplace, *paths: Path, **request: object) -> Counter[Event]:
        """Run it in an open workplace and check that the counts add up."""
        self.reports.clear()
        asked = IndexRequest(paths, **({"publishable": True} | request))  # type: ignore[arg-type]
        counts = commands.index(place, self.options, asked, self)
        found = counts.total() - counts[Event.MISSING] - counts[Event.PRUNED] - counts[Event.REFUSED]
        inside = sum(report.inside for report in self.reports)
        assert found == self.total + inside
        assert reports.verify(self.options) == []
        return counts

    def documents(self) -> dict[str, Document]:
        """The live documents by number."""
        with reports.reading(self.options) as (catalogue, _):
            found = catalogue.get_many(catalogue.live_keys())
        return {document.metadata.number or document.id: document for document in found.values()}

    def found(self, number: str) -> list[str]:
        """The ids that the index gives for a number's normal form, for anyone who may see internal ones."""
        with reports.reading(self.options) as (_, store):
            engine = store.engine()
            hits = engine.search(SearchRequest(Keyword("number", number), visible=frozenset(Visibility))).hits
            engine.close()
        return [hit.id for hit in hits]

    def warned(self, warnings: tuple[str, ...]) -> None:
        """Keep each warning, a sentence."""
        self.warnings += warnings
        assert all(warnings)

    def scanned(self, total: int) -> None:
        """Keep the number of files."""
        self.total = total

    def file(self, report: FileReport) -> None:
        """Keep what became of a file."""
        self.reports.append(report)

    def indexing(self, done: int, total: int) -> None:
        """Check that progress never runs over."""
        assert done <= total

"""An evaluation for people: a table of figures, and what a question took."""

from rich.console import Console
from rich.table import Table

from search_api.evaluation.metrics import Figure
from search_api.evaluation.run import Evaluation

_OURS = "congbao"


def print_evaluation(console: Console, found: Evaluation) -> None:
    """Print the figures of ours and of each peer, by how much ours are higher, times and postings."""
    table = Table("Số đo", "Bộ máy", "Giá trị", "Khoảng tin cậy 95 %", *(["congbao hơn (95 %)"] if found.peers else []))
    for name, own in found.figures.items():
        table.add_row(name, _OURS, f"{own.mean:.4f}", _interval(own))
        for peer, beside in found.peers.items():
            theirs, ahead = beside.figures[name], beside.ahead[name]
            table.add_row("", peer, f"{theirs.mean:.4f}", _interval(theirs), _interval(ahead, "+"))
    console.print(table)
    console.print(f"{found.questions} câu hỏi; thời gian mỗi câu:")
    for peer, measured in {_OURS: found, **found.peers}.items():
        console.print(f"  {peer}: {measured.p50:.1f} ms (trung vị), {measured.p95:.1f} ms (bách phân vị 95)")
    mean, p95 = (f"{number:,.0f}".replace(",", ".") for number in (found.postings_mean, found.postings_p95))
    console.print(f"Mục phải duyệt trong chỉ mục cho mỗi câu: {mean} (trung bình), {p95} (bách phân vị 95)")


def _interval(figure: Figure, sign: str = "") -> str:
    return f"{figure.low:{sign}.4f} – {figure.high:{sign}.4f}"

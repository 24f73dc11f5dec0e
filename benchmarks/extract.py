"""Reading PDF measured: this project's reader, stock pdfminer, PDFium and, where installed, pdftotext, in turn on the same files.

A round reads every file with each reader, file by file; figures are pages a second of processor time of one core, children's
included, and medians of the rounds. What one of them can't open counts for none. `two_workers` is the whole path of
`congbao extract` (reading, decoding, header, structure) in two worker processes over one, by the clock.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pypdfium2
from pdfminer.high_level import extract_text
from pdfminer.pdfdocument import PDFEncryptionError
from pdfminer.psexceptions import PSException

from benchmarks.engine import tell
from indexer import inspection
from indexer.config import Limits, Options
from indexer.errors import UnreadableFile
from indexer.extract import extract

Reader = Callable[[Path], object]
_LIMITS = Limits(ocr_seconds=0)  # scans are no part of the comparison
_UNREADABLE = (UnreadableFile, PSException, PDFEncryptionError, pypdfium2.PdfiumError, subprocess.CalledProcessError)


def main() -> int:
    """Measure and print; `--json` for programs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="PDF files are looked for below it, by name")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the figures here")
    arguments = parser.parse_args()
    files = sorted(path for path in arguments.folder.rglob("*") if path.suffix.lower() == ".pdf")
    readers = {"ours": _ours, "pdfminer": extract_text, "pdfium": _pdfium}
    if shutil.which("pdftotext"):
        readers["pdftotext"] = _pdftotext
    if not files:
        parser.error(f"no PDF below {arguments.folder}")
    figures = _compare(files, readers, arguments.rounds) | _two_workers(files, arguments.rounds)
    text = json.dumps(figures, indent=2)
    if arguments.json:
        arguments.json.write_text(text + "\n", encoding="utf-8")
    print(text)
    return 0


def _ours(path: Path) -> object:
    return extract(path, _LIMITS)


def _pdfium(path: Path) -> object:
    with pypdfium2.PdfDocument(path) as document:
        return [page.get_textpage().get_text_bounded() for page in document]


def _pdftotext(path: Path) -> object:
    return subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True).stdout


def _compare(files: Sequence[Path], readers: Mapping[str, Reader], rounds: int) -> dict[str, object]:
    """Return each reader's speed and ours over each peer's, over the files that all of them open."""
    pages = {path: _pages(path) for path in files}
    seconds: dict[str, list[float]] = {name: [] for name in readers}
    for number in range(rounds):
        tell(f"round {number + 1} of {rounds}")
        spent: dict[str, dict[Path, float]] = {name: {} for name in readers}
        for path in [path for path in files if pages[path]]:
            try:
                for name, reader in readers.items():  # interleaved: a noisy moment hits all sides
                    began = _processor_time()
                    reader(path)
                    spent[name][path] = _processor_time() - began
            except _UNREADABLE:
                pages[path] = 0
        for name, by_file in spent.items():
            seconds[name].append(sum(value for path, value in by_file.items() if pages[path]))
    total = sum(pages.values())
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    return {
        "files": sum(map(bool, pages.values())),
        "files_left_out": [path.name for path, count in pages.items() if not count],
        "pages": total,
        "pages_a_second": {name: round(total / value, 1) for name, value in medians.items()},
        "ratios": {name: round(value / medians["ours"], 2) for name, value in medians.items() if name != "ours"},
    }


def _pages(path: Path) -> int:
    """Return how many pages a file has, 0 where PDFium can't tell."""
    try:
        with pypdfium2.PdfDocument(path) as document:
            return len(document)
    except pypdfium2.PdfiumError:
        return 0


def _processor_time() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def _two_workers(files: Sequence[Path], rounds: int) -> dict[str, object]:
    """Return how much faster two workers read all files than one does."""
    ratios = []
    for _ in range(rounds):
        one, two = (_clock(files, workers) for workers in (1, 2))
        ratios.append(one / two)
    return {"two_workers": round(statistics.median(ratios), 2)}


def _clock(files: Sequence[Path], workers: int) -> float:
    began = time.perf_counter()
    deque(inspection.inspect_files(files, Options(workers=workers, limits=_LIMITS), told=lambda _: None), maxlen=0)
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())

"""Make the documents in samples/ from content/: `python -m tests.samples.build` at the top of the repository.

The same content gives the same bytes on every machine and run, so a change in samples/ is always a change in here.
"""

from collections.abc import Iterator
from pathlib import Path

from .content import SampleText, read_sample
from .to_docx import to_docx
from .to_html import to_html
from .to_pdf import to_pdf
from .to_text import to_text

CONTENT = Path(__file__).parent / "content"
SAMPLES = Path(__file__).parents[2] / "samples"
_WRITERS = {".pdf": to_pdf, ".docx": to_docx, ".html": to_html, ".txt": to_text, ".doc": to_html}


def built() -> Iterator[tuple[str, bytes]]:
    """Yield every sample's file name and bytes."""
    for path in sorted(CONTENT.glob("*.toml")):
        sample = read_sample(path)
        yield sample.file, _written(sample)
    yield "2302.QD-UBND.pdf", b""  # an upload that failed


def _written(sample: SampleText) -> bytes:
    file = _WRITERS[Path(sample.file).suffix](sample)
    if sample.look == "cut":  # a download that broke off, before the page's text and the table of objects
        return file[: len(file) // 3]
    return file


def main() -> None:
    """Write the files, and remove what no content makes any more."""
    files = dict(built())
    SAMPLES.mkdir(exist_ok=True)
    for old in SAMPLES.iterdir():
        if old.name not in files:
            old.unlink()
    for name, file in files.items():
        (SAMPLES / name).write_bytes(file)


if __name__ == "__main__":
    main()

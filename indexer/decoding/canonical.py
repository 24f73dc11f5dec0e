"""From extracted runs to the canonical text that every later offset refers to."""

import re
from collections.abc import Sequence
from dataclasses import replace

from indexer.decoding.changes import Changes
from indexer.decoding.legacy import decode_legacy, has_legacy_font
from indexer.decoding.repair import alphabet, repair, settle_line_ends
from indexer.decoding.words import repair_words
from indexer.errors import UnreadableFile
from indexer.model import Canonical, RawText, Run, Step

_PASSES = 6  # one does the work, the next finds nothing left; hostile text may need more
_LETTER = re.compile(r"[^\W_]")
_NO_LETTER = re.compile(r"\(cid:\d+\)|[\ufffd\ue000-\uf8ff\x00-\x08\x0e-\x1b]")  # glyphs that their font gives no letter for
_MOST_UNDECODED = 0.3  # of what is not space, before the text is no text


def decode(raw: RawText) -> Canonical:
    """Turn extracted runs into canonical text.

    Guarantees: NFC; lines end at LF alone; no control, format or private-use character but LF and tab; at most one blank line
    in a row; at most 3 · len(raw) + len(pages) characters (NFC of one character has at most three); pages joined by one LF,
    `page_starts` as many as pages, never falling (an empty page starts where the next one does). Decoding the result again gives
    the same text and no steps.

    Raises UnreadableFile: code "empty" where no letter or digit is left, "undecodable" where most characters stand for no letter.
    """
    _demand_letters(raw)
    changes = Changes()
    pages = [[replace(run, text=settle_line_ends(run.text, changes)) for run in page.runs] for page in raw.pages]
    texts = [_trim(repair(text, changes)) for text in decode_legacy(pages, changes)]
    settled = not changes.steps() and not any(has_legacy_font(run) for page in pages for run in page)
    for _ in range(0 if settled else _PASSES):
        again = [_trim(repair(text, changes)) for text in decode_legacy([[Run(text)] for text in texts], changes)]
        if again == texts:
            break
        texts = again
    texts = repair_words(texts, changes)
    if not any(_LETTER.search(text) for text in texts):
        raise UnreadableFile(
            "decode", "empty", "Tệp không có chữ nào đọc được. Nếu là bản quét, hãy nhận dạng chữ (OCR) rồi nạp lại."
        )
    joined = _join(texts, changes)
    return replace(joined, steps=(*_recognition(raw), *joined.steps))


def _recognition(raw: RawText) -> list[Step]:
    """Say how many pages were recognised from pictures, how surely, and how many could not be read."""
    recognised = [page.certainty for page in raw.pages if page.certainty < 1]
    steps = [Step("ocr", len(recognised), f"{sum(recognised) / len(recognised):.2f}")] if recognised else []
    left = (("unread_scans", raw.unread), ("given_up_pages", raw.given_up))
    return [*steps, *(Step(name, count) for name, count in left if count)]


def _demand_letters(raw: RawText) -> None:
    """Refuse text whose font maps glyphs to nothing: guessing would put noise into the index."""
    lost = kept = 0
    for page in raw.pages:
        for run in page.runs:
            if "(cid:" not in run.text and not _NO_LETTER.search(alphabet(run.text)):
                kept += len(run.text)
                continue
            rest, count = _NO_LETTER.subn("", run.text)
            lost += count
            kept += len(rest) - rest.count(" ") - rest.count("\n")
    if lost > _MOST_UNDECODED * (lost + kept):
        raise UnreadableFile(
            "decode",
            "undecodable",
            "Phần lớn ký tự của tệp không ứng với chữ nào (phông chữ riêng). Hãy nạp bản khác hoặc bản OCR.",
        )


def _trim(text: str) -> str:
    """Drop blank lines at both ends of a page; its first line keeps its indent."""
    lines = text.rstrip().split("\n")
    first = next((index for index, line in enumerate(lines) if line), 0)
    return "\n".join(lines[first:])


def _join(pages: Sequence[str], changes: Changes) -> Canonical:
    """Join the pages that hold text by one LF; an empty page starts where the next text does, or at the end."""
    starts: list[int] = []
    offset = 0
    for text in pages:
        starts.append(offset)
        offset += len(text) + 1 if text else 0
    joined = "\n".join(text for text in pages if text)
    return Canonical(joined, tuple(min(start, len(joined)) for start in starts) or (0,), changes.steps())

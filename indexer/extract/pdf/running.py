"""What stands on a page beside the document's text, set aside: page numbers, running headers and footers, e-signature stamps.

Left in place they would stand in the middle of sentences. A running line that the text must not lose is never lost: it stays
where it stands first.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from indexer.model import RawPage, Run

_WRAPPED = 2  # lines that an entry of a stamp may take
_EDGE = 4  # lines from the top or the bottom of a page that may be running ones
_LONGEST = 150  # characters of one
_FEWEST_PAGES = 3  # that show a line before it is a running one,
_SHARE = 0.6  # and of all pages with text
_PAGE_NUMBER = re.compile(
    r"(?:(?:trang|page)\s{0,3})?[-–—|.]?\s{0,3}(\d{1,4})(?:\s{0,3}/\s{0,3}\d{1,4})?\s{0,3}[-–—|.]?", re.IGNORECASE
)
_NUMBER_BESIDE = re.compile(r"^(\d{1,4})\s+|\s+(\d{1,4})$")  # in one line with the running title
_STAMP = re.compile(
    r"(?:Người ký|Được ký bởi|Ký bởi|Ký số bởi|Email|Cơ quan|Tổ chức|Thời gian ký|Ngày ký|Chữ ký số|Signature|Signed by|"
    r"Digitally signed by|Date|DN|Reason|Location)\s{0,3}:",
    re.IGNORECASE,
)
_STAMPED = re.compile(r"[0-3]?\d:[0-5]\d")  # the time of signing, which no form has printed in it
_GAZETTE = re.compile(r"CÔNG BÁO ?/ ?Số", re.IGNORECASE)  # is known for a running title from its second page on

Line = list[Run]  # its runs; the last one ends with LF


def set_aside(pages: Sequence[RawPage]) -> tuple[tuple[RawPage, ...], tuple[Run, ...]]:
    """Return the pages without what stands beside the text, and that, one item a line."""
    lines = [list(_lines(page.runs)) for page in pages]
    aside: list[Run] = []
    running = _find_running(lines)
    cleared = []
    for page, of_page, beside in zip(pages, lines, running, strict=True):
        beside |= _find_stamps(of_page)
        aside += [run for place in sorted(beside) for run in of_page[place]]
        kept = [run for place, line in enumerate(of_page) if place not in beside for run in line]
        cleared.append(replace(page, runs=_joined(kept)) if beside else page)
    return tuple(cleared), tuple(aside)


def _lines(runs: Sequence[Run]) -> Iterator[Line]:
    line: Line = []
    for run in runs:
        for piece in run.text.splitlines(keepends=True):
            line.append(Run(piece, run.font))
            if piece.endswith("\n"):
                yield line
                line = []
    if line:
        yield line


def _joined(runs: Sequence[Run]) -> tuple[Run, ...]:
    return tuple(Run("".join(run.text for run in group), font) for font, group in groupby(runs, key=lambda run: run.font))


def _text(line: Line) -> str:
    return " ".join("".join(run.text for run in line).split())


def _find_running(pages: Sequence[Sequence[Line]]) -> list[set[int]]:
    """Return for each page the places of its page number, and of running lines that an earlier page has shown."""
    edges = [_edges(page) for page in pages]
    numbers = [{number for text in edge.values() if (number := _number(text))} for edge in edges]
    counted = Counter(number - index for index, of_page in enumerate(numbers) for number in of_page)
    step, support = counted.most_common(1)[0] if counted else (0, 0)
    fewest = 1 if any(index and index + 1 in of_page for index, of_page in enumerate(numbers)) else 2  # "2" on the second page
    numbered = support >= max(fewest, sum(map(bool, numbers)) / 2)
    titles: list[dict[int, str]] = []  # of each page, without its number
    found: list[set[int]] = []
    for index, edge in enumerate(edges):
        own = index + step if numbered else 0
        found.append({place for place, text in edge.items() if own and _number(text) == own})
        titles.append({place: _title(text, own) for place, text in edge.items() if place not in found[-1]})
    shown = Counter(title for of_page in titles for title in set(of_page.values()))
    least = max(_FEWEST_PAGES, _SHARE * sum(map(bool, pages)))
    seen: set[str] = set()
    for places, of_page in zip(found, titles, strict=True):
        places |= {
            place for place, title in of_page.items() if title in seen and (shown[title] >= least or _GAZETTE.match(title))
        }
        seen |= set(of_page.values())
    return found


def _edges(page: Sequence[Line]) -> dict[int, str]:
    """Return what stands near the top and the bottom of a page, by place."""
    places = {*range(min(_EDGE, len(page))), *range(max(0, len(page) - _EDGE), len(page))}
    texts = {place: _text(page[place]) for place in sorted(places)}
    return {place: text for place, text in texts.items() if text and len(text) <= _LONGEST}


def _number(text: str) -> int:
    """Return the page number that a line consists of, 0 for another line."""
    found = _PAGE_NUMBER.fullmatch(text)
    return int(found[1]) if found else 0


def _title(text: str, number: int) -> str:
    """Return a line without the number of its page at either end."""
    return _NUMBER_BESIDE.sub(lambda beside: "" if int(beside[1] or beside[2]) == number else beside[0], text)


def _find_stamps(page: Sequence[Line]) -> set[int]:
    """Return the places of a block such as "Ký bởi: ...", "Email: ...", "Thời gian ký: ..." that says the time."""
    found: set[int] = set()
    labelled = [place for place, line in enumerate(page) if _STAMP.match(_text(line))]
    block: list[int] = []
    for place in [*labelled, len(page) + _EDGE]:
        if block and place - block[-1] > _WRAPPED:
            block = [*range(block[0], block[-1] + 1)]
            if len(block) > 1 and any(_STAMPED.search(_text(page[line])) for line in block):
                found |= set(block)
            block = []
        block.append(place)
    return found

"""The outline of a legal document: Phần, Chương, Mục, Tiểu mục, Điều, Khoản, Điểm, annexes, as a tree of spans that tile it.

Anchors of articles are those of `structure`; within one, `dieu-5-khoan-2-diem-a`, with dd for đ. Divisions are named for what is
printed, below the one that holds them: `chuong-ii-muc-1`, `quy-che.chuong-i`. A name that was given before gets `-lan-2`. What
amending documents quote is no unit: it belongs to the text of the clause that quotes it.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from indexer.legal.articles import Division
from indexer.legal.clauses import marks_in
from indexer.legal.lines import Line
from indexer.legal.parts import Part, slug_of
from indexer.legal.structure import Survey
from indexer.model import Level, Provision, Unit

_RANK = {level: rank for rank, level in enumerate(Level)} | {Level.CLOSING: 2}  # a signature ends everything in its part
_TITLE_LINES = 3  # how far below its label a title may go
_LONGEST_TITLE = 300
_DECORATION = " *_#"


@dataclass(frozen=True, slots=True)
class _Opening:
    """Where a unit begins. `name` is what it adds to the anchor of the unit that holds it; `anchor` is a whole one."""

    level: Level
    start: int
    label: str = ""
    heading: str = ""
    name: str = ""
    anchor: str = ""


def read_units(found: Survey, provisions: Sequence[Provision], length: int) -> tuple[Unit, ...]:
    """Return the units of a text of `length` characters, each before those that it holds; the document itself comes first.

    `provisions` are the survey's articles. Anchors are unique.
    """
    names = _Names({provision.anchor for provision in provisions} | {anchor for anchor, _ in found.parts})
    units = [Unit(Level.DOCUMENT, "", "", "", 0, length, None)]
    open_units = [0]
    for opening in _openings(found, provisions):
        while _RANK[units[open_units[-1]].level] >= _RANK[opening.level]:
            index = open_units.pop()
            units[index] = replace(units[index], end=opening.start)
        parent = open_units[-1]
        anchor = opening.anchor or names.free(units[parent], opening.name)
        open_units.append(len(units))
        units.append(Unit(opening.level, anchor, opening.label, opening.heading, opening.start, length, parent))
    return tuple(units)


class _Names:
    """The anchors given so far."""

    def __init__(self, taken: set[str]) -> None:
        self._taken = taken | {""}
        self._times: Counter[str] = Counter()

    def free(self, parent: Unit, name: str) -> str:
        """Return an anchor for `name` within `parent` that no other unit has."""
        between = {Level.DOCUMENT: "", Level.ATTACHMENT: "."}.get(parent.level, "-")
        wanted = anchor = f"{parent.anchor}{between}{name}"
        while anchor in self._taken:
            self._times[wanted] += 1
            anchor = f"{wanted}-lan-{self._times[wanted] + 1}"
        self._taken.add(anchor)
        return anchor


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The document's own lines, or those of one attached part: lines[first:end], with its articles as a range of numbers."""

    first: int
    end: int
    articles: range
    part: Part | None
    anchor: str  # "" where its articles gave none


@dataclass(frozen=True, slots=True)
class _Article:
    number: int
    line: int


@dataclass(frozen=True, slots=True)
class _Closing:
    line: int


def _openings(found: Survey, provisions: Sequence[Provision]) -> Iterator[_Opening]:
    """Yield what opens a unit, in order of place."""
    for stretch in _stretches(found):
        if stretch.part:
            yield _attachment(found.lines, stretch)
        places: list[Division | _Article | _Closing] = [*_divisions(found, stretch), *_closings(found, stretch)]
        places += (_Article(number, found.articles[number][1].line) for number in stretch.articles)
        places.sort(key=lambda place: place.line)
        stops = [*(place.line for place in places[1:]), stretch.end]
        for place, stop in zip(places, stops, strict=False):  # a stretch without a place has a stop all the same
            match place:
                case Division():
                    yield _division(found.lines, place, stop)
                case _Article():
                    yield from _article(found, provisions[place.number], place, stop)
                case _Closing():
                    yield _Opening(Level.CLOSING, found.lines[place.line].start, name="chu-ky")


def _attachment(lines: Sequence[Line], stretch: _Stretch) -> _Opening:
    part = stretch.part
    assert part is not None
    below = lines[part.line + 1 : min(stretch.end, part.line + 1 + _TITLE_LINES)] if part.label else ()
    title = _title(part.rest, [line.text for line in below])
    return _Opening(Level.ATTACHMENT, lines[stretch.first].start, part.label, title, part.slug, stretch.anchor)


def _division(lines: Sequence[Line], division: Division, stop: int) -> _Opening:
    below = lines[division.below : min(stop, division.below + _TITLE_LINES)]
    title = _title(division.rest, [line.text for line in below])
    return _Opening(division.level, lines[division.line].start, division.label, title, slug_of(division.label))


def _article(found: Survey, provision: Provision, article: _Article, stop: int) -> Iterator[_Opening]:
    yield _Opening(Level.ARTICLE, provision.start, provision.label, provision.heading, anchor=provision.anchor)
    for mark in marks_in(found, found.articles[article.number][1], stop):
        kind = "khoan" if mark.level is Level.CLAUSE else "diem"
        yield _Opening(mark.level, mark.start, mark.label, name=f"{kind}-{mark.name}")


def _title(rest: str, following: Sequence[str]) -> str:
    """Join what follows a label on its line with the lines below that go on with it."""
    title = [rest] if rest else []
    for text in following:
        goes_on = not title or text[0].islower() or (text.isupper() and title[-1].isupper())
        if text.startswith("(") or not goes_on:
            break
        title.append(text.strip(_DECORATION))
    joined = " ".join(title)
    return joined if len(joined) <= _LONGEST_TITLE else ""


def _stretches(found: Survey) -> list[_Stretch]:
    """Return the document's own stretch and that of each attached part, in order; together they hold every line."""
    lines_of_articles = [opening.line for _, opening in found.articles]
    firsts = [0]
    for _, part in found.parts:
        before = bisect_left(lines_of_articles, part.line)
        last_article = lines_of_articles[before - 1] if before else -1
        # a part that no heading announces begins with the chapter that its first article stands in
        chain = () if part.label else _leading(_between(found.divisions, last_article + 1, part.line))
        firsts.append(chain[0].line if chain else part.line)
    ends = [*firsts[1:], len(found.lines)]
    return [
        _Stretch(first, end, range(bisect_left(lines_of_articles, first), bisect_left(lines_of_articles, end)), part, anchor)
        for first, end, (anchor, part) in zip(firsts, ends, [("", None), *found.parts], strict=True)
    ]


def _divisions(found: Survey, stretch: _Stretch) -> list[Division]:
    """Return the divisions of a stretch; those that a table of contents lists are left out."""
    if stretch.part and stretch.part.kind != "part":
        return []
    inside = _between(found.divisions, stretch.first, stretch.end)
    if not stretch.articles:
        return inside
    first_article = found.articles[stretch.articles[0]][1].line
    before = [division for division in inside if division.line < first_article]
    return _leading(before) + inside[len(before) :]


def _between(divisions: Sequence[Division], first: int, end: int) -> list[Division]:
    """Return the divisions on lines[first:end]."""
    line = attrgetter("line")
    return list(divisions[bisect_left(divisions, first, key=line) : bisect_left(divisions, end, key=line)])


def _leading(divisions: Sequence[Division]) -> list[Division]:
    """Return the last divisions, each of which holds the next: Phần I, Chương I, Mục 1 before the first article."""
    chain: list[Division] = []
    for division in reversed(divisions):
        if chain and _RANK[division.level] >= _RANK[chain[-1].level]:
            break
        chain.append(division)
    return chain[::-1]


def _closings(found: Survey, stretch: _Stretch) -> list[_Closing]:
    """Return where the signature block below the last article of a stretch begins, if there is one."""
    if not stretch.articles:
        return []
    below = found.articles[stretch.articles[-1]][1].below
    place = bisect_right(found.signatures, below - 1)
    return [_Closing(line) for line in found.signatures[place : place + 1] if line < stretch.end]

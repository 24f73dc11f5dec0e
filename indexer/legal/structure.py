"""Provisions of a legal document: its Điều (articles) with label, heading and span.

Reading goes in three steps over the lines, each linear: find the lines that open an article or end one, leave out what amending
documents quote, then let the order of the numbers decide the doubtful ones.

Anchors: `dieu-5`, `dieu-15a` in the document itself; in a part attached to it (a regulation, an annex) the part's slug comes
first, `quy-dinh.dieu-5`, `phu-luc-ii.dieu-1`, with a number after the slug of a second part of the same name. A number that
occurs twice in one part through a slip of the source gets `dieu-5-lan-2`. A part that nothing announces is `phan-2`. The articles
of blank forms (MẪU SỐ ...) are no provisions.
"""

from bisect import bisect_right
from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from indexer.legal.articles import (
    Division,
    Opening,
    division_at,
    heading,
    introduces_quotation,
    is_contents,
    is_no_text,
    is_signature,
    openings,
)
from indexer.legal.lines import Line, lines_of
from indexer.legal.parts import Part, attached_parts
from indexer.legal.quotations import left_open, quoted_blocks
from indexer.model import Canonical, Provision

_TITLE_LINES = 3  # how far below its label a title may go


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known of a text's lines before its outline is drawn; places are indexes of `lines`."""

    lines: Sequence[Line]
    quoted: frozenset[int]  # lines of quotations
    unclosed: frozenset[int]  # lines that open another document's article, with no mark where it ends
    articles: Sequence[tuple[str, Opening]]  # (anchor, opening) in order
    divisions: Sequence[Division]
    parts: Sequence[tuple[str, Part]]  # attached parts with their anchors, "" where no article of theirs gave one
    signatures: Sequence[int]  # lines of signature blocks


def read_provisions(canonical: Canonical) -> tuple[Provision, ...]:
    """Return the document's articles in order of place; anchors are unique, spans do not overlap.

    A span runs from the label to the next article or division (Chương, Mục ...), the signature block, an attached part or the
    text's end.
    """
    return provisions_of(survey(canonical.text))


def survey(text: str) -> Survey:
    """Find what opens and ends articles in `text`."""
    lines = list(lines_of(text))
    blocks = quoted_blocks(lines)
    reader = _Reader(lines, blocks, attached_parts(lines))
    for opening in reader.openings:
        reader.take(opening)
    chosen = reader.chosen()
    quoted = frozenset(line for first, last in blocks for line in range(first, last + 1))
    unclosed = frozenset(_unclosed(lines, reader.openings, {opening.line for _, opening in chosen}, blocks))
    divisions = [found for index in range(len(lines)) if index not in quoted and (found := division_at(lines, index))]
    signatures = [index for index, line in enumerate(lines) if index not in quoted and is_signature(line.text)]
    return Survey(lines, quoted, unclosed, chosen, divisions, reader.attached(), signatures)


def _unclosed(
    lines: Sequence[Line], found: Sequence[Opening], own: Collection[int], blocks: Sequence[tuple[int, int]]
) -> Iterator[int]:
    """Yield the lines of openings that were passed over, and that no quotation holds or one that was never closed."""
    last_of = {line: last for first, last in blocks for line in range(first, last + 1)}
    before: Opening | None = None
    for opening in found:
        line = opening.line
        if line in own:
            before = opening
            continue
        again = before and (before.number, before.letter, before.rest) == (opening.number, opening.letter, opening.rest)
        held = line in last_of and (last_of[line] > line or not left_open(lines[line].text))
        if not (again or held or opening.doubtful):  # `again`: a heading that is printed twice
            yield line


def provisions_of(found: Survey) -> tuple[Provision, ...]:
    """Return the articles of a survey, as `read_provisions` does."""
    return tuple(_provisions(found))


@dataclass(slots=True)
class _PartReading:
    """The articles taken in one part, and the last number seen there."""

    slug: str
    kind: str
    taken: list[Opening]
    line: int | None = None  # of the heading that announces it
    number: int = 0
    letter: str = ""
    passed_over: int = -1  # the last number of a quotation without marks

    def is_next(self, opening: Opening) -> bool:
        """Return whether `opening` carries the number that must come: 5 → 6, 5 → 5a, 5a → 5b, 5a → 6."""
        if opening.number == self.number:
            return opening.letter > self.letter
        return opening.number == self.number + 1


class _Reader:
    """Goes over the openings in order and takes those that the sequence of numbers bears out."""

    def __init__(self, lines: Sequence[Line], blocks: Sequence[tuple[int, int]], parts: Sequence[Part]) -> None:
        self.openings = openings(lines)
        self._lines = lines
        self._block_of = {line: first for first, last in blocks for line in range(first, last + 1)}
        self._quoted_last: dict[int, int] = {}  # block → last article number inside it
        self._parts = deque(parts)
        self._all_parts = parts
        self._prefixes: dict[int, str] = {}  # line where a part begins → what its anchors begin with
        self._readings = [_PartReading("", "part", [])]
        self._entered: list[int] = []  # headings of parts since the last article
        self.part_lines: set[int] = set()  # headings that the numbers bear out
        self._places: defaultdict[int, list[int]] = defaultdict(list)  # number → lines of the openings that no quotation holds
        for opening in self.openings:
            if opening.line not in self._block_of:
                self._places[opening.number].append(opening.line)

    def take(self, opening: Opening) -> None:
        """Judge one opening; must be called in order."""
        self._enter_parts(opening.line)
        if self._is_quoted(opening):
            return
        self._leave_false_part(opening)
        reading = self._readings[-1]
        if opening.number == 1 and not opening.letter and reading.number >= 1 and self._restarts(opening):
            reading = self._restart()
        if self._belongs(opening, reading):
            self.part_lines.update(self._entered)
            self._entered.clear()
            reading.taken.append(opening)
            reading.number, reading.letter = opening.number, opening.letter

    def chosen(self) -> list[tuple[str, Opening]]:
        """Return (anchor, opening) in order; forms left out."""
        self._enter_parts(len(self._lines))
        self.part_lines.update(self._entered)
        slugs: Counter[str] = Counter()
        anchors: Counter[str] = Counter()
        result: list[tuple[str, Opening]] = []
        for reading in self._readings:
            if reading.kind != "part" or not reading.taken or (reading.slug and is_no_text(reading.taken, self._lines)):
                continue
            slugs[reading.slug] += 1
            prefix = reading.slug + (f"-{slugs[reading.slug]}" if slugs[reading.slug] > 1 else "")
            if prefix:
                self._prefixes[reading.taken[0].line if reading.line is None else reading.line] = prefix
            for opening in reading.taken:
                anchor = f"{prefix}.dieu-" if prefix else "dieu-"
                anchor += f"{opening.number}{opening.letter.replace('đ', 'dd')}"
                anchors[anchor] += 1
                result.append((anchor if anchors[anchor] == 1 else f"{anchor}-lan-{anchors[anchor]}", opening))
        return result

    def attached(self) -> list[tuple[str, Part]]:
        """Return (anchor or "", part) in order, to be called after `chosen`; a part that nothing heads begins at its article."""
        if not self._readings[0].taken:  # nothing but numbers could bear a heading out, and there are none
            return [("", part) for part in self._all_parts if part.line not in self._block_of]
        by_line = {part.line: part for part in self._all_parts}
        lines = sorted(self.part_lines | self._prefixes.keys())
        return [(self._prefixes.get(line, ""), by_line.get(line) or Part(line, self._prefixes[line], "part")) for line in lines]

    def _enter_parts(self, line: int) -> None:
        """Begin the parts headed above `line`; one without an article is replaced by the next."""
        while self._parts and self._parts[0].line < line:
            part = self._parts.popleft()
            if part.line in self._block_of or not self._readings[0].taken:
                continue
            if not self._readings[-1].taken:
                self._readings.pop()
            self._readings.append(_PartReading(part.slug, part.kind, [], part.line))
            self._entered.append(part.line)

    def _is_quoted(self, opening: Opening) -> bool:
        """Return whether it is quoted: a quotation that was never closed ends where the document's own numbers go on."""
        block = self._block_of.get(opening.line)
        if block is None:
            return False
        expected = self._quoted_last.get(block, -1) + 1
        self._quoted_last[block] = opening.number
        own = self._readings[-1].is_next(opening)
        return opening.line == block or opening.number == expected or not own

    def _leave_false_part(self, opening: Opening) -> None:
        """PHỤ LỤC on a line of its own inside an article: the numbers of the part before go on after it, not from 1."""
        if len(self._readings) < 2 or self._readings[-1].taken or opening.number == 1:
            return
        if self._readings[-2].number < opening.number and not opening.doubtful:
            self._readings.pop()
            self._entered.clear()

    def _restarts(self, opening: Opening) -> bool:
        """Return whether a part begins that no heading announces: Điều 1 again, with a Điều 2 to come."""
        return not opening.doubtful and not self._introduced(opening) and self._next_place(2, opening.line) is not None

    def _restart(self) -> _PartReading:
        """Begin the unannounced part; what came before was a table of contents if its articles had no text."""
        reading = self._readings[-1]
        if reading.kind == "contents" or is_contents(reading.taken, self._lines):
            self._readings[-1] = _PartReading(reading.slug, "part", [], reading.line)
        else:
            self._readings.append(_PartReading(f"phan-{len(self._readings) + 1}", reading.kind, []))
        return self._readings[-1]

    def _belongs(self, opening: Opening, reading: _PartReading) -> bool:
        if reading.is_next(opening):
            # "Sửa đổi Điều 2 như sau:" before an unmarked quotation: the document's own Điều 2 is still to come
            return not (self._introduced(opening) and self._comes_first(opening.number, opening))
        if opening.doubtful:
            return False
        if self._introduced(opening) or opening.number == reading.passed_over + 1:
            reading.passed_over = opening.number
            return False
        if opening.number == reading.number:
            return opening.letter == reading.letter and self._next_place(opening.number + 1, opening.line) is not None
        return opening.number > reading.number and not self._comes_first(reading.number + 1, opening)

    def _introduced(self, opening: Opening) -> bool:
        return opening.line > 0 and introduces_quotation(self._lines[opening.line - 1].text)

    def _next_place(self, number: int, line: int) -> int | None:
        places = self._places.get(number, [])
        after = bisect_right(places, line)
        return places[after] if after < len(places) else None

    def _comes_first(self, number: int, opening: Opening) -> bool:
        """Return whether `number` still comes in this part, and before what should follow `opening`."""
        place = self._next_place(number, opening.line)
        if place is None or (self._parts and place > self._parts[0].line):
            return False
        bounds = (self._next_place(1, opening.line), self._next_place(opening.number + 1, opening.line))
        return all(bound is None or place <= bound for bound in bounds)


def _provisions(found: Survey) -> Iterable[Provision]:
    lines, chosen = found.lines, found.articles
    ends = _ends(found)
    titles = [
        heading(opening, [line.text for line in lines[opening.below : min(end, opening.below + _TITLE_LINES)]])
        for (_, opening), end in zip(chosen, ends, strict=True)
    ]
    untitled = Counter(_prefix(anchor) for (anchor, _), (title, _) in zip(chosen, titles, strict=True) if not title)
    articles = Counter(_prefix(anchor) for anchor, _ in chosen)
    for (anchor, opening), end, (title, sure) in zip(chosen, ends, titles, strict=True):
        # in a decision whose articles have no titles, a line that ends without a full stop is only broken there
        believed = sure or 2 * untitled[_prefix(anchor)] < articles[_prefix(anchor)]
        yield Provision(anchor, opening.label, title if believed else "", lines[opening.line].start, lines[end - 1].end)


def _ends(found: Survey) -> list[int]:
    """Return for each article the line after its last one."""
    count, chosen = len(found.lines), found.articles
    hard = sorted({*(division.line for division in found.divisions), *(part.line for _, part in found.parts)})
    ends: list[int] = []
    for index, (anchor, opening) in enumerate(chosen):
        next_anchor, next_line = (chosen[index + 1][0], chosen[index + 1][1].line) if index + 1 < len(chosen) else ("", count)
        end = min(next_line, max(_first_after(hard, opening.line, count), opening.below))
        signed = _first_after(found.signatures, opening.below - 1, count)
        last_of_part = next_line == count or _prefix(anchor) != _prefix(next_anchor)
        ends.append(min(end, signed) if last_of_part else end)
    return ends


def _first_after(places: Sequence[int], line: int, otherwise: int) -> int:
    after = bisect_right(places, line)
    return places[after] if after < len(places) else otherwise


def _prefix(anchor: str) -> str:
    return anchor.rpartition(".")[0]

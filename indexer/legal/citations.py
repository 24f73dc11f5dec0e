"""Citations: every place where a text names a document or a provision, in normal form.

Steps: find the documents and the provisions that are named → join what stands side by side (điểm a → khoản 2 → Điều 103 → Luật
Đất đai) → settle what names nothing by itself (khoản 2 Điều này, Luật này, Điều 5 alone) by the outline.

What cannot be settled is left out: a wrong citation is worse than none. An article that stands without a document is one of the
text's own, if it has it; within an amendment it is one of the document that is amended there.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from analyzers.citations import number_key
from indexer.legal.naming_documents import NamedDocument, find_documents
from indexer.legal.naming_provisions import Mention, find_mentions
from indexer.legal.parts import slug_of
from indexer.legal.structure import Survey
from indexer.legal.wording import syllables
from indexer.model import Citation, Level, Target, Unit

_RANK = {
    Level.POINT: 0,
    Level.CLAUSE: 1,
    Level.ARTICLE: 2,
    Level.SUBSECTION: 3,
    Level.SECTION: 4,
    Level.CHAPTER: 5,
    Level.PART: 6,
    Level.ATTACHMENT: 7,
}
_DOCUMENT = 8
DIVISIONS = (Level.PART, Level.CHAPTER, Level.SECTION, Level.SUBSECTION)
_WORDS = {
    Level.POINT: "diem",
    Level.CLAUSE: "khoan",
    Level.ARTICLE: "dieu",
    Level.SUBSECTION: "tieu-muc",
    Level.SECTION: "muc",
    Level.CHAPTER: "chuong",
    Level.PART: "phan",
    Level.ATTACHMENT: "phu-luc",
}
# khoản 1, Điều 5 | Điều 5 của Nghị định | Phụ lục I ban hành kèm theo Thông tư
_OF = re.compile(r"\s{0,3},?\s{0,3}(?:(?:của|thuộc|trong|tại|được ban hành kèm theo|ban hành kèm theo|kèm theo)\s{1,3})?")
_AND = re.compile(r"\s{0,3}(?:[,;]|,?\s{0,3}(?:và|hoặc|hay|đến|và/hoặc)(?=\s))\s{0,3}(?:(?:tại|các|từ)\s{1,3})?")
# Điều 5 Quy chế ... ban hành kèm theo Quyết định số: an article of what is attached
_ATTACHED = re.compile(
    r"\s{0,3},?\s{0,3}(?:(?:của|tại)\s{1,3})?(?P<what>Quy\s{1,3}chế|Quy\s{1,3}định|Điều\s{1,3}lệ|Nội\s{1,3}quy|Quy\s{1,3}trình|Phụ\s{1,3}lục)\b"
    r"[^.;:“”\"]{0,200}?\skèm\s{1,3}theo\s{1,3}"
)
# Điều 3 của hợp đồng này, in a form: a paper's own articles; Điều 5 của Hiệp định: a treaty's
_OF_A_PAPER = re.compile(
    r"\s{1,3}(?:(?:của|trong)\s{1,3})?(?:bản\s{1,3})?"
    r"(?:hợp\s{1,3}đồng|thỏa\s{1,3}thuận|thoả\s{1,3}thuận|biên\s{1,3}bản|hiệp\s{1,3}định|công\s{1,3}ước|nghị\s{1,3}định\s{1,3}thư|điều\s{1,3}lệ)"
    r"(?![^\W_])",
    re.IGNORECASE,
)
_PART_TYPES = ("quy chế", "quy định", "điều lệ", "nội quy")  # what a document attaches speaks of itself, too
_LONGEST_JOINT = 250
_AMENDS = re.compile(
    r"(?:Điều\s{1,2}\d{1,4}[a-zđ]?\s?[.:]?\s{0,2}|\d{1,3}[a-zđ]?\s?[.)]\s{0,2}|[a-zđ]\d?\)\s{0,2}|Khoản \d+[.:]\s)?"
    r"(?:Sửa|Bổ\s{1,2}sung|Bãi\s{1,2}bỏ|Thay|Điều\s{1,2}chỉnh|Đính\s{1,2}chính|H(?:ủy|uỷ)\s{1,2}bỏ|Bỏ)\s",
)
_QUOTED = re.compile(r"“[^“”]{1,1500}”")
_STRAIGHT = re.compile(r'"[^"\n]{1,1500}"')
_HEADING_AFTER = re.compile(r"\s?[.:]|\s{0,3}\n")
# Điều này có nghĩa là: "this"; Điểm này được bổ sung theo: a footnote, far from what it speaks of
_NO_PROVISION = re.compile(
    r"\s{1,3}(?:có nghĩa|đồng nghĩa|dẫn|là|cho|giúp|nhằm|đòi hỏi|sẽ|cũng|phải|khiến|làm|thể hiện"
    r"|(?:đã\s{1,3})?(?:được|bị)\s{1,3}(?:sửa|bổ|bãi|thay))\b"
)
_OPENS_LINE = re.compile(r"(?:^|[\n“\"*#])\s{0,3}$")
_AMENDING_TITLE = re.compile(
    r"(?:(?:V/v|Về\s{1,3}việc)\s{1,3})?(?:sửa\s{1,3}đổi|bổ\s{1,3}sung|bãi\s{1,3}bỏ|đính\s{1,3}chính)(?![^\W_])", re.IGNORECASE
)
_AMENDED_BEFORE = re.compile(
    r"\b(?:Sửa\s{1,2}đổi|Bổ\s{1,2}sung|Bãi\s{1,2}bỏ|bổ\s{1,2}sung|Thay\s{1,2}thế)(?:\s{1,2}[^\W_]{1,8}){0,6}\s{1,2}$"
)
_KIND_OF_LAW = re.compile(r"(?:Bộ\s{1,3}luật|Luật|Pháp\s{1,3}lệnh)\s{1,3}", re.IGNORECASE)
_LONGEST_ANNOUNCEMENT = 60
_ANNOUNCED_WITHIN = 600  # characters of a unit in which the amended document is named


@dataclass(slots=True)
class _Place:
    """A document or a provision as it stands in a row of them."""

    start: int
    end: int
    rank: int
    mention: Mention | None = None
    document: NamedDocument | None = None
    joint: str = ""  # how it is joined to the one before: of, comma, and; "" where a row begins
    attached: str = ""  # slug of the attached part that the joint names
    parent: int | None = None


class Outline:
    """The units of a text and its quotations, to be asked by place."""

    def __init__(self, units: Sequence[Unit], found: Survey, text: str) -> None:
        self.units = units
        self.anchors = frozenset(unit.anchor for unit in units)
        self._starts = [unit.start for unit in units]
        self.opening = frozenset(unit.start for unit in units if unit.label)
        lines = [(found.lines[line].start, found.lines[line].end) for line in sorted(found.quoted)]
        self._quoted = _merged([*lines, *(match.span() for match in _QUOTED.finditer(text)), *_straight_quotations(text)])
        self._quoted_starts = [start for start, _ in self._quoted]

    def quoted(self, place: int) -> bool:
        """Say whether `place` stands within a quotation."""
        before = bisect_right(self._quoted_starts, place)
        return before > 0 and place < self._quoted[before - 1][1]

    def around(self, place: int) -> Iterator[int]:
        """Yield the indexes of the units that hold `place`, the innermost first."""
        index: int | None = bisect_right(self._starts, place) - 1
        while index is not None:
            yield index
            index = self.units[index].parent

    def unit_of(self, place: int, level: Level) -> Unit | None:
        """Return the unit of a level that holds `place`."""
        return next((self.units[index] for index in self.around(place) if self.units[index].level is level), None)

    def own_text_end(self, index: int) -> int:
        """Return where the first unit within unit `index` begins, or where it ends itself."""
        following = self.units[index + 1] if index + 1 < len(self.units) else None
        return following.start if following and following.parent == index else self.units[index].end


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans in order, those that overlap as one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _straight_quotations(text: str) -> Iterator[tuple[int, int]]:
    """Yield what stands between two straight marks of a line; in a line with an odd one it is not known which are the pairs."""
    start = 0
    for line in text.split("\n") if '"' in text else ():
        if line.count('"') % 2 == 0:
            yield from (match.span() for match in _STRAIGHT.finditer(text, start, start + len(line)))
        start += len(line) + 1


def find_citations(text: str, outline: Outline, number: str | None, title: tuple[int, int] | None = None) -> list[Citation]:
    """Return the citations in order, none overlapping.

    `number` is the text's own; `title` is the span of its own title, which may name what it amends.
    """
    return list(_Reading(text, outline, number_key(number) if number else None, title).citations())


class _Reading:
    """One text's places, joined, and what they name."""

    def __init__(self, text: str, outline: Outline, own_key: str | None, title: tuple[int, int] | None) -> None:
        self._text = text
        self._outline = outline
        self._own_key = own_key
        self._own_name = _name_alone(text[slice(*title)]) if title else ""
        self._places = _places(text, outline)
        _join(text, self._places)
        self._own_type = self._most_said()
        self._blocks = [self._block(index) for index in range(len(self._places))]
        self._starts = [place.start for place in self._places]
        self._recited = self._laws_recited()
        self._amended: dict[int, Target | None] = {}  # unit → the document that is amended in it, None where that is unknown
        self._amended_by_title = self._first_document(*title) if title and _AMENDING_TITLE.match(text, *title) else None
        for index, unit in enumerate(outline.units):
            divided = unit.level in DIVISIONS and _AMENDING_TITLE.match(unit.heading)
            if divided or (unit.level in (Level.ARTICLE, Level.CLAUSE, Level.POINT) and _AMENDS.match(text, unit.start)):
                self._enter_amendment(index)

    def citations(self) -> Iterator[Citation]:
        """Yield what can be settled."""
        absorbed = {other for index, block in enumerate(self._blocks) for other in block if other != index}
        for index, block in enumerate(self._blocks):
            if index in absorbed:
                continue
            start, end = self._places[block[0]].start, self._places[block[-1]].end
            quoted = self._outline.quoted(start)
            target = self._target(index, quoted=quoted)
            if target is not None:
                yield Citation(start, end, target, quoted)

    def _chain(self, index: int) -> list[int]:
        """Return a place and what holds it, from the innermost out."""
        chain = [index]
        while (parent := self._places[chain[-1]].parent) is not None:
            chain.append(parent)
        return chain

    def _block(self, index: int) -> range:
        """Return the places that one citation takes up: the innermost, and what of its chain adjoins it."""
        first = last = index
        for other in self._chain(index)[1:]:
            if other == last + 1:
                last = other
            elif other == first - 1:
                first = other
        return range(first, last + 1)

    def _enter_amendment(self, index: int) -> None:
        """Note which document unit `index` amends, if it names one; a second one beside it leaves that open."""
        unit = self._outline.units[index]
        end = min(self._outline.own_text_end(index), unit.start + _ANNOUNCED_WITHIN)
        places = [number for number in self._places_within(unit.start, end) if self._is_other(self._places[number])]
        if places:
            beside = places[1:] and places[1] == places[0] + 1 and self._places[places[1]].joint == "and"
            self._amended[index] = None if beside else self._document(places[0])
        elif any(self._places[number].mention for number in self._places_within(unit.start, end)):
            outer = self._amendment_around(unit.start)
            self._amended[index] = self._amended_by_title if outer is None else self._amended[outer]

    def _first_document(self, start: int, end: int) -> Target | None:
        places = (number for number in self._places_within(start, end) if self._is_other(self._places[number]))
        first = next(places, None)
        return None if first is None else self._document(first)

    def _places_within(self, start: int, end: int) -> range:
        return range(bisect_left(self._starts, start), bisect_left(self._starts, end))

    def _is_other(self, place: _Place) -> bool:
        document = place.document
        return document is not None and self._is_named(document) and not self._outline.quoted(place.start)

    def _document(self, number: int) -> Target | None:
        document = self._places[number].document
        return document.target if document else None

    def _amendment_around(self, place: int) -> int | None:
        """Return the innermost unit around `place` that amends a document."""
        return next((index for index in self._outline.around(place) if index in self._amended), None)

    def _target(self, index: int, *, quoted: bool) -> Target | None:
        chain = [self._places[number] for number in self._chain(index)]
        document = chain[-1].document
        if document and self._is_own_name(document):
            return None
        mentions = [place.mention for place in chain if place.mention]
        attached = next((place.attached for place in chain if place.attached), "")
        if document and self._is_named(document):
            anchor = ".".join(filter(None, (attached, _anchor(mentions))))
            target = document.target
            known = self._recited.get(target.name or "") if target.number is None and target.year is None else None
            return replace(known or target, anchor=anchor)
        if quoted:
            return None
        if document:
            if document.type_word not in (self._own_type, *_PART_TYPES) and not self._is_own_number(document):
                return None
            prefix = attached or self._part_named(document.type_word, chain[0].start)
            return Target(anchor=".".join(filter(None, (prefix, _anchor(mentions)))))
        return self._relative(mentions, chain[0].start, max(one.end for one in chain))

    def _is_named(self, document: NamedDocument) -> bool:
        """Say whether `document` is another than the text itself."""
        return not (document.type_word or self._is_own_number(document) or self._is_own_name(document))

    def _is_own_name(self, document: NamedDocument) -> bool:
        """Say whether a law is named by the text's own title alone: Quốc hội ban hành Luật Điện lực."""
        target = document.target
        alone = target.name is not None and target.number is None and target.year is None and not document.type_word
        return alone and bool(self._own_name) and _name_alone(target.name or "") == self._own_name

    def _is_own_number(self, document: NamedDocument) -> bool:
        return document.target.number is not None and number_key(document.target.number) == self._own_key

    def _laws_recited(self) -> dict[str, Target]:
        """Return the laws that the text names with their number before its first article: later on the name stands for them."""
        end = next((unit.start for unit in self._outline.units if unit.level is Level.ARTICLE), 0)
        named = defaultdict(list)
        for number in self._places_within(0, end):
            document = self._places[number].document
            if document and self._is_named(document) and document.target.number and " " in (document.target.name or ""):
                named[document.target.name].append(document.target)
        return {name or "": targets[0] for name, targets in named.items() if len({target.number for target in targets}) == 1}

    def _most_said(self) -> str:
        """Return what the text calls itself: Thông tư này in a page that holds a law is from a note to it."""
        said = Counter(
            place.document.type_word
            for place in self._places
            if place.document and place.document.type_word and not self._outline.quoted(place.start)
        )
        return next((word for word, _ in said.most_common() if word not in _PART_TYPES), "")

    def _part_named(self, type_word: str, place: int) -> str:
        """Return the anchor of the attached part that Quy chế này means; "" for the document itself."""
        if not type_word:  # by its own number: the document itself
            return ""
        slug = slug_of(type_word)
        around = self._outline.unit_of(place, Level.ATTACHMENT)
        if around and around.anchor.startswith(slug):
            return around.anchor
        return slug if slug in self._outline.anchors else ""

    def _relative(self, mentions: Sequence[Mention], place: int, end: int) -> Target | None:
        """Settle what names no document: khoản 2 Điều này, Điều 5, Chương II."""
        anchor = _anchor(mentions)
        outermost = mentions[-1]
        if _OF_A_PAPER.match(self._text, end):
            return None
        if not outermost.label:
            unit = self._outline.unit_of(place, outermost.level)
            return Target(anchor="-".join(filter(None, (unit.anchor, anchor)))) if unit and unit.anchor else None
        if outermost.level in (Level.POINT, Level.CLAUSE):
            return None
        amendment = self._amendment_around(place)
        if amendment is not None:
            amended = self._amended[amendment]
            return replace(amended, anchor=anchor) if amended else None
        if _AMENDED_BEFORE.search(self._text, max(0, place - _LONGEST_ANNOUNCEMENT), place):
            return None  # in a table of contents: Điều 4. Sửa đổi, bổ sung Điều 7
        around = self._outline.unit_of(place, Level.ATTACHMENT)
        known = f"{around.anchor}.{anchor}" if around else anchor  # an annex alone does not speak of the document's articles
        return Target(anchor=known) if known in self._outline.anchors else None


def _name_alone(law: str) -> str:
    """Return a law's name without the word for its kind, as names are compared."""
    return " ".join(syllables(_KIND_OF_LAW.sub("", law.strip(), count=1)))


def _places(text: str, outline: Outline) -> list[_Place]:
    """Return the documents and provisions that are named, in order; labels of the text's own headings are left out."""
    places = [_Place(document.start, document.end, _DOCUMENT, document=document) for document in find_documents(text)]
    ends = [place.end for place in places]
    starts = [place.start for place in places]
    for mention in find_mentions(text):
        before = bisect_right(starts, mention.start) - 1
        if (before >= 0 and ends[before] > mention.start) or _is_heading(text, mention, outline):
            continue
        places.append(_Place(mention.start, mention.end, _RANK[mention.level], mention=mention))
    places.sort(key=lambda place: place.start)
    return places


def _is_heading(text: str, mention: Mention, outline: Outline) -> bool:
    """Say whether the mention is a label (Điều 5. at the start of a line) or no provision of this place (Điều này có nghĩa)."""
    if mention.start in outline.opening or (not mention.label and _NO_PROVISION.match(text, mention.end)):
        return True
    before = text[max(0, mention.start - 4) : mention.start]
    return _OPENS_LINE.search(before) is not None and _HEADING_AFTER.match(text, mention.end) is not None


def _join(text: str, places: Sequence[_Place]) -> None:
    """Find out for each place what it stands in: the next one that is wider, unless "và" parts them."""
    for before, place in pairwise(places):
        place.joint, place.attached = _joint(text, before.end, place)
    wider: list[int] = []  # what may still hold places to the left, the nearest last
    for index in range(len(places) - 1, -1, -1):
        place = places[index]
        while wider and places[wider[-1]].rank <= place.rank:
            wider.pop()
        if wider and places[wider[-1]].joint != "and":
            place.parent = wider[-1]
        wider.append(index)
        if not place.joint:
            wider.clear()
    for index in range(1, len(places)):  # Điều 15 khoản 2 điểm a: the wider first
        place, before = places[index], places[index - 1]
        follows = place.joint in ("of", "comma") and place.rank < before.rank <= _RANK[Level.ARTICLE]
        free = index < 2 or places[index - 2].parent != index - 1  # khoản 1 Điều 5 khoản 2: Điều 5 is taken
        if follows and free and (place.parent is None or places[place.parent].rank > before.rank) and before.parent != index:
            place.parent = index - 1


def _joint(text: str, end: int, place: _Place) -> tuple[str, str]:
    """Return how `place` is joined to what ends at `end`, and the attached part that stands between."""
    start = place.start
    if start - end > _LONGEST_JOINT:
        return "", ""
    if _OF.fullmatch(text, end, start):
        return ("comma" if "," in text[end:start] else "of"), ""
    if _AND.fullmatch(text, end, start):
        return "and", ""
    attached = _ATTACHED.fullmatch(text, end, start) if place.document else None
    return ("of", slug_of(attached["what"])) if attached else ("", "")


def _anchor(mentions: Sequence[Mention]) -> str:
    """Return the anchor of a chain of labels, from the innermost out; what holds an article does not belong to its name."""
    labelled = [mention for mention in mentions if mention.label]
    article = next((number for number, mention in enumerate(labelled) if mention.level is Level.ARTICLE), None)
    kept = labelled if article is None else labelled[: article + 1]
    names = [f"{_WORDS[mention.level]}-{slug_of(mention.label)}" for mention in reversed(kept)]
    annex = [mention for mention in labelled if mention.level is Level.ATTACHMENT] if article is not None else []
    return ".".join([*(f"phu-luc-{slug_of(mention.label)}" for mention in annex), "-".join(names)])

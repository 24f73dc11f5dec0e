"""Relations: what a document does to those that it cites, by the verb that governs the citation.

Steps: each citation of another document → its sentence → the verb at the sentence's beginning or end, or the one that announced
the list in which it stands. Between verb and citation only words may stand that such sentences are made of; what is cited within
another document's title is not what the verb means. What no verb governs is a plain citation. A wrong relation is worse than
none.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from analyzers.tables import rows
from indexer.legal.citations import DIVISIONS, Outline
from indexer.legal.cited_body import body_end, cited_bodies, without_bodies
from indexer.model import Citation, Level, Relation, RelationKind

_VERBS = rows("indexer.legal", "relation_verbs.tsv")


def _any_of(used: str) -> str:
    """Return the alternatives of the verbs that are used in one way, the longest first."""
    words = sorted((verb for _, how, verb, _ in _VERBS if how == used), key=len, reverse=True)
    return "|".join(re.escape(verb).replace(r"\ ", r"\s+") for verb in words)


_KINDS = {verb: RelationKind(kind) for kind, how, verb, _ in _VERBS if how != "between"}
_THIS = r"(?:[^\W\d_]+\s+){1,4}này"
# Nghị định này (có hiệu lực ... và) thay thế
_SAID = re.compile(
    rf"(?:^|[,.]\s){_THIS}\s+(?:có\s+hiệu\s+lực\b[^.;:]{{0,160}}?(?:\svà|,)\s+|và\s+)?(?P<verb>{_any_of('opens')}|{_any_of('said')})(?![^\W_])(?P<filler>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_OPENS = re.compile(rf"(?P<verb>{_any_of('opens')})(?![^\W_])(?P<filler>.*)$", re.IGNORECASE | re.DOTALL)
_TITLED = re.compile(
    rf"(?:(?:V/v|Về\s+việc|Việc)\s+)?(?P<verb>{_any_of('opens')}|{_any_of('said')})(?![^\W_])(?P<filler>.*)$",
    re.IGNORECASE | re.DOTALL,
)
# Quyết định này thay thế Quyết định số ... và bãi bỏ Quyết định số ...
_NEXT_VERB = re.compile(
    rf"\s{{0,3}}(?:[,;]\s{{0,3}}(?:và\s{{1,3}})?|và\s{{1,3}})(?P<verb>{_any_of('opens')})(?![^\W_])(?P<filler>.*)",
    re.IGNORECASE | re.DOTALL,
)
_ENDS = re.compile(rf"(?P<verb>{_any_of('ends')})(?![^\W_])", re.IGNORECASE)
_BETWEEN = frozenset(word for _, how, words, _ in _VERBS if how == "between" for word in words.split())
# Nghị định này được sửa đổi, bổ sung bởi
_PASSIVE = re.compile(
    rf"(?:^|[,.]\s){_THIS}\s+(?:đã\s+)?(?:được|bị)\s+(?P<verb>{_any_of('opens')}|{_any_of('said')})\b.{{0,80}}\b(?:bởi|bằng|tại|theo)\s+$",
    re.IGNORECASE | re.DOTALL,
)
_BASIS = re.compile(r"[-–+*•\s]{0,6}Căn\s+cứ(?:\s+vào)?\s", re.IGNORECASE)
_LABEL = re.compile(
    r"[-–+*•\s_#“]{0,8}(?:(?:Điều\s+\d{1,4}[a-zđ]?|Khoản\s+\d{1,3}|\d{1,3}[a-zđ]?|[a-zđ]\d?)\s?[.):/-]+\s*)?[-–+*•\s]{0,4}",
    re.IGNORECASE,
)
_BOUNDARY = re.compile(
    r"[;:](?=\s)|\.(?=\s+[^a-z\s]|\s*$)|\n(?=\s*(?:[-–+*•]\s|Căn\s+cứ|Theo\s|Xét\s|Thực\s+hiện|QUYẾT|NGHỊ|CHỈ|THÔNG))"
)
_SINCE = re.compile(r"(?:Kể\s+)?từ\s+ngày\s+.{0,100}?,\s*$", re.IGNORECASE | re.DOTALL)  # Kể từ ngày Thông tư này có hiệu lực,
_OWN_AFTER = re.compile(r"(?<![^\W_])(?:này|ký)(?![^\W_])")
_SINCE_A_DAY = re.compile(
    r"(?:\s+thi\s+hành)?\s*,?\s+(?:kể\s+)?từ\s+ngày\s+\d", re.IGNORECASE
)  # hết hiệu lực kể từ ngày 01/7/2025
_ALREADY = re.compile(r"(?<![^\W_])đã\s+$", re.IGNORECASE)
_NOT_SURE = re.compile(r"\b(?:nếu|khi|trường\s+hợp|cho\s+đến|trước)\b", re.IGNORECASE)
_TITLE_VERB = re.compile(
    r"\b(?:quy\s+định|qui\s+định|hướng\s+dẫn|sửa\s+đổi|bổ\s+sung|về|ban\s+hành|phê\s+duyệt|thi\s+hành|thực\s+hiện|theo|tại|để|bằng|bởi|trừ|thay\s+thế|bãi\s+bỏ|hủy\s+bỏ|huỷ\s+bỏ|thu\s+hồi|và\s+các)\b",
    re.IGNORECASE,
)
_GOES_ON = re.compile(r"(?:,|\bvà|\bcủa)\s*$")
_TASKS = re.compile(r"\b(?:trách\s+nhiệm|nhiệm\s+vụ|quyền\s+hạn|thẩm\s+quyền|chủ\s+trì)\b", re.IGNORECASE)
_OF_WORDS = re.compile(r"\bcụm\s+từ\b|(?:^|\btừ)\s+[“\"]")
_EFFECT = re.compile(r"hiệu\s+lực", re.IGNORECASE)
_LOOKED_AT = 400  # characters of what comes after a citation, or of a heading
_WORD = re.compile(r"[^\W_]+")
_QUOTATION = re.compile(r"“[^”]{0,400}”|\"[^\"]{0,400}\"")
# Sửa đổi một số điều của Quy định về hạn mức giao đất ban hành kèm theo Quyết định số
_ATTACHED = re.compile(
    r"\b(?:Quy\s+chế|Quy\s+định|Điều\s+lệ|Nội\s+quy|Quy\s+trình|Danh\s+mục|Bảng\s+giá|Chương\s+trình|Kế\s+hoạch|Phụ\s+lục)\b"
    r"[^.;:]{0,300}?\sban\s+hành(?:\s+kèm)?(?:\s+theo|\s+tại)?\s*$",
    re.IGNORECASE,
)
_SHORT_LABEL = re.compile(r"\d{1,4}[a-zđ]?|[a-zđ]\d?|[ivxlc]{1,7}")


def find_relations(
    text: str,
    outline: Outline,
    citations: Sequence[Citation],
    title: tuple[int, int] | None = None,
    base: tuple[int, int] | None = None,
) -> list[Relation]:
    """Return what the text says that its document does to others, in order of place; each kind, target and body once.

    `title` is the span of the document's own title, which says what it does, too. `base` says that it is a consolidated text:
    where it names its base document, an empty span where that was not found.
    """
    found: dict[tuple[RelationKind, str, str | None], Relation] = {}
    reading = _Reading(text, outline, citations, title, base)
    for relation in reading.relations():
        found.setdefault((relation.kind, relation.target.normal_form, relation.issuer), relation)
    done = {(relation.target.document, relation.issuer) for relation in found.values()}
    for relation in reading.plain():
        if (relation.target.document, relation.issuer) not in done:
            done.add((relation.target.document, relation.issuer))
            found[relation.kind, relation.target.normal_form, relation.issuer] = relation
    return sorted(found.values(), key=lambda relation: relation.start)


class _Reading:
    """One text's citations by sentence, and the verbs of these."""

    def __init__(
        self,
        text: str,
        outline: Outline,
        citations: Sequence[Citation],
        title: tuple[int, int] | None,
        base: tuple[int, int] | None,
    ) -> None:
        self._text = text
        self._outline = outline
        self._citations = [citation for citation in citations if not citation.target.own and not citation.quoted]
        self._starts = [citation.start for citation in self._citations]
        self._issuers = dict(zip(self._starts, cited_bodies(text, outline, self._citations), strict=True))
        self._base = base
        self._title = title
        self._lists: dict[int, RelationKind] = {}  # unit → the kind of what its children name

    def relations(self) -> Iterator[Relation]:
        """Yield what title, recitals and enacting sentences say."""
        if self._base:
            yield from self._consolidates(*self._base)
            return
        if self._title:
            yield from self._of_title(*self._title)
        for index in self._units_to_read():
            yield from self._of_unit(index)

    def plain(self) -> Iterator[Relation]:
        """Yield every citation, with its sentence, as no more than that."""
        for index in self._units_to_read():
            for start, end in self._sentences(index):
                for citation in self._within(start, end):
                    yield self._relation(RelationKind.CITES, citation, (start, end))

    def _units_to_read(self) -> Iterator[int]:
        """Yield the units with a citation in their own text, and those that announce a list, in order."""
        for index, unit in enumerate(self._outline.units):
            end = self._outline.own_text_end(index)
            cites = bisect_left(self._starts, unit.start) < bisect_left(self._starts, end)
            if cites or self._text[max(unit.start, end - 40) : end].rstrip().endswith(":"):
                yield index

    def _of_title(self, start: int, end: int) -> Iterator[Relation]:
        """Yield what a title says, of the document or of one of its chapters."""
        within = self._within(start, end)
        if not within:
            return
        match = _TITLED.match(self._text[start : within[0].start])
        kind = _kind(match) if match and _is_filler(match["filler"]) else None
        if kind:
            yield from self._relations(self._groups(within, kind), (start, end))

    def _of_unit(self, index: int) -> Iterator[Relation]:
        unit = self._outline.units[index]
        if unit.level in DIVISIONS and unit.heading:  # Chương IV: SỬA ĐỔI MỘT SỐ ĐIỀU CỦA THÔNG TƯ SỐ ...
            start = self._text.find(unit.heading.split()[0], unit.start + len(unit.label), unit.end)
            yield from self._of_title(max(start, unit.start), self._outline.own_text_end(index))
            return
        listed = self._lists.get(unit.parent) if unit.parent is not None else None
        basis = False
        for start, end in self._sentences(index):
            within = self._within(start, end)
            start += _label_length(self._text[start:end])
            lead = self._text[start : within[0].start if within else end]
            if unit.level is Level.DOCUMENT:
                basis = _BASIS.match(lead) is not None or (basis and not lead.strip())
                kind = RelationKind.BASIS if basis else None
            else:
                kind = self._kind_of(lead, within, end, index)
                if kind is None and within and _is_filler(lead):
                    kind = self._changed(listed, lead)
                if self._text[start : end + 1].rstrip().endswith(":"):
                    announced = kind or self._kind_of(self._text[start:end], (), end, index) or self._announced(start, end)
                    if announced:
                        listed = self._lists[index] = announced
            if kind and within:
                yield from self._relations(self._groups(within, kind), (start, end))
            if within and (passive := _PASSIVE.search(lead)) and (kind := _kind(passive)):
                yield from self._relations([(kind, within[:1])], (start, end), passive=True)

    def _consolidates(self, base: int, end: int) -> Iterator[Relation]:
        """Yield the base document, and after it what amended it: the documents with which sentences begin, up to the recitals."""
        for start, stop in self._sentences(0):
            if stop <= base or base == end:
                continue
            within = self._within(start, stop)
            start += _label_length(self._text[start:stop])
            if start > base and _BASIS.match(self._text, start):
                return
            first = [citation for citation in within if citation.start < end and citation.end > base]
            if not first and within and start >= end and not self._text[start : within[0].start].strip():
                first = list(within[:1])
            yield from self._relations([(RelationKind.CONSOLIDATES, first)], (start, stop))

    def _kind_of(self, lead: str, within: Sequence[Citation], end: int, index: int) -> RelationKind | None:
        """Return what the sentence says of its first citations: by what stands before them, else by what follows."""
        said = _SAID.search(lead)
        if said and _is_filler(said["filler"]):
            return _kind(said)
        opens = _OPENS.match(lead)
        if opens and _is_filler(opens["filler"]):
            return self._changed(_kind(opens), opens["filler"]) if self._enacts(index) else None
        if not within or not (_is_filler(lead) or _SINCE.fullmatch(lead)):
            return None
        _, group = self._groups(within, RelationKind.REPEALS)[0]
        after = self._text[group[-1].end : min(end, group[-1].end + _LOOKED_AT)]
        ends = _ENDS.search(after)
        if ends is None or _NOT_SURE.search(after, 0, ends.start()):
            return None
        kind = _kind(ends)
        dated = _SINCE_A_DAY.match(after, ends.end()) and not _ALREADY.search(after, 0, ends.start())
        own = kind is RelationKind.AMENDS or dated or _SINCE.fullmatch(lead) or _OWN_AFTER.search(after, ends.end())
        return kind if own and self._enacts(index) else None

    @staticmethod
    def _changed(kind: RelationKind | None, filler: str) -> RelationKind | None:
        """To replace or repeal words of a document is to amend it."""
        if kind in (RelationKind.REPLACES, RelationKind.REPEALS) and _OF_WORDS.search(filler):
            return RelationKind.AMENDS
        return kind

    def _announced(self, start: int, end: int) -> RelationKind | None:
        """Các văn bản sau đây hết hiệu lực kể từ ngày Thông tư này có hiệu lực:"""
        sentence = self._text[start:end]
        ends = _ENDS.search(sentence)
        known = ends and _is_filler(sentence[: ends.start()]) and _OWN_AFTER.search(sentence, ends.end())
        return _kind(ends) if ends and known else None

    def _enacts(self, index: int) -> bool:
        """Say whether the unit speaks for the document: within an article, and not among the tasks of an office."""
        units = self._outline.units
        within_article = False
        above: int | None = index
        while above is not None:
            unit = units[above]
            own_text = self._text[unit.start : min(self._outline.own_text_end(above), unit.start + _LOOKED_AT)]
            if above != index and unit.level is not Level.DOCUMENT and _TASKS.search(own_text) and not _EFFECT.search(own_text):
                return False
            within_article = within_article or unit.level is Level.ARTICLE
            above = unit.parent
        return within_article

    def _within(self, start: int, end: int) -> Sequence[Citation]:
        return self._citations[bisect_left(self._starts, start) : bisect_left(self._starts, end)]

    def _groups(self, within: Sequence[Citation], kind: RelationKind) -> list[tuple[RelationKind, list[Citation]]]:
        """Return the first citations that stand side by side, apart where a verb goes on; what another's title names is left out.

        Where the first is a provision (Điều 5 của Thông tư ... sửa đổi Thông tư ..., Thông tư ...), whole ones are of its title.
        """
        groups, nested = [(kind, [within[0]])], False
        for before, citation in pairwise(within):
            kind, group = groups[-1]
            body = body_end(self._text, before.end, citation.start)
            verb = None if nested else _NEXT_VERB.fullmatch(self._text, body or before.end, citation.start)
            following = self._changed(_kind(verb), verb["filler"]) if verb and _is_filler(verb["filler"]) else None
            if following:
                groups.append((following, [citation]))
                continue
            between = self._text[before.end : citation.start]
            if _TITLE_VERB.search(between):
                whole = citation.target.number is not None and not citation.target.anchor and not group[0].target.anchor
                listed = whole and kind is not RelationKind.AMENDS and _GOES_ON.search(between) is not None
                nested = not (listed and between.rstrip().endswith(("và", ",")))
            if not nested:
                group.append(citation)
        return groups

    def _relation(self, kind: RelationKind, citation: Citation, sentence: tuple[int, int], *, passive: bool = False) -> Relation:
        issuer = self._issuers[citation.start]
        return Relation(kind, citation.target, citation.start, citation.end, sentence, passive, issuer)

    def _relations(
        self,
        groups: Iterable[tuple[RelationKind, Sequence[Citation]]],
        sentence: tuple[int, int],
        *,
        passive: bool = False,
    ) -> Iterator[Relation]:
        for kind, citation in ((kind, citation) for kind, group in groups for citation in group):
            if kind is RelationKind.INTERPRETS and not citation.target.anchor:
                continue  # "Giải thích Hiến pháp, luật là việc ..." tells what the word means
            partial = citation.target.anchor and kind is RelationKind.REPLACES  # to replace an article is to amend
            yield self._relation(RelationKind.AMENDS if partial else kind, citation, sentence, passive=passive)

    def _sentences(self, index: int) -> Iterator[tuple[int, int]]:
        """Yield the sentences of a unit's own text; the heading of an article is one."""
        unit = self._outline.units[index]
        start, end = unit.start, self._outline.own_text_end(index)
        cuts = [match.end() for match in _BOUNDARY.finditer(self._text, start, end)]
        if unit.level is Level.ARTICLE and unit.heading and " này " not in unit.heading:
            below = self._text.find("\n", start + len(unit.label) + len(unit.heading), end)
            cuts = sorted({*cuts, below}) if below > 0 else cuts
        for cut in [*cuts, end]:
            if self._text[start:cut].strip():
                yield start, cut
            start = cut


def _kind(match: re.Match[str]) -> RelationKind | None:
    verb = " ".join(match["verb"].lower().split())
    return _KINDS.get(verb)


def _is_filler(between: str) -> bool:
    """Say whether only words stand there that lead from a verb to what it is said of."""
    words = (word.lower() for word in _WORD.findall(_ATTACHED.sub(" ", without_bodies(_QUOTATION.sub(" ", between)))))
    return all(word in _BETWEEN or _SHORT_LABEL.fullmatch(word) for word in words)


def _label_length(sentence: str) -> int:
    match = _LABEL.match(sentence)
    return match.end() if match else 0

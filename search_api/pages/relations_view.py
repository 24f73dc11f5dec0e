"""What the pages show of a document's relations and validity, in plain words."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from urllib.parse import quote, urlencode

from indexer.model import RelationKind
from search_api.params import Direction
from search_api.provisions import provision_words
from search_api.render import DocumentAnswer, RelationGroupItem, RelationItem, RelationsAnswer, SourceItem

_WORDS = {  # what the document does to others; what they do to it
    RelationKind.REPLACES: ("Thay thế", "Được thay thế bởi"),
    RelationKind.REPEALS: ("Bãi bỏ", "Bị bãi bỏ bởi"),
    RelationKind.AMENDS: ("Sửa đổi, bổ sung", "Được sửa đổi, bổ sung bởi"),
    RelationKind.CORRECTS: ("Đính chính", "Được đính chính bởi"),
    RelationKind.SUSPENDS: ("Đình chỉ", "Bị đình chỉ bởi"),
    RelationKind.PAUSES: ("Tạm ngưng hiệu lực", "Bị tạm ngưng hiệu lực bởi"),
    RelationKind.CONSOLIDATES: ("Hợp nhất", "Được hợp nhất trong"),
    RelationKind.DETAILS: ("Quy định chi tiết", "Được quy định chi tiết bởi"),
    RelationKind.GUIDES: ("Hướng dẫn", "Được hướng dẫn bởi"),
    RelationKind.INTERPRETS: ("Giải thích", "Được giải thích bởi"),
    RelationKind.PROMULGATES: ("Công bố", "Được công bố bởi"),
    RelationKind.BASIS: ("Căn cứ vào", "Là căn cứ của"),
    RelationKind.CITES: ("Dẫn chiếu", "Được dẫn chiếu trong"),
}
_ORDER = tuple(_WORDS)
_ARTICLE = re.compile(r"(?:[a-z0-9-]+\.)?dieu-[0-9]+[a-z]{0,2}")
_ENDED = ("hết hiệu lực", "ngưng hiệu lực", "không còn phù hợp")  # how statuses begin that a reader must be told of at once


class Related(NamedTuple):
    """Another document as a list shows it: what to call it, its title and page where it is here, the provisions concerned."""

    label: str
    title: str | None
    url: str | None
    provisions: Sequence[str]
    sentence: str


class RelatedGroup(NamedTuple):
    """Relations of one kind under their heading; `more` leads to all of them where only some are shown."""

    heading: str
    total: int
    shown: Sequence[Related]
    more: str | None


class Notice(NamedTuple):
    """That a document is not, or not wholly, in force: the words, and who says so, None for the register."""

    text: str
    source: SourceItem | None


class RelationsView(NamedTuple):
    """One page of a kind: its relations, and the pages beside it."""

    group: RelatedGroup
    previous: str | None
    following: str | None


def related_groups(document: DocumentAnswer) -> list[RelatedGroup]:
    """Return a document's relations under their headings: what ends or changes it first, then what it does itself."""
    ordered = sorted(document.relations, key=lambda group: (_ORDER.index(RelationKind(group.kind)), group.direction))
    return [_group(group, document.url) for group in ordered]


def relations_view(document_url: str, answer: RelationsAnswer) -> RelationsView:
    """Return what the page of one kind shows."""
    number, last = answer.page.number, answer.page.pages

    def address(page: int) -> str | None:
        return _address(document_url, answer, page) if 1 <= page <= last and page != number else None

    shown = [related for item in answer.items for related in _related([item])]  # each with its own sentence
    group = _group(answer, document_url)._replace(shown=shown)
    return RelationsView(group, address(min(number - 1, last)), address(number + 1))


def notice(document: DocumentAnswer) -> Notice | None:
    """Return what stands above a document that is not in force; None where nothing says that it is not."""
    validity = document.validity
    if validity.status and validity.since:
        day = f"{validity.since:%d/%m/%Y}"
        text = (
            f"Văn bản này có hiệu lực từ ngày {day}, hôm nay chưa có hiệu lực"
            if validity.since > validity.on
            else f"Văn bản này {validity.status[0].lower()}{validity.status[1:]} từ ngày {day}"
        )
        source = validity.source
        return Notice(text, source if source and source.stated_by != "register" else None)
    if document.status.lower().startswith(_ENDED):
        return Notice(f"Văn bản này {document.status[0].lower()}{document.status[1:]}", None)
    return None


def amenders(document: DocumentAnswer) -> tuple[Sequence[Related], str | None]:
    """Return who amends a document, for the top of its page, and where all are told of if there are more."""
    for group in document.relations:
        if group.kind == RelationKind.AMENDS and group.direction == Direction.IN:
            shown = _group(group, document.url)
            return shown.shown, shown.more
    return (), None


def _address(document_url: str, group: RelationGroupItem, page: int = 1) -> str:
    asked = {"kind": group.kind, "direction": group.direction} | ({"page": page} if page > 1 else {})
    return f"{document_url}/quan-he?{urlencode(asked)}"


def _group(group: RelationGroupItem, document_url: str) -> RelatedGroup:
    heading = _WORDS[RelationKind(group.kind)][group.direction == Direction.IN]
    more = _address(document_url, group) if group.total > len(group.items) else None
    return RelatedGroup(heading, group.total, list(_related(group.items)), more)


def _related(items: Iterable[RelationItem]) -> Iterable[Related]:
    """Name each document once, with all its provisions that relations speak of."""
    together: dict[tuple[str | None, str, str], list[RelationItem]] = {}
    for item in items:
        together.setdefault((item.id, _label(item), item.stated_by), []).append(item)
    for (_, label, stated_by), some in together.items():
        first = some[0]
        owner = "" if stated_by == "this" else " của văn bản này"
        words = [f"{words}{owner}" for item in some if (words := provision_words(item.anchor))]
        article = _ARTICLE.match(first.anchor) if first.url and stated_by == "this" and len(some) == 1 else None
        url = f"{first.url}#{quote(article.group(), safe='')}" if first.url and article else first.url
        yield Related(label, first.title, url, list(dict.fromkeys(words)), first.sentence.text)


def _label(item: RelationItem) -> str:
    name = item.name or "Văn bản"
    if item.number:
        return f"{name} số {item.number}"
    return f"{name} {item.year}" if item.name and item.year else item.name or item.title or name

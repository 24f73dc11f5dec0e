"""Answers as they go over the wire; the only place with wire names.

The models are what `/openapi.json` publishes; the functions below make them from the domain's own types.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated
from urllib.parse import quote

from pydantic import Field

from indexer.engine.port import MOST_PLACES, Generation
from indexer.model import METADATA_FIELDS, Canonical, Document, LegalMetadata, Provision, RelationKind
from search_api.alternatives import Alternative
from search_api.meaning import Step
from search_api.narrowing import MAX_FACET_VALUES, FacetValue, IssuerItem
from search_api.params import SearchParams
from search_api.passage import Snippet
from search_api.provisions import attachment_words
from search_api.wire import PlaceItem, Wire

MAX_SENTENCE = 600  # characters of one that are shown


class Problem(Wire):
    """A problem document (RFC 9457)."""

    type: str = Field(description="mã của loại lỗi, không đổi giữa các phiên bản")
    title: str
    status: int
    detail: str
    parameter: str | None = Field(None, description="tên tham số không đúng; chỉ có ở lỗi 400")


class StepItem(Wire):
    """One step that the service took on the reader's words."""

    step: str = Field(description="mã của bước, không đổi giữa các phiên bản")
    text: str = Field(description="câu giải thích cho người đọc")
    terms: tuple[str, ...] = Field((), description="các từ mà bước này nói tới")


class ProvisionRef(Wire):
    """The article that a snippet lies in."""

    anchor: str
    label: str = Field(description="tên gọi đầy đủ: Điều 2, Điều 2 Quy định kèm theo")
    heading: str = Field(description="tên điều; rỗng khi điều không có tên")
    attachment: str = Field(description="phần kèm theo chứa điều này: Quy định kèm theo; rỗng khi là điều của chính văn bản")


class SnippetItem(Wire):
    """A passage of the document's text."""

    text: str
    start: int = Field(description="vị trí của đoạn trong `text` của văn bản, tính bằng ký tự Unicode")
    highlights: tuple[tuple[int, int], ...] = Field(description="các cặp [đầu, cuối) trong `text` của đoạn")
    provision: ProvisionRef | None = None


class AnsweringItem(ProvisionRef):
    """An article of a document found that answers the question."""

    url: str = Field(description="trang của văn bản, ở đúng điều này")
    snippet: SnippetItem | None = Field(
        description="đoạn khớp nhất của điều; null khi `snippets` của văn bản đã có, hoặc tên điều đã nói lên"
    )


class HitItem(Wire):
    """A document, or one of its articles, that answers the question."""

    id: str
    number: str | None
    title: str | None
    type: str | None
    issuer: str | None
    issued_date: date | None
    status: str = Field(description="hiệu lực; `không rõ` khi nguồn không nêu")
    score: float
    url: str = Field(description="trang của văn bản, ở đúng điều nếu kết quả là một điều")
    provision: ProvisionRef | None = None
    snippets: tuple[SnippetItem, ...]
    provisions: tuple[AnsweringItem, ...] = Field(
        (), description="khi tìm cả văn bản: tới 3 điều khớp nhất, trừ khi văn bản ngắn hoặc chỉ hỏi một số, ký hiệu"
    )
    other_places: tuple[PlaceItem, ...] = Field(
        (), description=f"những nơi khác có cùng nội dung trong các kết quả, nhiều nhất {MOST_PLACES}; xem tham số `collapse`"
    )
    other_places_total: int = Field(0, description="số nơi khác có cùng nội dung trong các kết quả")


class Page(Wire):
    """Which page of the matches this is."""

    number: int
    size: int
    pages: int = Field(description="số trang đọc được; kết quả quá sâu không được phân trang")


class SearchAnswer(Wire):
    """The answer to a search."""

    query: str
    interpretation: tuple[StepItem, ...]
    total: int = Field(description="số kết quả, chính xác; `facets` đếm cả các bản có cùng nội dung gộp trong một kết quả")
    took_ms: float
    hits: tuple[HitItem, ...]
    facets: dict[str, tuple[FacetValue, ...]] = Field(
        description=f"số kết quả theo từng giá trị, nhiều trước; mỗi nhóm tối đa {MAX_FACET_VALUES} giá trị"
    )
    choices: dict[str, tuple[FacetValue, ...]] = Field(
        description="với mỗi nhóm đang lọc (`type`, `issuer`, `year`): các giá trị chọn thêm được, đếm như không lọc theo nhóm đó"
    )
    issuers: tuple[IssuerItem, ...] = Field(description="các cơ quan trong bộ lọc `issuer` có cơ quan tiền nhiệm")
    page: Page
    alternatives: tuple[Alternative, ...] = Field(description="chỉ khi không có kết quả: hỏi cách khác thì có")


class ProvisionItem(Wire):
    """An article of a document; `start` and `end` are offsets into the document's text."""

    anchor: str
    label: str = Field(description="tên gọi đầy đủ: Điều 2, Điều 2 Quy định kèm theo")
    short_label: str = Field(description="như in trong văn bản: Điều 2")
    heading: str
    attachment: str = Field(description="phần kèm theo chứa điều này: Quy định kèm theo; rỗng khi là điều của chính văn bản")
    start: int
    end: int


class SentenceItem(Wire):
    """What a text says, word for word."""

    start: int = Field(description="vị trí trong `text` của văn bản nêu, tính bằng ký tự Unicode")
    end: int
    text: str = Field(description="chữ ở vị trí đó, khoảng trắng gộp lại, rút gọn khi dài; số định danh cá nhân được che")


class SourceItem(Wire):
    """Who says something of a document's validity."""

    stated_by: Annotated[str, Field(pattern="^(this|other|register)$")] = Field(
        description="this: chính văn bản này; other: văn bản `id`; register: sổ văn bản"
    )
    id: str | None
    number: str | None
    name: str | None = Field(description="tên gọi của văn bản nêu")
    url: str | None
    sentence: SentenceItem | None


class ValidityDay(Wire):
    """A day of a document's validity and who says it."""

    day: date
    source: SourceItem


class ValidityItem(Wire):
    """The validity as documents tell it; it stands in for no confirmation by the issuing body."""

    on: date = Field(description="ngày mà `status` được xét, theo giờ Việt Nam")
    status: str | None = Field(
        description="suy ra từ văn bản; null khi không văn bản nào ở đây làm hết hay lùi hiệu lực, chưa hẳn là còn hiệu lực"
    )
    since: date | None = Field(description="ngày mà `status` bắt đầu đúng, hoặc sẽ thôi đúng khi văn bản chưa có hiệu lực")
    source: SourceItem | None
    effective: ValidityDay | None
    expiry: ValidityDay | None = Field(description="ngày đầu tiên văn bản không còn hiệu lực")


class RelationItem(Wire):
    """One relation to another document."""

    number: str | None = Field(description="số, ký hiệu của văn bản kia")
    name: str | None = Field(description="tên gọi hoặc loại của văn bản kia")
    year: int | None
    title: str | None = Field(description="trích yếu, chỉ khi văn bản kia có ở đây")
    id: str | None = Field(
        description="mã của văn bản kia; null khi không có ở đây, hoặc chưa rõ là văn bản nào trong các văn bản cùng số"
    )
    url: str | None
    anchor: str = Field(description="điều, khoản được nói tới của văn bản không nêu quan hệ; rỗng khi là cả văn bản")
    stated_by: Annotated[str, Field(pattern="^(this|other)$")] = Field(
        description="văn bản mà chữ của nó nêu quan hệ: this là văn bản này, other là văn bản kia; mọi vị trí là trong văn bản đó"
    )
    start: int = Field(description="nơi văn bản được nhắc tới")
    end: int
    sentence: SentenceItem


class RelationGroupItem(Wire):
    """Relations of one kind and direction; the first ones, how many there are, exactly, and where the rest is."""

    kind: str = Field(description=f"loại quan hệ: {', '.join(RelationKind)}")
    direction: Annotated[str, Field(pattern="^(out|in)$")] = Field(
        description="out: văn bản này tác động tới văn bản kia; in: văn bản kia tác động tới văn bản này"
    )
    total: int
    items: tuple[RelationItem, ...]


class RelationsAnswer(RelationGroupItem):
    """One page of the relations of a kind and direction."""

    page: Page


class DocumentAnswer(Wire):
    """A document: what identifies it, its whole text and its articles, its validity and its relations to others."""

    id: str
    kind: str
    source: str
    site: str | None
    number: str | None
    symbol: str | None
    title: str | None
    type: str | None
    issuer: str | None
    issued_date: date | None
    effective_date: date | None
    expiry_date: date | None = Field(description="ngày đầu tiên không còn hiệu lực")
    status: str = Field(description="hiệu lực như sổ văn bản nêu; `không rõ` khi không nêu; `validity` là điều suy ra từ văn bản")
    signer: str | None
    signer_position: str | None
    field: str | None
    gazette_issue: str | None
    gazette_page: str | None
    format: str
    page_count: int
    url: str
    file: str
    text: str
    page_starts: tuple[int, ...] = Field(description="vị trí trong `text` nơi mỗi trang bắt đầu")
    provisions: tuple[ProvisionItem, ...]
    validity: ValidityItem
    relations: tuple[RelationGroupItem, ...] = Field(
        description="theo loại và chiều, mỗi nhóm vài quan hệ đầu; còn lại ở /api/v1/documents/{id}/relations"
    )


class SharedItem(Wire):
    """What two documents have in common."""

    words: tuple[str, ...] = Field(description="từ mà cả hai văn bản có và ít văn bản khác có")
    laws: tuple[str, ...] = Field(description="số, ký hiệu hoặc tên văn bản mà cả hai cùng dẫn")
    related: bool = Field(description="một trong hai văn bản nhắc tới văn bản kia; xem `relations`")


class SimilarItem(Wire):
    """A document that is about the same as another, and why."""

    id: str
    number: str | None
    title: str | None
    type: str | None
    issuer: str | None
    issued_date: date | None
    status: str = Field(description="hiệu lực; `không rõ` khi nguồn không nêu")
    url: str
    name: str = Field(description="tên gọi của văn bản")
    shared: SharedItem
    reason: str = Field(description="câu giải thích cho người đọc")


class SimilarAnswer(Wire):
    """Up to ten documents that are about the same, the most similar first."""

    items: tuple[SimilarItem, ...]


class SuggestionItem(Wire):
    """Something to search for instead; searching `text` finds a document. `url` is the newest one with it, or its provision."""

    kind: Annotated[str, Field(pattern="^(number|subject|title|heading)$")]
    text: str
    url: str


class SuggestAnswer(Wire):
    """What a reader may be typing, at most ten, the likeliest first."""

    query: str
    suggestions: tuple[SuggestionItem, ...]


class Health(Wire):
    """Whether the process answers."""

    status: str = "ok"


class Readiness(Wire):
    """Whether index and catalogue can be searched, and which generation of the index answers: public entries alone."""

    status: str = "ok"
    change: int
    documents: int
    provisions: int


def document_url(document_id: str, anchor: str = "", q: str = "") -> str:
    """Return the path of a document's page, at `anchor`, with the words of `q` marked in it."""
    query = f"?q={quote(q, safe='')}" if q.strip() else ""
    return f"/van-ban/{quote(document_id, safe='')}{query}" + (f"#{quote(anchor, safe='')}" if anchor else "")


def file_url(document_id: str) -> str:
    """Return the path of a document's original file."""
    return f"/api/v1/documents/{quote(document_id, safe='')}/file"


def status_of(metadata: LegalMetadata) -> str:
    """Return the stated validity, or the word for an unknown one; it is never guessed."""
    return metadata.status or "không rõ"


def steps_of(steps: Iterable[Step]) -> tuple[StepItem, ...]:
    """Return what was done with the reader's words."""
    return tuple(StepItem(step=step.code, text=step.text, terms=step.terms) for step in steps)


def snippet_item(snippet: Snippet) -> SnippetItem:
    """Return a passage with the article that it lies in."""
    return SnippetItem(
        text=snippet.text,
        start=snippet.start,
        highlights=snippet.highlights,
        provision=_reference(snippet.provision) if snippet.provision else None,
    )


def _reference(provision: Provision) -> ProvisionRef:
    return ProvisionRef(
        anchor=provision.anchor,
        label=_label(provision),
        heading=provision.heading,
        attachment=attachment_words(provision.anchor),
    )


def _label(provision: Provision) -> str:
    return f"{provision.label} {attachment_words(provision.anchor)}".strip()


def hit_item(
    document: Document,
    score: float,
    provision: Provision | None,
    snippets: Iterable[Snippet],
    q: str = "",
    answering: Iterable[tuple[Provision, Snippet | None]] = (),
    others: Iterable[PlaceItem] = (),
    others_total: int = 0,
) -> HitItem:
    """Return one hit: a document with those of its articles that answer, or `provision` of it; and its other places."""
    metadata = document.metadata
    return HitItem(
        id=document.id,
        number=metadata.number,
        title=metadata.title,
        type=metadata.type,
        issuer=metadata.issuer,
        issued_date=metadata.issued_date,
        status=status_of(metadata),
        score=score,
        url=document_url(document.id, provision.anchor if provision else "", q),
        provision=_reference(provision) if provision else None,
        snippets=tuple(snippet_item(snippet) for snippet in snippets),
        provisions=tuple(
            AnsweringItem(
                **_reference(article).model_dump(),
                url=document_url(document.id, article.anchor, q),
                snippet=snippet_item(snippet) if snippet else None,
            )
            for article, snippet in answering
        ),
        other_places=tuple(others),
        other_places_total=others_total,
    )


def similar_item(document: Document, words: tuple[str, ...], laws: tuple[str, ...], *, tied: bool) -> SimilarItem:
    """Return a document that is about the same as another, with the words and the laws that both name."""
    metadata = document.metadata
    reasons = [
        *([f"cùng nói về: {', '.join(words)}"] if words else []),
        *([f"cùng dẫn {', '.join(laws)}"] if laws else []),
        *(["một văn bản nhắc tới văn bản kia"] if tied else []),
    ]
    reason = "; ".join(reasons)
    return SimilarItem(
        id=document.id,
        number=metadata.number,
        title=metadata.title,
        type=metadata.type,
        issuer=metadata.issuer,
        issued_date=metadata.issued_date,
        status=status_of(metadata),
        url=document_url(document.id),
        name=document.name,
        shared=SharedItem(words=words, laws=laws, related=tied),
        reason=reason[:1].upper() + reason[1:],
    )


def page_item(params: SearchParams, total: int, depth: int) -> Page:
    """Return the place of this page; pages end at `depth` hits."""
    return page_of(params.page, params.size, min(total, depth))


def page_of(number: int, size: int, total: int) -> Page:
    """Return the place of page `number` among as many as `total` items fill."""
    return Page(number=number, size=size, pages=-(-total // size))


def sentence_item(text: str, span: tuple[int, int], around: int | None = None) -> SentenceItem:
    """Return what stands at `span` of `text`; of a long one what stands around offset `around`, or the beginning."""
    start, end = span
    first = (
        start
        if around is None or end - start <= MAX_SENTENCE
        else max(start, min(around - MAX_SENTENCE // 2, end - MAX_SENTENCE))
    )
    last = min(end, first + MAX_SENTENCE)
    shown = " ".join(text[first:last].split())
    return SentenceItem(start=start, end=end, text=f"{'… ' * (first > start)}{shown}{' …' * (last < end)}")


def document_answer(
    document: Document,
    canonical: Canonical,
    provisions: Sequence[Provision],
    validity: ValidityItem,
    relations: tuple[RelationGroupItem, ...],
) -> DocumentAnswer:
    """Return a whole document."""
    metadata = document.metadata
    stated = {name: getattr(metadata, name) for name in METADATA_FIELDS if name != "status"}
    return DocumentAnswer(
        id=document.id,
        kind=document.kind,
        source=document.source,
        site=document.site,
        status=status_of(metadata),
        format=document.format,
        page_count=document.page_count,
        url=document_url(document.id),
        file=file_url(document.id),
        text=canonical.text,
        page_starts=canonical.page_starts,
        provisions=tuple(
            ProvisionItem(
                anchor=provision.anchor,
                label=_label(provision),
                short_label=provision.label,
                attachment=attachment_words(provision.anchor),
                heading=provision.heading,
                start=provision.start,
                end=provision.end,
            )
            for provision in provisions
        ),
        validity=validity,
        relations=relations,
        **stated,
    )


def readiness(generation: Generation) -> Readiness:
    """Return the generation that answers."""
    return Readiness(change=generation.change, documents=generation.documents, provisions=generation.provisions)

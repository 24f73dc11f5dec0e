"""One search from parameters to an answer, readable top to bottom: understand, plan, search, highlight, render."""

import time
from collections.abc import Iterator, Mapping, Sequence

from analyzers.citations import number_key
from indexer.engine.fields import Scope
from indexer.engine.port import Hit, SearchEngine, SearchRequest, SearchResult
from indexer.engine.query import Keyword
from indexer.errors import UnknownDocument
from indexer.legal.name_keys import name_keys
from indexer.model import Document, Provision, Visibility
from search_api import render
from search_api.abbreviations import Abbreviations
from search_api.answering import answering
from search_api.highlight import Highlighter
from search_api.meaning import Step, Understanding, no_number
from search_api.params import MAX_DEPTH, SearchParams
from search_api.passage import Matches, Snippet
from search_api.places import Places, places_of, still_there
from search_api.plan import PUBLIC, plan
from search_api.related import today
from search_api.services import Library, Services
from search_api.spelling import mend
from search_api.understand import understand

_AT_ONCE = 10  # documents whose texts are in memory together
_LONG = 2_000  # characters of a text from which on its articles are named beside its passages


def search(services: Services, params: SearchParams, visible: frozenset[Visibility] = PUBLIC) -> render.SearchAnswer:
    """Answer a search. Raises what the engine and the catalogue raise."""
    begun = time.perf_counter()
    understanding, result = find(services.engine, params, visible, services.abbreviations)
    best: Mapping[int, list[Hit]] = {}
    if params.scope is Scope.DOCUMENTS:
        best = answering(services.engine, understanding, {hit.key for hit in result.hits}, visible)
    hits = _hits(services.library, result, best, Highlighter(understanding.marks), params.q, visible)
    return render.SearchAnswer(
        query=params.q,
        interpretation=render.steps_of(_steps(services.engine, understanding, visible)),
        total=result.total,
        took_ms=round((time.perf_counter() - begun) * 1000, 1),
        hits=hits,
        facets=render.facet_items(result),
        issuers=render.issuer_items(params.issuer),
        page=render.page_item(params, result.total, MAX_DEPTH),
    )


def find(
    engine: SearchEngine,
    params: SearchParams,
    visible: frozenset[Visibility] = PUBLIC,
    abbreviations: Abbreviations | None = None,
) -> tuple[Understanding, SearchResult]:
    """Return how the question is understood, and the entries found, not rendered. Raises what the engine raises."""
    text, mended = mend(params.q, engine, params.scope)
    understanding = understand(text, mended, abbreviations)
    return understanding, engine.search(plan(params, understanding, today(), visible))


def _steps(engine: SearchEngine, understanding: Understanding, visible: frozenset[Visibility]) -> Iterator[Step]:
    """Yield the steps, with the truth of a number: whether any document that the reader may see bears it."""
    for step in understanding.steps:
        sought = _borne(step)
        if sought is not None and not engine.search(SearchRequest(sought, visible=visible, limit=1)).total:
            yield no_number(step)
            continue
        yield step


def _borne(step: Step) -> Keyword | None:
    """Return what a document has that bears the number, or the signature, which a step is about; None for other steps."""
    if step.code in {"number", "number_start", "only_number"}:
        return Keyword("number", number_key(step.terms[0]))
    return Keyword("signer", name_keys(step.terms[0])[0]) if step.code == "only_signer" else None


def visible_document(library: Library, document_id: str, visible: frozenset[Visibility] = PUBLIC) -> Document:
    """Return a document that the reader may see, personal identifiers masked.

    Raises UnknownDocument, for a hidden one just as for none.
    """
    document = library.get(document_id, masked=True)
    if document is None or document.visibility not in visible:
        raise UnknownDocument(f"Không có văn bản `{document_id}`.")
    return document


def _hits(
    library: Library,
    result: SearchResult,
    best: Mapping[int, list[Hit]],
    highlighter: Highlighter,
    q: str,
    visible: frozenset[Visibility],
) -> tuple[render.HitItem, ...]:
    """Render this page's hits; one that was removed, hidden or changed since the index was written is left out."""
    items = []
    others = places_of(library, result.hits, visible)
    for start in range(0, len(result.hits), _AT_ONCE):
        hits = result.hits[start : start + _AT_ONCE]
        keys = {hit.key for hit in hits}
        documents, texts = library.get_many(keys, masked=True), library.masked_texts(keys)
        provisions = library.provisions_of(keys, masked=True)
        for hit in hits:
            document, text = documents.get(hit.key), texts.get(hit.key)
            if document is not None and text is not None and document.visibility in visible:
                item = _hit(document, text, provisions.get(hit.key, ()), hit, best.get(hit.key, ()), others, highlighter, q)
                items += [item] if item else []
    return tuple(items)


def _hit(
    document: Document,
    text: str,
    provisions: Sequence[Provision],
    hit: Hit,
    best: Sequence[Hit],
    others: Places,
    highlighter: Highlighter,
    q: str,
) -> render.HitItem | None:
    found: Provision | None = next((provision for provision in provisions if hit.anchor and provision.anchor == hit.anchor), None)
    if hit.anchor and found is None:  # the document has changed since the index was written
        return None
    low, high = (found.start, found.end) if found else (0, len(text))
    title = document.metadata.title or ""
    matches = highlighter.matches(text, low, high)
    snippets = highlighter.passages(text, provisions, matches, low, high, title)
    articles = _articles(provisions, best) if len(text) >= _LONG else ()
    shown = {snippet.provision for snippet in snippets}
    answering = [(article, None if article in shown else _passage(text, article, matches, highlighter)) for article in articles]
    return render.hit_item(document, hit.score, found, snippets, q, answering, *still_there(hit, others))


def _articles(provisions: Sequence[Provision], best: Sequence[Hit]) -> tuple[Provision, ...]:
    """Return the articles found; one that is no more where it was since the index was written is left out."""
    anchored = {provision.anchor: provision for provision in provisions}
    return tuple(anchored[hit.anchor] for hit in best if hit.anchor in anchored)


def _passage(text: str, article: Provision, matches: Matches, highlighter: Highlighter) -> Snippet | None:
    """Return the best passage of an article that no heading tells of."""
    inside = matches.within(article.start, article.end)
    if article.heading or not len(inside.marks):
        return None
    return highlighter.passages(text, (article,), inside, article.start, article.end, most=1)[0]

"""One search from parameters to an answer, readable top to bottom: understand, plan, search, highlight, render."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace

from analyzers.citations import cut_key, number_key
from indexer.engine.fields import Scope
from indexer.engine.port import FacetCounts, Hit, SearchEngine, SearchRequest, SearchResult
from indexer.engine.query import And, Keyword, Node, OneOf, Or
from indexer.errors import UnknownDocument
from indexer.legal.name_keys import name_keys
from indexer.model import Document, Visibility
from search_api import render
from search_api.abbreviations import Abbreviations
from search_api.accents import restore
from search_api.alternatives import alternatives
from search_api.answering import answering
from search_api.asked_fields import bodies_asked
from search_api.hits import hits_of
from search_api.lexing import readable
from search_api.meaning import Relaxed, Step, Understanding, no_provision, nowhere
from search_api.narrowing import facet_items, issuer_items
from search_api.params import MAX_DEPTH, SearchParams
from search_api.plan import FACETS, PUBLIC, plan
from search_api.related import today
from search_api.relaxing import Asking, answer
from search_api.services import Library, Services
from search_api.spelling import mend
from search_api.understand import understand


def search(services: Services, params: SearchParams, visible: frozenset[Visibility] = PUBLIC) -> render.SearchAnswer:
    """Answer a search when it is its turn. Raises what the engine and the catalogue raise."""
    with services.turn:
        return _answered(services, params, visible)


def _answered(services: Services, params: SearchParams, visible: frozenset[Visibility]) -> render.SearchAnswer:
    begun = time.perf_counter()
    understanding, result = find(services.engine, params, visible, services.abbreviations)
    best: Mapping[int, list[Hit]] = {}
    if params.scope is Scope.DOCUMENTS:
        best = answering(services.engine, understanding, {hit.key for hit in result.hits}, visible)

    def count(asked: SearchParams) -> int:
        return find(services.engine, asked, visible, services.abbreviations)[1].total

    others = () if result.total else alternatives(params, understanding, count)
    hits = hits_of(services.library, result, best, understanding, params.q, visible)
    return render.SearchAnswer(
        query=params.q,
        interpretation=render.steps_of(_steps(services.engine, understanding, visible)),
        total=result.total,
        took_ms=round((time.perf_counter() - begun) * 1000, 1),
        hits=hits,
        facets=facet_items(result.facets),
        choices=facet_items(_choices(services.engine, understanding, params, visible)),
        issuers=issuer_items(params.issuer),
        page=render.page_item(params, result.total, MAX_DEPTH),
        alternatives=others,
    )


def find(
    engine: SearchEngine,
    params: SearchParams,
    visible: frozenset[Visibility] = PUBLIC,
    abbreviations: Abbreviations | None = None,
) -> tuple[Understanding, SearchResult]:
    """Return how the question is understood, and the entries found, not rendered. Raises what the engine raises."""
    typed = readable(params.q)
    bodies = bodies_asked(typed, engine, visible)
    text, mended = (typed, []) if params.as_typed else mend(typed, engine, params.scope, visible, bodies)
    text, restored = (text, []) if params.as_typed else restore(text, engine, params.scope, bodies)
    day = today()

    def understood(relaxed: Relaxed) -> Understanding:
        return understand(text, mended, abbreviations, day, restored, relaxed, params.scope, bodies)

    return answer(Asking(engine, params, visible, day, understood, bodies))


def _choices(
    engine: SearchEngine, understanding: Understanding, params: SearchParams, visible: frozenset[Visibility]
) -> dict[str, FacetCounts]:
    """Count each facet that is filtered by as if it were not: what choosing another of its values as well would add."""
    counted: dict[str, FacetCounts] = {}
    for name in FACETS:
        if getattr(params, name):
            counting = params.model_copy(update={name: (), "page": 1, "prior": False, "collapse": False})
            request = replace(plan(counting, understanding, today(), visible), limit=0, facets=(name,), rerank=None)
            counted |= engine.search(request).facets
    return counted


def _steps(engine: SearchEngine, understanding: Understanding, visible: frozenset[Visibility]) -> Iterator[Step]:
    """Yield the steps, with the truth of numbers, articles, signers and bodies: whether any document in sight has it."""
    for step in understanding.steps:
        if step.code == "provision" and (there := _provision(understanding)) is not None:
            asked = SearchRequest(there, Scope.PROVISIONS, visible=visible, limit=0)
            yield step if engine.search(asked).total else no_provision(step)
            continue
        sought = _borne(step)
        if sought is not None and not engine.search(SearchRequest(sought, visible=visible, limit=1)).total:
            yield nowhere(step)
            continue
        yield step


def _provision(understanding: Understanding) -> Node | None:
    """Return what the article has that a question names of a document by its number, or by a law's name; None for others."""
    reference = understanding.reference
    numbers = {*understanding.numbers, *reference.numbers} if reference else set()
    if reference is None or not numbers:
        return None
    return And((Keyword("provision", reference.article), Or(tuple(Keyword("number", number) for number in sorted(numbers)))))


def _borne(step: Step) -> Node | None:
    """Return what a document has that bears the number or the signature, or is of the body, that a step is about; else None."""
    if step.code == "only_issuer":
        return OneOf("issuer", step.terms)
    if step.code == "law":
        return Or(tuple(Keyword("number", number_key(number)) for number in step.terms[1:]))
    if step.code in {"number", "number_start", "only_number"}:
        return Or((Keyword("number", number_key(step.terms[0])), Keyword("number", cut_key(step.terms[0]))))
    return Keyword("signer", name_keys(step.terms[0])[0]) if step.code == "only_signer" else None


def visible_document(library: Library, document_id: str, visible: frozenset[Visibility] = PUBLIC) -> Document:
    """Return a document that the reader may see, personal identifiers masked.

    Raises UnknownDocument, for a hidden one just as for none.
    """
    document = library.get(document_id, masked=True)
    if document is None or document.visibility not in visible:
        raise UnknownDocument(f"Không có văn bản `{document_id}`.")
    return document

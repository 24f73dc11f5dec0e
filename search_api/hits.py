"""A page's hits as they are shown: passages, the articles that answer, the article asked for, other places."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from indexer.engine.port import Hit, SearchResult
from indexer.model import Document, Provision, Visibility
from search_api import render
from search_api.highlight import Highlighter
from search_api.meaning import Understanding
from search_api.passage import Matches, Snippet
from search_api.places import Places, places_of, still_there
from search_api.references import find_article, is_named
from search_api.services import Library

_AT_ONCE = 10  # documents whose texts are in memory together
_LONG = 2_000  # characters of a text from which on its articles are named beside its passages


def hits_of(
    library: Library,
    result: SearchResult,
    answering: Mapping[int, Sequence[Hit]],
    understanding: Understanding,
    q: str,
    visible: frozenset[Visibility],
) -> tuple[render.HitItem, ...]:
    """Render a page's hits; one that was removed, hidden or changed since the index was written is left out.

    `answering` are the articles that answer, by the key of their document.
    """
    page = _Page(q, understanding, Highlighter(understanding.marks), answering, places_of(library, result.hits, visible))
    items = []
    for start in range(0, len(result.hits), _AT_ONCE):
        hits = result.hits[start : start + _AT_ONCE]
        keys = {hit.key for hit in hits}
        documents, texts = library.get_many(keys, masked=True), library.masked_texts(keys)
        provisions = library.provisions_of(keys, masked=True)
        for hit in hits:
            document, text = documents.get(hit.key), texts.get(hit.key)
            if document is not None and text is not None and document.visibility in visible:
                item = page.item(hit, document, text, provisions.get(hit.key, ()))
                items += [item] if item else []
    return tuple(items)


@dataclass(frozen=True, slots=True)
class _Page:
    """What all hits of a page are rendered with."""

    q: str
    understanding: Understanding
    highlighter: Highlighter
    answering: Mapping[int, Sequence[Hit]]
    others: Places

    def item(self, hit: Hit, document: Document, text: str, provisions: Sequence[Provision]) -> render.HitItem | None:
        """Render an article found, or a document, at the article of it that the question names; None where it is no more."""
        anchored = {provision.anchor: provision for provision in provisions}
        found = anchored.get(hit.anchor) if hit.anchor else self._asked_for(document, provisions)
        if hit.anchor and found is None:
            return None
        low, high = (found.start, found.end) if found else (0, len(text))
        matches = self.highlighter.matches(text, low, high)
        snippets = self.highlighter.passages(text, provisions, matches, low, high, document.metadata.title or "")
        shown = {snippet.provision for snippet in snippets}
        best = self.answering.get(hit.key, ()) if len(text) >= _LONG else ()
        articles = [anchored[each.anchor] for each in best if each.anchor in anchored]
        answering = [(each, None if each in shown else self._passage(text, each, matches)) for each in articles]
        return render.hit_item(document, hit.score, found, snippets, self.q, answering, *still_there(hit, self.others))

    def _asked_for(self, document: Document, provisions: Sequence[Provision]) -> Provision | None:
        reference = self.understanding.reference
        named = reference and is_named(reference, self.understanding.numbers, document)
        return find_article(reference, provisions) if reference and named else None

    def _passage(self, text: str, article: Provision, matches: Matches) -> Snippet | None:
        """Return the best passage of an article that no heading tells of."""
        inside = matches.within(article.start, article.end)
        if article.heading or not len(inside.marks):
            return None
        return self.highlighter.passages(text, (article,), inside, article.start, article.end, most=1)[0]

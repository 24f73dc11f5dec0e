"""What a reader may be typing: numbers and titles that hold the words so far, the last one perhaps unfinished."""

import re
import unicodedata

from analyzers.accents import fold
from analyzers.citations import number_key, number_keys, read_bare_number, read_number
from analyzers.profiles import Profile, analyse
from analyzers.tokens import TokenKind
from indexer.engine.port import SearchRequest
from indexer.engine.query import And, Constant, Keyword, Layer, Node, Or, Prefix, Term
from indexer.model import Document, Visibility
from search_api.plan import PUBLIC
from search_api.render import SuggestAnswer, SuggestionItem, document_url
from search_api.services import Services
from search_api.word_patterns import prefix_forms

MOST = 10
_TITLE = ("title",)
_WORDS = 32  # of a long text, the first ones are looked up
_OPERATORS = re.compile(r'["“”„‟«»*]+|(?<!\S)(?:-|NOT\s)+')  # a title is searched as words


def suggest(services: Services, q: str, visible: frozenset[Visibility] = PUBLIC) -> SuggestAnswer:
    """Return at most MOST suggestions within the reader's rights; each finds at least one document."""
    node = _node(q)
    if node is None:
        return SuggestAnswer(query=q, suggestions=())
    result = services.engine.search(SearchRequest(query=node, visible=visible, limit=2 * MOST))
    documents = services.library.get_many({hit.key for hit in result.hits}, masked=True)
    ranked = [documents[hit.key] for hit in result.hits if hit.key in documents]
    items: dict[str, SuggestionItem] = {}
    for document in ranked:
        item = _item(document, q) if document.visibility in visible else None
        if item:
            items.setdefault(item.text, item)
    return SuggestAnswer(query=q, suggestions=tuple(items.values())[:MOST])


def _node(q: str) -> Node | None:
    """Look for the words in titles, folded, the last one as a prefix; a document number first."""
    text = unicodedata.normalize("NFC", q)
    words = [token for token in analyse(text, Profile.FOLDED) if token.kind is TokenKind.SYLLABLE][:_WORDS]
    if not words:
        return None
    terms = [Term(word.text, Layer.FOLDED, _TITLE) for word in words]
    last = text[words[-1].start : words[-1].end]
    starts = Or(tuple(Prefix(form, Layer.FOLDED, _TITLE) for form in prefix_forms(last, Layer.FOLDED)))
    in_title = And((*terms[:-1], starts if text[-1].isalnum() else terms[-1]))
    number = _number_in(text)
    keys = number_keys(number, None) if number else ()  # the more of the number a key holds, the more it says
    named = [Constant(Keyword("number", key), 1000.0 / place) for place, key in enumerate(keys, 1)]
    return Or((*named, in_title))


def _number_in(q: str) -> str | None:
    """Return the document number, whole or its figures alone, that is being typed."""
    found = read_number(q)
    return found.value if found else read_bare_number(q.strip())


def _item(document: Document, q: str) -> SuggestionItem | None:
    """Suggest the number when that is what is typed, else the title; nothing for what only resembles the number."""
    metadata, url = document.metadata, document_url(document.id)
    title = " ".join(_OPERATORS.sub(" ", metadata.title or "").split())
    number = _number_in(q)
    typed = fold(number).lower() if number else ""
    if number and metadata.number:
        forms = number_keys(metadata.number, metadata.issued_date.year if metadata.issued_date else None)
        if number_key(number) in forms or fold(metadata.number).lower().startswith(typed):
            return SuggestionItem(kind="number", text=metadata.number, url=url)
    return SuggestionItem(kind="title", text=title, url=url) if title and typed in fold(title).lower() else None

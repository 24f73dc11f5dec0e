"""GET /, /van-ban/{id}, /van-ban/{id}/quan-he and /static/...: the pages for people."""

import falcon

from indexer.errors import IndexDamaged, IndexMissing, IndexOutdated
from indexer.model import Document
from search_api.asked_fields import bodies_asked
from search_api.bodies import NO_BODIES, Bodies
from search_api.highlight import Highlighter
from search_api.pages.document_view import contents, flowing, text_view
from search_api.pages.relations_view import amenders, notice, related_groups, relations_view
from search_api.pages.search_view import search_view
from search_api.pages.templating import Pages
from search_api.params import Params, RelationsParams, TextParams, read_page_params, read_params
from search_api.plan import PUBLIC
from search_api.related import relations_page, today, whole_document
from search_api.render import SimilarItem, document_url
from search_api.resources.answers import etag_of, search_tag, unchanged
from search_api.search import search, visible_document
from search_api.services import Services
from search_api.similar import similar
from search_api.understand import understand

FOR_GOOD = "public, max-age=31536000, immutable"


class SearchPage:
    """The search box with its results; without words, the newest documents."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._services, self._pages = services, pages

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Search and show."""
        params, wrong = read_page_params(req.query_string)
        if wrong:
            resp.status = falcon.HTTP_400
            resp.set_header("Cache-Control", "no-store")
        elif unchanged(req, resp, search_tag(self._services, req)):
            return
        answer = search(self._services, params)
        view = search_view(params, answer)
        resp.content_type = falcon.MEDIA_HTML
        resp.text = self._pages.render("search.html", q=params.q, params=params, answer=answer, view=view, wrong=wrong)

    on_head = on_get


class DocumentPage:
    """One document to read, with the words that led to it marked, its validity and its relations."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._services, self._pages = services, pages

    def on_get(self, req: falcon.Request, resp: falcon.Response, document_id: str) -> None:
        """Show a document that the reader may see."""
        params = read_params(TextParams, req.query_string, foreign=True)
        library = self._services.library
        document = visible_document(library, document_id)
        answer = whole_document(library, document)
        meant = understand(params.q, abbreviations=self._services.abbreviations, today=today(), bodies=self._bodies(params.q))
        matches = Highlighter(meant.marks).matches(answer.text)
        page = self._pages.render(
            "document.html",
            q=params.q,
            document=answer,
            name=document.name,
            view=text_view(flowing(answer.text), answer.provisions, matches.spans(0, len(answer.text))),
            contents=contents(answer.provisions),
            notice=notice(answer),
            amenders=amenders(answer),
            related=related_groups(answer),
            similar=self._similar(document),
            has_original=library.original(document.key) is not None,
        )
        if not unchanged(req, resp, etag_of(page)):
            resp.content_type = falcon.MEDIA_HTML
            resp.text = page

    on_head = on_get

    def _bodies(self, q: str) -> Bodies:
        """Return the bodies that a question may name; none while there is no index to ask."""
        try:
            return bodies_asked(q, self._services.engine, PUBLIC)
        except (IndexMissing, IndexOutdated, IndexDamaged):  # as below
            return NO_BODIES

    def _similar(self, document: Document) -> tuple[SimilarItem, ...]:
        """Return what is similar; nothing while there is no index to ask: the document itself can be read without one."""
        try:
            return similar(self._services, document).items
        except (IndexMissing, IndexOutdated, IndexDamaged):  # /readyz and every search tell of it
            return ()


class RelationsPage:
    """All relations of one kind between a document and others, page by page, with the sentences that state them."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._services, self._pages = services, pages

    def on_get(self, req: falcon.Request, resp: falcon.Response, document_id: str) -> None:
        """Show one page of them."""
        params = read_params(RelationsParams, req.query_string, foreign=True)
        library = self._services.library
        document = visible_document(library, document_id)
        url = document_url(document.id)
        view = relations_view(url, relations_page(library, document, params))
        page = self._pages.render("relations.html", q="", name=document.name, url=url, view=view)
        if not unchanged(req, resp, etag_of(page)):
            resp.content_type = falcon.MEDIA_HTML
            resp.text = page

    on_head = on_get


class StaticResource:
    """The files that pages refer to, kept by browsers for good: another content has another address."""

    def __init__(self, pages: Pages) -> None:
        self._files = {file.address: file for file in pages.static.values()}

    def on_get(self, req: falcon.Request, resp: falcon.Response, **_: str) -> None:
        """Send a file of the package."""
        read_params(Params, req.query_string)
        file = self._files.get(req.path)
        if file is None:
            raise falcon.HTTPRouteNotFound
        if not unchanged(req, resp, etag_of(file.address), FOR_GOOD):
            resp.content_type = file.content_type
            resp.data = file.content

    on_head = on_get

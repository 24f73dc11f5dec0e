"""The Falcon application: one factory receives its services, another reads the environment."""

from typing import Any

import falcon

from indexer.catalogue import Catalogue
from indexer.config import Options, load_options
from indexer.datafolder import DataFolder
from indexer.engine.whooshdb.store import WhooshStore
from search_api.abbreviations import built_in
from search_api.errors import answer_errors
from search_api.own_abbreviations import AbbreviationFile
from search_api.pages.templating import Pages
from search_api.resources.documents import DocumentResource, FileResource, RelationsResource, SimilarResource
from search_api.resources.pages import DocumentPage, RelationsPage, SearchPage, StaticResource
from search_api.resources.search import SearchResource, SuggestResource
from search_api.resources.service import HealthResource, OpenApiResource, ReadyResource
from search_api.services import Services

MAX_ADDRESS = 32_768  # bytes of a query string: 1,000 characters of q and a hundred filters, percent-encoded
# Nothing but this site's own style sheet, pictures and script, which asks this site; nothing inline. Every answer has the same,
# for a 304 renews the policy of the page that a browser holds.
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class _Guard:
    """What holds for every request and every answer."""

    def process_request(self, req: falcon.Request, _resp: falcon.Response) -> None:
        """Refuse what is too long to be a question."""
        if len(req.path) + len(req.query_string) > MAX_ADDRESS:
            raise falcon.HTTPUriTooLong

    def process_response(self, req: falcon.Request, resp: falcon.Response, _resource: object, _succeeded: bool) -> None:
        """Tell browsers to trust content types, and nothing else."""
        if req.method == "OPTIONS" and resp.get_header("Allow"):
            resp.set_header("Allow", "GET, HEAD, OPTIONS")  # as the answer to any other method says
        resp.set_header("X-Content-Type-Options", "nosniff")
        resp.set_header("Referrer-Policy", "same-origin")
        if resp.get_header("Content-Security-Policy") is None:
            resp.set_header("Content-Security-Policy", _POLICY)


def create_app(services: Services) -> falcon.App[Any, Any]:
    """Return the WSGI application over `services`."""
    app = falcon.App(middleware=[_Guard()])
    app.req_options.strip_url_path_trailing_slash = False
    app.add_route("/api/v1/search", SearchResource(services))
    app.add_route("/api/v1/suggest", SuggestResource(services))
    app.add_route("/api/v1/documents/{document_id}", DocumentResource(services))
    app.add_route("/api/v1/documents/{document_id}/relations", RelationsResource(services))
    app.add_route("/api/v1/documents/{document_id}/similar", SimilarResource(services))
    app.add_route("/api/v1/documents/{document_id}/file", FileResource(services))
    app.add_route("/healthz", HealthResource())
    app.add_route("/readyz", ReadyResource(services))
    app.add_route("/openapi.json", OpenApiResource())
    pages = Pages()
    app.add_route("/", SearchPage(services, pages))
    app.add_route("/van-ban/{document_id}", DocumentPage(services, pages))
    app.add_route("/van-ban/{document_id}/quan-he", RelationsPage(services, pages))
    app.add_route("/static/{fingerprint}/{name}", StaticResource(pages))
    answer_errors(app, pages.error)
    return app


def open_services(options: Options) -> Services:
    """Return the services over a data folder; nothing is opened before it is needed."""
    folder = DataFolder(options.data)

    def open_library() -> Catalogue:
        folder.require()
        return Catalogue.open(folder.catalogue)

    own = AbbreviationFile(options.abbreviations).current if options.abbreviations else built_in
    return Services(WhooshStore(folder.index).engine, open_library, own)


def get_app() -> falcon.App[Any, Any]:
    """Return the application that congbao.toml and the environment describe, for WSGI servers."""
    return create_app(open_services(load_options()))

"""The Falcon application: one factory receives its services, another reads the environment."""

from typing import Any

import falcon

from search_api.errors import answer_errors
from search_api.resources.documents import DocumentResource, FileResource
from search_api.resources.search import SearchResource, SuggestResource
from search_api.resources.service import HealthResource, OpenApiResource, ReadyResource
from search_api.services import Services

MAX_ADDRESS = 32_768  # bytes of a query string: 1,000 characters of q and a hundred filters, percent-encoded


class _Guard:
    """What holds for every request and every answer."""

    def process_request(self, req: falcon.Request, _resp: falcon.Response) -> None:
        """Refuse what is too long to be a question."""
        if len(req.path) + len(req.query_string) > MAX_ADDRESS:
            raise falcon.HTTPUriTooLong

    def process_response(self, _req: falcon.Request, resp: falcon.Response, _resource: object, _succeeded: bool) -> None:
        """Tell browsers to trust content types, and nothing else."""
        resp.set_header("X-Content-Type-Options", "nosniff")
        resp.set_header("Referrer-Policy", "same-origin")
        if resp.get_header("Content-Security-Policy") is None:
            resp.set_header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")


def create_app(services: Services) -> falcon.App[Any, Any]:
    """Return the WSGI application over `services`."""
    app = falcon.App(middleware=[_Guard()])
    app.req_options.strip_url_path_trailing_slash = False
    app.add_route("/api/v1/search", SearchResource(services))
    app.add_route("/api/v1/suggest", SuggestResource(services))
    app.add_route("/api/v1/documents/{document_id}", DocumentResource(services))
    app.add_route("/api/v1/documents/{document_id}/file", FileResource(services))
    app.add_route("/healthz", HealthResource())
    app.add_route("/readyz", ReadyResource(services))
    app.add_route("/openapi.json", OpenApiResource())
    answer_errors(app, lambda problem: f"{problem.title}: {problem.detail}")
    return app

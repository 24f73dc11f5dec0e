"""GET /healthz, /readyz and /openapi.json: what operators and programs ask of the service itself."""

import falcon

from search_api.openapi import openapi_document
from search_api.params import Params, read_params
from search_api.render import Health, readiness
from search_api.resources.answers import etag_of, send, unchanged
from search_api.services import Services


class HealthResource:
    """Says that the process answers."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Answer without touching any data."""
        read_params(Params, req.query_string)
        resp.set_header("Cache-Control", "no-store")
        send(resp, Health())

    on_head = on_get


class ReadyResource:
    """Says whether index and catalogue can be searched."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Read one fact from each; what they raise becomes 503."""
        read_params(Params, req.query_string)
        resp.set_header("Cache-Control", "no-store")
        self._services.library.last_change()
        send(resp, readiness(self._services.engine.generation()))

    on_head = on_get


class OpenApiResource:
    """Publishes the description of the API, made from the models that it validates with."""

    def __init__(self) -> None:
        self._text = openapi_document()

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Send the document."""
        read_params(Params, req.query_string)
        if not unchanged(req, resp, etag_of(self._text), "public, max-age=300"):
            resp.content_type = falcon.MEDIA_JSON
            resp.text = self._text

    on_head = on_get

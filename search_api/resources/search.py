"""GET /api/v1/search and /api/v1/suggest."""

import falcon

from search_api.params import SearchParams, TextParams, read_params
from search_api.resources.answers import search_tag, send, unchanged
from search_api.search import search
from search_api.services import Services
from search_api.suggest import suggest


class SearchResource:
    """Answers searches."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Search; 304 when the reader holds the answer of this index and catalogue."""
        params = read_params(SearchParams, req.query_string)
        if not unchanged(req, resp, search_tag(self._services, req)):
            send(resp, search(self._services, params))

    on_head = on_get


class SuggestResource:
    """Answers what a reader may be typing."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """Suggest numbers and titles."""
        params = read_params(TextParams, req.query_string)
        if not unchanged(req, resp, search_tag(self._services, req)):
            send(resp, suggest(self._services, params.q))

    on_head = on_get

"""GET /api/v1/documents/{id}, its relations, what is similar to it, and its original file."""

import falcon

from search_api.originals import Originals, content_type, file_name, original_of
from search_api.params import Params, RelationsParams, read_params
from search_api.related import relations_page, whole_document
from search_api.resources.answers import etag_of, is_held, search_tag, send, unchanged
from search_api.search import visible_document
from search_api.services import Services
from search_api.similar import similar


class DocumentResource:
    """Answers with one document: metadata, text, articles, validity, relations."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def on_get(self, req: falcon.Request, resp: falcon.Response, document_id: str) -> None:
        """Read a document that the reader may see."""
        read_params(Params, req.query_string)
        library = self._services.library
        answer = whole_document(library, visible_document(library, document_id))
        if not unchanged(req, resp, etag_of(answer.model_dump_json())):
            send(resp, answer)

    on_head = on_get


class RelationsResource:
    """Answers with a document's relations of one kind and direction, page by page."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def on_get(self, req: falcon.Request, resp: falcon.Response, document_id: str) -> None:
        """List what a document that the reader may see does to others, or what they do to it."""
        params = read_params(RelationsParams, req.query_string)
        library = self._services.library
        answer = relations_page(library, visible_document(library, document_id), params)
        if not unchanged(req, resp, etag_of(answer.model_dump_json())):
            send(resp, answer)

    on_head = on_get


class SimilarResource:
    """Answers with the documents that are about the same as one."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def on_get(self, req: falcon.Request, resp: falcon.Response, document_id: str) -> None:
        """List those that the reader may see, of a document that the reader may see."""
        read_params(Params, req.query_string)
        document = visible_document(self._services.library, document_id)
        if not unchanged(req, resp, search_tag(self._services, req)):
            send(resp, similar(self._services, document))

    on_head = on_get


class FileResource:
    """Answers with the file that a document was read from."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._originals = Originals()

    def on_get(self, req: falcon.Request, resp: falcon.Response, document_id: str) -> None:
        """Send the original as a download, never as something that a browser runs."""
        read_params(Params, req.query_string)
        library = self._services.library
        document = visible_document(library, document_id)
        original = original_of(library, document)
        tag = etag_of(original.sha256)
        stream = None if is_held(req, tag) else self._originals.open(original)
        if unchanged(req, resp, tag) or stream is None:
            return
        resp.content_type = content_type(original.format)
        resp.downloadable_as = file_name(document, original)
        resp.set_header("Content-Security-Policy", "default-src 'none'; sandbox")
        if req.method == "HEAD":  # falcon would leave the file open
            stream.close()
            resp.content_length = original.size
        else:
            resp.set_stream(stream, original.size)

    on_head = on_get

"""What the resources share: JSON from a model, and revalidation by ETag."""

import hashlib
from importlib.metadata import version
from typing import Any

import falcon
from pydantic import BaseModel

from search_api.related import today
from search_api.services import Services

VERSION = version("congbao-search")
REVALIDATE = "no-cache"  # kept, but asked about each time: a recalled document must vanish at once


def etag_of(*parts: object) -> str:
    """Return a weak validator for an answer that depends on `parts` and on the program's version alone."""
    digest = hashlib.sha256("\0".join(map(str, (VERSION, *parts))).encode()).hexdigest()
    return f'W/"{digest[:32]}"'


def search_tag(services: Services, req: falcon.Request) -> str:
    """Return a validator for what the index finds and the catalogue shows of it; a recall changes the catalogue first.

    The day is a part of it: "last week" is another one tomorrow.
    """
    generation, shown = services.engine.generation(), services.library.last_change()
    index = (generation.change, generation.documents, generation.provisions)
    return etag_of(today(), *index, shown, services.abbreviations.tag, req.path, req.query_string)


def is_held(req: falcon.Request, tag: str) -> bool:
    """Say whether the reader holds the answer with this validator already."""
    held: list[Any] = req.if_none_match or []
    opaque = tag.removeprefix("W/").strip('"')
    return "*" in held or any(str(one) == opaque for one in held)


def unchanged(req: falcon.Request, resp: falcon.Response, tag: str, cache: str = REVALIDATE) -> bool:
    """Set the validator, and say whether the reader holds that answer already; then it is 304 without a body."""
    resp.set_header("ETag", tag)
    resp.set_header("Cache-Control", cache)
    if is_held(req, tag):
        resp.status = falcon.HTTP_304
        return True
    return False


def send(resp: falcon.Response, answer: BaseModel, status: str = falcon.HTTP_200) -> None:
    """Answer with a model as JSON."""
    resp.status = status
    resp.content_type = falcon.MEDIA_JSON
    resp.data = answer.model_dump_json().encode()

"""The template environment and the static files, read from the package once."""

import hashlib
from datetime import date
from importlib.resources import files
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from search_api.render import Problem

_CONTENT_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


class StaticFile(NamedTuple):
    """A file that pages refer to; `address` changes with the content, so that browsers may keep it for good."""

    address: str
    content: bytes
    content_type: str


def read_static() -> dict[str, StaticFile]:
    """Return the static files by name."""
    found = {}
    for entry in files("search_api.pages").joinpath("static").iterdir():
        suffix = entry.name[entry.name.rfind(".") :]
        if suffix in _CONTENT_TYPES:
            content = entry.read_bytes()
            address = f"/static/{hashlib.sha256(content).hexdigest()[:12]}/{entry.name}"
            found[entry.name] = StaticFile(address, content, _CONTENT_TYPES[suffix])
    return found


class Pages:
    """Renders templates; everything that comes from documents or readers is escaped."""

    def __init__(self) -> None:
        self.static = read_static()
        self._environment = Environment(
            loader=PackageLoader("search_api.pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {"day": _day, "count": _count}
        self._environment.globals["static"] = {name: file.address for name, file in self.static.items()}

    def render(self, template: str, **given: Any) -> str:
        """Return the page that `template` makes of `given`."""
        return self._environment.get_template(template).render(**given)

    def error(self, problem: Problem) -> str:
        """Return the page that tells a person about a problem."""
        return self.render("error.html", problem=problem, q="")


def _day(value: date | None) -> str:
    return f"{value:%d/%m/%Y}" if value else ""


def _count(value: int) -> str:
    return f"{value:,}".replace(",", ".")

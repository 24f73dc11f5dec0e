"""How an OpenDocument style sets its text: font, hidden or not, in capitals or not; and which list its paragraphs are in.

Source: OASIS OpenDocument 1.3, part 3, 16 (styles) and 20 (formatting attributes).
"""

from collections.abc import Iterable

from lxml import etree

STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_FORMAT = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
_DRAWING = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_CHAIN = 32  # styles with parents; a hostile circle ends here

_Key = tuple[str, str]  # family and name; the family's default has no name


class StyleTable:
    """Answers for one part of a document; where two styles have one name, the later one counts."""

    def __init__(self, roots: Iterable[etree._Element]) -> None:
        self._parents: dict[_Key, str] = {}
        self._fonts: dict[_Key, str] = {}
        self._hidden: dict[_Key, bool] = {}
        self._capitals: dict[_Key, bool] = {}
        self._lists: dict[_Key, str] = {}
        faces: dict[str, str] = {}
        for root in roots:
            for face in root.iter(STYLE + "font-face"):
                faces[face.get(STYLE + "name", "")] = face.get(_DRAWING + "font-family", "").strip("'\" ")
            for style in root.iter(STYLE + "style", STYLE + "default-style"):
                self._read(style, faces)

    def _read(self, style: etree._Element, faces: dict[str, str]) -> None:
        key = style.get(STYLE + "family", ""), style.get(STYLE + "name", "")
        for known in (self._parents, self._fonts, self._hidden, self._capitals, self._lists):
            known.pop(key, None)
        if parent := style.get(STYLE + "parent-style-name"):
            self._parents[key] = parent
        if (listed := style.get(STYLE + "list-style-name")) is not None:
            self._lists[key] = listed
        if (properties := style.find(STYLE + "text-properties")) is not None:
            named = properties.get(STYLE + "font-name", "")
            if font := faces.get(named) or named or properties.get(_FORMAT + "font-family", "").strip("'\" "):
                self._fonts[key] = font
            if display := properties.get(TEXT + "display"):
                self._hidden[key] = display == "none"
            case = [properties.get(_FORMAT + name) for name in ("text-transform", "font-variant")]
            if any(case):
                self._capitals[key] = case[0] == "uppercase" or case[1] == "small-caps"
        if (table := style.find(STYLE + "table-properties")) is not None:
            self._hidden[key] = table.get(_TABLE + "display") == "false"

    def font(self, family: str, name: str) -> str:
        """Return the font of a style, of the nearest parent that names one, or of the family's default; "" if none does."""
        return next((self._fonts[key] for key in self._chain(family, name) if key in self._fonts), "")

    def hides(self, family: str, name: str) -> bool:
        """Tell whether a style keeps its text from being shown."""
        return next((self._hidden[key] for key in self._chain(family, name) if key in self._hidden), False)

    def capitals(self, family: str, name: str) -> bool | None:
        """Tell whether a style shows its text in capitals, full or small; None where neither it nor a parent says."""
        return next((self._capitals[key] for key in self._chain(family, name) if key in self._capitals), None)

    def list_of(self, name: str) -> str:
        """Return the list style of a paragraph style; "" where it has none."""
        return next((self._lists[key] for key in self._chain("paragraph", name) if key in self._lists), "")

    def _chain(self, family: str, name: str) -> list[_Key]:
        chain = [(family, name)]
        while chain[-1] in self._parents and len(chain) < _CHAIN:
            chain.append((family, self._parents[chain[-1]]))
        return [*chain, (family, "")] if family == "paragraph" else chain

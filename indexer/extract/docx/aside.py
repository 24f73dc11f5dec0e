"""What a DOCX file shows beside its text: watermarks, letters drawn as pictures, descriptions of pictures.

Source: ISO/IEC 29500-1 (DrawingML), part 3 (mc:AlternateContent) and part 4 (VML).
"""

import re
from collections.abc import Iterator, Sequence

from lxml import etree

from indexer.extract.docx.fonts import W
from indexer.model import Run

_ALTERNATIVES = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_PICTURE = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
_VML = "{urn:schemas-microsoft-com:vml}"
_OFFICE_TITLE = "{urn:schemas-microsoft-com:office:office}title"
_FONT = re.compile(r"font-family\s{0,9}:\s{0,9}['\"]?([^;'\"]{1,100})")


def aside_of(parts: Sequence[etree._Element]) -> tuple[Run, ...]:
    """Return what the parts show beside their text, each item once, on lines of its own."""
    items = dict.fromkeys(item for part in parts for item in _items(part) if item[0].strip())
    return tuple(Run(f"{text}\n", font) for text, font in items)


def is_unread_alternative(element: etree._Element) -> bool:
    """Of mc:AlternateContent only the first branch that holds text is read: the others repeat it for older programs."""
    parent = element.getparent()
    if parent is None or parent.tag != _ALTERNATIVES:
        return False
    with_text = next((branch for branch in parent if branch.find(".//" + W + "t") is not None), parent[0])
    return element is not with_text


def _items(part: etree._Element) -> Iterator[tuple[str, str]]:
    """Yield texts and their fonts."""
    for shape in part.iter(_VML + "*"):  # <v:textpath style="font-family:&quot;Arial&quot;" string="MẬT"/>
        font = _FONT.search(shape.get("style", ""))
        yield shape.get("string", ""), font[1].strip() if font else ""
        yield shape.get("alt", ""), ""
        yield shape.get(_OFFICE_TITLE, ""), ""
    for picture in part.iter(_PICTURE):
        yield picture.get("descr", ""), ""
        yield picture.get("title", ""), ""
    for paragraph in part.iter(_DRAWING + "p"):
        yield _drawn(paragraph)
    for alternatives in part.iter(_ALTERNATIVES):
        for branch in filter(is_unread_alternative, alternatives):
            yield from (("".join(text.text or "" for text in line.iter(W + "t")), "") for line in branch.iter(W + "p"))


def _drawn(paragraph: etree._Element) -> tuple[str, str]:
    """Return the text of a paragraph of DrawingML, and its first font."""
    pieces = [
        "\n" if piece.tag == _DRAWING + "br" else piece.text or "" for piece in paragraph.iter(_DRAWING + "t", _DRAWING + "br")
    ]
    font = next(paragraph.iter(_DRAWING + "latin"), None)
    return "".join(pieces), "" if font is None else font.get("typeface", "")

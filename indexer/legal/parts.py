"""Where a document's own text ends and what is attached to it begins: regulations, annexes, blank forms."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from analyzers.tables import rows
from indexer.legal.lines import Line

_ATTACHED = re.compile(r"[(\[*_ ]*(?:Ban hành|Kèm|Đính kèm|Phê duyệt|Được ban hành)\b.{0,40}\b(?:theo|kèm|số)\b", re.IGNORECASE)
_NUMBERED = re.compile(r"(?:SỐ\s*:?\s*)?(?P<number>[IVXL]{1,6}|\d{1,3}(?:[.-]\d{1,3})?)?(?P<letter>[A-ZĐ]?)\b")
_FILE_NAME = re.compile(r"\.(?:docx?|xlsx?|pdf|rar|zip)$", re.IGNORECASE)  # Phụ lục I-5.docx: a link on a web page
_ARTICLE_KEY = re.compile(r"dieu-\d{1,4}[a-z]{0,2}")
_MARKS = " *_:.–-"
_TITLE_LINES = 3  # how far below "PHỤ LỤC II" its title may begin
_LOOK_AHEAD = 6  # lines between a part's heading and its "(Ban hành kèm theo ...)"


@dataclass(frozen=True, slots=True)
class Part:
    """An attached part: index of its heading line, slug for anchors, and its kind: part, form or contents.

    `label` is as printed, `rest` what of its title follows on the line.
    """

    line: int
    slug: str
    kind: str
    label: str = ""
    rest: str = ""


def _names() -> tuple[tuple[str, str, str], ...]:
    named = ((name, slug, kind) for name, slug, kind, _ in rows("indexer.legal", "parts.tsv"))
    return tuple(sorted(named, key=lambda row: -len(row[0])))


_NAMES = _names()
_HEADING = re.compile(rf"[*_#\s]*(?P<name>{'|'.join(re.escape(name) for name, _, _ in _NAMES)})(?![^\W_])", re.IGNORECASE)
_BY_NAME = {name: (slug, kind) for name, slug, kind in _NAMES}


def attached_parts(lines: Sequence[Line]) -> list[Part]:
    """Return the headings of attached parts, in order.

    PHỤ LỤC and MẪU SỐ stand for themselves; QUY ĐỊNH, QUY CHẾ and the like need "(Ban hành kèm theo ...)" in the lines below.
    """
    parts: list[Part] = []
    for index, line in enumerate(lines):
        match = _HEADING.match(line.text)
        if match is None or len(line.text) > 200:
            continue
        name = re.sub(r"\s+SỐ$", "", match["name"].upper())
        slug, kind = _BY_NAME[name]
        rest = line.text[match.end() :].strip(" *_:.")
        number = _NUMBERED.match(rest.upper())
        if kind == "contents":
            if not rest:
                parts.append(Part(index, slug, kind, match["name"]))
        elif name in ("PHỤ LỤC", "MẪU", "BIỂU MẪU"):
            if _stands_alone(rest, number, line.text):
                suffix = number["number"] if number and number["number"] else ""
                numbered = number.end() if number and suffix else 0
                label = f"{match['name']} {rest[:numbered]}".strip()
                parts.append(
                    Part(index, "-".join(filter(None, (slug, slug_of(suffix)))), kind, label, rest[numbered:].strip(_MARKS))
                )
        elif (not rest or line.text.isupper()) and _says_attached(lines, index + 1, index + 1 + _LOOK_AHEAD):
            if parts and _is_title_of(parts[-1], lines, index):
                continue
            parts.append(Part(index, slug, kind, match["name"], rest))
    return parts


def _is_title_of(annex: Part, lines: Sequence[Line], index: int) -> bool:
    """Say whether lines[index] is an annex's title: PHỤ LỤC II / DANH MỤC ... / (Kèm theo ...)."""
    numbered = annex.slug.startswith(("phu-luc", "mau"))
    return numbered and index - annex.line <= _TITLE_LINES and not _says_attached(lines, annex.line, index)


def _says_attached(lines: Sequence[Line], first: int, end: int) -> bool:
    return any(_ATTACHED.match(line.text) for line in lines[first:end])


def _stands_alone(rest: str, number: re.Match[str] | None, line: str) -> bool:
    """PHỤ LỤC | Phụ lục II | PHỤ LỤC SỐ 2: DANH MỤC; not "Phụ lục II của Nghị định này" nor "Mẫu đơn ..."."""
    if not rest or line.isupper():
        return True
    if number is None or number.end() == 0:
        return False
    after = rest[number.end() :]
    return not after or (after[0] in ":-–(" and not _FILE_NAME.search(after)) or after.startswith(". ")


def slug_of(text: str) -> str:
    """Return `text` as anchors write it: small letters without accents, hyphens between.

    >>> slug_of("Phần thứ nhất")
    'phan-thu-nhat'
    """
    plain = "".join(letter for letter in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", "-", plain.replace("đ", "d")).strip("-")


def article_key(anchor: str) -> str | None:
    """Return the article that an anchor is of, whatever part of the document it lies in; None for what is no article's.

    >>> article_key("quy-dinh.dieu-5"), article_key("dieu-5-lan-2"), article_key("phan-i")
    ('dieu-5', 'dieu-5', None)
    """
    found = _ARTICLE_KEY.match(anchor.rpartition(".")[2])
    return found.group() if found else None

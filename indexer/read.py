"""From one file to an understood document: extract → decode → header → structure → relations → secrecy mark. In workers."""

from dataclasses import replace
from pathlib import Path
from unicodedata import normalize

from indexer.archives import Contents
from indexer.config import Limits
from indexer.decoding import decode
from indexer.errors import UnreadableFile
from indexer.extract import extract, unpack
from indexer.legal.citations import Outline, find_citations
from indexer.legal.consolidated import read_base
from indexer.legal.document_type import CONSOLIDATED
from indexer.legal.header import read_header
from indexer.legal.outline import read_units
from indexer.legal.personal import find_personal
from indexer.legal.relations import find_relations
from indexer.legal.secrecy import Mark, find_mark
from indexer.legal.structure import provisions_of, survey
from indexer.legal.validity import read_validity
from indexer.model import Canonical, Evidence, RawPage, RawText, Understood


def inspect(path: Path, limits: Limits) -> tuple[Understood, Mark | None]:
    """Read one file and say whether it bears a secrecy mark. Raises UnreadableFile."""
    raw = extract(path, limits)
    canonical = decode(raw)
    understood = understand(canonical, raw.format)
    evidence = {name: _as_sure_as_its_page(found, raw) for name, found in understood.evidence.items()}
    understood = replace(understood, evidence=evidence)
    return understood, find_mark(canonical, understood.metadata.number) or _mark_aside(raw)


def understand(canonical: Canonical, file_format: str) -> Understood:
    """Read what canonical text says: header → structure → citations → relations, validity."""
    metadata, evidence = read_header(canonical)
    found = survey(canonical.text)
    provisions = provisions_of(found)
    units = read_units(found, provisions, len(canonical.text))
    outline = Outline(units, found, canonical.text)
    title = (evidence["title"].start, evidence["title"].end) if "title" in evidence else None
    citations = find_citations(canonical.text, outline, metadata.number, title)
    base = _base(canonical.text) if metadata.type == CONSOLIDATED else None
    relations = find_relations(canonical.text, outline, citations, title, base)
    evidence = dict(evidence)
    for stated in read_validity(canonical.text, outline, metadata.issued_date):
        metadata = replace(metadata, **{stated.field: stated.day})  # type: ignore[arg-type]  # a date, by the field's name
        evidence[stated.field] = Evidence(stated.start, stated.end, canonical.page_of(stated.start), stated.confidence)
    personal = find_personal(canonical.text)
    return Understood(canonical, metadata, provisions, file_format, evidence, units, tuple(citations), tuple(relations), personal)


def _base(text: str) -> tuple[int, int]:
    """Return where a consolidated text names its base document, an empty span where it does not."""
    found = read_base(text)
    return found[1].span() if found else (0, 0)


def _as_sure_as_its_page(found: Evidence, raw: RawText) -> Evidence:
    return replace(found, confidence=round(found.confidence * raw.pages[found.page - 1].certainty, 2))


def _mark_aside(raw: RawText) -> Mark | None:
    """Find a mark in what is not the document's own text; its span refers to nothing that is kept."""
    if not raw.aside:
        return None
    page = RawPage(raw.aside, min(page.certainty for page in raw.pages))
    try:
        beside = decode(RawText(raw.format, (page,)))
    except UnreadableFile:  # the icons of a menu stand for no letters; the words among them still count
        beside = Canonical(normalize("NFC", page.text))
    mark = find_mark(beside, None)
    if mark is None:
        return None
    return Mark(mark.level, 0, 0, f"Tệp mang dấu chỉ độ {mark.level} ngoài phần văn bản (hình mờ, khung trang, lời tả ảnh).")


def inspect_or_unpack(path: Path, limits: Limits) -> tuple[Understood, Mark | None] | Contents:
    """Read one file, or say which files it holds if it is an archive. Raises UnreadableFile."""
    return unpack(path, limits) or inspect(path, limits)


def read_document(path: Path, limits: Limits) -> Understood | Mark | Contents:
    """Read one file behind the secrecy gate: of a marked document only the mark leaves the worker. Raises UnreadableFile.

    Of an archive only names and hashes do; its members are files of their own, and each passes the gate by itself.
    """
    read = inspect_or_unpack(path, limits)
    if isinstance(read, Contents):
        return read
    understood, mark = read
    return mark or understood

"""The header of a legal document: number, type, issuer, date, title and signer, each where the document states it of itself.

Source of the layout: Decree 30/2020/NĐ-CP, annex I; how older documents, laws and consolidated texts differ is said in the
modules beside this one. What is not stated stays None: a wrong number is worse than none. Two things are derived, with a lower
confidence: an issuer from the symbol, and who signed a law from the day of its adoption.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from indexer.legal.authority import is_authority_line, read_authority
from indexer.legal.boxes import Box
from indexer.legal.cells import Cell
from indexer.legal.consolidated import Certificate, gazette_issuer, read_certificate
from indexer.legal.document_type import ADOPTED, CONSOLIDATED, LAWS, OFFICIAL_LETTER, PASSED, is_joint, type_of_symbol
from indexer.legal.identity import respell
from indexer.legal.issue_date import IssueDate, read_adoption, read_date_box, read_only_date
from indexer.legal.issuer import ASSEMBLY, PRESIDENT, Issuer, issuer_of_symbol, lacks_place, read_issuer_phrase, read_letterhead
from indexer.legal.letterhead import Header, locate_header
from indexer.legal.number import Number, read_number_box, read_number_in_heading, symbol_of
from indexer.legal.signer import read_signatures
from indexer.legal.term_of_office import CHAIR, chair_on
from indexer.legal.title import Caption, read_about, read_caption, read_repeated
from indexer.model import Canonical, Evidence, LegalMetadata

_PROMULGATED_WITHIN = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class _Field:
    value: str | date
    span: tuple[int, int]
    confidence: float


def read_header(canonical: Canonical) -> tuple[LegalMetadata, dict[str, Evidence]]:
    """Read what the document states of itself, and where: evidence by name of the metadata field, spans in the canonical text.

    Steps: locate the header → its boxes → the caption under the type line → fields, each by its own reader.

    Never raises; time grows with the text's length alone. An annex, a form or a text without header gives no field but, where it
    is signed, its signer.
    """
    header = locate_header(canonical.text)
    certificate = read_certificate(canonical.text, header.end) if header else None
    fields = _certified(_header_fields(canonical.text, header), header, certificate) if header else {}
    joint = "type" in fields and is_joint(str(fields["type"].value))
    signed = certificate.start if certificate and certificate.number else header.end if header else 0
    fields |= _signer_fields(canonical.text, signed, joint=joint) or _chair_of(canonical.text, fields)
    if "issuer" in fields and any(step.name == "ocr" for step in canonical.steps):
        fields["issuer"] = replace(fields["issuer"], value=respell(str(fields["issuer"].value)))
    metadata = LegalMetadata(**{name: field.value for name, field in fields.items()})  # type: ignore[arg-type]
    return metadata, {name: _evidence(canonical, field) for name, field in fields.items()}


def _evidence(canonical: Canonical, field: _Field) -> Evidence:
    start, end = field.span
    return Evidence(start, end, canonical.page_of(start), round(field.confidence, 2))


def _header_fields(text: str, header: Header) -> dict[str, _Field]:
    """Read number, type, issuer, date and title from the header's boxes and its caption."""
    boxed = read_number_box([cell for cell, _ in header.letterhead])
    heading = read_number_in_heading(header.cells(Box.BODY_NAME))
    number = boxed if heading is None or (boxed and boxed.value) else heading[0]
    kind = _type(header, number)
    issuer = letterhead_issuer(header, joint=kind is not None and is_joint(str(kind.value)))
    caption = _caption(header, issuer)
    repeated = read_repeated(header.caption, caption.title) if number is None and kind and kind.value in LAWS else None
    if repeated:  # a portal prints title and number above the law's own heading
        number = Number(repeated[0], symbol_of(repeated[0]), None, repeated[1].span(), 0.8)
    if number is None and caption.number:
        number = Number(caption.number[0], symbol_of(caption.number[0]), None, caption.number[1].span(), 0.85)
    kind = kind or _type(header, number)
    title = (repeated[2] if repeated else caption.title) or read_about(header.letterhead) or (heading[1] if heading else None)
    fields = _number_fields(number)
    if kind:
        fields["type"] = kind
    issuer, day = _whole_issuer(header, caption, issuer, number), _issue_date(header, caption)
    passed = kind is not None and kind.value in PASSED  # the day in its letterhead may be that of its promulgation
    if (issuer is None or day is None or passed) and kind and kind.value in ADOPTED and (adoption := read_adoption(text)):
        earlier = day is not None and timedelta(0) <= day.day - adoption[0].day <= _PROMULGATED_WITHIN
        day = adoption[0] if day is None or (passed and earlier) else day
        issuer = issuer or read_issuer_phrase(adoption[1], 0.85)
    if kind and kind.value in LAWS and issuer and issuer.names == (PRESIDENT,):
        issuer = Issuer((ASSEMBLY,), issuer.span, 0.8)  # he proclaims by decree what it has passed
    if issuer:
        fields["issuer"] = _Field(issuer.name, issuer.span, issuer.confidence)
    if day:
        fields["issued_date"] = _Field(day.day, day.span, day.confidence)
    if title:
        fields["title"] = _Field(title.text, title.span(), 0.9)
    return fields


def _certified(fields: dict[str, _Field], header: Header, certificate: Certificate | None) -> dict[str, _Field]:
    """Give a consolidated text what its certificate says; what its head says of number, day and body is the base document's."""
    named = gazette_issuer(header.cells(Box.BODY_NAME))
    number = certificate.number if certificate else None
    of_letterhead = "type" in fields and fields["type"].value == CONSOLIDATED
    issuer = certificate.issuer if certificate and certificate.issuer else named
    if not of_letterhead and number is None and named is None:
        return fields
    own = _number_fields(number)
    if issuer:
        own["issuer"] = _Field(issuer.name, issuer.span, issuer.confidence)
    if certificate and certificate.day:
        own["issued_date"] = _Field(certificate.day.day, certificate.day.span, certificate.day.confidence)
    if of_letterhead:
        return own | fields
    own["type"] = _Field(CONSOLIDATED, (own.get("number") or own["issuer"]).span, 0.95)  # one of them told it
    return own | {name: field for name, field in fields.items() if name == "title"}


def _number_fields(number: Number | None) -> dict[str, _Field]:
    if number is None:
        return {}
    stated = {"number": number.value, "symbol": number.symbol}
    return {name: _Field(value, number.span, number.confidence) for name, value in stated.items() if value}


def _type(header: Header, number: Number | None) -> _Field | None:
    """Read the type from its line; a consolidated text's line names the base document, an official letter has none."""
    symbol = number.symbol or "" if number else ""
    if number and type_of_symbol(symbol) == CONSOLIDATED:
        return _Field(CONSOLIDATED, number.span, 0.95)
    if header.type_line:
        start, end = header.type_cells[0].span()[0], header.type_cells[-1].span()[1]
        return _Field(header.type_line.name, (start, end), 0.97)
    if number is None:
        return None
    if number.type_name:
        return _Field(number.type_name, number.span, 0.95)
    if header.addressed or (header.cells(Box.ABOUT) and type_of_symbol(symbol) is None):
        return _Field(OFFICIAL_LETTER, number.span, 0.9)
    name = type_of_symbol(symbol)
    return _Field(name, number.span, 0.7) if name else None


def letterhead_issuer(header: Header, *, joint: bool) -> Issuer | None:
    """Read the issuer from the first stretch of cells that names one; the boxes of number, date and V/v part the stretches."""
    stretch: list[Cell] = []
    for cell, box in (*header.letterhead, (None, Box.NUMBER)):
        if box is Box.BODY_NAME and cell is not None:
            stretch.append(cell)
        elif box in (Box.NUMBER, Box.DATE, Box.ABOUT) and stretch:
            issuer = read_letterhead(stretch, joint=joint)
            if issuer is not None:
                return issuer
            stretch = []
    return None


def _caption(header: Header, issuer: Issuer | None) -> Caption:
    if header.type_line is None:
        return Caption(None, None, None, None)
    rest = header.type_line.rest
    goes_on = header.type_cells[-1].part(rest) if rest is not None else None
    return read_caption(header.caption, goes_on, is_authority=partial(is_authority_line, issuer=issuer))


def _whole_issuer(header: Header, caption: Caption, issuer: Issuer | None, number: Number | None) -> Issuer | None:
    """Return the letterhead's issuer, with the place that only a later line names; else that of caption, authority or symbol."""
    named = read_issuer_phrase(caption.issuer, 0.85) if caption.issuer else None
    if named and caption.number and not header.cells(Box.NATION, Box.NUMBER, Box.DATE):
        return named  # a head in one sentence; what stands above it is whose collection the text is from
    authority = read_authority(header.caption, issuer)
    for other in (named, authority):
        if issuer is None or (other is not None and lacks_place(issuer) and other.name.startswith(f"{issuer.name} ")):
            issuer = other or issuer
    if issuer is None and number and number.symbol:
        return issuer_of_symbol(number.symbol, number.span)
    return issuer


def _issue_date(header: Header, caption: Caption) -> IssueDate | None:
    day = read_date_box(header.cells(Box.DATE, Box.BODY_NAME))
    if day is None and header.type_line:
        day = read_only_date(header.cells(Box.BODY_NAME))
    if day is None and caption.day:
        day = IssueDate(caption.day[0], caption.day[1].span(), 0.85)
    return day


def _signer_fields(text: str, after: int, *, joint: bool) -> dict[str, _Field]:
    """Read who signed, all of them for a joint document, and in which office."""
    signatures = read_signatures(text, after, joint=joint)
    if not signatures:
        return {}
    first, last = signatures[0], signatures[-1]
    confidence = min(signature.confidence for signature in signatures)
    names = "; ".join(dict.fromkeys(signature.name for signature in signatures))
    fields = {"signer": _Field(names, (first.span[0], max(first.span[1], last.span[1])), confidence)}
    if first.position:
        fields["signer_position"] = _Field(first.position, first.position_span, confidence)
    return fields


def _chair_of(text: str, fields: dict[str, _Field]) -> dict[str, _Field]:
    """Derive who signed a law that ends with the day of its adoption, its signature left out: who chaired the assembly that day.

    The evidence is that day; the confidence says that the name was not read. Laws before 1997, with numbers of the president's
    (18-L/CTN), were often printed as he signed them.
    """
    law = "type" in fields and fields["type"].value in LAWS
    numbered = "symbol" in fields and str(fields["symbol"].value).startswith("QH")
    adoption = read_adoption(text) if law and numbered else None
    name = chair_on(adoption[0].day) if adoption else None
    if adoption is None or name is None:
        return {}
    return {"signer": _Field(name, adoption[0].span, 0.6), "signer_position": _Field(CHAIR, adoption[0].span, 0.6)}

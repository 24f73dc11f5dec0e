"""What a question says beside its subject, as query nodes and steps: which provision is meant, when it was issued, by whom."""

from datetime import date
from typing import Final

from analyzers.accents import fold
from analyzers.citations import number_key
from indexer.engine.query import And, Constant, Keyword, Layer, Not, OneOf, Or, Phrase, Range, Term
from search_api.combine import TITLE_SCORE, newer_first
from search_api.issuers import Issuer, find_issuers
from search_api.meaning import Mark, Step
from search_api.periods import Period, Use, find_periods, without_periods
from search_api.provisions import provision_words
from search_api.references import Reference, leading_law, take_reference
from search_api.units import Reading
from search_api.wording import terms_of, without_quotations

PERIOD_SCORE, STAGE_SCORE = 15.0, 5.0  # for a period that may be one of issue; for one that is rather a part of the subject
NEWER_SCORE = 0.6  # a year, where the newest is asked for
PROVISION_SCORE = 75.0  # for the article asked for, of whatever document: above what its words score beside those of another
LAW_SCORE, LAW_NAME_SCORE = 100.0, 18.0  # for the law whose article is asked for, by its number, and by its name in a title
NAMED_LAW_SCORE, BEGUN_LAW_SCORE = 36.0, 6.0  # for a law whose name is all that is asked, and one whose name comes first
NEWEST_LAW_SCORE = 6.0  # more, for the newest of those that had the name one after the other
ISSUER_SCORE, PERHAPS_ISSUER_SCORE = 15.0, 7.5  # for the body named behind the type, and for one named first or last
FORMER_SHARE = 0.6  # of it, for what a body issued that the one named took over from
_FORMER_SHOWN: Final = 3
_OF_YEAR: Final = frozenset(("năm", "nam"))
_OF_ANOTHER: Final = ("sửa đổi", "sua doi", "bổ sung", "bo sung")  # behind a law's name: the law that amends it is meant
_NAMING: Final = ("title", "heading", "context")  # text fields that name a document or a provision
_UNDO: Final = "Đặt trong ngoặc kép để tìm như chữ."


def read_besides(text: str, today: date | None, reading: Reading) -> str:
    """Read what is no subject of the question `text`, and return it without the words that say so alone."""
    subject, reference = take_reference(text)
    if reference:
        _read_reference(reference, text[reference.start : reference.end], reading)
        text = subject
    else:
        _read_law(text, reading)
    periods = find_periods(text, today)
    for period in periods:
        _read_period(period, text[period.start : period.end], reading)
    text = without_periods(text, periods)
    for issuer in find_issuers(without_quotations(text), reading.layer):
        _read_issuer(issuer, text[issuer.start : issuer.end], reading)
    return text


def _read_period(period: Period, typed: str, reading: Reading) -> None:
    """Read a period, to which documents are restricted, but for those that are named so, or of which they are favoured."""
    if period.newest:
        reading.favoured += newer_first(NEWER_SCORE)
        reading.steps.append(Step("newest", f"“{typed}”: văn bản càng mới càng được ưu tiên. {_UNDO}", (typed,)))
        return
    low, high = (int(f"{day:%Y%m%d}") if day else None for day in (period.first, period.last))
    issued, terms = Range("issued_date", low, high), terms_of(typed, reading.layer)
    if period.use is Use.RESTRICT:
        named = Phrase(terms, reading.layer, fields=_NAMING)
        reading.restricted.append(Or((issued, named)))
        cited = Phrase((terms_of("ngày", reading.layer)[0], *terms), reading.layer, 1, _NAMING)  # ngày 19 tháng 10 năm 2020
        reading.favoured += [Constant(And((named, Not(cited))), TITLE_SCORE), Constant(issued, TITLE_SCORE)]
        told = f"“{typed}”: chỉ tìm văn bản ban hành {period.shown}, hoặc có đúng cụm từ này trong tên. {_UNDO}"
        reading.steps.append(Step("period", told, (typed,)))
        return
    if period.use is Use.FAVOUR:
        reading.favoured += [Constant(issued, PERIOD_SCORE), *(Term(term, reading.layer) for term in terms)]
        told = f"“{typed}”: ưu tiên văn bản ban hành {period.shown}; các từ này không bắt buộc phải có. {_UNDO}"
    else:
        reading.favoured.append(Constant(issued, STAGE_SCORE))
        told = f"“{typed}” vẫn được tìm như chữ; ưu tiên thêm văn bản ban hành {period.shown}."
    reading.steps.append(Step("favoured_period", told, (typed,)))


def _read_law(text: str, reading: Reading) -> None:
    """Read a law's name at the beginning: its documents come first, also those whose texts do not say it."""
    law = leading_law(text, reading.layer) if text.lstrip()[:1].isalpha() else None
    if law is None and reading.restored:  # from what documents say, which may not be this law
        law = leading_law(fold(text), Layer.FOLDED)
    if law is None or not law.numbers or any(map(law.rest.startswith, _OF_ANOTHER)):
        return
    laws = [Keyword("number", number_key(number)) for number in law.numbers]
    more = not all(word.isdigit() or word in _OF_YEAR for word in law.rest.split())
    score = BEGUN_LAW_SCORE if more else NAMED_LAW_SCORE
    reading.favoured += [*(Constant(each, score) for each in laws), Constant(laws[-1], NEWEST_LAW_SCORE)]
    if not more:
        reading.instead += laws
    told = f"Ưu tiên {law.name}: số {', '.join(reversed(law.numbers))}."
    reading.steps.append(Step("law", told, (law.name, *law.numbers)))


def _read_reference(reference: Reference, typed: str, reading: Reading) -> None:
    """Read a provision: its article comes first among those of the document named, and where it is cited helps."""
    reading.reference = reference
    reading.favoured += [
        *(Constant(Keyword("provision", article), PROVISION_SCORE) for article in (reference.article, *reference.others)),
        *(Constant(Keyword("number", number), LAW_SCORE) for number in reference.numbers),
        *(Constant(Keyword("number", number), NEWEST_LAW_SCORE) for number in reference.numbers[-1:]),
        Term(reference.anchor, Layer.MAIN),
    ]
    reading.instead += [Keyword("number", number) for number in reference.numbers]  # an article need not say the name of its law
    if len(reference.name) > 1:
        reading.favoured.append(Constant(Phrase(reference.name, reading.layer, fields=_NAMING), LAW_NAME_SCORE))
    reading.marks.append(Mark(terms_of(typed, reading.layer), reading.layer))
    shown = ", ".join(map(provision_words, (reference.anchor, *reference.others)))
    told = f"“{typed}” là {shown}: điều này của văn bản được nêu tên đứng trước. {_UNDO}"
    reading.steps.append(Step("provision", told, (typed,)))


def _read_issuer(issuer: Issuer, typed: str, reading: Reading) -> None:
    """Read a body: its documents are favoured, and somewhat less those of the bodies that it took over from."""
    score = ISSUER_SCORE if issuer.plain else PERHAPS_ISSUER_SCORE
    reading.favoured.append(Constant(OneOf("issuer", issuer.groups), score))
    told = f"“{typed}”: ưu tiên văn bản của {', '.join(issuer.groups)}"
    if issuer.former:
        reading.favoured.append(Constant(OneOf("issuer", issuer.former), score * FORMER_SHARE))
        more = "…" if len(issuer.former) > _FORMER_SHOWN else ""
        told += f", rồi của cơ quan tiền nhiệm ({', '.join(issuer.former[:_FORMER_SHOWN])}{more})"
    if issuer.plain:
        reading.beside.append(issuer.words)
    reading.steps.append(Step("favoured_issuer", f"{told}.", (typed,)))

"""What the pieces of a question become: words, phrases, numbers, days and prefixes as query nodes, with what is told of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from analyzers.accents import fold, has_accents
from analyzers.citations import cut_key, number_key, number_keys
from analyzers.profiles import Profile, analyse
from analyzers.tokens import Token, TokenKind
from indexer.engine.fields import Scope
from indexer.engine.query import And, Boost, Constant, Keyword, Layer, Node, OneOf, Or, Phrase, Range, Term
from search_api.abbreviations import Abbreviations, Expansion, built_in
from search_api.accents import Restored
from search_api.hints import Hint
from search_api.lexing import Sign
from search_api.meaning import AS_USUAL, Mark, MarkKind, Relaxed, Step
from search_api.references import Reference
from search_api.typed_numbers import TypedNumber
from search_api.wording import syllable_tokens, terms_of

# For documents whose type and figures stand among the words: less than the words of a subject; more with the year
PERHAPS_NUMBER_SCORE, DATED_NUMBER_SCORE = 25.0, 50.0
QUOTED_TITLE_SCORE = 12.0  # for what has a quotation in its title or heading
_NAMING: Final = ("title", "heading")
_ISSUING: Final = tuple((*said, "ban", "hanh", *at) for said in (("duoc",), ()) for at in (("vao",), ()))
FOLDED_BOOST = 0.35  # of what a word scores without its accents, where it is likely which were meant


@dataclass(slots=True)
class Reading:
    """What has been read so far."""

    layer: Layer
    abbreviations: Abbreviations = field(default_factory=built_in)
    number_keys: list[str] = field(default_factory=list)
    number_start: str | None = None
    days: list[int] = field(default_factory=list)  # that are named: 20220323
    number_cuts: list[str] = field(default_factory=list)  # keys of those that go on behind what was typed
    demanded: list[Node] = field(default_factory=list)  # what was quoted
    wanted: list[Node] = field(default_factory=list)  # units of which most will do
    bound: list[Node] = field(default_factory=list)  # fields and groups, which hold for a document with the number asked for, too
    sequence: list[str] = field(default_factory=list)  # the plain words in order, "" where something else stood
    excluded: list[Node] = field(default_factory=list)
    hints: tuple[Hint, ...] = ()
    number_types: tuple[str, ...] = ()  # that stand right before numbers
    reference: Reference | None = None
    beside: list[tuple[str, ...]] = field(default_factory=list)  # words of `sequence` that are none of the subject
    instead: list[Node] = field(default_factory=list)  # what is found without the words, too
    restricted: list[Node] = field(default_factory=list)  # what must hold of a document beside its words
    favoured: list[Node] = field(default_factory=list)  # what scores, and need not be there
    marks: list[Mark] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    patterns: list[str] = field(default_factory=list)  # words with * or ?
    relaxed: Relaxed = AS_USUAL
    only: str = "Chỉ tìm văn bản"  # how what is told of a field begins
    scope: Scope = Scope.DOCUMENTS
    restored: Mapping[str, Restored] = field(default_factory=dict)  # by term, the words whose accents were not typed

    def layer_of(self, typed: str) -> Layer:
        """Return the layer that what stays as typed is sought in: accents that the rest got back it does not have."""
        return Layer.FOLDED if self.restored and not has_accents(typed) else self.layer

    def term(self, word: str, fields: tuple[str, ...] = ()) -> Node:
        """Return what finds a plain word; other accents than those restored far behind, or alike where none is sure."""
        found, typed = self.restored.get(word), Term(word, self.layer, fields)
        folded = Term(fold(word), Layer.FOLDED, fields)
        loosely = Or((typed, Boost(folded, FOLDED_BOOST)))
        if found is None:
            return loosely if self.relaxed.any_accents and self.layer is Layer.MAIN else typed
        return loosely if found.sure else folded

    def phrase(self, words: tuple[str, ...], fields: tuple[str, ...]) -> Node:
        """Return what finds plain words side by side; where it is not sure which were meant, with any accents."""
        if all(found.sure for word in words if (found := self.restored.get(word))):
            return Phrase(words, self.layer, fields=fields)
        return Phrase(tuple(map(fold, words)), Layer.FOLDED, fields=fields)

    def mark(self, word: str) -> Mark:
        """Return what to mark for a plain word."""
        found = self.restored.get(word)
        loosely = self.relaxed.any_accents if found is None else not found.sure
        return Mark((fold(word),), Layer.FOLDED) if loosely else Mark((word,), self.layer)

    def part(self) -> "Reading":
        """Return the reading of a part: its own units, what is told and marked together with the others'."""
        hints = self.hints if not self.sequence else tuple(hint for hint in self.hints if hint.column == "year")
        part = replace(self.aside(), hints=hints, marks=self.marks, steps=self.steps, days=self.days)
        part.only = "Ở một vế của toán tử: chỉ văn bản"
        return part

    def aside(self) -> "Reading":
        """Return the reading of a part that is to be left out: nothing of it is told or marked."""
        return Reading(self.layer, self.abbreviations, patterns=self.patterns, scope=self.scope, restored=self.restored)


def as_node(terms: tuple[str, ...], layer: Layer) -> Node:
    """Return what finds terms side by side."""
    return Term(terms[0], layer) if len(terms) == 1 else Phrase(terms, layer)


def read_words(text: str, reading: Reading) -> None:
    """Read plain words: each syllable is a unit, a full date is one."""
    dates = {token.start: token for token in analyse(text, Profile.QUERY) if token.kind is TokenKind.DATE}
    plain: list[Token] = []
    for token in syllable_tokens(text, reading.layer):
        if token.start in dates:
            _read_plain(_without_issuing(plain), text, reading)
            plain.clear()
            _read_date(dates[token.start], text, reading)
        elif not any(day.start <= token.start < day.end for day in dates.values()):
            plain.append(token)
    _read_plain(plain, text, reading)


def _without_issuing(tokens: list[Token]) -> list[Token]:
    """Return the words before a day without those that say that it is one of issue: (được) ban hành (vào)."""
    said = tuple(fold(token.text) for token in tokens)
    return tokens[: next((-len(words) for words in _ISSUING if said[-len(words) :] == words), None)]


def _read_plain(tokens: Sequence[Token], text: str, reading: Reading) -> None:
    """Read words that stand side by side; an abbreviation is sought as what it stands for, too, and the reverse."""
    words, layer, at = [token.text for token in tokens], reading.layer, 0
    known = reading.abbreviations.expansions(words, layer) if reading.number_start is None else []  # ubnd is a part of 12 qd-ubnd
    for found in [*known, None]:
        end = found.first if found else len(words)
        reading.wanted += [reading.term(word) for word in words[at:end]]
        reading.sequence += words[at:end]
        reading.marks += [reading.mark(word) for word in words[at:end]]
        if found:
            at = found.end
            _read_expansion(words[found.first : at], found, text[tokens[found.first].start : tokens[at - 1].end], reading)


def _read_expansion(words: Sequence[str], found: Expansion, typed: str, reading: Reading) -> None:
    layer = reading.layer
    if found.short:
        kept = tuple(word for word in found.other if fold(word) != "va")  # phòng cháy và chữa cháy; phòng cháy, chữa cháy
        written_out = as_node(found.other, layer) if kept == found.other else Phrase(kept, layer, slop=1)
        reading.wanted.append(Or((as_node(tuple(words), layer), written_out)))
        reading.sequence += found.other
    else:  # what it scores is shared out among the words of the long form
        short = Boost(as_node(found.other, layer), 1 / len(words))
        reading.wanted += [Or((reading.term(word), short)) for word in words]
        reading.sequence += words
        reading.marks += [reading.mark(word) for word in words]
    reading.marks += [Mark(tuple(words), layer), Mark(found.other, layer)]
    told = f"“{typed}” cũng được tìm như “{found.shown}”."
    reading.steps.append(Step("abbreviation", told, (typed, found.shown)))


def _read_date(token: Token, text: str, reading: Reading) -> None:
    """Read a day; in the main layer, for only there dates are kept whole."""
    typed, shown = text[token.start : token.end], f"{date.fromisoformat(token.text):%d/%m/%Y}"
    day = int(token.text.replace("-", ""))
    reading.wanted.append(Or((Term(token.text, Layer.MAIN), Constant(Range("issued_date", day, day), 0.0))))
    reading.days.append(day)
    reading.sequence.append("")
    reading.marks.append(Mark((token.text,), Layer.MAIN, MarkKind.DATE))
    found = "ưu tiên văn bản ban hành ngày này; tìm cả văn bản nhắc đến ngày này."
    if reading.scope is not Scope.DOCUMENTS:
        found = "tìm điều nhắc đến ngày này, và điều của văn bản ban hành ngày này."
    reading.steps.append(Step("date", f"“{typed}” là ngày {shown}: {found}", (token.text,)))


def read_sought_number(number: str, sign: Sign, reading: Reading) -> None:
    """Read a document number; in words it is its parts side by side, for documents that cite it."""
    key, cut = Keyword("number", number_key(number)), Keyword("number", cut_key(number))
    cited = terms_of(number, Layer.FOLDED)
    words = as_node(cited, Layer.FOLDED)
    if sign is Sign.WITHOUT:
        reading.excluded.append(Or((key, cut, words)))
        reading.steps.append(Step("exclude", f"Bỏ văn bản mang hoặc nhắc số “{number}”.", (number,)))
        return
    reading.number_keys.append(key.value)
    reading.number_cuts.append(cut.value)
    (reading.demanded if sign is Sign.MUST else reading.wanted).append(words)
    reading.sequence.append("")
    reading.marks.append(Mark(cited, Layer.FOLDED, MarkKind.NUMBER))
    reading.steps.append(Step("number", f"“{number}” là số, ký hiệu: văn bản mang số này đứng đầu.", (number,)))


def read_figures(number: str, reading: Reading) -> None:
    """Read figures that may be a number without its symbol; they are words too."""
    *full, reading.number_start = number_keys(number, None)
    reading.number_keys += full[:1]
    told, shown = f"số “{number}”, ký hiệu bất kỳ, đứng đầu", reading.number_start
    told += f", rồi số “{shown}” của năm khác" if full else ""
    reading.steps.append(Step("number_start", f"Văn bản mang {told}, mới nhất trước.", (shown,)))


def favour_number(perhaps: TypedNumber, reading: Reading) -> None:
    """Read figures behind a type, among other words, that may be a number's: documents of both are favoured."""
    bearing = And((OneOf("type", (perhaps.type,)), Keyword("number", number_keys(perhaps.number, None)[0])))
    dated = "/" in perhaps.number  # there is hardly another, and its text need not say so
    reading.favoured.append(Constant(bearing, DATED_NUMBER_SCORE if dated else PERHAPS_NUMBER_SCORE))
    if dated:
        reading.instead.append(bearing)
    reading.beside.append(terms_of(perhaps.typed, reading.layer))
    told = f"Ưu tiên {perhaps.type[:1].lower()}{perhaps.type[1:]} mang số “{perhaps.number}”."
    reading.steps.append(Step("favoured_number", told, (perhaps.number,)))


def read_phrase(text: str, sign: Sign, reading: Reading) -> None:
    """Read what must stand side by side, or what must not be there; without a letter or figure it is nothing."""
    layer = reading.layer_of(text)
    terms = terms_of(text, layer)
    if not terms:
        return
    shown = " ".join(text.split())
    if sign is Sign.WITHOUT:
        reading.excluded.append(as_node(terms, layer))
        reading.steps.append(Step("exclude", f"Bỏ văn bản có “{shown}”.", terms))
        return
    reading.demanded.append(as_node(terms, layer))
    if len(terms) > 1:
        reading.favoured.append(Constant(Phrase(terms, layer, fields=_NAMING), QUOTED_TITLE_SCORE))
    reading.sequence.append("")
    reading.marks.append(Mark(terms, layer))
    reading.steps.append(Step("phrase", f"Tìm đúng cụm từ “{shown}”.", terms))


def read_required(word: str, reading: Reading) -> None:
    """Read a word that must be there, whatever else is not."""
    layer = reading.layer_of(word)
    terms = terms_of(word, layer)
    if not terms:
        return
    reading.demanded.append(as_node(terms, layer))
    reading.sequence += terms
    reading.marks.append(Mark(terms, layer))
    reading.steps.append(Step("required", f"Phải có “{word}”.", terms))

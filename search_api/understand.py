"""What the reader's words mean: from a line of text to query nodes, the steps taken, and what to mark in the texts found.

Any text is understood; what cannot be an operator is a word. Operators: "a phrase", -word or NOT word, and word* .
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import chain, groupby, pairwise
from math import ceil

from analyzers.accents import fold, has_accents
from analyzers.citations import NumberMatch, number_key, number_keys, read_bare_number, read_number
from analyzers.normalise import nfc
from analyzers.profiles import Profile, analyse
from analyzers.tokens import Token, TokenKind
from indexer.engine.query import All, And, Boost, Constant, Keyword, Layer, Node, Not, OneOf, Or, Phrase, Prefix, Term
from search_api.abbreviations import Expansion, expansions
from search_api.hints import Hint, find_hints, read_typed_number
from search_api.spelling import Mended
from search_api.wording import syllable_tokens, terms_of

MAX_PREFIXES = 3  # each gathers the entries of up to ten thousands of terms
MAX_UNITS = 64  # words, phrases and numbers; a question has fewer, and each costs a look at the index
ALL_REQUIRED = 3  # up to so many units all must be there
MINIMUM_SHARE = 0.7  # of more units
MINIMUM_AT_MOST = 5  # however long

# A document with the number asked for comes before any sum of word scores: at most about 20 a unit.
NUMBER_SCORE = 10_000.0
NUMBER_START_SCORE = 5_000.0  # its number only begins with the figures asked for
# Of documents with the same number the newest come first. A year is a sum of powers of two, so six sets of years rank 64 of them.
_YEAR_SCORE = 30.0
_NEWEST_FIRST = tuple(
    Constant(OneOf("year", tuple(1990 + place for place in range(64) if place & bit)), _YEAR_SCORE * bit)
    for bit in (1, 2, 4, 8, 16, 32)
)
TYPE_OF_NUMBER_SCORE = 2_500.0  # of documents whose number has the figures asked for, those of the type asked for come first
WHOLE_PHRASE_BOOST = 2.0
PAIR_BOOST = 0.5
TITLE_SCORE = 10.0  # for a document whose title has every word of the subject
TYPE_SCORE, YEAR_SCORE = 12.0, 12.0  # for the type that a question begins with, and for a year: they favour, never exclude


class MarkKind(StrEnum):
    """How a mark is found and shown in a text."""

    WORDS = "words"  # its terms side by side, each marked
    PREFIX = "prefix"  # words that start with one of its terms
    NUMBER = "number"  # a document number, marked as a whole
    DATE = "date"  # a day, in any spelling, marked as a whole


_WHOLE = (MarkKind.NUMBER, MarkKind.DATE)


@dataclass(frozen=True, slots=True)
class Mark:
    """Something to show in the texts found: analysed terms, in order, but for a prefix, whose terms are alternatives."""

    terms: tuple[str, ...]
    layer: Layer
    kind: MarkKind = MarkKind.WORDS


@dataclass(frozen=True, slots=True)
class Step:
    """One thing done with the reader's words: a lasting code, a Vietnamese sentence, the words concerned."""

    code: str
    text: str
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Understanding:
    """A question ready for planning; `browsing` when it names nothing to look for. `words` are its plain ones, in order."""

    node: Node
    words: tuple[str, ...]
    layer: Layer
    steps: tuple[Step, ...]
    marks: tuple[Mark, ...]
    browsing: bool


@dataclass(slots=True)
class _Reading:
    """What has been read so far."""

    layer: Layer
    number_keys: list[str] = field(default_factory=list)
    number_start: str | None = None
    demanded: list[Node] = field(default_factory=list)  # what was quoted
    wanted: list[Node] = field(default_factory=list)  # units of which most will do
    sequence: list[str] = field(default_factory=list)  # the plain words in order, "" where something else stood
    excluded: list[Node] = field(default_factory=list)
    hints: tuple[Hint, ...] = ()
    marks: list[Mark] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    prefixes: int = 0


_NUMBER_SIGN = "\ue000"  # stands for a document number while operators are read; private, so no text means it
_UNREADABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\ue000-\uf8ff]+")
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"'))
_PIECE = re.compile(
    rf'(?:(?<!\S)(?P<not>-|NOT\s+)(?=[\w"{_NUMBER_SIGN}]))?'
    rf'(?:"(?P<phrase>[^"]*)"|(?P<number>{_NUMBER_SIGN})|(?P<word>[^\s"{_NUMBER_SIGN}]+))'
)
_PREFIX = re.compile(r"[^\W_]{2,32}\*")


def understand(q: str, mended: Sequence[Mended] = ()) -> Understanding:
    """Read a question, in which some words were `mended`. Never fails; an empty one means to browse."""
    text = _UNREADABLE.sub(" ", nfc(q)).translate(_QUOTES)
    unclosed = text.count('"') % 2 == 1
    if unclosed:
        text = " ".join(text.rsplit('"', 1))
    text, numbers = _take_numbers(text)
    reading = _Reading(Layer.MAIN if has_accents(text) else Layer.FOLDED)
    if mended:
        meant = "; ".join(f"“{one.meant}” thay cho “{one.typed}”" for one in mended)
        told = f"Đã tìm {meant}, vì rất ít hoặc không văn bản nào có. Đặt trong ngoặc kép để tìm đúng như đã gõ."
        reading.steps.append(Step("spelling", told, tuple(word for one in mended for word in one)))
    if unclosed:
        told = "Dấu ngoặc kép cuối cùng không có dấu đóng nên bị bỏ qua: gõ “cụm từ” để tìm đúng cụm từ."
        reading.steps.append(Step("unclosed_quote", told))
    reading.hints = find_hints(text)
    if typed := read_typed_number(text):
        reading.hints = (Hint("type", typed.type, text.strip()),)
        _read_bare_number(typed.number, reading)
    elif bare := read_bare_number(text):
        _read_bare_number(bare, reading)
    _read_pieces(text, numbers, reading)
    return _conclude(reading)


def no_number(step: Step) -> Step:
    """Return what to say instead of a step that took something for a document number, where no document bears it."""
    (number,) = step.terms
    if step.code == "number":
        return Step("no_number", f"“{number}” là số, ký hiệu. Không có văn bản nào mang số này.", step.terms)
    return Step("no_number", f"Không có văn bản nào mang số này hoặc có số bắt đầu bằng “{number}”.", step.terms)


def _take_numbers(text: str) -> tuple[str, list[NumberMatch]]:
    """Replace each document number by a sign, so that its hyphens and spaces are no operators."""
    kept, numbers, rest = "", [], text
    while (found := read_number(rest)) is not None:
        kept += rest[: found.start] + _NUMBER_SIGN
        rest = rest[found.end :]
        numbers.append(found)
    return kept + rest, numbers


def _read_pieces(text: str, numbers: list[NumberMatch], reading: _Reading) -> None:
    following = iter(numbers)
    plain: list[str] = []
    for piece in _PIECE.finditer(text):
        excluded, word = piece["not"] is not None, _within_bounds(piece["word"], reading)
        if word and not excluded and not _PREFIX.fullmatch(word):
            plain.append(word)
            continue
        _read_words(" ".join(plain), reading)
        plain.clear()
        phrase = piece["phrase"]
        if piece["number"] or (phrase and phrase.strip() == _NUMBER_SIGN):
            _read_number(next(following).value, excluded, reading)
        elif word and _PREFIX.fullmatch(word):
            _read_prefix(word, excluded, reading)
        elif word or phrase:
            spelt = re.sub(_NUMBER_SIGN, lambda _: next(following).value, word or phrase)
            _read_phrase(spelt, excluded, reading)
    _read_words(" ".join(plain), reading)


def _within_bounds(word: str | None, reading: _Reading) -> str | None:
    """Return a piece as it is to be read: of too many prefixes, the later ones are words."""
    if word is None or not _PREFIX.fullmatch(word):
        return word
    reading.prefixes += 1
    if reading.prefixes <= MAX_PREFIXES:
        return word
    told = f"Mỗi câu hỏi dùng được {MAX_PREFIXES} từ có dấu *: “{word}” được tìm như một từ thường."
    reading.steps.append(Step("prefix_as_word", told, (word,)))
    return word.rstrip("*")


def _as_node(terms: tuple[str, ...], layer: Layer) -> Node:
    return Term(terms[0], layer) if len(terms) == 1 else Phrase(terms, layer)


def _read_words(text: str, reading: _Reading) -> None:
    """Read plain words: each syllable is a unit, a full date is one."""
    dates = {token.start: token for token in analyse(text, Profile.QUERY) if token.kind is TokenKind.DATE}
    plain: list[Token] = []
    for token in syllable_tokens(text, reading.layer):
        if token.start in dates:
            _read_plain(plain, text, reading)
            plain.clear()
            _read_date(dates[token.start], text, reading)
        elif not any(day.start <= token.start < day.end for day in dates.values()):
            plain.append(token)
    _read_plain(plain, text, reading)


def _read_plain(tokens: Sequence[Token], text: str, reading: _Reading) -> None:
    """Read words that stand side by side; an abbreviation is sought as what it stands for, too, and the reverse."""
    words, layer, at = [token.text for token in tokens], reading.layer, 0
    known = expansions(words, layer) if reading.number_start is None else []  # ubnd is a part of 12 qd-ubnd
    for found in [*known, None]:
        end = found.first if found else len(words)
        reading.wanted += [Term(word, layer) for word in words[at:end]]
        reading.sequence += words[at:end]
        reading.marks += [Mark((word,), layer) for word in words[at:end]]
        if found:
            at = found.end
            _read_expansion(words[found.first : at], found, text[tokens[found.first].start : tokens[at - 1].end], reading)


def _read_expansion(words: Sequence[str], found: Expansion, typed: str, reading: _Reading) -> None:
    layer = reading.layer
    if found.short:
        reading.wanted.append(Or((_as_node(tuple(words), layer), _as_node(found.other, layer))))
        reading.sequence += found.other
    else:  # what it scores is shared out among the words of the long form
        short = Boost(_as_node(found.other, layer), 1 / len(words))
        reading.wanted += [Or((Term(word, layer), short)) for word in words]
        reading.sequence += words
    reading.marks += [Mark(tuple(words), layer), Mark(found.other, layer)]
    told = f"“{typed}” cũng được tìm như “{found.shown}”."
    reading.steps.append(Step("abbreviation", told, (typed, found.shown)))


def _read_date(token: Token, text: str, reading: _Reading) -> None:
    """Read a day; in the main layer, for only there dates are kept whole."""
    typed, shown = text[token.start : token.end], f"{date.fromisoformat(token.text):%d/%m/%Y}"
    reading.wanted.append(Term(token.text, Layer.MAIN))
    reading.sequence.append("")
    reading.marks.append(Mark((token.text,), Layer.MAIN, MarkKind.DATE))
    reading.steps.append(Step("date", f"“{typed}” là ngày {shown}: tìm mọi cách viết của ngày này.", (token.text,)))


def _read_number(number: str, excluded: bool, reading: _Reading) -> None:
    """Read a document number; in words it is its parts side by side, for documents that cite it."""
    key, cited = Keyword("number", number_key(number)), terms_of(number, Layer.FOLDED)
    words = _as_node(cited, Layer.FOLDED)
    if excluded:
        reading.excluded.append(Or((key, words)))
        reading.steps.append(Step("exclude", f"Bỏ văn bản mang hoặc nhắc số “{number}”.", (number,)))
        return
    reading.number_keys.append(key.value)
    reading.wanted.append(words)
    reading.sequence.append("")
    reading.marks.append(Mark(cited, Layer.FOLDED, MarkKind.NUMBER))
    reading.steps.append(Step("number", f"“{number}” là số, ký hiệu: văn bản mang số này đứng đầu.", (number,)))


def _read_bare_number(number: str, reading: _Reading) -> None:
    """Read figures that may be a number without its symbol; they are words too."""
    *full, reading.number_start = number_keys(number, None)
    reading.number_keys += full[:1]
    shown = reading.number_start
    reading.steps.append(Step("number_start", f"Văn bản có số bắt đầu bằng “{shown}” đứng đầu, mới nhất trước.", (shown,)))


def prefix_forms(word: str, layer: Layer) -> tuple[str, ...]:
    """Return what terms may start with when `word` is the beginning of one: quy begins quyết, and is itself written qui."""
    typed = fold(word).lower() if layer is Layer.FOLDED else word.lower()
    return tuple(dict.fromkeys((*terms_of(word, layer)[:1], typed)))


def _read_prefix(word: str, excluded: bool, reading: _Reading) -> None:
    word = word.rstrip("*")
    terms = prefix_forms(word, reading.layer)
    node = _any_of(tuple(Prefix(term, reading.layer) for term in terms))
    if excluded:
        reading.excluded.append(node)
        reading.steps.append(Step("exclude", f"Bỏ văn bản có từ bắt đầu bằng “{word}”.", (word,)))
        return
    reading.wanted.append(node)
    reading.sequence.append("")
    reading.marks.append(Mark(terms, reading.layer, MarkKind.PREFIX))
    reading.steps.append(Step("prefix", f"Tìm mọi từ bắt đầu bằng “{word}”.", (word,)))


def _any_of(nodes: tuple[Node, ...]) -> Node:
    return nodes[0] if len(nodes) == 1 else Or(nodes)


def _read_phrase(text: str, excluded: bool, reading: _Reading) -> None:
    """Read what must stand side by side, or what must not be there; without a letter or figure it is nothing."""
    terms = terms_of(text, reading.layer)
    if not terms:
        return
    shown = " ".join(text.split())
    if excluded:
        reading.excluded.append(_as_node(terms, reading.layer))
        reading.steps.append(Step("exclude", f"Bỏ văn bản có “{shown}”.", terms))
        return
    reading.demanded.append(_as_node(terms, reading.layer))
    reading.sequence.append("")
    reading.marks.append(Mark(terms, reading.layer))
    reading.steps.append(Step("phrase", f"Tìm đúng cụm từ “{shown}”.", terms))


def _conclude(reading: _Reading) -> Understanding:
    demanded, wanted, excluded = (list(dict.fromkeys(nodes)) for nodes in (reading.demanded, reading.wanted, reading.excluded))
    if max(map(len, (demanded, wanted, excluded))) > MAX_UNITS:
        reading.steps.append(Step("shortened", f"Câu hỏi dài: chỉ dùng {MAX_UNITS} từ đầu."))
    browsing = not (demanded or wanted)
    if browsing:
        reading.steps.insert(0, Step("browse", "Chưa nêu từ cần tìm: văn bản mới nhất đứng trước."))
    elif reading.layer is Layer.FOLDED and any(map(_has_accentable_letters, reading.marks)):
        reading.steps.append(Step("folded", "Câu hỏi không có dấu: tìm không phân biệt dấu."))
    node = _all_of([*demanded[:MAX_UNITS], *([_words(wanted[:MAX_UNITS], reading)] if wanted else [])])
    if named := _numbered(reading):
        of_type = [Constant(_chosen(hint), TYPE_OF_NUMBER_SCORE) for hint in reading.hints if hint.column == "type"]
        node = Or((And((Or(named), Or((Constant(All(), 0.0), *of_type, *_NEWEST_FIRST)))), node))
    if reading.hints and not browsing:
        node = And((node, Or((Constant(All(), 0.0), *_favoured(reading)))))
    node = _all_of([node, *(Not(unwanted) for unwanted in excluded[:MAX_UNITS])])
    words = tuple(word for word in reading.sequence[:MAX_UNITS] if word)
    return Understanding(node, words, reading.layer, tuple(reading.steps), tuple(dict.fromkeys(reading.marks)), browsing)


def _chosen(hint: Hint) -> Node:
    return OneOf(hint.column, (hint.value,))


def _favoured(reading: _Reading) -> list[Node]:
    """Return what scores documents of the type and the years that the question names, and tell so."""
    scores = {"type": TYPE_SCORE, "year": YEAR_SCORE}
    for hint in reading.hints:
        what = f"năm {hint.value}" if hint.column == "year" else f"loại “{hint.value}”"
        reading.steps.append(Step(f"favoured_{hint.column}", f"Ưu tiên văn bản {what}.", (hint.typed,)))
    return [Constant(_chosen(hint), scores[hint.column]) for hint in reading.hints]


def _numbered(reading: _Reading) -> tuple[Node, ...]:
    keys = list(dict.fromkeys(reading.number_keys))[:MAX_UNITS]
    start = [Constant(Keyword("number", reading.number_start), NUMBER_START_SCORE)] if reading.number_start else []
    return (*(Constant(Keyword("number", key), NUMBER_SCORE) for key in keys), *start)


def _has_accentable_letters(mark: Mark) -> bool:
    return mark.kind not in _WHOLE and any(character.isalpha() for term in mark.terms for character in term)


def _all_of(nodes: Sequence[Node]) -> Node:
    return And(tuple(nodes)) if len(nodes) > 1 else nodes[0] if nodes else All()


def _words(units: list[Node], reading: _Reading) -> Node:
    """Combine units, of which a few may be missing; words side by side as typed score more."""
    count = len(units)
    minimum = count if count <= ALL_REQUIRED else min(ceil(MINIMUM_SHARE * count), MINIMUM_AT_MOST)
    found: Node = Or(tuple(units), minimum)
    if minimum < count:
        told = (
            f"Tìm kết quả có ít nhất {minimum} trong {count} từ; càng khớp nhiều từ, các từ càng đứng gần nhau, càng đứng trước."
        )
        reading.steps.append(Step("most_words", told))
    return And((found, Or((Constant(All(), 0.0), *_side_by_side(reading))))) if count > 1 else found


def _side_by_side(reading: _Reading) -> list[Node]:
    """Return what scores words that stand as they were typed: each pair, and all of them."""
    words, layer = reading.sequence[:MAX_UNITS], reading.layer
    pairs = dict.fromkeys(pair for pair in pairwise(words) if all(pair))
    scoring: list[Node] = [Boost(Phrase(pair, layer), PAIR_BOOST) for pair in pairs]
    subject = _subject(words, reading.hints)
    scoring += [Boost(Phrase(tuple(run), layer), WHOLE_PHRASE_BOOST) for run in subject if len(run) > 2]
    title = dict.fromkeys(chain.from_iterable(subject))
    if len(title) > 1:
        scoring.append(Constant(And(tuple(Term(word, layer, ("title",)) for word in title)), TITLE_SCORE))
    return scoring


def _subject(words: Sequence[str], hints: Sequence[Hint]) -> list[list[str]]:
    """Return the runs of plain words that say what the document is about: not its type, nor years."""
    years = {str(hint.value) for hint in hints if hint.column == "year"}
    about = list(words)
    for hint in hints:
        if hint.column == "type":
            about[: len(hint.typed.split())] = [""] * len(hint.typed.split())
    for place, word in enumerate(words):
        if word in years:
            about[place] = ""
            if place and words[place - 1] in {"năm", "nam"}:
                about[place - 1] = ""
    return [list(run) for is_word, run in groupby(about, bool) if is_word]

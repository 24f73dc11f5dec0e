"""How what was read of a question becomes one query: what must be there, how much of the rest, what favours a document."""

from collections.abc import Sequence
from itertools import chain, groupby, pairwise
from math import ceil
from typing import TypeGuard

from analyzers.accents import fold
from indexer.engine.fields import Scope
from indexer.engine.query import All, And, Boost, Constant, Keyword, Layer, Node, Not, OneOf, Or, Phrase, Range, Term
from search_api.hints import Hint
from search_api.meaning import AS_USUAL, Mark, MarkKind, Relaxed, Step, Understanding
from search_api.units import Reading

MAX_UNITS = 64  # words, phrases and numbers; a question has fewer, and each costs a look at the index
ALL_REQUIRED = 3  # up to so many units all must be there
MINIMUM_SHARE = 0.7  # of more units
MINIMUM_AT_MOST = {Scope.DOCUMENTS: 5, Scope.PROVISIONS: 3}  # however long; an article has fewer words than its document
SHORTEST_IDENTIFIER = 6  # figures, as of accounts (indexer/legal/personal.py)

# A document with the number asked for comes before any sum of word scores: at most about 20 a unit.
NUMBER_SCORE = 10_000.0
NUMBER_START_SCORE = 5_000.0  # its number only begins with the figures asked for
# Of documents with the figures and year of a number, those of other types than it is cited with, where its amenders are sought
OTHER_TYPE_SCORE = 15.0
BODY_OF_NUMBER_SHARE = 100.0  # times what a body that is named scores, for those of it: 1,500 where nothing else can be meant
# Of documents with the same number the newest come first. A year is a sum of powers of two, so six sets of years rank 64 of them.
_YEAR_SCORE = 30.0
TYPE_OF_NUMBER_SCORE = 2_500.0  # of documents whose number has the figures asked for, those of the type asked for come first
_TITLE, _HEADING = ("title",), ("heading",)
_HEADING_WORDS = range(2, 6)  # of a question that may be a heading
HEADING_SCORE = 12.0  # for an article whose heading has all of it side by side
PAIR_BOOST = 0.5
DAY_OF_NUMBER_SCORE = 2_000.0  # those of the day asked for, too
_SHARE_BESIDE = 0.001  # of the score for newer ones, where something else is said: that decides
# For what was issued on the day that is named, above those that cite the day; and where words say what it is about
DAY_SCORE, DAY_BESIDE_SCORE = 30.0, 15.0
_TIES = ("sua doi", "bo sung", "thay the", "bai bo", "dinh chinh", "huong dan", "quy dinh chi tiet", "qui dinh chi tiet")
_IDLE = frozenset(("so", "ky", "hieu", "cua", "ngay", "thang", "nam", "van", "ban"))  # say nothing beside a number
TITLE_SCORE = 12.0  # for a document whose title has every word of the subject
# Of a question that few entries have enough words of, those before the others: above any sum of word scores and second look.
FULL_SCORE = 5_000.0
TYPE_SCORE, YEAR_SCORE = 15.0, 15.0  # for the type that a question begins with, and for a year: they favour, never exclude
_WHOLE = (MarkKind.NUMBER, MarkKind.DATE)


def newer_first(score: float) -> tuple[Node, ...]:
    """Return what scores a document the more the newer it is, by `score` a year; half a year for one whose day is known."""
    bits = (1, 2, 4, 8, 16, 32)
    years = (Constant(OneOf("year", tuple(1990 + place for place in range(64) if place & bit)), score * bit) for bit in bits)
    return (*years, Constant(Range("issued_date", 1, None), score / 2))


def conclude(reading: Reading, found: Node | None = None) -> Understanding:
    """Make one query of all that was read; `found` is what the parts of a question with operators came to."""
    lists = (reading.demanded, reading.wanted, reading.bound, reading.excluded)
    if max(len(dict.fromkeys(nodes)) for nodes in lists) > MAX_UNITS:
        reading.steps.append(Step("shortened", f"Câu hỏi dài: chỉ dùng {MAX_UNITS} từ đầu."))
    _leave_out(reading)
    browsing = not reading.marks
    if browsing and not (reading.bound or reading.restricted):
        reading.steps.insert(0, Step("browse", "Chưa nêu từ cần tìm: văn bản mới nhất đứng trước."))
    elif reading.layer is Layer.FOLDED and any(map(_has_accentable_letters, reading.marks)):
        reading.steps.append(Step("folded", "Câu hỏi không có dấu: tìm không phân biệt dấu."))
    score = DAY_BESIDE_SCORE if _has_subject(reading) else DAY_SCORE
    if reading.scope is Scope.DOCUMENTS:
        reading.favoured += [Constant(Range("issued_date", day, day), score) for day in reading.days]
    node = found or _sought(reading) or (None if reading.bound else All())
    if (reading.hints or reading.favoured) and not browsing:
        node = And((node or All(), Or((Constant(All(), 0.0), *_favoured(reading), *reading.favoured))))
    node = all_of([*([node] if node else []), *_restrictions(reading)])
    words = tuple(word for word in reading.sequence[:MAX_UNITS] if word)
    numbers = (*reading.number_keys, *_starts(reading))
    steps, marks = tuple(dict.fromkeys(reading.steps)), tuple(dict.fromkeys(reading.marks))
    units = () if found or _is_exact(reading) else _units(reading.wanted)
    minimum = _minimum(len(units), reading.scope, reading.relaxed)
    return Understanding(
        node, words, reading.layer, steps, marks, browsing, reading.reference, numbers, units, _others(words, reading), minimum
    )


def _others(words: Sequence[str], reading: Reading) -> tuple[tuple[str, str], ...]:
    """Return the other spellings that may be meant of words typed without accents, each once, with the word."""
    known, found = set(words), []
    for word in dict.fromkeys(words):
        for other in reading.restored[word].standing() if word in reading.restored else ():
            if other not in known:
                known.add(other)
                found.append((word, other))
    return tuple(found)


def _leave_out(reading: Reading) -> None:
    left_out = reading.relaxed.left_out
    reading.wanted = [unit for unit in reading.wanted if unit not in left_out]
    reading.sequence = ["" if reading.term(word) in left_out else word for word in reading.sequence]


def _is_exact(reading: Reading) -> bool:
    """Say whether something is asked that must be as it is: operators, fields, quotations, or a number and nothing beside it.

    So must be a long figure, such as of a person's papers: what has the other words alone is about somebody else.
    """
    if reading.demanded or reading.bound or reading.excluded or reading.number_start:
        return True
    if any(word.isdigit() and len(word) >= SHORTEST_IDENTIFIER for word in reading.sequence):
        return True
    return bool(reading.number_keys) and not _subject(reading.sequence[:MAX_UNITS], reading.hints, reading.beside)


def _units(nodes: Sequence[Node]) -> tuple[Node, ...]:
    return tuple(dict.fromkeys(nodes))[:MAX_UNITS]


def _minimum(count: int, scope: Scope, relaxed: Relaxed) -> int:
    """Return how many of `count` units must be there."""
    minimum = count if count <= ALL_REQUIRED else min(ceil(MINIMUM_SHARE * count), MINIMUM_AT_MOST[scope])
    return max(min(count, 1), minimum - relaxed.fewer)


def side_of(reading: Reading) -> Node | None:
    """Return what one side of an operator asks for; None for nothing."""
    sought = _sought(reading)
    nodes = [*([sought] if sought else []), *_restrictions(reading)]
    return all_of(nodes) if nodes else None


def _sought(reading: Reading) -> Node | None:
    """Return what words, phrases and numbers ask for; None where there are none."""
    demanded, wanted = (list(_units(nodes)) for nodes in (reading.demanded, reading.wanted))
    said = _words(wanted, reading) if wanted else None
    if said and reading.instead:
        said = Or((said, *(Constant(node, 0.0) for node in reading.instead)))
    nodes = [*demanded, *([said] if said else []), *reading.restricted]
    named = _numbered(reading)
    if not named:
        return all_of(nodes) if nodes else None
    types = dict.fromkeys((*(str(hint.value) for hint in reading.hints if hint.column == "type"), *reading.number_types))
    telling: list[Node] = [Constant(OneOf("type", (name,)), TYPE_OF_NUMBER_SCORE) for name in types]
    telling += [Constant(Range("issued_date", day, day), DAY_OF_NUMBER_SCORE) for day in reading.days]
    telling += [Constant(each.child, each.score * BODY_OF_NUMBER_SHARE) for each in reading.favoured if _is_of_body(each)]
    newest = newer_first(_YEAR_SCORE * (_SHARE_BESIDE if _says_more(reading) else 1))
    return Or((And((Or(named), Or((Constant(All(), 0.0), *telling, *newest)))), all_of(nodes)))


def _is_of_body(node: Node) -> TypeGuard[Constant]:
    return isinstance(node, Constant) and isinstance(node.child, OneOf) and node.child.column == "issuer"


def _says_more(reading: Reading) -> bool:
    """Say whether a question with a number says something else that tells which document is meant."""
    if reading.days or not all(map(_is_of_body, reading.favoured)) or any(hint.column == "year" for hint in reading.hints):
        return True
    return not reading.number_start and _has_subject(reading)


def _seeks_ties(reading: Reading) -> bool:
    """Say whether a question asks for what amends, replaces or guides the document whose number it names."""
    said = f" {' '.join(map(fold, reading.sequence))} "
    return any(f" {words} " in said for words in _TIES)


def _has_subject(reading: Reading) -> bool:
    """Say whether words say what the document is about."""
    subject = chain.from_iterable(_subject(reading.sequence[:MAX_UNITS], reading.hints, reading.beside))
    return any(fold(word) not in _IDLE for word in subject)


def _restrictions(reading: Reading) -> list[Node]:
    bound, excluded = (list(dict.fromkeys(nodes))[:MAX_UNITS] for nodes in (reading.bound, reading.excluded))
    return [*bound, *map(Not, excluded)]


def _chosen(hint: Hint) -> Node:
    return OneOf(hint.column, (hint.value,))


def _favoured(reading: Reading) -> list[Node]:
    """Return what scores documents of the type and the years that the question names, and tell so."""
    scores = {"type": TYPE_SCORE, "year": YEAR_SCORE}
    for hint in reading.hints:
        what = f"năm {hint.value}" if hint.column == "year" else f"loại “{hint.value}”"
        reading.steps.append(Step(f"favoured_{hint.column}", f"Ưu tiên văn bản {what}.", (hint.typed,)))
    return [Constant(_chosen(hint), scores[hint.column]) for hint in reading.hints]


def _numbered(reading: Reading) -> tuple[Node, ...]:
    keys = list(dict.fromkeys(reading.number_keys))[:MAX_UNITS]
    named: list[Node] = []
    for key in keys:
        bearing = Keyword("number", key)
        if reading.number_types and _seeks_ties(reading) and not any(map(str.isalpha, key)):
            of_type = And((bearing, OneOf("type", reading.number_types)))
            named += [Constant(of_type, NUMBER_SCORE), Constant(bearing, OTHER_TYPE_SCORE)]
        else:
            named.append(Constant(bearing, NUMBER_SCORE))
    return (*named, *(Constant(Keyword("number", key), NUMBER_START_SCORE) for key in _starts(reading)))


def _starts(reading: Reading) -> list[str]:
    """Return the keys of the numbers that only begin with what was typed."""
    return [*([reading.number_start] if reading.number_start else []), *dict.fromkeys(reading.number_cuts)][:MAX_UNITS]


def _has_accentable_letters(mark: Mark) -> bool:
    return mark.kind not in _WHOLE and any(character.isalpha() for term in mark.terms for character in term)


def all_of(nodes: Sequence[Node]) -> Node:
    """Return what all nodes together ask for; every entry where there is none."""
    return And(tuple(nodes)) if len(nodes) > 1 else nodes[0] if nodes else All()


def _words(units: list[Node], reading: Reading) -> Node:
    """Combine units, of which a few may be missing."""
    count = len(units)
    minimum = _minimum(count, reading.scope, reading.relaxed)
    found: Node = Or(tuple(units), minimum)
    if minimum < count:
        told = (
            f"Tìm kết quả có ít nhất {minimum} trong {count} từ; càng khớp nhiều từ, các từ càng đứng gần nhau, càng đứng trước."
        )
        reading.steps.append(Step("most_words", told))
    scoring = _titled(reading)
    if reading.relaxed.spelt_otherwise:
        scoring.append(Constant(found, FULL_SCORE))
        found = Or((found, Phrase(tuple(map(fold, filter(None, reading.sequence))), Layer.FOLDED)))
    if reading.relaxed.full_first:
        scoring.append(Constant(Or(tuple(units), _minimum(count, reading.scope, AS_USUAL)), FULL_SCORE))
    if reading.relaxed.any_accents:
        scoring.append(Constant(Or(tuple(map(_as_typed, units)), minimum), FULL_SCORE))
    return And((found, Or((Constant(All(), 0.0), *scoring)))) if scoring else found


def _as_typed(unit: Node) -> Node:
    """Return what finds a unit that is sought with any accents with its own alone."""
    match unit:
        case Or((Term(layer=Layer.MAIN) as typed, Boost(Term(layer=Layer.FOLDED))), 1):
            return typed
        case Or(children, minimum):
            return Or(tuple(map(_as_typed, children)), minimum)
        case _:
            return unit


def _titled(reading: Reading) -> list[Node]:
    """Return what scores titles that have words side by side as typed, a number asked for, or every word of the subject.

    Of articles it is the headings that have all of a short question side by side. How words stand together elsewhere is the
    second look's: titles are short, so that this costs little.
    """
    words = reading.sequence[:MAX_UNITS]
    if reading.scope is not Scope.DOCUMENTS:
        headed = len(words) in _HEADING_WORDS and all(words)
        return [Constant(reading.phrase(tuple(words), _HEADING), HEADING_SCORE)] if headed else []
    pairs = dict.fromkeys(pair for pair in pairwise(words) if all(pair))
    scoring: list[Node] = [Boost(reading.phrase(pair, _TITLE), PAIR_BOOST) for pair in pairs]
    cited = (mark.terms for mark in reading.marks if mark.kind is MarkKind.NUMBER and _has_subject(reading))
    scoring += [Constant(Phrase(terms, Layer.FOLDED, fields=_TITLE), TITLE_SCORE) for terms in dict.fromkeys(cited)]
    subject = dict.fromkeys(chain.from_iterable(_subject(words, reading.hints, reading.beside)))
    if len(subject) > 1:
        scoring.append(Constant(And(tuple(reading.term(word, _TITLE) for word in subject)), TITLE_SCORE))
    return scoring


def _subject(words: Sequence[str], hints: Sequence[Hint], aside: Sequence[tuple[str, ...]]) -> list[list[str]]:
    """Return the runs of plain words that say what the document is about: not its type, nor years, nor what stands `aside`."""
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
    for run in aside:
        at = next((at for at in range(len(words)) if tuple(words[at : at + len(run)]) == run), len(words))
        about[at : at + len(run)] = [""] * len(about[at : at + len(run)])
    return [list(run) for is_word, run in groupby(about, bool) if is_word]

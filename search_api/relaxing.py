"""A question that nothing, or little, answers as it stands: which of its plain words are given up, and what is told of it.

Where less than three entries answer a question of two or three words with accents, texts that have them side by side with others
come behind. If there is nothing, words that no entry of the scope has are left out, or sought with other accents; then
fewer of the others must be there, as few fewer as gives anything. Where one or two entries answer, those with one word less come
behind. Which words may be missing is decided from the question, the index, and the reader's rights and filters alone, so every
page of an answer is one of the same entries. Nothing that was asked exactly is given up (`Understanding.units`), nor filters and
rights. It takes at most four further searches, and for readers of more than public documents up to sixteen look-ups of words.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from typing import Final

from analyzers.accents import fold
from indexer.engine.fields import Scope
from indexer.engine.port import SearchEngine, SearchRequest, SearchResult, Sort
from indexer.engine.query import Boost, Layer, Node, Or, Term
from indexer.model import Visibility
from search_api.bodies import NO_BODIES, Bodies
from search_api.combine import SHORTEST_IDENTIFIER
from search_api.meaning import AS_USUAL, Relaxed, Step, Understanding
from search_api.params import SearchParams
from search_api.plain_words import has_typed_accents
from search_api.plan import PUBLIC, plan
from search_api.wording import syllable_tokens

FEW: Final = 3  # results from which on a question is answered as it stands
_FEWEST_WORDS: Final = 2  # that entries share with a question if they follow those that answer it
_LOOKED_INTO: Final = 8  # words that no public entry has, for a reader who sees others, too
_ANY_ACCENTS: Final = Relaxed(any_accents=True)
_LONG_FIGURE: Final = Step(
    "long_figure",
    "Không có kết quả nào chứa đủ các từ của câu hỏi. "
    f"Dãy từ {SHORTEST_IDENTIFIER} chữ số trở lên phải khớp đúng, nên không bớt từ nào.",
)
_NAMES: Final = {Scope.DOCUMENTS: "văn bản", Scope.PROVISIONS: "điều"}

Answer = tuple[Understanding, SearchResult]


@dataclass(frozen=True, slots=True)
class Asking:
    """A question with all that its answer depends on; `understood` reads it once more, relaxed."""

    engine: SearchEngine
    params: SearchParams
    visible: frozenset[Visibility]
    day: date
    understood: Callable[[Relaxed], Understanding]
    bodies: Bodies = NO_BODIES  # of the collection

    def ask(self, relaxed: Relaxed) -> Answer:
        """Return the answer to the question with less asked of it."""
        understanding = self.understood(relaxed)
        return understanding, self.engine.search(plan(self.params, understanding, self.day, self.visible))

    def frequency(self, term: Term) -> int:
        """Return how many public entries of the scope have a term."""
        (count,) = self.engine.frequencies([term.text], self.params.scope, term.layer)
        return count


def answer(asking: Asking) -> Answer:
    """Return the answer to a question, relaxed where little or nothing answers it. Raises what the engine raises."""
    strict, result = asking.ask(AS_USUAL)
    if not (strict.units or strict.steps or result.total) and any(map(str.isdigit, strict.words)):
        return _told(strict, [_LONG_FIGURE]), result
    if not strict.units or result.total >= FEW:
        return strict, result
    accents = strict.layer is Layer.MAIN and not asking.params.as_typed and has_typed_accents(asking.params.q, asking.bodies)
    spelt = accents and len(strict.words) == strict.minimum == len(strict.units) > 1
    if result.total and ((not spelt and strict.minimum <= _FEWEST_WORDS) or _stays(asking, strict)):
        return strict, result
    if spelt:
        otherwise, found = asking.ask(Relaxed(spelt_otherwise=True))
        if found.total > result.total:
            return _told(otherwise, [_any_accents(asking, strict, result.total)]), found
    if result.total:
        return _filled(asking, strict, result)
    left_out, base = _nowhere(asking, strict), AS_USUAL
    if left_out and accents:
        loose = asking.understood(_ANY_ACCENTS)
        if len(nowhere := _nowhere(asking, loose)) < len(left_out):
            strict, left_out, base = loose, nowhere, _ANY_ACCENTS
    if len(left_out) == len(strict.units):
        return _told(strict, [_nowhere_told(asking, strict, left_out)]), result
    return _relaxed(asking, strict, replace(base, left_out=left_out)) or (strict, result)


def _relaxed(asking: Asking, strict: Understanding, less: Relaxed) -> Answer | None:
    """Return the answer that asks least less of a question without an answer; None where there is none."""
    steps, asked = [_any_accents(asking, strict, 0)] if less.any_accents else [], strict
    if less.left_out:
        steps.append(_left_out(asking, strict, less.left_out))
    if less != AS_USUAL:
        asked, result = asking.ask(less)
        if result.total:
            return _told(asked, steps), result
    found: Answer | None = None
    low, high = 1, asked.minimum - 1  # of the numbers of words from low to high the largest that gives anything is sought
    while low <= high:
        minimum = (low + high + 1) // 2
        understanding, result = asking.ask(replace(less, fewer=asked.minimum - minimum))
        if result.total:
            found, low = (understanding, result), minimum + 1
        else:
            high = minimum - 1
    if found is None:
        return None
    return _told(found[0], [*steps, _fewer(asking, found[0])]), found[1]


def _stays(asking: Asking, strict: Understanding) -> bool:
    """Say whether few results stay as they are: of a number, in an order of their own, or since filters leave no more of them.

    Counts of facets lead to filters.
    """
    if asking.params.sort not in (None, Sort.RELEVANCE) or strict.numbers:
        return True
    request = plan(asking.params, strict, asking.day, asking.visible)
    if not request.filters:
        return False
    return asking.engine.search(replace(request, filters=(), limit=0, facets=(), rerank=None)).total >= FEW


def _filled(asking: Asking, strict: Understanding, few: SearchResult) -> Answer:
    """Return the few entries found, followed by those with one word less."""
    if strict.minimum <= _FEWEST_WORDS:
        return strict, few
    understanding, result = asking.ask(Relaxed(fewer=1, full_first=True))
    if result.total == few.total:
        return strict, few
    what, minimum, count = _NAMES[asking.params.scope], understanding.minimum, len(understanding.units)
    told = f"chỉ {few.total} {what} có đủ các từ cần có, đứng đầu; tiếp theo là {what} có {minimum} trong {count} từ."
    return _told(understanding, [Step("filled", _within(asking, strict, told))]), result


def _nowhere(asking: Asking, understanding: Understanding) -> frozenset[Node]:
    """Return the words that no entry of the scope has which the reader may see."""
    words = set(map(fold, understanding.words))
    plain = {unit: terms for unit in understanding.units if (terms := _terms(unit)) and fold(terms[0].text) in words}
    missing = [unit for unit, terms in plain.items() if not any(map(asking.frequency, terms))]
    if not asking.visible <= PUBLIC:  # frequencies are those of public entries, for every reader
        missing = [unit for unit in missing[:_LOOKED_INTO] if not _count(asking, unit)]
    return frozenset(missing)


def _terms(unit: Node) -> tuple[Term, ...]:
    """Return the terms that a word is sought as, in each of its spellings; none where it is sought otherwise, too."""
    match unit:
        case Term():
            return (unit,)
        case Boost(child):
            return _terms(child)
        case Or(children, 1):
            found = tuple(map(_terms, children))
            return tuple(chain.from_iterable(found)) if all(found) else ()
        case _:
            return ()


def _count(asking: Asking, unit: Node) -> int:
    request = SearchRequest(unit, asking.params.scope, visible=asking.visible, limit=0)
    return asking.engine.search(request).total


def _told(understanding: Understanding, steps: list[Step]) -> Understanding:
    """Return the understanding with steps told first; how many words must be there is told by these alone, if at all."""
    codes = {step.code for step in steps}
    usual = [step for step in understanding.steps if step.code != "most_words" or codes <= {"left_out", "any_accents"}]
    return replace(understanding, steps=(*steps, *usual))


def _any_accents(asking: Asking, strict: Understanding, few: int) -> Step:
    what = _NAMES[asking.params.scope]
    told = f"không {what} nào có đủ các từ với đúng dấu đã gõ: đã tìm cả các cách bỏ dấu khác."
    if few:
        told = f"chỉ {few} {what} có đúng dấu đã gõ, đứng đầu; tiếp theo là {what} bỏ dấu khác."
    return Step("any_accents", _within(asking, strict, told))


def _left_out(asking: Asking, strict: Understanding, left_out: frozenset[Node]) -> Step:
    nowhere = _nowhere_told(asking, strict, left_out)
    return Step("left_out", f"{nowhere.text[:-1]}: đã tìm bằng các từ còn lại.", nowhere.terms)


def _nowhere_told(asking: Asking, strict: Understanding, words: frozenset[Node]) -> Step:
    """Tell of words that no entry has, in the spelling of the question."""
    terms = [fold(_terms(unit)[0].text) for unit in strict.units if unit in words]
    typed = {token.text: asking.params.q[token.start : token.end] for token in syllable_tokens(asking.params.q, Layer.FOLDED)}
    shown = tuple(typed.get(term, term) for term in terms)
    named = ", ".join(f"“{word}”" for word in shown)
    return Step("nowhere", f"Không {_NAMES[asking.params.scope]} nào có {named}.", shown)


def _fewer(asking: Asking, understanding: Understanding) -> Step:
    what, minimum, count = _NAMES[asking.params.scope], understanding.minimum, len(understanding.units)
    told = f"không {what} nào có đủ các từ cần có: đã tìm {what} chỉ có {minimum} trong {count} từ, từ hiếm được coi trọng hơn."
    return Step("fewer_words", _within(asking, understanding, told))


def _within(asking: Asking, understanding: Understanding, told: str) -> str:
    """Return what is told of the entries that filters and the period asked for leave, saying so where there are any."""
    request = plan(asking.params, understanding, asking.day, asking.visible)
    if request.filters or any(step.code == "period" for step in understanding.steps):
        return f"Trong phạm vi đã lọc, {told}"
    return told[:1].upper() + told[1:]

"""What a question is understood to be: query nodes, the steps taken, and what to mark in the texts found."""

from dataclasses import dataclass
from enum import StrEnum

from indexer.engine.query import Layer, Node
from search_api.references import Reference


class MarkKind(StrEnum):
    """How a mark is found and shown in a text."""

    WORDS = "words"  # its terms side by side, each marked
    PREFIX = "prefix"  # words that start with one of its terms
    PATTERN = "pattern"  # words that fit one of its terms, in which * and ? stand for letters
    NUMBER = "number"  # a document number, marked as a whole
    DATE = "date"  # a day, in any spelling, marked as a whole


@dataclass(frozen=True, slots=True)
class Mark:
    """Something to show in the texts found: analysed terms, in order; of prefixes and patterns, alternatives."""

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
class Relaxed:
    """What is asked less of a question's plain words than usual: units left out, and how many fewer of the others must be there.

    With `full_first`, entries with as many as usual come before the others. With `any_accents`, words are sought with other ones
    than those typed, too, behind what has these; with `spelt_otherwise`, where all of them stand side by side.
    """

    left_out: frozenset[Node] = frozenset()
    fewer: int = 0
    full_first: bool = False
    any_accents: bool = False
    spelt_otherwise: bool = False


AS_USUAL = Relaxed()


@dataclass(frozen=True, slots=True)
class Understanding:
    """A question ready for planning; `browsing` when it names nothing to look for. `words` are its plain ones, in order.

    `reference` is the provision that it names, of a document with one of the numbers `numbers` where it states one.
    """

    node: Node
    words: tuple[str, ...]
    layer: Layer
    steps: tuple[Step, ...]
    marks: tuple[Mark, ...]
    browsing: bool
    reference: Reference | None = None
    numbers: tuple[str, ...] = ()
    units: tuple[Node, ...] = ()  # what may be missing: words, whole numbers and days; none of a question that is meant exactly
    others: tuple[tuple[str, str], ...] = ()  # words with other spellings that may be meant
    minimum: int = 0  # of `units` that must be there


def nowhere(step: Step) -> Step:
    """Return what to say instead of a step that took something for a number, a signer or a body that no document has."""
    if step.code == "only_issuer":
        return Step("no_issuer", f"Không có văn bản nào của {' hoặc '.join(f'“{name}”' for name in step.terms)}.", step.terms)
    if step.code == "law":
        name, *numbers = step.terms
        return Step("no_law", f"Không có {name} (số {', '.join(reversed(numbers))}) trong các văn bản ở đây.", step.terms)
    (number,) = step.terms
    if step.code == "only_signer":
        return Step("no_signer", f"Không có văn bản nào ghi người ký là “{number}”.", step.terms)
    if step.code == "number":
        return Step("no_number", f"“{number}” là số, ký hiệu. Không có văn bản nào mang số này.", step.terms)
    return Step("no_number", f"Không có văn bản nào mang số “{number}”, có ký hiệu hay không.", step.terms)


def no_provision(step: Step) -> Step:
    """Return what to say instead of a step that took something for an article, where no document named so has it."""
    (typed,) = step.terms
    return Step("no_provision", f"“{typed}”: không có văn bản được nêu tên nào có điều này.", step.terms)

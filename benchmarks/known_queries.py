"""Questions of people who know which document they want: parts of its title, its number as it is typed, type, subject and year.

Each question is made from one document's metadata with a seeded generator, and kept only when no other document fits it: no
other title has all of its words (accents aside), no other number agrees with what the typed form states of it, no other document
has its type, year and subject. Documents of one and the same number and title count as one.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from analyzers.accents import fold, has_accents
from analyzers.citations import number_key
from analyzers.tokenise import syllables

KINDS = (
    "title_cut",
    "title_reordered",
    "title_unaccented",
    "title_misspelt",
    "title_abbreviated",
    "number_full",
    "number_lenient",
    "type_subject_year",
    "number_subject",
)
_TRIES = 60  # documents looked at for one question
_ABBREVIATIONS = {
    "ủy ban nhân dân": "UBND",
    "hội đồng nhân dân": "HĐND",
    "thủ tục hành chính": "TTHC",
    "giải phóng mặt bằng": "GPMB",
    "quyền sử dụng đất": "QSDĐ",
    "bảo hiểm y tế": "BHYT",
    "bảo hiểm xã hội": "BHXH",
    "giao thông vận tải": "GTVT",
    "giá trị gia tăng": "GTGT",
    "thu nhập doanh nghiệp": "TNDN",
    "trách nhiệm hữu hạn": "TNHH",
    "quy phạm pháp luật": "QPPL",
    "giáo dục và đào tạo": "GDĐT",
    "tài nguyên và môi trường": "TNMT",
}
_TYPE_SHORT = {"Nghị định": "nđ", "Quyết định": "qđ", "Nghị quyết": "nq", "Thông tư": "tt", "Chỉ thị": "ct"}
_KEYS = "abcdefghiklmnopqrstuvxy"


@dataclass(frozen=True, slots=True)
class Known:
    """A document as a searcher knows it."""

    id: str
    number: str
    type: str
    year: int | None
    title: str

    @property
    def figures(self) -> str:
        """The number's first group: 30 of 30/2020/NĐ-CP."""
        return number_key(self.number).partition("-")[0]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the documents that answer it: one, or copies of one."""

    kind: str
    text: str
    relevant: frozenset[str]


class Inventory:
    """All documents, by what a question can state of them."""

    def __init__(self, documents: Iterable[Known]) -> None:
        self.documents = list(documents)
        self.titled = [known for known in self.documents if known.title]  # of which questions are made
        self._titles: dict[str, set[int]] = defaultdict(set)
        self._numbers: dict[str, set[int]] = defaultdict(set)
        self._figures: dict[str, set[int]] = defaultdict(set)
        for place, known in enumerate(self.documents):
            for word in set(_folded(known.title)):
                self._titles[word].add(place)
            self._numbers[number_key(known.number)].add(place)
            self._figures[known.figures].add(place)

    def by_title(self, words: Sequence[str], fits: Callable[[Known], bool] = lambda _: True) -> frozenset[str]:
        """Return the one document whose title has all of `words` and that fits; empty when there are several."""
        found = reduce(set.intersection, (self._titles.get(word, set()) for word in set(_folded(" ".join(words)))))
        return self._one(place for place in found if fits(self.documents[place]))

    def by_number(self, number: str) -> frozenset[str]:
        """Return the one document that bears the number."""
        return self._one(self._numbers[number_key(number)])

    def by_figures(self, figures: str, fits: Callable[[Known], bool]) -> frozenset[str]:
        """Return the one document whose number begins with the figures and that fits."""
        return self._one(place for place in self._figures[figures] if fits(self.documents[place]))

    def _one(self, places: Iterable[int]) -> frozenset[str]:
        found = [self.documents[place] for place in places]
        same = {(number_key(known.number), fold(known.title).casefold()) for known in found}
        return frozenset(known.id for known in found) if len(same) == 1 else frozenset()


def _folded(text: str) -> list[str]:
    return [fold(word).casefold() for word in syllables(text).texts]


def make_questions(inventory: Inventory, count: int, seed: int) -> list[Asked]:
    """Return `count` questions, as many of each kind, of documents drawn anew for each kind."""
    asked: list[Asked] = []
    for kind in KINDS:
        chance = random.Random(f"{seed} {kind}")
        made: dict[str, Asked] = {}
        for _ in range(count // len(KINDS) * _TRIES):
            if len(made) == count // len(KINDS):
                break
            for question in _MAKERS[kind](inventory, chance.choice(inventory.titled), chance):
                if question.relevant:
                    made.setdefault(question.text, question)
                    break
        asked += made.values()
    return asked


def _title_words(known: Known, chance: random.Random, least: int, most: int) -> list[str]:
    """Return some words of a title that stand side by side."""
    words = list(syllables(known.title).texts)
    size = min(len(words), chance.randint(least, most))
    first = chance.randint(0, len(words) - size)
    return words[first : first + size]


def _cut(inventory: Inventory, known: Known, chance: random.Random) -> Iterator[Asked]:
    words = _title_words(known, chance, 6, 14)
    yield Asked("title_cut", " ".join(words), inventory.by_title(words) if len(words) > 3 else frozenset())


def _reordered(inventory: Inventory, known: Known, chance: random.Random) -> Iterator[Asked]:
    words = _title_words(known, chance, 8, 14)
    cut = len(words) // 2
    text = " ".join([*words[cut:], *words[:cut]])
    yield Asked("title_reordered", text, inventory.by_title(words) if len(words) > 5 else frozenset())


def _unaccented(inventory: Inventory, known: Known, chance: random.Random) -> Iterator[Asked]:
    for one in _cut(inventory, known, chance):
        yield Asked("title_unaccented", fold(one.text).lower(), one.relevant)


def _misspelt(inventory: Inventory, known: Known, chance: random.Random) -> Iterator[Asked]:
    """One word in about eight has a letter lost, doubled, exchanged with its neighbour or hit beside."""
    for one in _cut(inventory, known, chance):
        words = one.text.split()
        for place in chance.sample(range(len(words)), max(1, len(words) // 8)):
            words[place] = _typo(words[place], chance)
        yield Asked("title_misspelt", " ".join(words), one.relevant if " ".join(words) != one.text else frozenset())


def _typo(word: str, chance: random.Random) -> str:
    if len(word) < 3:
        return word
    at = chance.randrange(1, len(word) - 1)
    return chance.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + chance.choice(_KEYS) + word[at + 1 :],
        )
    )


def _abbreviated(inventory: Inventory, known: Known, chance: random.Random) -> Iterator[Asked]:
    for one in _cut(inventory, known, chance):
        text = one.text
        for long, short in _ABBREVIATIONS.items():
            at = text.lower().find(long)
            text = f"{text[:at]}{short}{text[at + len(long) :]}" if at >= 0 else text
        yield Asked("title_abbreviated", text, one.relevant if text != one.text else frozenset())


def _full(inventory: Inventory, known: Known, _chance: random.Random) -> Iterator[Asked]:
    yield Asked("number_full", known.number, inventory.by_number(known.number))


def _lenient(inventory: Inventory, known: Known, chance: random.Random) -> Iterator[Asked]:
    """Yield ways in which people type a number, in any order; each states something of it."""
    number, figures = known.number, known.figures
    symbol = number.rpartition("/")[2]

    def whole(text: str) -> Asked:
        return Asked("number_lenient", text, inventory.by_number(number))

    def part(text: str, fits: Callable[[Known], bool]) -> Asked:
        return Asked("number_lenient", text, inventory.by_figures(figures, fits))

    def same_year(other: Known) -> bool:
        return other.year == known.year

    def same_type(other: Known) -> bool:
        return other.type == known.type

    ways = [
        whole(number.lower()),
        whole(fold(number).lower()),
        whole(number.replace("/", " / ").replace("-", " - ")),
        whole(number.replace("-", "")),
        whole(number.replace("/", "-")),
        whole(f"số {number}"),
    ]
    if known.year and f"/{known.year}/" in number:
        ways.append(part(f"{figures}/{known.year}", same_year))
        ways.append(part(f"{known.type.lower()} {figures}/{known.year}", lambda one: same_year(one) and same_type(one)))
        if known.type in _TYPE_SHORT:
            short = _TYPE_SHORT[known.type]
            ways.append(part(f"{fold(short)} {figures} {known.year}", lambda one: same_year(one) and same_type(one)))
    elif figures.isdigit():
        bare = number_key(symbol).partition("-")[2] or number_key(symbol)
        ways.append(part(f"{figures} {symbol.lower()}", lambda one: number_key(one.number).endswith(bare)))
        if known.type in _TYPE_SHORT:
            ways.append(part(f"{_TYPE_SHORT[known.type]} {figures}", same_type))
    chance.shuffle(ways)
    yield from ways


def _type_subject_year(inventory: Inventory, known: Known, chance: random.Random) -> Iterator[Asked]:
    if not known.type or not known.year or not has_accents(known.title):
        return
    words = [word.lower() for word in _title_words(known, chance, 3, 5)]
    relevant = inventory.by_title(words, lambda one: one.type == known.type and one.year == known.year)
    form = chance.choice(("{type} {subject} {year}", "{type} {subject} năm {year}", "{type} năm {year} {subject}"))
    yield Asked("type_subject_year", form.format(type=known.type.lower(), subject=" ".join(words), year=known.year), relevant)


def _number_subject(inventory: Inventory, known: Known, chance: random.Random) -> Iterator[Asked]:
    """Yield how a document is spoken of: its type, the figures of its number without the year, and what it is about."""
    if not known.type or not has_accents(known.title) or not known.figures.isdigit():
        return
    words = [word.lower() for word in _title_words(known, chance, 2, 4)]
    relevant = inventory.by_title(words, lambda one: one.type == known.type and one.figures == known.figures)
    said = chance.choice((known.type.lower(), known.type.lower(), _TYPE_SHORT.get(known.type, known.type.lower())))
    form = chance.choice(("{type} {figures} {subject}", "{type} số {figures} {subject}", "{subject} {type} {figures}"))
    yield Asked("number_subject", form.format(type=said, figures=int(known.figures), subject=" ".join(words)), relevant)


_MAKERS: Mapping[str, Callable[[Inventory, Known, random.Random], Iterator[Asked]]] = {
    "title_cut": _cut,
    "title_reordered": _reordered,
    "title_unaccented": _unaccented,
    "title_misspelt": _misspelt,
    "title_abbreviated": _abbreviated,
    "number_full": _full,
    "number_lenient": _lenient,
    "type_subject_year": _type_subject_year,
    "number_subject": _number_subject,
}

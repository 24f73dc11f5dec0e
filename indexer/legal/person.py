"""Names of persons as signatures show them: "Trần Thanh Mẫn", "Trung tướng Nguyễn Văn Long", "NGUYỄN VĂN A"."""

import re
from collections.abc import Sequence

from analyzers.accents import fold
from analyzers.normalise import normalise
from analyzers.tables import rows
from indexer.legal.cells import Cell, Passage, join
from indexer.legal.naming import is_place_name, names_field
from indexer.legal.offices import leading_office
from indexer.legal.wording import capital_share, in_capitals, syllables

_RANKS = {syllables(name) for kind, name, _ in rows("indexer.legal", "positions.tsv") if kind == "rank"}
_LONGEST_RANK = max(len(rank) for rank in _RANKS)
_NO_PERSON = {syllables(name) for kind, name, _ in rows("indexer.legal", "positions.tsv") if kind == "no name"}
_SURNAMES = {normalise(name) for name, _ in rows("indexer.legal", "surnames.tsv")}
_WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*")  # K'Ré, H'Yim
_NOT_IN_NAMES = re.compile(r"[0-9:;()/&]")
_LONGEST = 45
_VOWEL = re.compile("[aeiouy]")
_BEGUN = (("thị",), ("văn",))  # middle names, after which a given name must come
_WORDS = range(2, 7)


def read_person(cells: Sequence[Cell], *, near: bool) -> tuple[Passage, int] | None:
    """Return the person whose name cells[0] is, or begins in it and ends in cells[1], and how many cells the name takes.

    `near`: an office or "(Đã ký)" stands right before it, so that a rare family name will do.
    """
    alone = _person(cells[0], near=near)
    if len(cells) > 1 and not cells[1].opens and not cells[1].blank_before and _may_end_name(cells[0], cells[1]):
        both = _person(join(cells[:2]), near=False)
        if both is not None:
            return both, 2
    return (alone, 1) if alone is not None else None


def _may_end_name(first: Cell, second: Cell) -> bool:
    """Say whether two lines may share a name, "Nguyễn Thị" / "Kim Ngân", and are not two names or a name and an office."""
    counts = len(syllables(first.text)), len(syllables(second.text))
    begun = syllables(first.text)[-1:] in _BEGUN
    another = counts[1] > 1 and normalise(second.text.split()[0]) in _SURNAMES and counts[0] > 1 and not begun
    same_case = in_capitals(first.text) == in_capitals(second.text)
    return (
        same_case
        and counts[0] <= 3
        and counts[1] <= 2
        and not another
        and not leading_office(second.text)
        and first.text[0] not in "-+•"
    )


def _person(cell: Passage, *, near: bool) -> Passage | None:
    text = cell.text
    if len(text) > _LONGEST or _NOT_IN_NAMES.search(text) or leading_office(text):
        return None
    words = list(_WORD.finditer(text))
    plain = [normalise(word.group()) for word in words]
    rank = next((n for n in range(_LONGEST_RANK, 0, -1) if len(words) > n + 1 and syllables(" ".join(plain[:n])) in _RANKS), 0)
    words, plain = words[rank:], plain[rank:]
    if len(words) not in _WORDS or text[words[-1].end() :].strip(" .,*-–"):
        return None
    name = cell.part(words[0].start(), words[-1].end())
    capitals = capital_share(name.text) > 0.9
    if not capitals and not all(word.group()[0].isupper() and not word.group()[1:].isupper() for word in words):
        return None
    if len(words[-1].group()) == 1 or not _VOWEL.search(fold(plain[-1])):  # "Nguyễn Văn A" of an example; LƯU VT
        return None
    known = plain[0] in _SURNAMES
    sure = near and not capitals  # under an office, with a capital in every word: a name, whatever else its words may say
    if (
        (is_place_name(name.text) and plain[0] != "hồ")
        or (not sure and (tuple(plain) in _NO_PERSON or names_field(name.text)))
        or not (known or (sure and len(words) <= 4))
    ):
        return None
    return Passage(" ".join(word.capitalize() for word in name.text.split()), name.offsets) if capitals else name

"""What the reader's words mean: from a line of text to query nodes, the steps taken, and what to mark in the texts found.

Any text is understood; what cannot be an operator is a word. Operators: "a phrase", -word or NOT word, and word* .
"""

import re
from collections.abc import Sequence

from analyzers.accents import has_accents
from analyzers.citations import NumberMatch, read_bare_number, read_number
from analyzers.normalise import nfc
from indexer.engine.query import Layer
from search_api.combine import conclude
from search_api.hints import Hint, find_hints, read_typed_number
from search_api.meaning import Step, Understanding
from search_api.spelling import Mended
from search_api.units import Reading, read_figures, read_phrase, read_prefix, read_sought_number, read_words

__all__ = ["Understanding", "understand"]

MAX_PREFIXES = 3  # each gathers the entries of up to ten thousands of terms

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
    reading = Reading(Layer.MAIN if has_accents(text) else Layer.FOLDED)
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
        read_figures(typed.number, reading)
    elif bare := read_bare_number(text):
        read_figures(bare, reading)
    _read_pieces(text, numbers, reading)
    return conclude(reading)


def _take_numbers(text: str) -> tuple[str, list[NumberMatch]]:
    """Replace each document number by a sign, so that its hyphens and spaces are no operators."""
    kept, numbers, rest = "", [], text
    while (found := read_number(rest)) is not None:
        kept += rest[: found.start] + _NUMBER_SIGN
        rest = rest[found.end :]
        numbers.append(found)
    return kept + rest, numbers


def _read_pieces(text: str, numbers: list[NumberMatch], reading: Reading) -> None:
    following = iter(numbers)
    plain: list[str] = []
    for piece in _PIECE.finditer(text):
        excluded, word = piece["not"] is not None, _within_bounds(piece["word"], reading)
        if word and not excluded and not _PREFIX.fullmatch(word):
            plain.append(word)
            continue
        read_words(" ".join(plain), reading)
        plain.clear()
        phrase = piece["phrase"]
        if piece["number"] or (phrase and phrase.strip() == _NUMBER_SIGN):
            read_sought_number(next(following).value, excluded, reading)
        elif word and _PREFIX.fullmatch(word):
            read_prefix(word, excluded, reading)
        elif word or phrase:
            spelt = re.sub(_NUMBER_SIGN, lambda _: next(following).value, word or phrase)
            read_phrase(spelt, excluded, reading)
    read_words(" ".join(plain), reading)


def _within_bounds(word: str | None, reading: Reading) -> str | None:
    """Return a piece as it is to be read: of too many prefixes, the later ones are words."""
    if word is None or not _PREFIX.fullmatch(word):
        return word
    reading.prefixes += 1
    if reading.prefixes <= MAX_PREFIXES:
        return word
    told = f"Mỗi câu hỏi dùng được {MAX_PREFIXES} từ có dấu *: “{word}” được tìm như một từ thường."
    reading.steps.append(Step("prefix_as_word", told, (word,)))
    return word.rstrip("*")

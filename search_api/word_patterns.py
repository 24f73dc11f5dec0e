"""Words with * for any letters or ? for one: the beginning of a word (nghi*), or letters left open within it (quy*h, th?ng)."""

import re
from typing import Final

from analyzers.accents import fold
from indexer.engine.query import Layer, Node, Or, Prefix, Wildcard
from search_api.lexing import Sign
from search_api.meaning import Mark, MarkKind, Step
from search_api.units import Reading
from search_api.wording import terms_of

MAX_PATTERNS: Final = 3  # of a question; each gathers the entries of up to ten thousands of terms
_PREFIX: Final = re.compile(r"[^\W_]{2,32}\*")
_WILDCARD: Final = re.compile(r"(?=(?:[*?]*[^\W_]){2})[^\W_](?:[^\W_]|[*?]){1,31}")
_NEXT_SENTENCE: Final = re.compile(r"\?[^\W_]*[A-ZĐÀ-Ỹ]")  # không?Nếu
_LONGEST_SYLLABLE: Final = 7  # nghiêng
_I_FOR_Y: Final = str.maketrans("yýỳỷỹỵ", "iíìỉĩị")


def read_pattern(typed: str) -> str | None:
    """Return the pattern that a word is, a prefix with its * at the end; None for a plain word. A ? at the end asks a question.

    >>> [read_pattern(word) for word in ("nghi*", "quy*h", "th?ng?", "không?", "*", "sao?Vì")]
    ['nghi*', 'quy*h', 'th?ng', None, None, None]
    """
    word = re.sub(r"\*+", "*", typed.rstrip("?")) if "*" in typed or "?" in typed else ""
    if _PREFIX.fullmatch(word):
        return word
    if not _WILDCARD.fullmatch(word) or not ("*" in word or "?" in word):
        return None
    asks = "*" not in word and len(word) > _LONGEST_SYLLABLE
    if "?" in word and (asks or (not word.isupper() and _NEXT_SENTENCE.search(word))):
        return None
    return word


def bounded(typed: str, reading: Reading) -> str:
    """Return a word as it is to be read: of too many patterns, the later ones are plain words."""
    if read_pattern(typed) is None:
        return typed
    reading.patterns.append(typed)
    if len(reading.patterns) <= MAX_PATTERNS:
        return typed
    told = f"Mỗi câu hỏi dùng được {MAX_PATTERNS} từ có dấu * hoặc ?: “{typed}” được tìm như một từ thường."
    reading.steps.append(Step("prefix_as_word", told, (typed,)))
    return typed.rstrip("*") if _PREFIX.fullmatch(typed) else re.sub(r"[*?]+", " ", typed).strip()


def prefix_forms(word: str, layer: Layer) -> tuple[str, ...]:
    """Return what terms may start with when `word` is the beginning of one: quy begins quyết, and is itself written qui."""
    typed = _typed(word, layer)
    return tuple(dict.fromkeys((*terms_of(word, layer)[:1], typed)))


def _wildcard_forms(word: str, layer: Layer) -> tuple[str, ...]:
    """Return the patterns of terms: as typed, and with the i that analysis writes for a final y."""
    typed = _typed(word, layer)
    return tuple(dict.fromkeys((typed, typed[:-1] + typed[-1].translate(_I_FOR_Y))))


def _typed(word: str, layer: Layer) -> str:
    return fold(word).lower() if layer is Layer.FOLDED else word.lower()


def read_word_pattern(pattern: str, sign: Sign, reading: Reading) -> None:
    """Read what `read_pattern` returned."""
    layer = reading.layer_of(pattern)
    if _PREFIX.fullmatch(pattern):
        shown = pattern.rstrip("*")
        terms = prefix_forms(shown, layer)
        nodes: tuple[Node, ...] = tuple(Prefix(term, layer) for term in terms)
        code, kind, what = "prefix", MarkKind.PREFIX, f"từ bắt đầu bằng “{shown}”"
    else:
        shown, terms = pattern, _wildcard_forms(pattern, layer)
        nodes = tuple(Wildcard(term, layer) for term in terms)
        code, kind, what = "wildcard", MarkKind.PATTERN, f"từ có dạng “{shown}” (* là các chữ cái bất kỳ, ? là một chữ cái)"
    node = nodes[0] if len(nodes) == 1 else Or(nodes)
    if sign is Sign.WITHOUT:
        reading.excluded.append(node)
        reading.steps.append(Step("exclude", f"Bỏ văn bản có {what}.", (shown,)))
        return
    (reading.demanded if sign is Sign.MUST else reading.wanted).append(node)
    reading.sequence.append("")
    reading.marks.append(Mark(terms, layer, kind))
    reading.steps.append(Step(code, f"Tìm mọi {what}.", (shown,)))

"""Words that lost the space between them, and headings that got one between their letters: dựán, Q U Y Ế T  Đ Ị N H.

Spelling alone can't tell dựán from nitơ (ni + tơ) or from a slip (đưọc = đư + ọc). So a token is parted only into words that the
document itself writes by themselves, and where that can be done in one way alone; what is in doubt stays as written.
"""

import re
import unicodedata
from collections.abc import Collection, Sequence
from itertools import pairwise

from indexer.decoding.changes import Changes
from indexer.decoding.language import ACUTE, TONES, is_syllable, spellings

_LETTERS = re.compile(r"[^\W\d_]++")
# beside a digit, hyphen, slash or the like it is part of a code, a foreign word, an address
_WORD = re.compile(r"(?<![\w@/\\&'’-])[^\W\d_]++(?![\w@/\\&'’-])")
# the letters fill a line or cell: within a line that has words, too, nobody can tell where the first and the last of them ends
_SPACED = re.compile(r"(?<![^\n\t|])[^\w\n\t|]*+[^\W\d_](?: {1,8}[^\W\d_](?!\w)){3,}+(?=[^\w\n\t|]*+(?:[\n\t|]|\Z))")
_SPACED_THREE = re.compile(r" [^\W\d_] {1,8}[^\W\d_] {1,8}[^\W\d_](?!\w)")  # in every such line, and found faster
_LONGEST = 7  # letters of a syllable: nghiêng
_ONE_LETTER = frozenset(("ở", "ý"))  # words, wherever they stand; other single letters are labels
_AT_A_TIME = 65_536  # characters
_MOST_WORDS = 3  # in one token


def repair_words(pages: Sequence[str], changes: Changes) -> list[str]:
    """Return the pages' texts (NFC) with joined words parted and letter-spaced ones joined; line ends stay where they are.

    What is joined or parted by the document's words adds none to them, so that a second application changes nothing.
    """
    texts = list(pages)
    chunks = _chunks(texts)
    single = {chunk for chunk in chunks if len(chunk) == 1 and chunk.isalpha()}
    spaced = len(single) > 3 and not all(map(str.isascii, single)) and any(map(_SPACED_THREE.search, texts))
    if spaced:
        texts = [changes.substitute("spaced_letters", _SPACED, _joined_by_gaps, text) for text in texts]
        chunks = _chunks(texts)
    tokens = set(_LETTERS.findall(" ".join(chunks)))
    known = ({token.lower() for token in tokens if len(token) > 1} & spellings()) | _ONE_LETTER
    if spaced:
        texts = [changes.substitute("spaced_letters", _SPACED, lambda line: _joined(line, known), text) for text in texts]
    strange = (token for token in tokens if not token.isascii() and 4 <= len(token) <= _MOST_WORDS * _LONGEST)
    parted = {token: words for token in strange if token.lower() not in spellings() and (words := _parted(token, known))}
    if parted:
        texts = [changes.substitute("joined_words", _WORD, lambda token: parted.get(token, token), text) for text in texts]
    return texts


def _chunks(texts: Sequence[str]) -> set[str]:
    chunks: set[str] = set()
    for text in texts:
        start = 0
        while start < len(text):  # some lines at a time: a large text has millions of chunks
            end = text.find("\n", start + _AT_A_TIME)
            end = end if end >= 0 else len(text)
            chunks.update(text[start:end].split())
            start = end + 1
    return chunks


def _parted(token: str, known: Collection[str]) -> str:
    """Return the words that `token` joins, one space between them; "" where there is doubt."""
    if is_syllable(_without_tones(token)):  # tòan, nhỉệm: one syllable with its tone in the wrong place
        return ""
    words = _words_in(token, known)
    sure = 2 <= len(words) <= _MOST_WORDS and all(map(_in_one_case, words)) and any(map(_is_native, words))
    return " ".join(words) if sure else ""


def _joined_by_gaps(line: str) -> str:
    """Return the words whose letters stand apart in `line`, where its wider gaps tell where each ends."""
    run, pieces = _pieces(line)
    return _written(line, run, pieces) if all(len(piece) > 1 and is_syllable(piece) for piece in pieces) else line


def _joined(line: str, known: Collection[str]) -> str:
    """As `_joined_by_gaps`, where the document's words tell it."""
    run, pieces = _pieces(line)
    parts = [[piece] if piece.lower() in known else _words_in(piece, known) for piece in pieces]
    return _written(line, run, [word for words in parts for word in words]) if all(parts) else line


def _pieces(line: str) -> tuple[str, list[str]]:
    """Return the letters that stand apart in `line`, and what stands between their wider gaps, without spaces."""
    run = line[next(place for place, letter in enumerate(line) if letter.isalpha()) :]
    between = min(re.findall(" +", run), key=len)
    return run, [piece.replace(" ", "") for piece in re.split(f"{between} +", run)]


def _written(line: str, run: str, words: Sequence[str]) -> str:
    sure = not run.isascii() and all(map(_in_one_case, words))
    return line.removesuffix(run) + " ".join(words) if sure else line


def _words_in(letters: str, known: Collection[str]) -> list[str]:
    """Return the words that `letters` are made of, if they can be made of known ones in one way alone."""
    lower = letters.lower()
    if len(lower) != len(letters):
        return []
    ways, last = [1] + [0] * len(lower), [0] * (len(lower) + 1)
    for end in range(1, len(lower) + 1):
        for start in range(max(0, end - _LONGEST), end):
            word = lower[start:end]
            if ways[start] and word in known:
                ways[end] = min(2, ways[end] + ways[start])
                last[end] = start
    if ways[-1] != 1:
        return []
    bounds = [len(lower)]
    while bounds[-1]:
        bounds.append(last[bounds[-1]])
    return [letters[start:end] for start, end in pairwise(reversed(bounds))]


def _in_one_case(word: str) -> bool:
    return word.islower() or word.isupper() or word.istitle()


def _is_native(word: str) -> bool:
    """Say whether the tone is none that loanwords have: nitơ has none, axít the acute before a stop."""
    tone = _tone(word)
    return bool(tone) and not (tone == ACUTE and word.lower().endswith(("c", "ch", "p", "t")))


def _tone(word: str) -> str:
    return next((letter for letter in unicodedata.normalize("NFD", word) if letter in TONES), "")


def _without_tones(word: str) -> str:
    bare = (letter for letter in unicodedata.normalize("NFD", word) if letter not in TONES)
    return unicodedata.normalize("NFC", "".join(bare))

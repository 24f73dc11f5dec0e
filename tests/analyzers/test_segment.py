"""Words: offsets, agreement with underthesea itself, and what hostile text costs."""

import io
import json
import re
import subprocess
import sys
import time

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzers.normalise import newer_school
from analyzers.segment import word_spans
from analyzers.tokenise import syllables


def joined(text: str) -> list[str]:
    """The words of `text` as they stand in it."""
    return [text[start:end] for start, end in word_spans(text)]


def syllable_groups(words: list[str]) -> set[tuple[int, int]]:
    """Words of two and more syllables of letters as (first, count), the syllables of `words` being numbered through."""
    groups, first = set(), 0
    for word in words:
        parts = [syllables(part).texts for part in word.split(" ")]
        if len(parts) > 1 and all(len(part) == 1 and part[0].isalpha() for part in parts):
            groups.add((first, len(parts)))
        first += sum(map(len, parts))
    return groups


def test_words_keep_their_place():
    """Words are spans of the text as given, however its accents and letters are stored."""
    assert joined("Kế hoạch sử dụng đất") == ["Kế hoạch", "sử dụng"]
    assert joined("quye\u0302\u0301t đi\u0323nh  cu\u0309a") == ["quye\u0302\u0301t đi\u0323nh"]
    assert joined("qu\u00adyết định") == ["qu\u00adyết định"]


def test_other_spellings_are_the_same_words():
    """Tone placement, normal form and eth do not change what is joined, also where a line begins."""
    for spelling in ("hàng hóa", "hàng hoá", "hàng ho\u0301a", "Ủy quyền", "Uỷ quyền", "hủy bỏ", "huỷ bỏ", "quy Ðịnh"):
        assert joined(spelling) == [spelling], ascii(spelling)
    assert joined("Ủy ban nhân dân tỉnh") == ["Ủy ban nhân dân"]


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=80) | st.text("đấtthuế nhà,.\n-_1\u00ad", max_size=80))
def test_words_are_whole_syllables(text):
    """A word begins and ends with a syllable, covers at least two, and only white space lies between them."""
    found = syllables(text)
    for start, end in word_spans(text):
        inside = [piece for piece, at in zip(found.texts, found.starts, strict=True) if start <= at < end]
        assert start in found.starts
        assert end in found.ends
        assert len(inside) > 1
        assert text[start:end].split() == inside


def in_newer_school(text: str) -> str:
    """The text in the spelling that the model was trained on; offsets stay."""
    return re.sub(r"\w+", lambda syllable: newer_school(syllable[0]), text)


def test_words_agree_with_underthesea(shared_data):
    """On real decrees nearly all words are those that underthesea finds in the text as a whole, and few others.

    It is asked without its own token normalisation, which turns uỷ into ủy, a form that its model has never seen.
    """
    word_tokenize = pytest.importorskip("underthesea").word_tokenize
    with (shared_data / "fulltext" / "docs.jsonl.zst").open("rb") as packed:
        lines = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(packed), encoding="utf-8", newline="\n")
        texts = [json.loads(line)["text"][:8_000] for line, _ in zip(lines, range(20), strict=False)]
    same = ours = theirs = 0
    for text in texts:
        place = {start: at for at, start in enumerate(syllables(text).starts)}
        mine = {(place[start], len(syllables(text[start:end]).texts)) for start, end in word_spans(text)}
        reference = syllable_groups(word_tokenize(in_newer_school(text), use_token_normalize=False))
        same, ours, theirs = same + len(mine & reference), ours + len(mine), theirs + len(reference)
    assert theirs > 5_000
    assert same / ours > 0.99
    assert same / theirs > 0.99


def test_hostile_text_is_segmented_in_bounded_time():
    """What makes underthesea's own tokenizer run for ever, and clauses without end, take about as long as other text."""
    for text in ("http://" + "!" * 50_000, "a" * 100_000, "ấ " * 20_000, "đất-" * 10_000, "(" * 100_000, "a\u00ad" * 50_000):
        began = time.process_time()
        word_spans(text)
        assert time.process_time() - began < 5.0, text[:10]


def test_segmentation_asks_no_network():
    """Loading the model and using it opens no connection."""
    program = (
        "import sys\n"
        "def refuse(event, arguments):\n"
        "    if event in ('socket.connect', 'socket.getaddrinfo'): sys.exit(f'{event} {arguments}')\n"
        "sys.addaudithook(refuse)\n"
        "from analyzers.segment import word_spans\n"
        "sys.exit(word_spans('sử dụng đất') != ((0, 7),))\n"
    )
    finished = subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=False, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr

"""Words: offsets, agreement with underthesea itself, and what hostile text costs."""

import subprocess
import sys
from pathlib import Path

import pytest
from growth import assert_grows_linearly, repeated
from hypothesis import given, settings
from hypothesis import strategies as st
from realtexts import sampled

from analyzers import segment
from analyzers.segment import tokens, word_spans
from analyzers.tokenise import syllables
from benchmarks.segmentation import agreement


def joined(text: str) -> list[str]:
    """The words of `text` as they stand in it."""
    return [text[start:end] for start, end in word_spans(text)]


def test_words_keep_their_place():
    """Words are spans of the text as given, however its accents and letters are stored."""
    assert joined("Kế hoạch sử dụng đất") == ["Kế hoạch", "sử dụng"]
    assert joined("quye\u0302\u0301t đi\u0323nh  cu\u0309a") == ["quye\u0302\u0301t đi\u0323nh"]
    assert joined("qu\u00adyết định") == ["qu\u00adyết định"]


def test_other_spellings_are_the_same_words():
    """Tone placement, normal form and eth do not change what is joined."""
    for spelling in ("của Ủy ban nhân dân", "của Uỷ ban nhân dân", "của U\u0309y ban nhân dân", "của quy Ðịnh", "của quy Định"):
        assert joined(spelling) == [spelling.removeprefix("của ")], ascii(spelling)


@settings(max_examples=60)
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


WRITTEN = [
    "Quyết",
    "định",
    "số",
    "12/2022/QĐ-UBND.",
    "Tp.",
    "UBND.",
    "quy",
    "hoạch",
    "sử",
    "dụng",
    "đất,",
    "mô-đun",
    "\u200b",
    "a\u00adb",
]


@given(st.lists(st.sampled_from(WRITTEN) | st.text(max_size=5), max_size=14), st.sampled_from([" ", "\n", "  "]))
def test_what_is_remembered_does_not_change_answers(pieces, space):
    """Chunks seen before, in another text or at its end, give what they give when nothing is remembered."""
    text = space.join(pieces)
    used = word_spans(text), tokens(text)
    segment._remembered_codes.clear()
    segment._remembered_units.clear()
    assert (word_spans(text), tokens(text)) == used


@given(st.lists(st.sampled_from(WRITTEN) | st.text(max_size=5), max_size=14).map(" ".join))
def test_tokens_and_words_are_one_answer(text):
    """The words of several syllables are among the tokens, in order."""
    rest = iter(tokens(text))
    for word in joined(text):
        words = " ".join(segment._tagger().spell(unit) for unit in segment.repair(word).split())
        assert words in rest


@pytest.mark.parametrize("documents", [40, pytest.param(2_000, marks=pytest.mark.long)])
def test_words_agree_with_underthesea(shared_data: Path, documents: int) -> None:
    """At least 99.9 of 100 tokens of real texts are those of `underthesea.word_tokenize`; the rest lies beside soft hyphens."""
    word_tokenize = pytest.importorskip("underthesea").word_tokenize
    same = all_ours = all_theirs = 0
    for text in sampled(shared_data, documents, 12_000):
        ours, theirs = tokens(text), word_tokenize(text)
        same, all_ours, all_theirs = same + agreement(ours, theirs), all_ours + len(ours), all_theirs + len(theirs)
    assert all_theirs > 300 * documents
    assert same >= 0.999 * all_ours
    assert same >= 0.999 * all_theirs


HOSTILE = ["!", "a", "0", "ấ ", "đất-", "(", "a\u00ad", "a\u0301", "đất\n", "a.", " ".join(map(str, range(20_000)))]


@pytest.mark.parametrize("begin", ["", "http://"])
@pytest.mark.parametrize("piece", HOSTILE, ids=lambda piece: piece[:8])
def test_hostile_text_is_segmented_in_linear_time(begin, piece):
    """What makes underthesea's own tokenizer run for ever, and texts without white space, take time as other text does."""
    word_spans("đất")  # compiles
    assert_grows_linearly(word_spans, lambda length: begin + repeated(piece)(length), 100_000)


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

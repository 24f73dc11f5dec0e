"""Blanks of a scanned page: the day, month and number that a clerk filled in, between printed words."""

import numpy as np
import pytest
from casefiles import by_name, cases
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from scans import font, pen

from indexer.extract.scans.blanks import Letter, Line, Word, fill

_SIZE, _LETTER, _SPACE, _BASE = 36, 24, 16, 80  # points: of the type, of a letter's box, of a space; the row of the line


def line_of(words, drawn, *, penned):
    """A line in boxes of one width, and its picture with figures drawn or written in some of its words."""
    sheet = Image.new("L", (_LETTER * 90, 120), 255)
    read, left = [], 40
    for index, (text, certainty) in enumerate(words):
        ink = drawn.get(str(index), "")
        blots = max(len(ink), len(text))
        letters = [Letter(letter, left + _LETTER * place, left + _LETTER * (place + 1)) for place, letter in enumerate(text)]
        for place, mark in enumerate(ink):
            at = (left + _LETTER * place + 4, _BASE - 27)
            if mark == "■":
                ImageDraw.Draw(sheet).rectangle((left + _LETTER * place, at[1], left + _LETTER * (place + 1), _BASE), fill=0)
            elif mark.isdecimal() and penned:
                pen(sheet, mark, at, 27)
            elif mark.isdecimal():
                ImageDraw.Draw(sheet).text((at[0], _BASE), mark, fill=0, font=font(34), anchor="ls")
        read.append(Word(tuple(letters), certainty))
        left += _LETTER * blots + _SPACE
    return Line(read, 40, _BASE, 0.0, _SIZE), np.asarray(sheet)


@pytest.mark.parametrize("case", cases("blanks"), ids=by_name)
def test_blanks_are_filled_in_or_left_empty(case):
    """Each case's line reads as its `expect` says."""
    line, picture = line_of(case["words"], case["drawn"], penned=case.get("pen", False))
    filled = fill(line, picture)
    assert " ".join(word.text for word in filled.words) == case["expect"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["ngày", "tháng", "năm", "2021", "Số:", "/QĐ-TTg", "4", "l", "#", "ngày4", "0/UB"]),
            st.integers(0, 99),
        ),
        max_size=12,
    ),
    st.integers(0, 9),
)
def test_any_line_can_be_filled(words, seed):
    """Whatever tesseract makes of a line and whatever is drawn there, words stay words with letters, and in their order."""
    line, _ = line_of(words, {}, penned=False)
    picture = np.random.default_rng(seed).integers(0, 256, (120, _LETTER * 90)).astype(np.uint8)
    filled = fill(line, picture).words
    assert all(word.letters for word in filled)
    lefts = [word.letters[0].left for word in filled]
    assert lefts == sorted(lefts)

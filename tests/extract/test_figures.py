"""Figures in small pictures: digits by hand and in print are told, blots and letters' ends are not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from scans import font, pen

from indexer.extract.scans.figures import read_figures, strokes

_HEIGHT = 40


def darkness(sheet):
    """How black each point is, from 0 to 1."""
    return 1 - np.asarray(sheet) / 255


def written(figures, height=_HEIGHT):
    """Figures as a clerk writes them."""
    sheet = Image.new("L", (60 + len(figures) * height, 2 * height), 255)
    pen(sheet, figures, (20, height / 2), height)
    return darkness(sheet)


@pytest.mark.parametrize("figures", ["0", "1", "4", "5", "7", "15", "04", "10", "07", "14"])
@pytest.mark.parametrize("height", [26, 40, 60])
def test_written_figures_are_read(figures, height):
    """Days as a clerk writes them, at any resolution: a 1 with an upstroke, an open 4, a 7 with a bar."""
    read = read_figures(written(figures, height), height * 1.3, {f"{day:02}" for day in range(32)} | set("0123456789"))
    assert read is not None
    assert read.text == figures


@pytest.mark.parametrize("figures", ["27", "13", "30", "9", "8", "6"])
def test_printed_figures_are_read(figures):
    """Print is read, too, so that it can tell tesseract's l1 from 11."""
    sheet = Image.new("L", (160, 80), 255)
    ImageDraw.Draw(sheet).text((30, 60), figures, fill=0, font=font(44), anchor="ls")
    read = read_figures(darkness(sheet), 44)
    assert read is not None
    assert read.text == figures


def test_what_is_allowed_decides():
    """Of two readings the one that can stand there is taken, and only one with as many figures."""
    read = read_figures(written("15"), 50, {"15", "95"})
    assert read is not None
    assert (read.text, read.certainty > 0.9) == ("15", True)
    assert read_figures(written("15"), 50, {"5", "115"}) is None


def test_what_is_no_figure_is_not_read():
    """Nothing, a blot as wide as two figures, a figure that the picture's edge cuts, and a line below figures."""
    assert read_figures(np.zeros((60, 90)), 30) is None
    blot = np.zeros((80, 120))
    blot[20:55, 20:90] = 1.0
    assert read_figures(blot, 50) is None
    whole = written("15")
    assert read_figures(whole[:, :70], 50) is None
    whole[66:69, 20:] = 1.0
    assert read_figures(whole, 50, {"15"}) == read_figures(written("15"), 50, {"15"})


@given(st.integers(0, 40), st.integers(0, 60), st.integers(0, 30), st.floats(0.1, 100))
def test_any_picture_can_be_looked_at(rows, columns, seed, size):
    """Whatever the picture, the reading is figures with a certainty, or None."""
    picture = np.random.default_rng(seed).random((rows, columns))
    read = read_figures(picture, size)
    assert read is None or (read.text.isdecimal() and 0 <= read.certainty <= 1)


def test_strokes_are_pieces_of_ink():
    """Points that touch, be it at a corner, are one piece; every point is in one."""
    ink = np.array([[1, 0, 0, 1], [0, 1, 0, 1], [0, 0, 0, 0], [1, 0, 0, 0]], bool)
    pieces = sorted(sorted(map(tuple, piece.tolist())) for piece in strokes(ink))
    assert pieces == [[(0, 0), (1, 1)], [(0, 3), (1, 3)], [(3, 0)]]

"""Teaches and tests the net that reads hand-written figures (indexer/extract/scans/figures.py).

    python -m benchmarks.figures DIGITS.csv [--write]

DIGITS.csv, gzipped or not, is the file of 1,797 digits of Alpaydin and Kaynak's set (UCI, CC BY 4.0) that scikit-learn carries as
digits.csv.gz: 64 shades from 0 to 16 and the digit in each line, writer after writer. Said is how often the net is right on
writers that it was not taught with, and above which certainty; --write teaches it with all of them and stores it.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from indexer.extract.scans.figures import LEANS, WEIGHTS, Net, squares

_WRITERS = 13  # of that file, about as many digits of each
_HIDDEN, _ROUNDS, _BATCH, _RATE = 128, 40, 64, 2e-3
_VARIANTS, _PLAIN = 10, 3  # of each written digit: bent ones, copies as it is
_LEAN = 0.12  # columns a row, by which a figure may stand less upright than its slant says
_PRINTED, _TAUGHT = 14, 2_400  # bent ones of each printed digit; ones and fours as the set has few of
_FONTS = (
    "STIXGeneral",
    "STIXGeneralItalic",
    "STIXGeneralBol",
    "STIXGeneralBolIta",
    "DejaVuSerif",
    "DejaVuSerif-Italic",
    "DejaVuSans",
)

Array = np.ndarray[Any, np.dtype[np.float64]]


def main() -> None:
    """Test, and on demand teach and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("digits", type=Path)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    table = np.loadtxt(asked.digits, delimiter=",")
    pictures, digits = [_enlarged(row[:-1]) for row in table], table[:, -1].astype(int)
    chance = np.random.default_rng(7)
    bent = np.array(
        [[squares(_bent(picture, chance), chance.normal(0, _LEAN)) for _ in range(_VARIANTS)] for picture in pictures]
    )
    plain = np.array([squares(picture) for picture in pictures])
    seen = np.array([[squares(picture, lean) for lean in LEANS] for picture in pictures])
    others = [(squares(picture, chance.normal(0, _LEAN)), digit) for picture, digit in (*_printed(chance), *_as_taught(chance))]
    drawn, known = np.array([figure for figure, _ in others]), np.array([digit for _, digit in others])

    def taught(chosen: Any) -> Net:
        figures = np.vstack([*bent[chosen].swapaxes(0, 1), *[plain[chosen]] * _PLAIN, drawn])
        return _teach(figures, np.concatenate([*[digits[chosen]] * (_VARIANTS + _PLAIN), known]))

    right, certainty = [], []
    writers = np.arange(len(digits)) * _WRITERS // len(digits)
    for fold in range(4):
        unseen = writers % 4 == fold
        chances = _judged(taught(~unseen), seen[unseen])
        right.append(chances.argmax(axis=1) == digits[unseen])
        certainty.append(chances.max(axis=1))
    for least in (0.0, 0.5, 0.6, 0.7, 0.8):
        kept = np.concatenate(certainty) >= least
        print(f"certainty >= {least}: {kept.mean():.3f} of the digits, {np.concatenate(right)[kept].mean():.4f} of them right")
    if asked.write:
        weights = {name: np.asarray(part, np.float16) for name, part in taught(slice(None))._asdict().items()}
        np.savez_compressed(WEIGHTS, **weights)


def _judged(net: Net, seen: Array) -> Array:
    return np.asarray(np.mean([net(seen[:, place]) for place in range(len(LEANS))], axis=0))


def _enlarged(shades: Array) -> Array:
    """Return a digit of the set with points as fine as a scan's."""
    coarse = Image.fromarray((shades.reshape(8, 8) * 15.9).astype(np.uint8))
    return np.asarray(coarse.resize((32, 32), Image.Resampling.BICUBIC), float) / 255


def _bent(picture: Array, chance: np.random.Generator) -> Array:
    """Return a figure narrower, leaning, turned and with another pen."""
    turn, lean, width = chance.uniform(-0.1, 0.1), chance.uniform(-0.15, 0.3), chance.uniform(0.5, 1.1)
    framed = Image.fromarray((np.pad(picture, 12) * 255).astype(np.uint8))
    matrix = np.array([[1 / width, lean], [0, 1]]) @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    shift = (np.eye(2) - matrix) @ np.full(2, framed.width / 2)
    terms = (*matrix[0], shift[0], *matrix[1], shift[1])
    moved = np.asarray(framed.transform(framed.size, Image.Transform.AFFINE, terms, Image.Resampling.BILINEAR), float) / 255
    return np.clip((moved - 0.5 + chance.uniform(-0.1, 0.12)) * 3 + 0.5, 0, 1)


def _printed(chance: np.random.Generator) -> Iterator[tuple[Array, int]]:
    """Yield the digits of typefaces such as documents are set in."""
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    for name in _FONTS:
        font = ImageFont.truetype(str(folder / f"{name}.ttf"), 40)
        for digit in range(10):
            sheet = Image.new("L", (90, 90))
            ImageDraw.Draw(sheet).text((30, 15), str(digit), fill=255, font=font)
            picture = np.asarray(sheet.crop(sheet.getbbox()), float) / 255
            for _ in range(_PRINTED):
                yield _bent(picture, chance), digit


def _as_taught(chance: np.random.Generator) -> Iterator[tuple[Array, int]]:
    """Yield figures as they are taught in Vietnam: ones whose upstroke may begin at the foot, open fours with a long tail."""
    for index in range(_TAUGHT):
        strokes, digit = (_one(chance), 1) if index % 2 else (_four(chance), 4)
        sheet = Image.new("L", (108, 108))
        for stroke in strokes:
            ImageDraw.Draw(sheet).line([tuple(point) for point in stroke], 255, int(chance.integers(6, 17)), joint="curve")
        small = np.asarray(sheet.resize((36, 36), Image.Resampling.BICUBIC), float) / 255
        yield _bent(small, chance), digit


def _one(chance: np.random.Generator) -> list[Array]:
    foot, top = np.array([84 - chance.uniform(-6, 30), 84]), np.array([84 + chance.uniform(-2, 6), 12])
    start = top + chance.uniform(0.2, 1.1) * np.array([-chance.uniform(40, 70), chance.uniform(45, 72)])
    corner = top + np.array([chance.uniform(-3, 2), chance.uniform(0, 4)])
    return [np.array([start, corner, top, foot])]


def _four(chance: np.random.Generator) -> list[Array]:
    bar, right = chance.uniform(48, 66), chance.uniform(62, 80)
    down = [
        [chance.uniform(32, 50), 10],
        [chance.uniform(20, 34), bar],
        [right + chance.uniform(2, 18), bar + chance.uniform(-6, 4)],
    ]
    tail = [[right + chance.uniform(-8, 6), chance.uniform(8, 36)], [right + chance.uniform(-12, 2), chance.uniform(80, 102)]]
    return [np.array(down), np.array(tail)]


def _teach(figures: Array, digits: Any) -> Net:
    """Return a net taught by Adam on slightly smoothed answers, inputs and hidden units disturbed."""
    chance = np.random.default_rng(1)
    parts = [
        chance.normal(0, 1 / 8, (64, _HIDDEN)),
        np.zeros(_HIDDEN),
        chance.normal(0, _HIDDEN**-0.5, (_HIDDEN, 10)),
        np.zeros(10),
    ]
    first, second = ([np.zeros_like(part) for part in parts] for _ in range(2))
    answers = np.eye(10)[digits] * 0.95 + 0.005
    steps = _ROUNDS * (len(figures) // _BATCH)
    for step in range(steps):
        if step % (len(figures) // _BATCH) == 0:
            order = chance.permutation(len(figures))
        batch, order = order[:_BATCH], order[_BATCH:]
        seen = figures[batch] * (1 + chance.normal(0, 0.15, (_BATCH, 1))) + chance.normal(0, 0.05, (_BATCH, 64))
        kept = (chance.random((_BATCH, _HIDDEN)) > 0.2) / 0.8
        hidden = np.maximum(0, seen @ parts[0] + parts[1]) * kept
        weighed = hidden @ parts[2] + parts[3]
        raised = np.exp(weighed - weighed.max(axis=1, keepdims=True))
        error = (raised / raised.sum(axis=1, keepdims=True) - answers[batch]) / _BATCH
        back = (error @ parts[2].T) * kept * (hidden > 0)
        slopes = [seen.T @ back + 1e-4 * parts[0], back.sum(0), hidden.T @ error + 1e-4 * parts[2], error.sum(0)]
        rate = _RATE * (1 - step / steps) + 1e-5
        for place, slope in enumerate(slopes):
            first[place] = 0.9 * first[place] + 0.1 * slope
            second[place] = 0.999 * second[place] + 0.001 * slope**2
            mean, spread = first[place] / (1 - 0.9 ** (step + 1)), second[place] / (1 - 0.999 ** (step + 1))
            parts[place] = parts[place] - rate * mean / (np.sqrt(spread) + 1e-8)
    return Net(*parts)


if __name__ == "__main__":
    main()

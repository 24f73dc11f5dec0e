"""underthesea's word model, evaluated here: the same tags as `underthesea.word_tokenize` gives to the same units.

underthesea spends four fifths of its time on handing 43 feature strings a unit from Rust to Python and back. What features
weigh depends on one to three neighbouring units, and legal text repeats those, so remembered sums take 2.8 instead of 16 µs a
unit. Neither 80 MB of imports nor a panic over odd input comes with them. The model is read from underthesea's own package.

Format: CRFsuite's binary model (https://www.chokkan.org/software/crfsuite/), a linear chain over the two tags B-W and I-W.
"""

import pickle
import re
import struct
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

_MODEL: Final = Path("pipeline", "word_tokenize", "models", "ws_crf_vlsp2013_20230727")  # inside underthesea's package
_BEGINS, _JOINS = "B-W", "I-W"  # the tags: a unit begins a word, or joins the one before it

# How the model names runs of one, two and three units around the one that is tagged, which is number 0.
_SPANS: Final = (("-2", "-1", "0", "1", "2"), ("-2,-1", "-1,0", "0,1", "1,2"), ("-2,0", "-1,1", "0,2"))
_ASPECTS: Final = ("", ".lower", ".isdigit", ".istitle", ".is_in_dict")  # what the model knows of a run
_REMEMBERED: Final = 16_384  # runs of each length; four times as many save 5 % of the time and cost 55 MB
_FEATURE: Final = re.compile(r"T\[(?P<span>[^\]]+)\](?P<aspect>[a-z._]*)=(?P<value>.*)", re.DOTALL)  # T[-1,0].lower=uỷ ban

_Known = tuple[tuple[dict[str, list[float]], ...], ...]
"""Per length of run, per aspect: value → what it says for I-W rather than B-W, at each place of `_SPANS`."""


class WordTagger:
    """Says which units of a clause join the word before them. Safe to use from many threads."""

    def __init__(self, package: Path | None = None) -> None:
        """Read the model from underthesea's installed package, or from `package`, its folder (0.1 s, 21 MB)."""
        folder = (package or _installed()) / _MODEL
        self._known, steps = _read((folder / "models.bin").read_bytes())
        self._steps = tuple(steps[pair] for pair in ((_BEGINS, _BEGINS), (_JOINS, _BEGINS), (_BEGINS, _JOINS), (_JOINS, _JOINS)))
        self._dictionary: set[str] = pickle.loads((folder / "dictionary.bin").read_bytes())  # noqa: S301  as trusted as the package's code
        self._of_one = lru_cache(maxsize=_REMEMBERED)(self._weigh)
        self._of_two = lru_cache(maxsize=_REMEMBERED)(self._weigh)
        self._of_three = lru_cache(maxsize=_REMEMBERED)(self._weigh)
        self._before = [self._total(size, ["BOS"] * len(_ASPECTS)) for size in (1, 2, 3)]
        self._after = [self._total(size, ["EOS"] * len(_ASPECTS)) for size in (1, 2, 3)]

    def joins(self, units: Sequence[str]) -> list[bool]:
        """Return for each unit whether it joins the word before it; units are not empty and hold no space."""
        return self._best_path(self._scores(units)) if units else []

    def _scores(self, units: Sequence[str]) -> list[float]:
        """Return what the units around each unit say for I-W at it."""
        ones, twos, threes = (
            [before, before, *inside, after, after]
            for before, inside, after in zip(
                self._before,
                (
                    map(self._of_one, units),
                    map(self._of_two, units, units[1:]),
                    map(self._of_three, units, units[1:], units[2:]),
                ),
                self._after,
                strict=True,
            )
        )
        return [
            a[0] + b[1] + c[2] + d[3] + e[4] + f[0] + g[1] + h[2] + i[3] + j[0] + k[1] + m[2]
            for a, b, c, d, e, f, g, h, i, j, k, m in zip(
                *(ones[shift:] for shift in range(5)),
                *(twos[shift:] for shift in range(4)),
                *(threes[shift:] for shift in range(3)),
                strict=False,
            )
        ]

    def _best_path(self, scores: list[float]) -> list[bool]:
        """Choose the tags with the highest sum of scores and steps (Viterbi)."""
        stay_out, go_out, go_in, stay_in = self._steps
        outside, inside = 0.0, scores[0]  # best sums with the last unit tagged B-W, I-W
        came_from = []
        for score in scores[1:]:
            came_from.append((inside + go_out > outside + stay_out, inside + stay_in > outside + go_in))
            outside, inside = (
                max(outside + stay_out, inside + go_out),
                max(outside + go_in, inside + stay_in) + score,
            )
        path = [inside > outside]
        for choices in reversed(came_from):
            path.append(choices[path[-1]])
        return path[::-1]

    def _weigh(self, *units: str) -> tuple[float, ...]:
        """Return what a run of units says, for each place that it may have."""
        text = " ".join(units)
        lower = text.lower()
        digits = text.isascii() and text.isdigit()
        title = all(unit[0].upper() == unit[0] for unit in units)
        return self._total(len(units), (text, lower, str(digits), str(title), str(lower in self._dictionary)))

    def _total(self, size: int, values: Sequence[str]) -> tuple[float, ...]:
        said = [known.get(value) for known, value in zip(self._known[size - 1], values, strict=True)]
        return tuple(map(sum, zip(*(weights for weights in said if weights), strict=True)))


def _installed() -> Path:
    found = find_spec("underthesea")
    assert found is not None, "underthesea is a declared dependency"
    assert found.origin is not None, "underthesea is installed as a package with files"
    return Path(found.origin).parent


def _read(data: bytes) -> tuple[_Known, dict[tuple[str, str], float]]:
    """Read a CRFsuite model: what it knows, and the score of each step from tag to tag."""
    features_at, tags_at, names_at = struct.unpack_from("<III", data, 28)
    (count,) = struct.unpack_from("<I", data, features_at + 8)
    tags = dict(_strings(data, tags_at))
    weights = dict.fromkeys(dict(_strings(data, names_at)), 0.0)
    steps = {(one, other): 0.0 for one in tags.values() for other in tags.values()}
    rows = memoryview(data)[features_at + 12 : features_at + 12 + 20 * count]
    for kind, source, target, weight in struct.iter_unpack("<IIId", rows):
        if kind == 0:  # from a feature to a tag
            weights[source] += weight if tags[target] == _JOINS else -weight
        else:  # from a tag to the next one
            steps[tags[source], tags[target]] = weight
    return _by_run((name, weights[number]) for number, name in _strings(data, names_at)), steps


def _by_run(features: Iterable[tuple[str, float]]) -> _Known:
    """Sort features by the length of their run and by aspect: value → weight at each place."""
    known: _Known = tuple(tuple({} for _ in _ASPECTS) for _ in _SPANS)
    places = {span: (run, place) for run, spans in enumerate(_SPANS) for place, span in enumerate(spans)}
    for name, weight in features:
        match = _FEATURE.fullmatch(name)
        assert match is not None, f"underthesea's model holds an unknown feature: {name}"
        run, place = places[match["span"]]
        by_value = known[run][_ASPECTS.index(match["aspect"])]
        by_value.setdefault(match["value"], [0.0] * len(_SPANS[run]))[place] = weight
    return known


def _strings(data: bytes, at: int) -> Iterator[tuple[int, str]]:
    """Yield number and text of each string in a CQDB, CRFsuite's table of names."""
    count, offsets_at = struct.unpack_from("<II", data, at + 16)
    for offset in struct.unpack_from(f"<{count}I", data, at + offsets_at):
        if offset:
            number, size = struct.unpack_from("<II", data, at + offset)
            yield number, data[at + offset + 8 : at + offset + 7 + size].decode("utf-8")

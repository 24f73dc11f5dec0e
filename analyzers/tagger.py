"""underthesea's word model, evaluated here: the same tags as `underthesea.word_tokenize` gives to the same units.

underthesea hands 43 feature strings a unit from Rust to Python and back. Here a unit is one number, looked up once for every
spelling, and the model lies in arrays (`kernels/viterbi.py`): 0.15 instead of 16 µs a unit. Neither 80 MB of imports nor a
panic over odd input comes with them. The files are read from underthesea's own package.
"""

import pickle
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from analyzers.crfsuite import read_chain
from analyzers.kernels.viterbi import DIGITS, FREE, SPELLING_BITS, TITLE, Floats, Ints, Runs, Shapes, best_path, score, slot

_MODEL: Final = Path("pipeline", "word_tokenize", "models", "ws_crf_vlsp2013_20230727")  # inside underthesea's package
_RULES: Final = Path("pipeline", "text_normalize", "tn_rules_2023_07_14.bin")
_LONGEST_RESPELT: Final = 6  # characters; underthesea looks up no longer unit

# How the model names runs of one, two and three units around the one that is tagged, which is number 0.
_SPANS: Final = (("-2", "-1", "0", "1", "2"), ("-2,-1", "-1,0", "0,1", "1,2"), ("-2,0", "-1,1", "0,2"))
_ASPECTS: Final = ("", ".lower", ".isdigit", ".istitle", ".is_in_dict")  # what the model knows of a run
_WRITTEN, _SMALL, _DIGITS, _TITLE, _LISTED = range(len(_ASPECTS))
_INTEGER: Final = re.compile(r"([+-]?)0*([0-9]{1,10})", re.ASCII)  # what underthesea takes for digits fits 32 bits, with a sign
_FEATURE: Final = re.compile(r"T\[(?P<span>[^\]]+)\](?P<aspect>[a-z._]*)=(?P<value>.*)", re.DOTALL)  # T[-1,0].lower=uỷ ban

_ByValue = dict[str, Floats]
"""What a run with this value of an aspect says for I-W rather than B-W, at each place of its `_SPANS`."""


class WordTagger:
    """Says which units of a text join the word before them. Safe to use from many threads."""

    def __init__(self, package: Path | None = None) -> None:
        """Read the model from underthesea's installed package, or from `package`, its folder (about a second)."""
        package = package or _installed()
        weights, self._steps = read_chain((package / _MODEL / "models.bin").read_bytes())
        listed: set[str] = pickle.loads((package / _MODEL / "dictionary.bin").read_bytes())  # noqa: S301  as trusted as the package's code
        rules = pickle.loads((package / _RULES).read_bytes())  # noqa: S301
        self._respelt: Final[Mapping[str, str]] = rules["token"]
        known = _by_run(weights.items())
        self._numbers: Final = _numbered(known, listed)
        self._written = _runs(self._numbers, *(aspects[_WRITTEN] for aspects in known))
        self._small = _runs(self._numbers, *(_with_list(aspects, run + 1, listed) for run, aspects in enumerate(known)))
        self._shapes = _shapes(known)

    def spell(self, unit: str) -> str:
        """Return `unit` (in NFC) as underthesea spells it before it asks the model: Uỷ as Ủy, nghành as ngành."""
        return self._respelt.get(unit, unit) if len(unit) <= _LONGEST_RESPELT else unit

    def number(self, unit: str) -> int:
        """Return all that the model can see of `unit` (not empty, without space) as one number of 32 bits."""
        code = self._numbers.get(unit, 0) << SPELLING_BITS | self._numbers.get(unit.lower(), 0)
        figures = _INTEGER.fullmatch(unit)
        digits = DIGITS if figures and -(2**31) <= int(figures[1] + figures[2]) < 2**31 else 0
        title = TITLE if unit[0].upper() == unit[0] else 0
        return code << 2 | title | digits

    def joins(self, units: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return for each unit of a text, given as `number`, whether it joins the word before it."""
        return best_path(score(units, self._written, self._small, self._shapes), self._steps)


def _installed() -> Path:
    found = find_spec("underthesea")
    assert found is not None, "underthesea is a declared dependency"
    assert found.origin is not None, "underthesea is installed as a package with files"
    return Path(found.origin).parent


def _by_run(features: Iterable[tuple[str, float]]) -> tuple[tuple[_ByValue, ...], ...]:
    """Sort features by the length of their run and by aspect."""
    known: tuple[tuple[_ByValue, ...], ...] = tuple(tuple({} for _ in _ASPECTS) for _ in _SPANS)
    places = {span: (run, place) for run, spans in enumerate(_SPANS) for place, span in enumerate(spans)}
    for name, weight in features:
        match = _FEATURE.fullmatch(name)
        assert match is not None, f"underthesea's model holds an unknown feature: {name}"
        run, place = places[match["span"]]
        by_value = known[run][_ASPECTS.index(match["aspect"])]
        if match["value"] not in by_value:
            by_value[match["value"]] = np.zeros(len(_SPANS[run]))
        by_value[match["value"]][place] = weight
    return known


def _with_list(known: Sequence[_ByValue], units: int, listed: set[str]) -> _ByValue:
    """Return what runs in small letters say, being in the dictionary included, as what they say more than other runs."""
    nothing = np.zeros(len(_SPANS[units - 1]))
    more = known[_LISTED].get("True", nothing) - known[_LISTED].get("False", nothing)
    rows = dict(known[_SMALL])
    for value in listed:
        if value.count(" ") == units - 1:
            rows[value] = rows[value] + more if value in rows else more
    return rows


def _numbered(known: Sequence[Sequence[_ByValue]], listed: set[str]) -> dict[str, int]:
    """Give every unit of which the model or its dictionary knows anything a number; 0 is for all others."""
    runs = [set(known[run][aspect]) for run in range(len(_SPANS)) for aspect in (_WRITTEN, _SMALL)]
    units = {unit for run in (*runs, listed) for value in run if value.count(" ") < len(_SPANS) for unit in value.split(" ")}
    assert len(units) < 2**SPELLING_BITS, "underthesea's model knows more units than a number has room for"
    return {unit: number for number, unit in enumerate(sorted(units), 1)}


def _runs(numbers: Mapping[str, int], ones: _ByValue, pairs: _ByValue, triples: _ByValue) -> Runs:
    """Lay what is known of runs of one, two and three units out for the kernel."""
    known = np.zeros((len(numbers) + 1, len(_SPANS[0])))
    for value, weights in ones.items():
        known[numbers[value]] = weights
    of_two: dict[tuple[int, int], Floats] = {}
    for value, weights in pairs.items():
        if value.count(" ") == 1:  # not BOS and EOS, what stands for the ends of a text
            first, second = value.split(" ")
            of_two[numbers[first], numbers[second]] = weights
    of_three = {tuple(map(numbers.__getitem__, value.split(" "))): weights for value, weights in triples.items() if " " in value}
    nothing = np.zeros(len(_SPANS[1]))
    for one, other, _ in of_three:
        of_two.setdefault((one, other), nothing)
    rows = {pair: row for row, pair in enumerate(of_two)}
    continued = {(rows[one, other], third): weights for (one, other, third), weights in of_three.items()}
    return Runs(known, *_table(of_two, len(_SPANS[1])), *_table(continued, len(_SPANS[2])))


def _table(runs: Mapping[tuple[int, int], Floats], places: int) -> tuple[Ints, Floats]:
    """Return the hash table of `runs` (first, unit), and the weights of its rows; one more row is of runs that are not there."""
    slots = 2 ** (2 * len(runs)).bit_length()  # between a quarter and half full
    table = [[0, 0, FREE]] * slots
    for row, (first, unit) in enumerate(runs):
        place = slot(first, unit, slots)
        while table[place][2] != FREE:
            place = (place + 1) % slots
        table[place] = [first, unit, row]
    return np.array(table, np.int64), np.array([*runs.values(), np.zeros(places)])


def _shapes(known: Sequence[Sequence[_ByValue]]) -> Shapes:
    """Gather what is said of runs that are not in the dictionary, and of the ends of a text."""

    def say(run: int, aspect: int, value: str) -> Floats:
        return known[run][aspect].get(value, np.zeros(len(_SPANS[run])))

    def ends(value: str) -> Floats:
        rows = np.zeros((len(_SPANS), len(_SPANS[0])))
        for run, places in enumerate(_SPANS):
            rows[run, : len(places)] = sum(say(run, aspect, value) for aspect in range(len(_ASPECTS)))
        return rows

    def titled(run: int) -> list[Floats]:
        return [say(run, _TITLE, value) + say(run, _LISTED, "False") for value in ("False", "True")]

    ones = [title + say(0, _DIGITS, value) for title in titled(0) for value in ("False", "True")]
    return Shapes(np.array(ones), np.array(titled(1)), np.array(titled(2)), ends("BOS"), ends("EOS"))

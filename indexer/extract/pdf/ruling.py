"""The straight lines of a page: what borders a table's cells, and what separates blocks of text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_SAME = 1.5  # points between two pieces of one line, across it
_JOINT = 3.0  # points between two pieces of one line, along it
MOST_RULES = 20_000  # lines; a page that draws more is a drawing, and its lines border nothing


@dataclass(frozen=True, slots=True)
class Rule:
    """A line from `start` to `end` along its direction, at `at` across it; points."""

    start: float
    end: float
    at: float


class Ruling:
    """The lines of one page, with the pieces joined that word processors draw cell by cell."""

    def __init__(self, horizontal: Sequence[Rule] = (), vertical: Sequence[Rule] = ()) -> None:
        drawing = len(horizontal) + len(vertical) > MOST_RULES
        self._horizontal = [] if drawing else _join(horizontal)
        self._vertical = [] if drawing else _join(vertical)

    def separators(self, low: float, high: float) -> tuple[float, ...]:
        """Return the x of each vertical line that runs past all heights from `low` to `high`."""
        return tuple(rule.at for rule in self._vertical if rule.start <= low and rule.end >= high)

    def crosses(self, low: float, high: float, x0: float, x1: float) -> bool:
        """Tell whether a horizontal line between the heights `low` and `high` runs past all of x0 to x1."""
        return any(low < rule.at < high and rule.start <= x0 and rule.end >= x1 for rule in self._horizontal)


def _join(rules: Iterable[Rule]) -> list[Rule]:
    clusters: list[list[Rule]] = []
    for rule in sorted(rules, key=lambda rule: rule.at):
        if clusters and rule.at - clusters[-1][0].at < _SAME:
            clusters[-1].append(rule)
        else:
            clusters.append([rule])
    return [rule for cluster in clusters for rule in _join_along(cluster)]


def _join_along(cluster: list[Rule]) -> list[Rule]:
    joined: list[Rule] = []
    for rule in sorted(cluster, key=lambda rule: rule.start):
        if joined and rule.start - joined[-1].end < _JOINT:
            joined[-1] = Rule(joined[-1].start, max(joined[-1].end, rule.end), joined[-1].at)
        else:
            joined.append(rule)
    return joined

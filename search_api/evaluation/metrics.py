"""What ranked answers are worth: MRR@10, nDCG@10, hit@1, hit@10, recall@100, with 95 % bootstrap intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2

import numpy as np
import numpy.typing as npt

NAMES = ("mrr@10", "ndcg@10", "hit@1", "hit@10", "recall@100")
_SAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean over all questions and the interval that holds it with 95 % certainty."""

    mean: float
    low: float
    high: float


def score(ranking: Sequence[str], relevant: Mapping[str, int]) -> tuple[float, ...]:
    """Return the value of one ranking for each of NAMES; every relevant id counts alike."""
    ranks = sorted(rank for rank, found in enumerate(ranking, 1) if found in relevant)
    first = ranks[0] if ranks else 0
    gained = sum(1 / log2(rank + 1) for rank in ranks if rank <= 10)
    ideal = sum(1 / log2(rank + 1) for rank in range(1, min(10, len(relevant)) + 1))
    return (
        1 / first if 0 < first <= 10 else 0.0,
        gained / ideal,
        float(first == 1),
        float(0 < first <= 10),
        sum(rank <= 100 for rank in ranks) / len(relevant),
    )


def summarise(values: npt.NDArray[np.float64]) -> dict[str, Figure]:
    """Return the figure of each of NAMES over questions that were scored one by one, a row each.

    Of two systems' scores subtracted, this is by how much one is better: each sample has both for the same questions.
    """
    chosen = np.random.default_rng(7).integers(len(values), size=(_SAMPLES, len(values)))
    means = np.stack([values[sample].mean(axis=0) for sample in chosen])
    low, high = np.quantile(means, (0.025, 0.975), axis=0)
    return {
        name: Figure(float(values[:, place].mean()), float(low[place]), float(high[place])) for place, name in enumerate(NAMES)
    }

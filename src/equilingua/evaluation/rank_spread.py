"""How far apart the queries of each language rank their relevant passages: the distribution behind rank distance."""

from dataclasses import dataclass

import numpy as np

from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.settings import MULTILINGUAL

RANK_DISTANCE = "rank_distance"
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


@dataclass(frozen=True, slots=True)
class RankSpread:
    """How far apart one language's queries rank their relevant passages in the mixed pool, in ranks.

    The mean and the quantiles (at ``QUANTILES``) are of rank distance over the queries, which are counted.
    """

    language: str
    queries: int
    mean: float
    quantiles: tuple[float, ...]


def rank_spreads(result: EvaluationResult) -> list[RankSpread]:
    """Rank distance per query language, over the queries of the multilingual setting; none where it was not taken."""
    spreads = []
    for pair in result.scores:
        if pair.setting == MULTILINGUAL and RANK_DISTANCE in pair.values:
            # Not from the saved ranks, which do not tell what ties.
            distances = pair.values[RANK_DISTANCE][~np.isnan(pair.values[RANK_DISTANCE])]
            quantiles = tuple(float(value) for value in np.quantile(distances, QUANTILES))
            spreads.append(RankSpread(pair.query_language, len(distances), float(distances.mean()), quantiles))
    return spreads

"""What metrics are on average over all orders of passages that score the same, in closed form.

Ranks of n relevant passages that tie with t - n others are n of t consecutive ranks, any n of them with the same
chance. So no metric that compares languages depends on which of equal passages a tie rule puts first.
"""

import numpy as np
import numpy.typing as npt

from equilingua.metrics.retrieval import RankArray, Values, checked_ranks
from equilingua.retrieval.tied import TiedRanks

Ranks = npt.ArrayLike | TiedRanks
"""Ranks as in ``equilingua.metrics.retrieval``, none of which tie; or with their ties."""

Mask = npt.NDArray[np.bool_]


def with_ties(ranks: Ranks) -> TiedRanks:
    """The ranks with their ties; raises ``ValueError`` if they are no ranks, or a query has no relevant passage."""
    if isinstance(ranks, TiedRanks):
        checked_ranks(ranks.rank)
        return ranks
    return TiedRanks.untied(checked_ranks(ranks))


def worst_tie(ranks: TiedRanks) -> tuple[RankArray, RankArray, RankArray]:
    """Of each query's worst-ranked relevant passages: passages above their tie, in the tie, and relevant in the tie."""
    return _tie_at(ranks, np.where(ranks.filled, ranks.above, -1).max(axis=-1))


def best_tie(ranks: TiedRanks) -> tuple[RankArray, RankArray, RankArray]:
    """The same of each query's best-ranked relevant passages."""
    behind_all = np.iinfo(np.int64).max
    return _tie_at(ranks, np.where(ranks.filled, ranks.above, behind_all).min(axis=-1))


def _tie_at(ranks: TiedRanks, above: RankArray) -> tuple[RankArray, RankArray, RankArray]:
    inside = ranks.filled & (ranks.above == above[..., None])
    tied = np.where(inside, ranks.tied, 0).max(axis=-1)
    # Two slots of one rank, in ranks that somebody made up, are no tie of two.
    return above, tied, np.minimum(np.count_nonzero(inside, axis=-1), tied)


def expected_worst(above: RankArray, tied: RankArray, relevant: RankArray) -> Values:
    """Mean rank of the last of so many relevant passages in a tie.

    >>> expected_worst(np.array([10]), np.array([3]), np.array([1]))
    array([12.])
    """
    return np.asarray(above + relevant * (tied + 1) / (relevant + 1), dtype=np.float64)


def expected_best(above: RankArray, tied: RankArray, relevant: RankArray) -> Values:
    """Mean rank of the first of so many relevant passages in a tie."""
    return np.asarray(above + (tied + 1) / (relevant + 1), dtype=np.float64)


def expected_log_worst(above: RankArray, tied: RankArray, relevant: RankArray, logs: Values) -> Values:
    """Mean logarithm of the rank of the last of so many relevant passages in a tie; ``logs[r]`` is that of rank r."""
    means: Values = logs[above + tied]
    for query in np.flatnonzero(tied > relevant).tolist():
        first, size, count = int(above[query]), int(tied[query]), int(relevant[query])
        # The last of them is at place j of the tie with the chance (j - 1 over count - 1) / (size over count). From the
        # end, each is the one before times (j - count) / (j - 1).
        places = np.arange(size, count, -1, dtype=np.float64)
        chances = np.full(size - count + 1, count / size)
        chances[1:] *= np.cumprod((places - count) / (places - 1))
        means[query] = chances @ logs[first + size : first + count - 1 : -1]
    return means


def chance_within(ranks: TiedRanks, k: int) -> Values:
    """The chance of each passage to rank at k or above; 0 for one that is not found, and for an empty slot."""
    places = np.clip(k - ranks.above, 0, ranks.tied)
    chances: Values = np.divide(places, ranks.tied, out=np.zeros(places.shape), where=ranks.found & (places > 0))
    return chances


def alone_ties(ranks: TiedRanks, compared: Mask | None = None) -> tuple[RankArray, RankArray]:
    """Of each passage, as if the query's others were not in the ranking: passages above its tie, and in it.

    Without meaning for an empty slot.

    Args:
        ranks: shape (queries, slots).
        compared: of every two slots, whether the passage of the second is ranked with that of the first, shape
            (slots, slots); all are if not given.
    """
    others = ranks.filled[:, None, :] if compared is None else ranks.filled[:, None, :] & compared
    higher = np.count_nonzero(others & (ranks.above[:, None, :] < ranks.above[:, :, None]), axis=2)
    same = np.count_nonzero(others & (ranks.above[:, None, :] == ranks.above[:, :, None]), axis=2)
    return np.maximum(ranks.above - higher, 0), np.maximum(ranks.tied - same + 1, 1)


def expected_gain(above: RankArray, tied: RankArray, k: int) -> Values:
    """Mean of 1 / log2(1 + rank) over the places of a tie; 0 at the ranks below k.

    >>> expected_gain(np.array([0, 2]), np.array([1, 2]), 3)
    array([1.  , 0.25])
    """
    gains = np.r_[0.0, 1 / np.log2(np.arange(2, k + 2)), 0.0]
    sums = np.cumsum(gains)
    ends = np.minimum(above + tied, k)
    whole = np.maximum(sums[ends] - sums[np.minimum(above, k)], 0.0) / np.maximum(tied, 1)
    return np.asarray(np.where(tied == 1, gains[np.minimum(above + 1, k + 1)], whole))


def expected_reciprocal(above: RankArray, tied: RankArray) -> Values:
    """Mean of 1 / rank over the places of a tie.

    >>> expected_reciprocal(np.array([1, 2]), np.array([2, 1])).round(4)
    array([0.4167, 0.3333])
    """
    from scipy.special import digamma

    # The harmonic number of n is digamma(n + 1) up to a constant. A difference of two loses digits, so not for all.
    sums = digamma(above + tied + 1.0) - digamma(above + 1.0)
    return np.asarray(np.where(tied == 1, 1.0 / (above + 1.0), sums / np.maximum(tied, 1)))

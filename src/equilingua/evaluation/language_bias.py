"""Measures of how evenly one ranking over several languages treats them, from ranks alone.

Ranks come as in ``equilingua.evaluation.measures``: last axis the slots of one query, 1-based, 0 for an empty slot.
"""

import numpy as np
import numpy.typing as npt

from equilingua.evaluation.slots import Values, checked_ranks, infinite_where_empty, relevant_count


def rank_distance(ranks: npt.ArrayLike) -> Values:
    """Ranks between a query's best- and worst-ranked relevant passage; lower is better, 0 for a single passage.

    It grows with the pool, so it is comparable only between models on the same benchmark, and read beside mAP.

    Source: Elmahdy et al. 2024 (arXiv 2408.10536), section 4.1, after Huang et al. 2023 (arXiv 2305.09025).

    >>> rank_distance([[3, 1, 12], [7, 0, 0]])
    array([11.,  0.])
    """
    checked = checked_ranks(ranks)
    spread: Values = checked.max(axis=-1) - infinite_where_empty(checked).min(axis=-1)
    return spread


def max_rank_norm(ranks: npt.ArrayLike, pool_size: int) -> Values:
    """How early the ranking is complete, from 0 (last passage of the pool) to 100 (relevant passages first of all).

    100 (log pool - log worst rank) / (log pool - log relevant); unlike rank distance free of the pool's size. 100 where
    the whole pool is relevant.

    Raises:
        ValueError: if a rank lies beyond the pool.

    Source: Max@R_norm of arXiv 2604.05684.

    >>> max_rank_norm([[1, 2], [10, 100]], pool_size=100)
    array([100.,   0.])
    """
    checked = checked_ranks(ranks)
    worst, relevant = checked.max(axis=-1), relevant_count(checked)
    if worst.size and worst.max() > pool_size:
        raise ValueError(f"rank {worst.max():,} lies beyond a pool of {pool_size:,} passages")
    span = np.log(pool_size) - np.log(relevant)
    share: Values = np.divide(np.log(pool_size) - np.log(worst), span, out=np.ones_like(span), where=span > 0)
    return np.asarray(100 * share)


def complete(ranks: npt.ArrayLike, *, k: int) -> Values:
    """1 where all of a query's relevant passages rank at k or above, else 0.

    Source: Complete@k of arXiv 2604.05684.

    >>> complete([[3, 1, 12], [7, 0, 0]], k=10)
    array([0., 1.])
    """
    return np.asarray(checked_ranks(ranks).max(axis=-1) <= k, dtype=np.float64)

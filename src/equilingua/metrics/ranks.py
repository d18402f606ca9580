"""Rank arrays: the last axis holds the slots of one query, ranks from 1 in any order, 0 for an empty slot."""

import numpy as np
import numpy.typing as npt

RankArray = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]


def checked_ranks(ranks: npt.ArrayLike) -> RankArray:
    """The ranks as an integer array.

    Raises:
        ValueError: if they are not whole numbers from 0, or a query has no relevant passage at all.
    """
    array = np.asarray(ranks)
    if array.size and not (np.issubdtype(array.dtype, np.integer) and array.min() >= 0):
        raise ValueError("ranks must be whole numbers from 1, or 0 for an empty slot")
    if array.shape[-1] == 0 or not (array > 0).any(axis=-1).all():
        raise ValueError("every query needs at least one relevant passage: no measure is defined for one without")
    return array.astype(np.int64, copy=False)


def infinite_where_empty(ranks: RankArray) -> Values:
    """Ranks as floats, with empty slots beyond every rank."""
    return np.where(ranks > 0, ranks, np.inf)


def relevant_count(ranks: npt.ArrayLike) -> Values:
    """Number of relevant passages of every query."""
    return np.asarray(np.count_nonzero(np.asarray(ranks), axis=-1), dtype=np.float64)


def sum_where(values: Values, chosen: npt.NDArray[np.bool_]) -> Values:
    """Sum over the slots that are chosen."""
    total: Values = np.where(chosen, values, 0.0).sum(axis=-1)
    return total

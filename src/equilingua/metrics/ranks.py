"""Rank arrays: the last axis holds the slots of one query, ranks from 1 in any order, 0 for an empty slot."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RankArray = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class RankedQueries:
    """What a measure may know of queries ranked against one corpus or the pool.

    Attributes:
        ranks: of the relevant passages, shape (queries, slots), 0 for an empty slot.
        corpus_ranks: their ranks among the passages of their own language alone, same shape.
        gains: grades of the passages, same shape.
        slot_languages: passage language of every slot.
        query_language: of all the queries.
        pool_size: number of passages ranked.
    """

    ranks: RankArray
    corpus_ranks: RankArray
    gains: RankArray
    slot_languages: tuple[str, ...]
    query_language: str
    pool_size: int

    @property
    def own(self) -> npt.NDArray[np.bool_]:
        """Whether a slot holds passages of the query's language, shape (slots,)."""
        return np.array([language == self.query_language for language in self.slot_languages], dtype=bool)


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

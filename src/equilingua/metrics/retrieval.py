"""Ranks of a query's relevant passages, and metrics of one ranking from them alone.

Every function takes an array of ranks whose last axis holds the slots of one query: 1-based ranks in any order, 0 where
a query has fewer relevant passages than there are slots, -1 for a relevant passage that is not found, which adds
nothing to any metric here. All relevant passages count, however low they rank; a query without any is refused, because
no metric is defined for it. The definitions are those of ir_measures, equal scores being ranked by the tie rule.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from equilingua.retrieval.tied import UNFOUND_RANK, TiedRanks

RankArray = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class RankedQueries:
    """What a measure may know of queries ranked against one corpus or the pool.

    Attributes:
        ranks: of the relevant passages, with their ties.
        corpus_ranks: their ranks among the passages of their own language alone.
        gains: grades of the passages, shape (queries, slots).
        slot_languages: passage language of every slot.
        query_language: of all the queries.
        pool_size: number of passages ranked.
        min_grade: the least grade of a relevant passage.
    """

    ranks: TiedRanks
    corpus_ranks: TiedRanks
    gains: RankArray
    slot_languages: tuple[str, ...]
    query_language: str
    pool_size: int
    min_grade: int = 1

    @property
    def own(self) -> npt.NDArray[np.bool_]:
        """Whether a slot holds passages of the query's language, shape (slots,)."""
        return np.array([language == self.query_language for language in self.slot_languages], dtype=bool)

    def relevant(self) -> tuple[RankArray, "RankedQueries"]:
        """The queries with a passage of the least grade or a higher one: their rows, and their ranks of these alone."""
        if self.min_grade <= 1:
            return np.arange(len(self.gains)), self
        enough = self.gains >= self.min_grade
        rows = np.flatnonzero(enough.any(axis=-1))
        ranks, corpus_ranks = (part.of(rows).only(enough[rows]) for part in (self.ranks, self.corpus_ranks))
        return rows, replace(self, ranks=ranks, corpus_ranks=corpus_ranks, gains=self.gains[rows])


def checked_ranks(ranks: npt.ArrayLike) -> RankArray:
    """The ranks as integers; raises ``ValueError`` if they are no whole numbers from -1, or a query has only 0."""
    array = np.asarray(ranks)
    if array.size and not (np.issubdtype(array.dtype, np.integer) and array.min() >= UNFOUND_RANK):
        raise ValueError("ranks must be whole numbers from 1, or 0 for an empty slot, or -1 for what is not found")
    if array.shape[-1] == 0 or not (array != 0).any(axis=-1).all():
        raise ValueError("every query needs at least one relevant passage: no measure is defined for one without")
    return array.astype(np.int64, copy=False)


def infinite_without_rank(ranks: RankArray) -> Values:
    """Ranks as floats, with empty slots and what is not found beyond every rank."""
    return np.where(ranks > 0, ranks, np.inf)


def relevant_count(ranks: npt.ArrayLike) -> Values:
    """Number of relevant passages of every query."""
    return np.asarray(np.count_nonzero(np.asarray(ranks), axis=-1), dtype=np.float64)


def count_within(ranks: RankArray, k: int) -> Values:
    """Number of relevant passages that rank at k or above."""
    return np.asarray(np.count_nonzero((ranks > 0) & (ranks <= k), axis=-1), dtype=np.float64)


def _sum_where(values: Values, chosen: npt.NDArray[np.bool_]) -> Values:
    total: Values = np.where(chosen, values, 0.0).sum(axis=-1)
    return total


def average_precision(ranks: npt.ArrayLike, *, k: int | None = None) -> Values:
    """Mean over the relevant passages of the precision at their ranks, 0 for those beyond k; from 0 to 1.

    Source: Buckley and Voorhees 2000, "Evaluating Evaluation Measure Stability"; without k, the AP of LAReQA
    (arXiv 2004.05484, section 3), which ranks the whole corpus.

    >>> average_precision([[1, 4], [2, 0]])
    array([0.75, 0.5 ])
    """
    ordered = np.sort(infinite_without_rank(checked_ranks(ranks)), axis=-1)
    # The n-th relevant passage at rank r: precision n / r. An empty slot is at infinity, and adds 0.
    precision = np.arange(1, ordered.shape[-1] + 1) / ordered
    return _sum_where(precision, ordered <= (k or np.inf)) / relevant_count(ranks)


def recall(ranks: npt.ArrayLike, *, k: int) -> Values:
    """Share of the relevant passages that rank at k or above, from 0 to 1; not the share of queries with a hit.

    >>> recall([[1, 4], [2, 0]], k=1)
    array([0.5, 0. ])
    """
    return count_within(checked_ranks(ranks), k) / relevant_count(ranks)


def success(ranks: npt.ArrayLike, *, k: int) -> Values:
    """1 where at least one relevant passage ranks at k or above, else 0: the share of queries with a hit.

    With a single relevant passage it is recall at k.

    Source: Success@k of ir_measures; Hit@k elsewhere.

    >>> success([[5, 12], [30, 0]], k=10)
    array([1., 0.])
    """
    return np.asarray(infinite_without_rank(checked_ranks(ranks)).min(axis=-1) <= k, dtype=np.float64)


def reciprocal_rank(ranks: npt.ArrayLike, *, k: int | None = None) -> Values:
    """One over the rank of the best-ranked relevant passage, 0 if that is beyond k; from 0 to 1.

    Source: Voorhees 1999, "The TREC-8 Question Answering Track Report".

    >>> reciprocal_rank([[5, 2], [30, 0]], k=20)
    array([0.5, 0. ])
    """
    first = infinite_without_rank(checked_ranks(ranks)).min(axis=-1)
    return np.where(first <= (k or np.inf), 1 / first, 0.0)


def ndcg(ranks: npt.ArrayLike, *, k: int | None = None, gains: npt.ArrayLike | None = None) -> Values:
    """Discounted gain of the ranking over that of the best possible one, both cut at k; from 0 to 1.

    Args:
        ranks: shape (..., slots).
        k: cut-off; none for the full ranking.
        gains: grade of the passage in each slot, positive, same shape; 1 each if not given.

    Source: Jarvelin and Kekalainen 2002, "Cumulated gain-based evaluation of IR techniques", with the discount
    log2(rank + 1) of trec_eval.

    >>> ndcg([[2]], k=10).round(4), ndcg([[2, 1]], gains=[[3, 1]]).round(4)
    (array([0.6309]), array([0.7967]))
    """
    checked = checked_ranks(ranks)
    reached, filled = infinite_without_rank(checked), checked != 0
    limit = k or np.inf
    gain = np.where(filled, 1.0 if gains is None else np.asarray(gains, dtype=np.float64), 0.0)
    # The ideal ranking has all relevant passages in front, whether or not they were found.
    ideal_gain = -np.sort(-gain, axis=-1)
    ideal_rank = np.arange(1, reached.shape[-1] + 1)
    gained = _sum_where(gain / np.log2(reached + 1), reached <= limit)
    ideal = _sum_where(ideal_gain / np.log2(ideal_rank + 1), np.broadcast_to(ideal_rank <= limit, gain.shape))
    return gained / ideal

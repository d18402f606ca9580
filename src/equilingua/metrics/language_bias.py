"""Metrics of how evenly one ranking over several languages treats them, from ranks alone: rank distance, PEER, ...

Ranks come as in ``equilingua.metrics.retrieval``, or with their ties. Where passages tie, every metric is its mean over
all their orders: which language a tie rule puts first is no preference of the retriever. Passages that are not found
are one tie behind all that are where ranks are compared, and count for nothing where ranks are given credit (recall,
completeness, reciprocal rank).

Where a query has no passage of the kind a metric is about, the metric has no value there: NaN, left out of every mean
and interval.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from equilingua.metrics.retrieval import Values
from equilingua.metrics.ties import (
    Mask,
    Ranks,
    alone_ties,
    best_tie,
    chance_within,
    expected_best,
    expected_log_worst,
    expected_reciprocal,
    expected_worst,
    with_ties,
    worst_tie,
)
from equilingua.retrieval.tied import TiedRanks


def rank_distance(ranks: Ranks) -> Values:
    """Ranks between a query's best- and worst-ranked relevant passage; lower is better, 0 for a single passage.

    It grows with the pool, so it is comparable only between models on the same benchmark, and read beside mAP.

    Source: Elmahdy et al. 2024 (arXiv 2408.10536), section 4.1, after Huang et al. 2023 (arXiv 2305.09025).

    >>> rank_distance([[3, 1, 12], [7, 0, 0]])
    array([11.,  0.])
    """
    tied = with_ties(ranks)
    return expected_worst(*worst_tie(tied)) - expected_best(*best_tie(tied))


def worst_rank(ranks: Ranks) -> Values:
    """Rank at which the ranking is complete: that of the worst-ranked relevant passage; lower is better.

    From the number of relevant passages to the size of the pool, so comparable only on the same benchmark.

    Source: Max@R of arXiv 2604.05684.

    >>> worst_rank([[3, 1, 12], [7, 0, 0]])
    array([12.,  7.])
    """
    return expected_worst(*worst_tie(with_ties(ranks)))


def max_rank_norm(ranks: Ranks, pool_size: int) -> Values:
    """How early the ranking is complete, from 0 (last passage of the pool) to 100 (relevant passages first of all).

    100 (log pool - log worst rank) / (log pool - log relevant); unlike rank distance free of the pool's size. 100 where
    the whole pool is relevant.

    Raises:
        ValueError: if a rank lies beyond the pool.

    Source: Max@R_norm of arXiv 2604.05684.

    >>> max_rank_norm([[1, 2], [10, 100]], pool_size=100)
    array([100.,   0.])
    """
    tied = with_ties(ranks)
    above, size, last = worst_tie(tied)
    if above.size and (above + size).max() > pool_size:
        raise ValueError(f"rank {(above + size).max():,} lies beyond a pool of {pool_size:,} passages")
    logs = np.log(np.maximum(np.arange(pool_size + 1), 1))
    span = logs[pool_size] - logs[np.count_nonzero(tied.filled, axis=-1)]
    left = logs[pool_size] - expected_log_worst(above, size, last, logs)
    share: Values = np.divide(left, span, out=np.ones_like(span), where=span > 0)
    return np.asarray(100 * share)


def complete(ranks: Ranks, *, k: int) -> Values:
    """1 where all of a query's relevant passages rank at k or above, else 0; between them where equal scores decide.

    Source: Complete@k of arXiv 2604.05684.

    >>> complete([[3, 1, 12], [7, 0, 0]], k=10)
    array([0., 1.])
    """
    from scipy.special import gammaln

    tied = with_ties(ranks)
    above, size, last = worst_tie(tied)
    all_found = (tied.found | ~tied.filled).all(axis=-1)
    places = np.clip(k - above, 0, size)
    # Of the tie's places so many are within k: the chance that all of its relevant passages are at these.
    enough = all_found & (places >= last)
    few = np.where(enough, places, size)
    logs = gammaln(few + 1) - gammaln(few - last + 1) - gammaln(size + 1) + gammaln(size - last + 1)
    return np.where(enough, np.where(few == size, 1.0, np.exp(logs)), 0.0)


def recall_of(ranks: Ranks, chosen: npt.ArrayLike, *, k: int) -> Values:
    """Share of the chosen relevant passages that rank at k or above, from 0 to 1; NaN for a query without any of them.

    Recall in the query's language chooses the slots of that language, recall across languages all others. Both rank the
    mixed pool, so the two kinds compete for the same k places: weighted by their numbers they add up to R@k, but for
    equal scores around k, of which R@k counts those that the tie rule puts first. ``chosen`` says of each slot whether
    it counts, shape (slots,).

    >>> recall_of([[1, 4, 30], [0, 2, 50]], [True, False, False], k=10)
    array([ 1., nan])
    >>> recall_of([[1, 4, 30], [0, 2, 50]], [False, True, True], k=10)
    array([0.5, 0.5])
    """
    kept = with_ties(ranks).only(np.asarray(chosen, dtype=bool))
    relevant = np.count_nonzero(kept.filled, axis=-1)
    within = chance_within(kept, k).sum(axis=-1)
    shares: Values = np.divide(within, relevant, out=np.full(len(within), np.nan), where=relevant > 0)
    return shares


def language_preference(ranks: Ranks, own: npt.ArrayLike) -> Values:
    """1 where the best-ranked relevant passage is in the query's language, else 0; the mean is a rate.

    Where passages tie for the best rank, the share of them in the query's language. NaN unless the query has relevant
    passages both in its own and in another language. Without any preference, the rate is 1 / languages where every
    language has one relevant passage; near 1 says that the query's language wins. ``own`` says of each slot whether it
    holds passages of the query's language, shape (slots,).

    Source: the language preference rate of arXiv 2605.07249.

    >>> language_preference([[2, 5, 9], [8, 1, 3], [4, 0, 0]], [True, False, False])
    array([ 1.,  0., nan])
    """
    tied, mine = with_ties(ranks), np.asarray(own, dtype=bool)
    comparable = (tied.filled & mine).any(axis=-1) & (tied.filled & ~mine).any(axis=-1)
    first = tied.filled & (tied.above == best_tie(tied)[0][..., None])
    shares = np.count_nonzero(first & mine, axis=-1) / np.count_nonzero(first, axis=-1)
    return np.where(comparable, shares, np.nan)


def language_oracle_gap(pool_ranks: Ranks, corpus_ranks: Ranks, languages: Sequence[str]) -> Values:
    """What ranking all languages together costs: reciprocal rank within a passage's own language, minus in the pool.

    Each relevant passage is taken on its own, as if the query's other relevant passages were not in the index, because
    a translation above it is no mistake. A query's value is the mean over its relevant passages: from 0 (nothing of
    another language that is not relevant ranks above one) to below 1; lower is better.

    Args:
        pool_ranks: shape (queries, slots).
        corpus_ranks: the same passages' ranks among the passages of their own language.
        languages: passage language of every slot.

    Source: arXiv 2507.07543, which restricts the index to the language of the one relevant document and reports Hit@20;
    the reciprocal rank stands here because it needs no cut-off.

    >>> language_oracle_gap([[1, 4]], [[1, 2]], ["en", "de"]).round(4)
    array([0.0833])
    """
    pool, corpus = with_ties(pool_ranks), with_ties(corpus_ranks)
    named = np.asarray(languages, dtype=object)
    same_language = named[:, None] == named
    gained = _alone(corpus, same_language) - _alone(pool, np.ones_like(same_language))
    mean: Values = gained.sum(axis=-1) / np.count_nonzero(pool.filled, axis=-1)
    return mean


def _alone(ranks: TiedRanks, compared: Mask) -> Values:
    """Reciprocal rank of each passage without the query's other relevant passages; 0 where there is none, or no rank.

    ``compared`` as ``alone_ties`` takes it.
    """
    return np.where(ranks.found, expected_reciprocal(*alone_ties(ranks, compared)), 0.0)

"""Metrics of how evenly one ranking over several languages treats them, from ranks alone: rank distance, PEER, ...

Ranks come as in ``equilingua.metrics.retrieval``. Where a query has no passage of the kind a metric is about,
the metric has no value there: NaN, left out of every mean and interval.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from equilingua.metrics.retrieval import (
    RankArray,
    Values,
    checked_ranks,
    count_within,
    infinite_where_empty,
    relevant_count,
)


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


def worst_rank(ranks: npt.ArrayLike) -> Values:
    """Rank at which the ranking is complete: that of the worst-ranked relevant passage; lower is better.

    From the number of relevant passages to the size of the pool, so comparable only on the same benchmark.

    Source: Max@R of arXiv 2604.05684.

    >>> worst_rank([[3, 1, 12], [7, 0, 0]])
    array([12.,  7.])
    """
    return np.asarray(checked_ranks(ranks).max(axis=-1), dtype=np.float64)


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


def recall_of(ranks: npt.ArrayLike, chosen: npt.ArrayLike, *, k: int) -> Values:
    """Share of the chosen relevant passages that rank at k or above, from 0 to 1; NaN for a query without any of them.

    Recall in the query's language chooses the slots of that language, recall across languages all others. Both rank the
    mixed pool, so the two kinds compete for the same k places: weighted by their numbers they add up to R@k. ``chosen``
    says of each slot whether it counts, shape (slots,).

    >>> recall_of([[1, 4, 30], [0, 2, 50]], [True, False, False], k=10)
    array([ 1., nan])
    >>> recall_of([[1, 4, 30], [0, 2, 50]], [False, True, True], k=10)
    array([0.5, 0.5])
    """
    kept = np.where(np.asarray(chosen, dtype=bool), checked_ranks(ranks), 0)
    relevant = relevant_count(kept)
    return np.asarray(np.divide(count_within(kept, k), relevant, out=np.full(len(kept), np.nan), where=relevant > 0))


def language_preference(ranks: npt.ArrayLike, own: npt.ArrayLike) -> Values:
    """1 where the best-ranked relevant passage is in the query's language, else 0; the mean is a rate.

    NaN unless the query has relevant passages both in its own and in another language. Without any preference, the rate
    is 1 / languages where every language has one relevant passage; near 1 says that the query's language wins. ``own``
    says of each slot whether it holds passages of the query's language, shape (slots,).

    Source: the language preference rate of arXiv 2605.07249.

    >>> language_preference([[2, 5, 9], [8, 1, 3], [4, 0, 0]], [True, False, False])
    array([ 1.,  0., nan])
    """
    reached = infinite_where_empty(checked_ranks(ranks))
    first_own = np.where(np.asarray(own, dtype=bool), reached, np.inf).min(axis=-1)
    first_other = np.where(np.asarray(own, dtype=bool), np.inf, reached).min(axis=-1)
    comparable = np.isfinite(first_own) & np.isfinite(first_other)
    return np.where(comparable, first_own < first_other, np.nan)


def language_oracle_gap(pool_ranks: npt.ArrayLike, corpus_ranks: npt.ArrayLike, languages: Sequence[str]) -> Values:
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
    pool, corpus = checked_ranks(pool_ranks), checked_ranks(corpus_ranks)
    alone_in_pool = pool - relevant_above(pool)
    alone_in_corpus = corpus.copy()
    for language in set(languages):
        slots = [slot for slot, of_slot in enumerate(languages) if of_slot == language]
        alone_in_corpus[:, slots] -= relevant_above(corpus[:, slots])
    filled = pool > 0
    gained = np.divide(1.0, alone_in_corpus, where=filled, out=np.zeros(pool.shape))
    gained -= np.divide(1.0, alone_in_pool, where=filled, out=np.zeros(pool.shape))
    mean: Values = gained.sum(axis=-1) / relevant_count(pool)
    return mean


def relevant_above(ranks: RankArray) -> RankArray:
    """How many of a query's relevant passages rank above each; without meaning for an empty slot."""
    # Sorting the order gives every slot its place in the order.
    order = np.argsort(infinite_where_empty(ranks), axis=-1)
    above: RankArray = np.argsort(order, axis=-1)
    return above


@dataclass(frozen=True, slots=True)
class Peer:
    """PEER@k over all queries for which it says anything.

    Attributes:
        value: mean over queries, then over query languages, from 0 to 1; without preference about .5 where all
            relevant passages are within k, and nearer 1 the fewer are. None where it is refused.
        interval: 95 % bootstrap interval over items; None without resamples.
        queries: those it was taken from.
        reason: why it is refused; empty where it is not.
    """

    value: float | None
    interval: tuple[float, float] | None
    queries: int
    reason: str = ""


def peer(ranks: npt.ArrayLike, *, gains: npt.ArrayLike, languages: Sequence[str], k: int) -> Values:
    """p-value of the Kruskal-Wallis test that a query's relevant passages rank alike in all languages; from 0 to 1.

    Near 0: some language is ranked above another. Without any preference it is spread over the whole range, as p-values
    are, so that its mean is about .5 and not 1. Taken for the passages of each grade above 0, then the mean over
    grades, each with the same weight. Passages beyond k tie behind it, and a grade of which none is within k has 1,
    because nobody was preferred: the fewer are within k, the higher the mean, which says nothing of fairness.

    NaN where it says nothing: a grade counts only if at least two languages have such passages and one of them more
    than one. With single passages the statistic is the number of languages minus 1, whatever the ranking.

    Args:
        ranks: in the pool, shape (queries, slots), 0 for an empty slot.
        gains: grades, same shape.
        languages: passage language of every slot.
        k: cut-off.

    Source: Yang, Janich, Mayfield and Lawrie 2024, "Language Fairness in Multilingual Information Retrieval" (SIGIR,
    10.1145/3626772.3657943). They also weigh grade 0, and let single passages count; those values carry no information.

    >>> peer([[1, 2, 3, 4], [1, 3, 2, 4]], gains=[[1] * 4] * 2, languages=["de", "de", "en", "en"], k=10).round(4)
    array([0.1213, 0.4386])
    """
    checked, grades = checked_ranks(ranks), np.asarray(gains)
    # Grade 0 of an empty slot is no level.
    levels = np.unique(grades[checked > 0])
    values = np.array([_equal_rank_p(np.where(grades == level, checked, 0), languages, k) for level in levels])
    counted = np.isfinite(values).sum(axis=0)
    total = np.where(np.isfinite(values), values, 0.0).sum(axis=0)
    mean: Values = np.divide(total, counted, out=np.full(len(checked), np.nan), where=counted > 0)
    return mean


def constant_peer(languages: int) -> float:
    """What PEER is with exactly one relevant passage in each language, whatever the ranking.

    The Kruskal-Wallis statistic of groups of one is the number of groups minus 1, which is also its degrees of freedom.

    >>> round(constant_peer(11), 4)
    0.4405
    """
    from scipy.special import chdtrc

    return float(chdtrc(languages - 1, languages - 1)) if languages > 1 else 1.0


def refusal(languages: int) -> str:
    """Why PEER is not given for a benchmark in which no query says anything."""
    return (
        "refused: no query has several relevant passages of one grade in a language beside those of another. With one "
        "relevant passage per language PEER is a constant, whatever the ranking "
        f"({constant_peer(languages):.4f} for {languages} languages). Read exposure and Friedman's test instead"
    )


def _equal_rank_p(ranks: RankArray, languages: Sequence[str], k: int) -> Values:
    """The p-value of every query, for passages of one grade."""
    from scipy.special import chdtrc

    groups = sorted(set(languages))
    member = np.array([[language == group for group in groups] for language in languages], dtype=np.float64)
    places, filled = _tied_places(ranks, k), ranks > 0
    sizes, total = filled @ member, filled.sum(axis=1)
    centre = (total + 1) / 2
    mean = np.divide(places @ member, sizes, out=np.zeros_like(sizes), where=sizes > 0)
    between = (sizes * (mean - centre[:, None]) ** 2).sum(axis=1)
    within = np.where(filled, (places - centre[:, None]) ** 2, 0.0).sum(axis=1)
    # Without any spread (all beyond k) the statistic is 0, and p 1: nobody was preferred.
    statistic = (total - 1) * np.divide(between, within, out=np.zeros_like(within), where=within > 0)
    present = (sizes > 0).sum(axis=1)
    # One language alone has no degree of freedom; its value is left out in the next line.
    p = chdtrc(np.maximum(present - 1, 1), statistic)
    return np.where((present > 1) & (sizes > 1).any(axis=1), p, np.nan)


def _tied_places(ranks: RankArray, k: int) -> Values:
    """Places of a query's passages among themselves, from 1; those beyond k share the mean of theirs; 0 if empty."""
    filled, within = ranks > 0, (ranks > 0) & (ranks <= k)
    order = np.argsort(np.argsort(np.where(within, ranks, np.iinfo(np.int64).max), axis=1), axis=1) + 1.0
    reached, total = within.sum(axis=1, keepdims=True), filled.sum(axis=1, keepdims=True)
    return np.where(within, order, np.where(filled, (reached + 1 + total) / 2, 0.0))

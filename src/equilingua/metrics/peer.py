"""PEER: whether relevant passages of all languages are expected at the same rank."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from equilingua.metrics.ranks import RankArray, Values, checked_ranks


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
    statistic = (total - 1) * np.divide(between, within, out=np.zeros_like(within), where=within > 0)
    present = (sizes > 0).sum(axis=1)
    p = chdtrc(np.maximum(present - 1, 1), statistic)
    return np.where((present > 1) & (sizes > 1).any(axis=1), p, np.nan)


def _tied_places(ranks: RankArray, k: int) -> Values:
    """Places of a query's passages among themselves, from 1; those beyond k share the mean of theirs; 0 if empty."""
    filled, within = ranks > 0, (ranks > 0) & (ranks <= k)
    order = np.argsort(np.argsort(np.where(within, ranks, np.iinfo(np.int64).max), axis=1), axis=1) + 1.0
    reached, total = within.sum(axis=1, keepdims=True), filled.sum(axis=1, keepdims=True)
    return np.where(within, order, np.where(filled, (reached + 1 + total) / 2, 0.0))

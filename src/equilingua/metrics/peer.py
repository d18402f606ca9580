"""PEER: whether the relevant passages of a query rank alike in all languages, several of one grade in a language."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from equilingua.metrics.retrieval import Values
from equilingua.metrics.ties import Ranks, with_ties
from equilingua.retrieval.tied import TiedRanks


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


def peer(ranks: Ranks, *, gains: npt.ArrayLike, languages: Sequence[str], k: int) -> Values:
    """p-value of the Kruskal-Wallis test that a query's relevant passages rank alike in all languages; from 0 to 1.

    Near 0: some language is ranked above another. Without any preference it is spread over the whole range, as p-values
    are, so that its mean is about .5 and not 1. Taken for the passages of each grade above 0, then the mean over
    grades, each with the same weight. Passages beyond k tie behind it, and a grade of which none is within k has 1,
    because nobody was preferred: the fewer are within k, the higher the mean, which says nothing of fairness.

    Passages of one score share the mean of the places that their orders would give them, as the test itself does with
    ties; one that is not found is beyond k.

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
    tied, grades = with_ties(ranks), np.asarray(gains)
    # Grade 0 of an empty slot is no level.
    levels = np.unique(grades[tied.filled])
    values = np.array([_equal_rank_p(tied.only(grades == level), languages, k) for level in levels])
    counted = np.isfinite(values).sum(axis=0)
    total = np.where(np.isfinite(values), values, 0.0).sum(axis=0)
    mean: Values = np.divide(total, counted, out=np.full(len(grades), np.nan), where=counted > 0)
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


def _equal_rank_p(ranks: TiedRanks, languages: Sequence[str], k: int) -> Values:
    """The p-value of every query, for passages of one grade."""
    from scipy.special import chdtrc

    groups = sorted(set(languages))
    member = np.array([[language == group for group in groups] for language in languages], dtype=np.float64)
    places, filled = expected_places(ranks, k), ranks.filled
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


def expected_places(ranks: TiedRanks, k: int) -> Values:
    """Places of a query's passages among themselves, from 1, as means over the orders of those that tie; 0 if empty.

    Passages beyond k share the mean of their places, whatever their order.
    """
    filled = ranks.filled
    # Those not found stand behind all that are, at no rank: none of them is within k.
    above = np.where(ranks.found, ranks.above, np.iinfo(np.int64).max)
    total = filled.sum(axis=1, keepdims=True)
    higher = (filled[:, None, :] & (above[:, None, :] < above[:, :, None])).sum(axis=2)
    same = (filled[:, None, :] & (above[:, None, :] == above[:, :, None])).sum(axis=2)
    # Of the relevant passages of a tie, so many are within k: a hypergeometric number, by its mean and variance.
    tied = np.maximum(ranks.tied, 1)
    within = np.where(ranks.found, np.clip(k - above, 0, tied), 0)
    mean = same * within / tied
    spread = mean * (1 - within / tied) * (tied - same) / np.maximum(tied - 1, 1)
    square = spread + mean**2
    # s of them at the places behind the higher ones, the others sharing the mean of all places left.
    inside = mean * higher + (square + mean) / 2
    outside = ((higher + 1 + total) * (same - mean) + same * mean - square) / 2
    reached = np.divide(inside + outside, same, out=np.zeros(same.shape), where=same > 0)
    # Behind the tie that k cuts: the places left when it is known how many of that tie are within k.
    beyond = (_reached(ranks, mean, same) + 1 + total) / 2
    expected: Values = np.where(filled, np.where(above < k, reached, beyond), 0.0)
    return expected


def _reached(ranks: TiedRanks, mean: Values, same: Values) -> Values:
    """How many of a query's passages are within k, on average over the orders of those that tie: shape (queries, 1)."""
    share = np.divide(mean, same, out=np.zeros(mean.shape), where=same > 0)
    reached: Values = np.where(ranks.filled, share, 0.0).sum(axis=1, keepdims=True)
    return reached

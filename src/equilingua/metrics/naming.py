"""Metrics by the names they are printed with: ``mAP``, ``R@10``, ``MRR@20``, ``nDCG@10``, ``rank_distance``, ..."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from equilingua.errors import InputError, did_you_mean
from equilingua.metrics.language_bias import (
    complete,
    language_oracle_gap,
    language_preference,
    max_rank_norm,
    rank_distance,
    recall_of,
    worst_rank,
)
from equilingua.metrics.retrieval import (
    RankedQueries,
    Values,
    average_precision,
    ndcg,
    recall,
    reciprocal_rank,
    success,
)

PRINTED_MEASURES = ("mAP", "R@1", "R@10", "MRR@20", "nDCG@10", "R@100", "rank_distance", "Max@R_norm")
SAVED_MEASURES = (
    "Success@10",
    "same_language_R@10",
    "cross_language_R@10",
    "language_preference",
    "language_oracle_gap",
)
"""Taken by default as well, but left out of a result's printed table, which would grow too wide."""

DEFAULT_MEASURES = (*PRINTED_MEASURES, *SAVED_MEASURES)
IN_RANKS = frozenset({"rank_distance", "Max@R"})
LOWER_IS_BETTER = IN_RANKS | {"language_oracle_gap"}
NO_DIRECTION = frozenset({"language_preference"})
"""Metrics of which neither high nor low is better: their differences are higher or lower, never better or worse."""

_UNCUT: dict[str, Callable[[RankedQueries], Values]] = {
    "rank_distance": lambda ranked: rank_distance(ranked.ranks),
    "Max@R": lambda ranked: worst_rank(ranked.ranks),
    "Max@R_norm": lambda ranked: max_rank_norm(ranked.ranks, ranked.pool_size),
    "language_preference": lambda ranked: language_preference(ranked.ranks, ranked.own),
    "language_oracle_gap": lambda ranked: language_oracle_gap(ranked.ranks, ranked.corpus_ranks, ranked.slot_languages),
}
_MAY_BE_CUT: dict[str, Callable[[RankedQueries, int | None], Values]] = {
    "mAP": lambda ranked, k: average_precision(ranked.ranks.rank, k=k),
    "MRR": lambda ranked, k: reciprocal_rank(ranked.ranks.rank, k=k),
    # The only one that looks at grades: to all others a passage is relevant from the least grade on, and no more.
    "nDCG": lambda ranked, k: ndcg(ranked.ranks.rank, k=k, gains=ranked.gains),
}
_MUST_BE_CUT: dict[str, Callable[[RankedQueries, int], Values]] = {
    "R": lambda ranked, k: recall(ranked.ranks.rank, k=k),
    "Success": lambda ranked, k: success(ranked.ranks.rank, k=k),
    "Complete": lambda ranked, k: complete(ranked.ranks, k=k),
    "same_language_R": lambda ranked, k: recall_of(ranked.ranks, ranked.own, k=k),
    "cross_language_R": lambda ranked, k: recall_of(ranked.ranks, ~ranked.own, k=k),
}
_GRADED = frozenset({"nDCG"})
_MULTILINGUAL_ONLY = frozenset(_UNCUT) | {"Complete", "same_language_R", "cross_language_R"}


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric with its cut-off.

    Attributes:
        name: as printed, such as ``R@10``.
        kind: the name without the cut-off.
        k: the cut-off; None for the full ranking.
    """

    name: str
    kind: str
    k: int | None

    @property
    def multilingual_only(self) -> bool:
        """Whether it compares languages within one ranking, so that only the multilingual setting has it."""
        return self.kind in _MULTILINGUAL_ONLY

    def values(self, ranked: RankedQueries) -> Values:
        """The metric of every query, shape (queries,); NaN where a query has no value.

        All but nDCG look only at passages of the least grade of a relevant passage or a higher one.
        """
        if self.kind in _GRADED:
            return self._values(ranked)
        rows, relevant = ranked.relevant()
        if len(rows) == len(ranked.gains):
            return self._values(relevant)
        values = np.full(len(ranked.gains), np.nan)
        if len(rows):
            values[rows] = self._values(relevant)
        return values

    def _values(self, ranked: RankedQueries) -> Values:
        if self.kind in _UNCUT:
            return _UNCUT[self.kind](ranked)
        # parse_metric gives these a cut-off always; the types do not say so.
        if self.k is not None and self.kind in _MUST_BE_CUT:
            return _MUST_BE_CUT[self.kind](ranked, self.k)
        return _MAY_BE_CUT[self.kind](ranked, self.k)


def parse_metric(name: str) -> Metric:
    """The metric of that name.

    Raises:
        InputError: if there is none, or its cut-off is missing or not allowed.

    >>> parse_metric("R@10")
    Metric(name='R@10', kind='R', k=10)
    """
    if name in _UNCUT or name in _MAY_BE_CUT:
        return Metric(name, name, None)
    kind, _, cut = name.partition("@")
    if re.fullmatch(r"[1-9]\d*", cut) and kind in {**_MAY_BE_CUT, **_MUST_BE_CUT}:
        return Metric(name, kind, int(cut))
    known = [*_UNCUT, *_MAY_BE_CUT, *(f"{kind}@10" for kind in [*_MAY_BE_CUT, *_MUST_BE_CUT])]
    raise InputError(f"unknown measure {name!r}. {did_you_mean(name, known)} Any whole number from 1 may stand for 10")


def decimals(measure: str) -> int:
    """Digits behind the point that a metric is printed with.

    >>> decimals("mAP"), decimals("rank_distance")
    (3, 0)
    """
    return 0 if measure in IN_RANKS else 3

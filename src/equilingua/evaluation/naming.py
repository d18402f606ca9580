"""Measures by the names they are printed with: ``mAP``, ``R@10``, ``MRR@20``, ``nDCG@10``, ``rank_distance``, ..."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from equilingua.errors import InputError, did_you_mean
from equilingua.evaluation.language_bias import complete, max_rank_norm, rank_distance
from equilingua.evaluation.measures import average_precision, ndcg, recall, reciprocal_rank
from equilingua.evaluation.slots import RankArray, Values

DEFAULT_MEASURES = ("mAP", "R@1", "R@10", "MRR@20", "nDCG@10", "R@100", "rank_distance", "Max@R_norm")
LOWER_IS_BETTER = frozenset({"rank_distance"})

Function = Callable[..., Values]

_MAY_BE_CUT: dict[str, Function] = {"mAP": average_precision, "MRR": reciprocal_rank, "nDCG": ndcg}
_MUST_BE_CUT: dict[str, Function] = {"R": recall, "Complete": complete}
_UNCUT: dict[str, Function] = {"rank_distance": rank_distance, "Max@R_norm": max_rank_norm}
_MULTILINGUAL_ONLY = frozenset({"rank_distance", "Max@R_norm", "Complete"})


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure with its cut-off.

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

    def values(self, ranks: RankArray, *, gains: RankArray, pool_size: int) -> Values:
        """The measure of every query, shape (queries,).

        Args:
            ranks: shape (queries, slots), 0 for an empty slot.
            gains: grades of the passages, same shape.
            pool_size: number of passages ranked.
        """
        function = {**_MAY_BE_CUT, **_MUST_BE_CUT, **_UNCUT}[self.kind]
        options: dict[str, Any] = {} if self.kind in _UNCUT else {"k": self.k}
        if self.kind == "nDCG":
            options["gains"] = gains
        if self.kind == "Max@R_norm":
            options["pool_size"] = pool_size
        return function(ranks, **options)


def parse_measure(name: str) -> Measure:
    """The measure of that name.

    Raises:
        InputError: if there is none, or its cut-off is missing or not allowed.

    >>> parse_measure("R@10")
    Measure(name='R@10', kind='R', k=10)
    """
    if name in _UNCUT or name in _MAY_BE_CUT:
        return Measure(name, name, None)
    kind, _, cut = name.partition("@")
    if re.fullmatch(r"[1-9]\d*", cut) and kind in {**_MAY_BE_CUT, **_MUST_BE_CUT}:
        return Measure(name, kind, int(cut))
    known = [*_UNCUT, *_MAY_BE_CUT, *(f"{kind}@10" for kind in [*_MAY_BE_CUT, *_MUST_BE_CUT])]
    raise InputError(f"unknown measure {name!r}. {did_you_mean(name, known)} Any whole number from 1 may stand for 10")

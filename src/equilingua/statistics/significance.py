"""Whether a difference is one, and whether it matters: tests, corrections, effect sizes, and what they let one say.

A high p-value of a difference shows nothing but a lack of evidence. That two results are equivalent is shown by
rejecting both that one is better by a margin or more and that it is worse by the margin or more; that one is not
worse, by rejecting the second alone. The p-values come from the same studentised resamples as the intervals, and from
the bounds that allow for unseen items (``intervals``), the larger one of each: shifted permutation tests would assume
differences that are symmetric around the margin, which those of retrieval measures are not.

Source: Schuirmann 1987, "A comparison of the two one-sided tests procedure"; Lakens 2017, "Equivalence Tests".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isclose

import numpy as np

from equilingua.errors import InputError, did_you_mean
from equilingua.metrics.naming import IN_RANKS, LOWER_IS_BETTER
from equilingua.metrics.retrieval import Values
from equilingua.statistics.bootstrap import contributions, influences, macro_mean
from equilingua.statistics.intervals import Inference
from equilingua.statistics.unseen import UNBOUNDED, Bounds

SIGNIFICANCE_LEVEL = 0.05
_SWAPS_A_CHUNK = 2000
_ROUNDING = 1e-12

BETTER = "better"
WORSE = "worse"
HIGHER = "higher"
LOWER = "lower"
EQUIVALENT = "equivalent"
NOT_WORSE = "not worse"
NOT_DISTINGUISHABLE = "not distinguishable"
TOO_FEW = "too few items to tell"

Margins = float | Mapping[str, float]

SHARES = "shares"
"""The key of a margin for every measure between 0 and 1 that has none of its own."""

_BEYOND_1 = IN_RANKS | {"Max@R_norm"}


def holm(p_values: Sequence[float]) -> list[float]:
    """Corrected p-values, in the order given: the chance of any false alarm among all stays below the level.

    Source: Holm 1979, "A Simple Sequentially Rejective Multiple Test Procedure".

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values)
    factors = np.arange(len(order), 0, -1)
    corrected = np.empty(len(order))
    corrected[order] = np.minimum(1, np.maximum.accumulate(np.asarray(p_values, dtype=np.float64)[order] * factors))
    return [float(p) for p in corrected]


def permutation_p(differences: Sequence[Values], *, resamples: int, seed: int) -> list[float]:
    """Two-sided p-values of macro means of paired differences, if the models may be swapped on any item.

    Args:
        differences: shape (items, pairs) each, the same items in the same order; NaN where an item is missing.
        resamples: random swaps drawn, the same for all; the smallest p-value is 1 / (resamples + 1).
        seed: of the swaps.
    """
    # Swapping turns the sign of all an item's differences, so the macro mean is a signed sum of one number an item.
    of_item = np.stack([contributions(deltas) for deltas in differences], axis=1)
    observed = np.abs(of_item.sum(axis=0))
    # The same numbers summed in another order differ in their last digits: that is no difference.
    least = observed - _ROUNDING * np.abs(of_item).sum(axis=0)
    rng = np.random.default_rng(seed)
    extreme = np.zeros(of_item.shape[1], dtype=np.int64)
    for start in range(0, resamples, _SWAPS_A_CHUNK):
        rows = min(_SWAPS_A_CHUNK, resamples - start)
        signs = rng.integers(0, 2, size=(rows, len(of_item)), dtype=np.int8) * 2.0 - 1.0
        extreme += np.count_nonzero(np.abs(signs @ of_item) >= least, axis=0)
    return [float(p) for p in (1 + extreme) / (1 + resamples)]


@dataclass(frozen=True, slots=True)
class ItemShares:
    """How the items fall, as shares that sum to 1: won where the result is better than the one it is compared with.

    Where neither high nor low is better, won is higher.
    """

    won: float
    tied: float
    lost: float


def standardized_effect(differences: Values) -> float:
    """Cohen's d_z: the mean paired difference in standard deviations between items, of the sign of the difference.

    An item's difference is its mean over the pairs (a query and its translations are one observation), the standard
    deviation that between items, with n - 1. Where items are missing from some pairs, the mean is the macro mean and
    the deviation that of the items' influences on it. Differences have shape (items, pairs), NaN where one is missing.

    Returns:
        0 where nothing differs; NaN for fewer than two items, or where all differ by exactly the same.

    Source: Cohen 1988, section 2.3.5; Lakens 2013, "Calculating and reporting effect sizes", equation 6.

    >>> standardized_effect(np.array([[0.1], [0.3], [0.2]]))
    2.0
    """
    measured = differences[(~np.isnan(differences)).any(axis=1)]
    mean = macro_mean(measured)
    if len(measured) < 2:
        return float("nan")
    deviation = np.sqrt((influences(measured) ** 2).sum() / (len(measured) - 1))
    # Without spread between items, any difference would be beyond all bounds in these units.
    if deviation == 0:
        return 0.0 if mean == 0 else float("nan")
    return round(float(mean / deviation), 12)


def item_shares(differences: Values, *, lower_is_better: bool = False) -> ItemShares:
    """Shares of the items won, tied and lost, each by its mean difference over the pairs that have it.

    >>> item_shares(np.array([[0.5, 0.1], [0.0, 0.0], [-0.5, 0.3], [1.0, np.nan]]))
    ItemShares(won=0.5, tied=0.25, lost=0.25)
    """
    present = ~np.isnan(differences)
    counts = present.sum(axis=1)
    means = np.where(present, differences, 0.0).sum(axis=1)[counts > 0] / counts[counts > 0]
    gains = -means if lower_is_better else means
    won, lost = float((gains > _ROUNDING).mean()), float((gains < -_ROUNDING).mean())
    tied = float((np.abs(gains) <= _ROUNDING).mean())
    return ItemShares(won, tied, lost)


def margins_by_measure(margin: Margins | None, measures: Mapping[str, Iterable[Values]]) -> dict[str, float]:
    """The margin of every measure that has one.

    Args:
        margin: a number for all measures between 0 and 1, or a mapping from measures to theirs, in which ``shares``
            stands for all measures between 0 and 1 that are not named.
        measures: the values of each measure compared.

    Raises:
        InputError: if a margin is no positive number or is out of reach, or no measure that it is for is compared.

    >>> margins_by_measure({"shares": 0.01, "rank_distance": 20}, {"mAP": [np.array([0.5])], "rank_distance": []})
    {'mAP': 0.01, 'rank_distance': 20.0}
    """
    if margin is None:
        return {}
    named = dict(margin) if isinstance(margin, Mapping) else {SHARES: margin}
    for name, value in named.items():
        _check_margin(name, value, measures)
    shares = [
        name
        for name, values in measures.items()
        if SHARES in named and name not in LOWER_IS_BETTER and _is_within_1(name, values)
    ]
    if SHARES in named and not shares:
        raise InputError(
            f"margin {named[SHARES]:g}: it is for measures between 0 and 1, of which none is compared "
            f"({', '.join(measures)}). Name the measure, such as {next(iter(measures))}=20"
        )
    return {name: float(named.get(name, named.get(SHARES, 0))) for name in measures if name in named or name in shares}


def _check_margin(name: str, value: float, measures: Mapping[str, Iterable[Values]]) -> None:
    if name != SHARES and name not in measures:
        raise InputError(f"margin for {name!r}: it is not compared. {did_you_mean(name, [*measures, SHARES])}")
    if not (np.isfinite(value) and value > 0):
        raise InputError(
            f"margin {value:g} for {name!r}: a margin is the difference from which on it matters, above 0 "
            "(0.01 is one point of mAP)"
        )
    # 5 for mAP is mostly meant as points, and would make everything equivalent.
    problem = out_of_reach(value)
    if problem and (name == SHARES or _is_within_1(name, measures[name])):
        raise InputError(problem)


def out_of_reach(margin: float, *, most: float = 1.0) -> str | None:
    """What is wrong with a margin that no difference of measures between 0 and 1 can reach; None of one that can be.

    Args:
        margin: of a difference, or of a weighted sum of means.
        most: the greatest value of that sum; 1 of a plain difference.

    >>> out_of_reach(5)
    'margin 5: measures between 0 and 1 cannot differ by more; one point is 0.01'
    """
    if margin < most:
        return None
    summed = "" if isclose(most, 1) else f" than {most:g}, weighted as here"
    return f"margin {margin:g}: measures between 0 and 1 cannot differ by more{summed}; one point is 0.01"


def is_between_0_and_1(measure: str) -> bool:
    """Whether a measure of this package has no values beyond 0 and 1.

    >>> is_between_0_and_1("nDCG@10"), is_between_0_and_1("rank_distance")
    (True, False)
    """
    return measure not in _BEYOND_1


def measure_bounds(measure: str) -> Bounds | None:
    """None of a measure whose bounds are told from its values; no bounds where it is known to go beyond 1."""
    return None if is_between_0_and_1(measure) else UNBOUNDED


def margin_p_values(drawn: Inference, margins: Values, *, lower_is_better: Iterable[bool]) -> tuple[Values, Values]:
    """P-values of "not worse" and of "equivalent" for every mean difference and its margin, shape (means,) each."""
    # Two one-sided tests (TOST): equivalent takes both, so its p-value is the greater of the two.
    not_lower, not_higher = drawn.p_at_most(-margins), drawn.p_at_least(margins)
    return np.where(list(lower_is_better), not_higher, not_lower), np.maximum(not_lower, not_higher)


def _is_within_1(name: str, values: Iterable[Values]) -> bool:
    return is_between_0_and_1(name) and all(np.nanmin(part) >= 0 and np.nanmax(part) <= 1 for part in values)


def verdict(
    *,
    gain: float,
    significant: bool,
    equivalent: bool = False,
    not_worse: bool = False,
    directed: bool = True,
    too_few: bool = False,
) -> str:
    """What the tests of one difference allow to be said.

    A difference shown to be smaller than the margin is called equivalent even where it is not zero beyond doubt: the
    margin says what matters, and the p-value stands beside it.

    Args:
        gain: the difference, positive where it is for the better.
        significant: whether it is distinguished from zero.
        equivalent: whether it was shown to be smaller than the margin, either way.
        not_worse: whether a loss of the margin or more was ruled out.
        directed: whether the measure has a better and a worse; if not, the difference is higher or lower.
        too_few: whether the items are too few for a test of what was not shown.

    Source: the four outcomes of Lakens 2017, figure 1.

    >>> verdict(gain=0.2, significant=True), verdict(gain=-0.001, significant=False, not_worse=True)
    ('better', 'not worse')
    """
    if equivalent:
        return EQUIVALENT
    if significant:
        up, down = (BETTER, WORSE) if directed else (HIGHER, LOWER)
        return up if gain > 0 else down
    if not_worse:
        return NOT_WORSE
    return TOO_FEW if too_few else NOT_DISTINGUISHABLE


def cliques(edges: Iterable[tuple[str, str]]) -> list[tuple[str, ...]]:
    """The largest groups in which every two names are joined by an edge; a name may stand in several.

    Not being distinguishable is not transitive: a and b, b and c may be alike where a and c are not.

    Returns:
        Groups of at least two, names and groups in the order met.

    >>> cliques([("a", "b"), ("b", "c"), ("a", "c"), ("c", "d")])
    [('a', 'b', 'c'), ('c', 'd')]
    """
    from networkx import Graph, find_cliques

    graph = Graph(list(edges))
    # By place, as networkx gives groups and their members in no order that could be relied on.
    names = list(graph)
    groups = sorted(sorted(map(names.index, group)) for group in find_cliques(graph))
    return [tuple(names[place] for place in group) for group in groups]


def listed(names: Iterable[str]) -> str:
    """The names as they are said in a sentence.

    >>> listed(["x-y", "hybrid", "x-x-mono"])
    'x-y, hybrid and x-x-mono'
    """
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last

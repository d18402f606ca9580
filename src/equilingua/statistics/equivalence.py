"""When a difference is too small to matter: margins, and the two one-sided tests against them.

A high p-value of a difference shows nothing but a lack of evidence. That two results are equivalent is shown by
rejecting both that one is better by the margin or more and that it is worse by the margin or more; that one is not
worse, by rejecting the second alone. The p-values come from the same studentised resamples as the intervals, so that
each is below .05 exactly where the 90 % interval stays within the margin: shifted permutation tests would assume
differences that are symmetric around the margin, which those of retrieval measures are not.

Source: Schuirmann 1987, "A comparison of the two one-sided tests procedure"; Lakens 2017, "Equivalence Tests".
"""

from collections.abc import Iterable, Mapping
from math import isclose

import numpy as np

from equilingua.errors import InputError, did_you_mean
from equilingua.metrics.naming import IN_RANKS, LOWER_IS_BETTER
from equilingua.metrics.retrieval import Values
from equilingua.statistics.bootstrap import Bootstrap

Margins = float | Mapping[str, float]

SHARES = "shares"
"""The key of a margin for every measure between 0 and 1 that has none of its own."""

_BEYOND_1 = IN_RANKS | {"Max@R_norm"}


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
    shares = [name for name, values in measures.items() if SHARES in named and _is_share(name, values)]
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


def margin_p_values(drawn: Bootstrap, margins: Values, *, lower_is_better: Iterable[bool]) -> tuple[Values, Values]:
    """P-values of "not worse" and of "equivalent" for every mean difference, shape (means,) each.

    Args:
        drawn: of the differences.
        margins: shape (means,).
        lower_is_better: whether a negative difference is a gain, for every mean.
    """
    not_lower, not_higher = drawn.p_at_most(-margins), drawn.p_at_least(margins)
    return np.where(list(lower_is_better), not_higher, not_lower), np.maximum(not_lower, not_higher)


def _is_share(name: str, values: Iterable[Values]) -> bool:
    return name not in LOWER_IS_BETTER and _is_within_1(name, values)


def _is_within_1(name: str, values: Iterable[Values]) -> bool:
    return is_between_0_and_1(name) and all(np.nanmin(part) >= 0 and np.nanmax(part) <= 1 for part in values)

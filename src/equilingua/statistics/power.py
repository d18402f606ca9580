"""The smallest difference that items can show: what is worth knowing before a run, and beside each result after it.

A difference is shown where its two-sided test at 5 %, corrected as it is, rejects 0; the smallest is the one that is
shown in four of five samples of these items' size and spread. What many items without any difference rule out is no
less than what unseen items could hide.

Source: Cohen 1988, "Statistical Power Analysis for the Behavioral Sciences", section 2.3, with quantiles of t.
"""

from math import isfinite, sqrt

from equilingua.statistics.evidence import FEWEST_ITEMS

POWER = 0.8
LEVEL = 0.05

ASSUMED_SPREAD = 0.25
"""Standard deviation between queries of the difference of two models by a measure between 0 and 1, if none is known.
That of means over many languages is smaller (.06 and .11 in ``docs/studies/recipe-cpu.md``), so that they show more."""


def smallest_difference(standard_error: float, *, items: int, tests: int = 1, reach: float = 0.0) -> float | None:
    """The smallest difference that is shown in four of five samples; None where none would be.

    Args:
        standard_error: of the difference.
        items: that it is the mean of.
        tests: corrected together by Holm's method; the first of them has to pass all.
        reach: the most that one item may differ by; 0 where that is not known.

    >>> round(smallest_difference(0.01, items=1000), 4)
    0.028
    >>> smallest_difference(0.01, items=5) is None
    True
    """
    if items < FEWEST_ITEMS or not isfinite(standard_error):
        return None
    from scipy.special import stdtrit

    level = LEVEL / max(tests, 1)
    factor = float(stdtrit(items - 1, 1 - level / 2) + stdtrit(items - 1, POWER))
    hidden = reach * (1.0 - (level / 2) ** (1.0 / items))
    return max(factor * standard_error, float(hidden))


def assumed_difference(items: int, *, spread: float = ASSUMED_SPREAD, tests: int = 1) -> float | None:
    """``smallest_difference`` before there is any result, of differences that have this standard deviation.

    Seeds add a spread of their own that only trainings show: what is told here is of the items alone, the least.

    >>> round(assumed_difference(1190), 3)
    0.02
    """
    return smallest_difference(spread / sqrt(items), items=items, tests=tests, reach=1.0) if items else None

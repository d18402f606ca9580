"""Whether items are enough for an interval or a test of their mean: one rule, asked by every interval and verdict.

What is taken from the spread of the items seen can be no better than that spread is known. It is not:

- where **few items differ** from all others, or a language has few: what makes the difference was met a few times only;
- where **a few items decide** the mean of a measure without bounds: the largest values, of which the next sample may
  have one more or one less, make up most of the spread. Where the tail falls off so slowly, variances need not even be
  finite. This is looked for in all of the largest fifth, for the few largest that happen to be drawn tell little;
- where the items vary so little, for what the measure could do, that one **unlike any seen** could move the mean by
  more than half the width of the interval.

``benchmarks/interval_coverage`` shows what intervals and verdicts do on either side of these lines.

Source: Hill 1975, "A simple general approach to inference about the tail of a distribution".
"""

import numpy as np

from equilingua.metrics.retrieval import Values
from equilingua.statistics.bootstrap import influences
from equilingua.statistics.unseen import UNBOUNDED, Bounds

FEWEST_ITEMS = 20
"""That have to differ from the others, and to be there of every language: of one in ten, so many as two."""

_TAIL = 0.2
"""Share of the largest values that are the tail."""

_HEAVY = 0.8
"""Hill's index of a heavy tail, about the median: .3 of a normal, .6 of an exponential, .8, 1.2 and 1.7 of the
exponentials of normals with standard deviations of 1, 2 and 3; from .5 on, tails that keep it have no variance."""

_ENOUGH = 25
"""Equal items that a heavy tail has to be worth, for then its largest values were met often."""

_MANY = 50
"""Equal items from which on intervals are as long as resamples make them: t would make them longer by 2 %."""

_LEAST_SPREAD = 0.26
"""Sum of squared deviations, in squares of what one item could deviate, at which one unseen item in n moves the mean by
as much as half a 95 % interval: 1 / 1.96²."""


def likely_bounds(values: Values) -> Bounds:
    """0 and 1 where all values lie there, -1 and 1 likewise, else none."""
    least, most = np.nanmin(values), np.nanmax(values)
    if least < -1 or most > 1:
        return UNBOUNDED
    return Bounds(0.0 if least >= 0 else -1.0, 1.0)


def too_few(values: Values, bounds: Bounds) -> str | None:
    """Why the items are too few for what is taken from their spread; None where they are enough.

    Args:
        values: shape (items, pairs), NaN where an item is missing.
        bounds: of the measure, in each pair.

    >>> too_few(np.r_[np.zeros(45), np.ones(5)][:, None], Bounds(-1.0, 1.0))
    '5 of 50 items differ from the others; 20 are needed'
    """
    measured = values[(~np.isnan(values)).any(axis=1)]
    counts = (~np.isnan(measured)).sum(axis=0)
    fewest = int(counts[counts > 0].min(initial=len(measured)))
    if fewest < FEWEST_ITEMS:
        return f"{fewest} item{'' if fewest == 1 else 's'}{_of_a_pair(counts)}; {FEWEST_ITEMS} are needed"
    pulls = influences(measured)
    differing = _differing(pulls)
    if differing < FEWEST_ITEMS:
        return f"{differing} of {len(measured):,} items differ from the others; {FEWEST_ITEMS} are needed"
    worth = effective_items(pulls)
    if not is_bounded(bounds) and worth < _ENOUGH and tail_index(pulls) >= _HEAVY:
        return f"a few of {len(measured):,} items decide the mean, which is worth {worth:.0f} equal ones"
    return None


def expansion(values: Values) -> float:
    """By how much intervals are to be longer, as their standard error is known from so few items; 1 for many.

    The quantile of t with as many degrees of freedom as the items are worth, in units of the normal one. Resamples see
    that a spread varies, but not that it was found too small.

    >>> expansion(np.arange(500.0)[:, None])
    1.0
    """
    worth = effective_items(influences(values[(~np.isnan(values)).any(axis=1)]))
    if worth >= _MANY:
        return 1.0
    from scipy.special import ndtri, stdtrit

    return float(stdtrit(max(worth, 2.0), 0.975) / ndtri(0.975))


def vary_little(values: Values, bounds: Bounds) -> bool:
    """Whether one item unlike any seen could move the mean by more than half the width of its studentised interval.

    Never without bounds, of which nothing follows for such items. Values and bounds are as for ``too_few``.
    """
    if not is_bounded(bounds):
        return False
    measured = values[(~np.isnan(values)).any(axis=1)]
    return float((influences(measured) ** 2).sum()) < _LEAST_SPREAD * _reach(measured, bounds) ** 2


def is_bounded(bounds: Bounds) -> bool:
    """Whether both ends are known."""
    return bool(np.isfinite(bounds.low).all() and np.isfinite(bounds.high).all())


def effective_items(deviations: Values) -> float:
    """As many items of equal size would tell as much of the variance: the number of items over their kurtosis.

    >>> effective_items(np.array([1.0, -1.0, 1.0, -1.0]))
    4.0
    """
    squares = float((deviations**2).sum())
    return squares**2 / float((deviations**4).sum()) if squares else 0.0


def tail_index(values: Values) -> float:
    """Hill's index of the fifth that is furthest from the median; infinite where there are too few to have a tail.

    >>> bool(tail_index(np.arange(1.0, 101.0)) < 0.2)
    True
    """
    values = values - np.median(values)
    sizes = np.sort(np.abs(values[values != 0]))[::-1]
    tail = max(5, int(len(sizes) * _TAIL))
    if len(sizes) <= tail:
        return float("inf")
    return float(np.log(sizes[:tail] / sizes[tail]).mean())


def _differing(pulls: Values) -> int:
    """How many items differ from the value that most of them share."""
    size = float(np.abs(pulls).max(initial=0.0))
    if size == 0:
        return 0
    _, counts = np.unique(np.round(pulls / size, 9), return_counts=True)
    return len(pulls) - int(counts.max())


def _reach(values: Values, bounds: Bounds) -> float:
    """By how much one item could at most deviate from the mean, if it were at a bound in every pair."""
    held = (~np.isnan(values)).any(axis=0)
    means = np.nanmean(values[:, held], axis=0)
    low, high = (np.broadcast_to(end, values.shape[1])[held] for end in bounds)
    return float(max((means - low).mean(), (high - means).mean()))


def _of_a_pair(counts: Values) -> str:
    held = counts[counts > 0]
    return " of one language" if held.size > 1 and held.min() < held.max() else ""

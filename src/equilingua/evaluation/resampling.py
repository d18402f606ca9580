"""Bootstrap over items: the translations of a query are drawn together, because they are no independent evidence.

Each resample draws as many items as there are, with replacement, and takes the macro mean again: over the queries drawn
in each language or pair, then over languages or pairs.

Intervals are studentised (bootstrap-t): what is drawn is by how many standard errors a resample misses, so that
neither few items nor skewed measures leave them short. ``benchmarks/interval_coverage`` says how often they cover the
truth, and how often percentile and BCa intervals would. A macro mean enters through its items' influences, which makes
it one number an item however many pairs there are, and a resample one matrix product for all measures; where no item is
missing, this is no approximation.

Source: Efron 1979; Efron and Tibshirani 1993, section 12.5 (bootstrap-t); Davison and Hinkley 1997, sections 2.7
(influence) and 3.8 (clusters); Sakai 2006 for retrieval measures.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from equilingua.evaluation.slots import Values

Key = TypeVar("Key")

CHUNK_BYTES = 64 * 2**20
LEVEL = 0.95
# A resample that drew hardly any of the few items that differ has next to no spread: it would stretch the interval
# without end.
_LEAST_SPREAD = 0.25
_ROUNDING = 1e-12


def macro_mean(values: Values) -> float:
    """Mean over the pairs of the means over their items; NaN where there is no value at all.

    Args:
        values: shape (items, pairs), NaN where an item is missing; a pair without any is left out.

    >>> macro_mean(np.array([[1.0, 0.0], [0.0, np.nan]]))
    0.25
    """
    present = ~np.isnan(values)
    counts = present.sum(axis=0)
    means = np.where(present, values, 0.0).sum(axis=0)[counts > 0] / counts[counts > 0]
    return float(means.mean()) if means.size else float("nan")


def contributions(values: Values) -> Values:
    """What each item adds to the macro mean, shape (items,): they sum to it.

    Args:
        values: shape (items, pairs), NaN where an item is missing.

    >>> contributions(np.array([[1.0, 0.0], [0.0, np.nan]]))
    array([0.25, 0.  ])
    """
    present = ~np.isnan(values)
    counts = present.sum(axis=0)
    pairs = max(np.count_nonzero(counts), 1)
    shares: Values = (np.where(present, values, 0.0) / np.maximum(counts, 1)).sum(axis=1) / pairs
    return shares


def influences(values: Values) -> Values:
    """How far each item pulls the macro mean from where the others have it, shape (items,); their mean is 0.

    With no item missing: the item's mean over the pairs, minus the macro mean.

    Args:
        values: shape (items, pairs), NaN where an item is missing.

    Source: empirical influence values, Davison and Hinkley 1997, section 2.7.2.

    >>> influences(np.array([[1.0, 0.0], [0.0, 0.0]]))
    array([ 0.25, -0.25])
    """
    present = ~np.isnan(values)
    counts = np.maximum(present.sum(axis=0), 1)
    centred = values - np.where(present, values, 0.0).sum(axis=0) / counts
    pulls = len(values) * contributions(centred)
    # The mean of equal numbers misses them by a last digit, which is no spread.
    pulls[np.abs(pulls) <= _ROUNDING * np.abs(np.where(present, values, 0.0)).max(initial=0.0)] = 0.0
    return pulls


@dataclass(frozen=True, eq=False, slots=True)
class Bootstrap:
    """What resampling says of some means over the same items.

    Attributes:
        estimates: the means themselves, shape (means,).
        errors: their standard errors, shape (means,); NaN for fewer than two items, 0 where items do not vary.
        pivots: by how many of its own standard errors each resample misses the estimate, shape (resamples, means).
    """

    estimates: Values
    errors: Values
    pivots: Values

    def intervals(self, level: float = LEVEL) -> list[tuple[float, float]]:
        """The studentised interval of every mean; NaN where there is no standard error."""
        tails = np.quantile(self.pivots, [(1 + level) / 2, (1 - level) / 2], axis=0)
        low, high = self.estimates - tails * self.errors
        return [(float(one), float(other)) for one, other in zip(low, high, strict=True)]

    def p_at_most(self, bound: Values) -> Values:
        """One-sided p-values of the hypotheses that the true means are at most the bounds, shape (means,).

        Below .05 exactly where the 90 % interval lies above the bound, up to one resample.
        """
        return self._p(self.estimates - bound, self.pivots)

    def p_at_least(self, bound: Values) -> Values:
        """One-sided p-values of the hypotheses that the true means are at least the bounds, shape (means,)."""
        return self._p(bound - self.estimates, -self.pivots)

    def _p(self, beyond: Values, pivots: Values) -> Values:
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = beyond / self.errors
        # On the bound without any spread, or without a standard error, nothing speaks against the hypothesis.
        statistic = np.where(np.isnan(statistic), -np.inf, statistic)
        p: Values = (1 + np.count_nonzero(pivots >= statistic, axis=0)) / (1 + len(pivots))
        return p


def bootstrap(matrices: Mapping[Key, Values], *, resamples: int, seed: int) -> Bootstrap:
    """The macro means of matrices over the same items, resampled together.

    Args:
        matrices: shape (items, pairs) each, the same items in the same order; NaN where an item is missing.
        resamples: number of draws.
        seed: of the draws.

    Returns:
        One mean a matrix, in their order.
    """
    pulls = np.stack([influences(values) for values in matrices.values()], axis=1)
    measured = np.array([np.count_nonzero((~np.isnan(values)).any(axis=1)) for values in matrices.values()])
    items = len(pulls)
    squares = pulls**2
    spread = np.sqrt(squares.mean(axis=0))
    pivots = []
    for weights in _draws(items, resamples, seed):
        missed = weights @ pulls / items
        drawn = np.sqrt(np.maximum(weights @ squares / items - missed**2, 0.0))
        least = np.maximum(drawn, _LEAST_SPREAD * spread)
        pivots.append(np.divide(missed, least, out=np.zeros_like(missed), where=least > 0))
    to_error = np.sqrt(max(items - 1, 1))
    return Bootstrap(
        estimates=np.array([macro_mean(values) for values in matrices.values()]),
        errors=np.where(measured > 1, spread / to_error, np.nan),
        pivots=np.concatenate(pivots) * to_error,
    )


def mean_intervals(matrices: Mapping[Key, Values], *, resamples: int, seed: int) -> dict[Key, tuple[float, float]]:
    """The 95 % interval of each macro mean, kept within the range of the values themselves; NaN where there are none.

    Args:
        matrices: shape (items, pairs) each, the same items in the same order; NaN where an item is missing.
        resamples: number of draws.
        seed: of the draws.
    """
    found = bootstrap(matrices, resamples=resamples, seed=seed).intervals()
    ranges = [_range(values[~np.isnan(values)]) for values in matrices.values()]
    return {
        key: (max(low, least), min(high, most))
        for key, (low, high), (least, most) in zip(matrices, found, ranges, strict=True)
    }


def _range(values: Values) -> tuple[float, float]:
    return (float(values.min()), float(values.max())) if values.size else (np.nan, np.nan)


def _draws(items: int, resamples: int, seed: int) -> Iterator[Values]:
    """How often each item is drawn, a few resamples at a time: shape (some, items)."""
    rng = np.random.default_rng(seed)
    rows = max(1, CHUNK_BYTES // (8 * items))
    for start in range(0, resamples, rows):
        counts: npt.NDArray[np.int64] = rng.multinomial(
            items, np.full(items, 1 / items), size=min(rows, resamples - start)
        )
        yield counts.astype(np.float64)

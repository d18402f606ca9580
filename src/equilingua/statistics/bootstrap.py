"""Bootstrap over items: the translations of a query are drawn together, because they are no independent evidence.

Each resample draws as many items as there are, with replacement, and takes the macro mean again: over the queries drawn
in each language or pair, then over languages or pairs.

Intervals are studentised (bootstrap-t): what is drawn is by how many standard errors a resample misses, so that
neither few items nor skewed measures leave them short. ``benchmarks/interval_coverage`` says how often they cover the
truth, and how often percentile and BCa intervals would. The mean of a resample is taken over as many items as it drew
of those that a pair has, and so are the deviations from it: where a pair has few of the items, their number varies
much. Pairs that have the same items are one column, so without missing items all measures are resampled in a few matrix
products. A pair of whose items a resample draws none stays where it was.

Source: Efron 1979; Efron and Tibshirani 1993, section 12.5 (bootstrap-t); Davison and Hinkley 1997, sections 2.7
(influence) and 3.8 (clusters); Sakai 2006 for retrieval measures.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from equilingua.metrics.retrieval import Values

Key = TypeVar("Key")

CHUNK_BYTES = 64 * 2**20
CONFIDENCE_LEVEL = 0.95
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

    Source: empirical influence values, Davison and Hinkley 1997, section 2.7.2.

    >>> influences(np.array([[1.0, 0.0], [0.0, 0.0]]))
    array([ 0.25, -0.25])
    """
    present = ~np.isnan(values)
    counts = np.maximum(present.sum(axis=0), 1)
    # Off the mean of its own pair: a pair's level says nothing of how far an item pulls.
    centred = values - np.where(present, values, 0.0).sum(axis=0) / counts
    pulls = len(values) * contributions(centred)
    return _without_rounding(pulls, np.where(present, values, 0.0))


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

    def intervals(self, level: float = CONFIDENCE_LEVEL) -> list[tuple[float, float]]:
        """The studentised interval of every mean; NaN where there is no standard error."""
        # Crosswise: a resample that misses to the right says how far the truth may lie to the left.
        tails = np.quantile(self.pivots, [(1 + level) / 2, (1 - level) / 2], axis=0)
        low, high = self.estimates - tails * self.errors
        return [(float(one), float(other)) for one, other in zip(low, high, strict=True)]

    def expanded(self, factors: Values) -> "Bootstrap":
        """The same, every mean with pivots this many times as large: shape (means,)."""
        return replace(self, pivots=self.pivots * factors)

    def p_at_most(self, bound: Values) -> Values:
        """One-sided p-values of the hypotheses that the true means are at most the bounds, shape (means,).

        Below .05 exactly where the 90 % interval lies above the bound, up to one resample.
        """
        return self._p(self.estimates - bound, bound, self.pivots)

    def p_at_least(self, bound: Values) -> Values:
        """One-sided p-values of the hypotheses that the true means are at least the bounds, shape (means,)."""
        return self._p(bound - self.estimates, bound, -self.pivots)

    def _p(self, beyond: Values, bound: Values, pivots: Values) -> Values:
        # The same numbers added up in another order miss the bound by a last digit: that is on it.
        beyond = np.where(np.abs(beyond) <= _ROUNDING * (np.abs(self.estimates) + np.abs(bound)), 0.0, beyond)
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = beyond / self.errors
        # On the bound without any spread, or without a standard error, nothing speaks against the hypothesis.
        statistic = np.where(np.isnan(statistic), -np.inf, statistic)
        # The result itself counts as one of the resamples, so that p is never 0.
        p: Values = (1 + np.count_nonzero(pivots >= statistic, axis=0)) / (1 + len(pivots))
        return p


def bootstrap(
    matrices: Mapping[Key, Values], *, resamples: int = 0, seed: int = 0, draws: "Draws | None" = None
) -> Bootstrap:
    """The macro means of matrices over the same items, resampled together: one mean a matrix, in their order.

    The matrices have shape (items, pairs) each, the same items in the same order; NaN where an item is missing. Draws
    that were made before are taken instead of new ones.
    """
    draws = draws or Draws(len(next(iter(matrices.values()))), resamples, seed)
    parts = [_deviations(values) for values in matrices.values()]
    errors = np.array([_error(part) for part in parts])
    pivots = []
    for weights in draws:
        missed, drawn = _resampled(parts, weights)
        least = np.maximum(drawn, _LEAST_SPREAD * errors)
        pivots.append(np.divide(missed, least, out=np.zeros_like(missed), where=least > 0))
    measured = np.array([np.count_nonzero(part.present.any(axis=1)) for part in parts])
    return Bootstrap(
        estimates=np.array([macro_mean(values) for values in matrices.values()]),
        errors=np.where(measured > 1, errors, np.nan),
        pivots=np.concatenate(pivots),
    )


@dataclass(frozen=True, eq=False, slots=True)
class _Deviations:
    """Of values from the means of their pairs: shape (items, columns). Pairs that have the same items are one column.

    ``values`` are summed over the pairs of a column, divided by the number of all pairs; 0 where an item is missing.
    ``present`` is 1 where the pairs of a column have the item, else 0.
    """

    values: Values
    present: Values


def _deviations(values: Values) -> _Deviations:
    present = ~np.isnan(values)
    counts = present.sum(axis=0)
    filled = np.where(present, values, 0.0)
    centred = np.where(present, filled - filled.sum(axis=0) / np.maximum(counts, 1), 0.0)
    # A pair without any item has no mean, and does not count among those that are averaged.
    held = np.flatnonzero(counts)
    first, column = alike([present[:, pair].tobytes() for pair in held])
    pulls = centred[:, held] @ (column[:, None] == np.arange(len(first))) / max(len(held), 1)
    return _Deviations(_without_rounding(pulls, filled), present[:, held[first]].astype(np.float64))


def _without_rounding(deviations: Values, values: Values) -> Values:
    # The mean of equal numbers misses them by a last digit: that is no spread.
    return np.where(np.abs(deviations) <= _ROUNDING * np.abs(values).max(initial=0.0), 0.0, deviations)


def alike(masks: Sequence[bytes]) -> tuple[list[int], npt.NDArray[np.intp]]:
    """Where each mask is found first, and which of these every one equals."""
    kinds = {mask: number for number, mask in enumerate(dict.fromkeys(masks))}
    return [masks.index(mask) for mask in kinds], np.array([kinds[mask] for mask in masks], dtype=np.intp)


def _error(part: _Deviations) -> float:
    """The standard error of the macro mean."""
    of_item = (part.values / _divisors(part.present.sum(axis=0))).sum(axis=1)
    return float(np.sqrt((of_item**2).sum()))


def _divisors(counts: Values) -> Values:
    """What makes the root of a sum of squared deviations, as many as counted, the standard error of their mean."""
    divisors: Values = np.sqrt(np.maximum(counts * (counts - 1), 1.0))
    return divisors


def _resampled(parts: Sequence[_Deviations], weights: Values) -> tuple[Values, Values]:
    """How far the macro means of resamples are from the estimates, and their standard errors: (resamples, means)."""
    # The common case first: where all pairs have the same items, a mean is one column, and all are done at once.
    missed, errors = np.empty((2, len(weights), len(parts)))
    alike = [place for place, part in enumerate(parts) if part.values.shape[1] == 1]
    if alike:
        missed[:, alike], errors[:, alike] = _resampled_columns([parts[place] for place in alike], weights)
    for place, part in enumerate(parts):
        if part.values.shape[1] != 1:
            missed[:, place], errors[:, place] = _resampled_sum(part, weights)
    return missed, errors


def _resampled_columns(parts: Sequence[_Deviations], weights: Values) -> tuple[Values, Values]:
    """Of means of a single column each, all at once."""
    values = np.concatenate([part.values for part in parts], axis=1)
    first, kind = alike([part.present.tobytes() for part in parts])
    counts = (weights @ np.concatenate([parts[place].present for place in first], axis=1))[:, kind]
    missed = weights @ values / np.maximum(counts, 1.0)
    # A sum of squares less the square of the sum: rounding may leave it a little below 0.
    squares = np.maximum(weights @ values**2 - counts * missed**2, 0.0)
    return missed, np.sqrt(squares) / _divisors(counts)


def _resampled_sum(part: _Deviations, weights: Values) -> tuple[Values, Values]:
    """Of one mean of several columns, whose deviations add up item by item: shape (resamples,) both."""
    counts = weights @ part.present
    missed = weights @ part.values / np.maximum(counts, 1.0)
    divisors = _divisors(counts)
    of_item = (1 / divisors) @ part.values.T - (missed / divisors) @ part.present.T
    return missed.sum(axis=1), np.sqrt(np.einsum("ri,ri->r", weights, of_item**2))


class Draws:
    """How often each item is drawn, a few resamples at a time: shape (some, items); kept if one chunk holds all."""

    def __init__(self, items: int, resamples: int, seed: int) -> None:
        self.items, self.resamples, self.seed = items, resamples, seed
        self.rows = max(1, CHUNK_BYTES // (8 * items))
        self.whole = tuple(self._drawn()) if resamples <= self.rows else None

    def __iter__(self) -> Iterator[Values]:
        return self._drawn() if self.whole is None else iter(self.whole)

    def _drawn(self) -> Iterator[Values]:
        rng = np.random.default_rng(self.seed)
        shares = np.full(self.items, 1 / self.items)
        for start in range(0, self.resamples, self.rows):
            # How often each is drawn says as much as which are, and makes sums over resamples products of matrices.
            counts = rng.multinomial(self.items, shares, size=min(self.rows, self.resamples - start))
            yield counts.astype(np.float64)

"""Bounds of means that allow for items unlike any seen: of measures whose least and greatest value are known.

A hundred queries of which none was lost do not show that none would be: up to three in a hundred may be of a kind that
was not met. Each draw weighs the items at random and adds one more, at the worst value that the measure can have, then
at the best. What lies above nearly all of the lowest means, or below nearly all of the highest, is ruled out whatever
the unseen items are: without spread, with ties, or with rare large losses that did not happen to be drawn.

Of hits and misses it is the exact interval of Clopper and Pearson; of a measure without spread, the rule of three. With
many items that vary it comes close to what other intervals say.

Source: Gaffke 2005, "Three test statistics for a nonparametric one-sided hypothesis on the mean of a nonnegative
variable"; Learned-Miller and Thomas 2019, "A New Confidence Interval for the Mean of a Bounded Random Variable" (arXiv
1905.06208), who found no distribution for which it fails. Means over several languages get the same added item in each.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from equilingua.metrics.retrieval import Values
from equilingua.statistics.bootstrap import CHUNK_BYTES, CONFIDENCE_LEVEL, alike

_ROUNDING = 1e-12


class Bounds(NamedTuple):
    """The least and the greatest value that a measure can have: a number for all pairs, or shape (pairs,)."""

    low: float | Values
    high: float | Values


UNBOUNDED = Bounds(-np.inf, np.inf)


@dataclass(frozen=True, eq=False, slots=True)
class UnseenItems:
    """How low, and how high, each draw lets some means be: shape (resamples, means) both; infinite without bounds."""

    lowest: Values
    highest: Values

    def intervals(self, level: float = CONFIDENCE_LEVEL) -> list[tuple[float, float]]:
        """The interval of every mean, which covers it at least that often."""
        with np.errstate(invalid="ignore"):  # between infinities, of measures without bounds
            low = np.quantile(self.lowest, (1 - level) / 2, axis=0)
            high = np.quantile(self.highest, (1 + level) / 2, axis=0)
        return [(float(one), float(other)) for one, other in zip(low, high, strict=True)]

    def p_at_most(self, bound: Values | float) -> Values:
        """One-sided p-values of the hypotheses that the true means are at most the bounds, shape (means,)."""
        return _share(self.lowest <= bound + _ROUNDING)

    def p_at_least(self, bound: Values | float) -> Values:
        """One-sided p-values of the hypotheses that the true means are at least the bounds, shape (means,)."""
        return _share(self.highest >= bound - _ROUNDING)


def unseen_items(matrices: Sequence[Values], bounds: Sequence[Bounds], *, resamples: int, seed: int) -> UnseenItems:
    """Macro means of matrices over the same items, weighed at random together, each with its bounds.

    The matrices have shape (items, pairs), NaN where an item is missing; at least one of each has a value.
    """
    if not any(np.isfinite(ends).all() for of_values in bounds for ends in of_values):
        nothing = np.full((1, len(matrices)), np.inf)
        return UnseenItems(-nothing, nothing)
    parts = [_grouped(values, of_values) for values, of_values in zip(matrices, bounds, strict=True)]
    columns = np.concatenate([np.concatenate([part.sums, part.present], axis=1) for part in parts], axis=1)
    lowest, highest = [], []
    for weights in _weights(len(columns), resamples, seed):
        sums, added = weights[:, :-1] @ columns, weights[:, -1:]
        low, high = np.empty((2, len(weights), len(parts)))
        start = 0
        for place, part in enumerate(parts):
            groups = part.sums.shape[1]
            total, present = sums[:, start : start + groups], sums[:, start + groups : start + 2 * groups]
            start += 2 * groups
            low[:, place] = ((total + added * part.low) / (present + added)).sum(axis=1)
            high[:, place] = ((total + added * part.high) / (present + added)).sum(axis=1)
        lowest.append(low)
        highest.append(high)
    return UnseenItems(np.concatenate(lowest), np.concatenate(highest))


@dataclass(frozen=True, eq=False, slots=True)
class _Groups:
    """Values summed over the pairs that have the same items, divided by the number of pairs: shape (items, groups).

    ``present`` is 1 where they have the item; ``low`` and ``high`` are sums of bounds, shape (groups,), divided alike.
    """

    sums: Values
    present: Values
    low: Values
    high: Values


def _grouped(values: Values, bounds: Bounds) -> _Groups:
    present = ~np.isnan(values)
    held = np.flatnonzero(present.any(axis=0))
    first, group = alike([present[:, pair].tobytes() for pair in held])
    share = (group[:, None] == np.arange(len(first))) / len(held)
    low, high = (np.broadcast_to(end, values.shape[1])[held] for end in bounds)
    return _Groups(
        sums=np.where(present, values, 0.0)[:, held] @ share,
        present=present[:, held[first]].astype(np.float64),
        low=_summed(low, share),
        high=_summed(high, share),
    )


def _summed(ends: Values, share: Values) -> Values:
    # Infinity times a share of 0 is no number.
    if np.isinf(ends).any():
        return np.full(share.shape[1], ends[0])
    return ends @ share


def _weights(items: int, resamples: int, seed: int) -> Iterator[Values]:
    """Weights of the items and of one more, shape (some, items + 1), a few draws at a time."""
    rng = np.random.default_rng([seed, 1])
    rows = max(1, CHUNK_BYTES // (8 * (items + 1)))
    for start in range(0, resamples, rows):
        # Their shares of the sum are uniform among all that there are (Dirichlet); the sum itself cancels.
        yield rng.standard_exponential((min(rows, resamples - start), items + 1))


def _share(speaking_for: npt.NDArray[np.bool_]) -> Values:
    # The result itself counts as one of the draws, so that p is never 0.
    p: Values = (1 + np.count_nonzero(speaking_for, axis=0)) / (1 + len(speaking_for))
    return p

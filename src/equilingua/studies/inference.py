"""How far a study's quantity may be off, when both its seeds and its items are drawn.

Every arm is trained with the same seeds and evaluated on the same items, so a quantity has one value for every seed and
item: a two-way layout without replication, both ways random. The variance of its mean is

    seed variance / S  +  item variance / I  +  residual variance / (S I),

and the mean squares estimate it as (MS_seed + MS_item - MS_residual) / (S I). Two parts are told apart here: MS_seed,
which holds the residual, with S - 1 degrees of freedom; and MS_item - MS_residual, not below 0, with I - 1. Each is
multiplied by the squared t quantile of its own degrees of freedom; half the interval's width is the root of the sum.

The quasi-F of Clark 1973 with the degrees of freedom of Satterthwaite 1946 is shorter, but three seeds may differ
little by chance, and it then sees differences that are none more often than it should.
``benchmarks/interval_coverage`` has the shares of both.

Source: Clark 1973, "The language-as-fixed-effect fallacy" (both ways random); Banerjee 1961, "On confidence interval
for two-means problem based on separate estimates of variances and tabulated values of t-table" (the sum of parts);
quotients: the delta method.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import nan

import numpy as np

from equilingua.metrics.retrieval import Values
from equilingua.statistics.bootstrap import CONFIDENCE_LEVEL
from equilingua.statistics.unseen import UnseenItems
from equilingua.studies.items import few_items, guarded, item_groups, linear, of_arm
from equilingua.studies.results import Quantity, StudyScores

_LEAST_P = 1e-15
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class VariancePart:
    """A part of the variance of a mean, with its degrees of freedom."""

    variance: float
    degrees_of_freedom: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """A quantity, how far it may be off, and over what.

    Attributes:
        value: of the quantity.
        low: lower end of the 95 % interval; NaN for a single item.
        high: upper end.
        p: two-sided p-value of the hypothesis that the true value is 0.
        seeds: number of trainings of each arm; with a single one the interval is over items alone, as nothing is known
            of other seeds.
        items: number of items, of all evaluations together.
        parts: of the squared standard error.
        too_few: why the items are too few for these parts; then intervals and p-values allow for items unlike any seen
            as well, and of measures without bounds there are none (NaN, and p = 1). None where they are enough.
        unseen: how low and high the value may be then; not kept on disk, so that an estimate that was read back has
            its 95 % interval and p-value, but computes no others where the items are too few.
    """

    value: float
    low: float
    high: float
    p: float
    seeds: int
    items: int
    parts: tuple[VariancePart, ...]
    too_few: str | None = None
    unseen: UnseenItems | None = field(default=None, compare=False, repr=False)

    @property
    def standard_error(self) -> float:
        """Root of the sum of the parts; NaN for a single item."""
        return float(np.sqrt(sum(part.variance for part in self.parts)))

    def interval(self, level: float = CONFIDENCE_LEVEL) -> tuple[float, float]:
        """Ends of the interval of another level than that of ``low`` and ``high``; NaN for a single item."""
        half = _half_width((1 - level) / 2, self.parts)
        low, high = self.value - half, self.value + half
        if (unseen := self._drawn()) is None:
            return low, high
        [(lowest, highest)] = unseen.intervals(level)
        return (min(low, lowest), max(high, highest)) if np.isfinite(highest) else (nan, nan)

    def p_at_most(self, bound: float) -> float:
        """One-sided p-value of the hypothesis that the true value is at most the bound."""
        p = _one_sided(_beyond(self.value, bound), self.parts)
        return p if (unseen := self._drawn()) is None else max(p, float(unseen.p_at_most(bound)[0]))

    def p_at_least(self, bound: float) -> float:
        """One-sided p-value of the hypothesis that the true value is at least the bound."""
        p = _one_sided(_beyond(bound, self.value), self.parts)
        return p if (unseen := self._drawn()) is None else max(p, float(unseen.p_at_least(bound)[0]))

    def _drawn(self) -> UnseenItems | None:
        # Without them, an interval or a p-value would silently be as if the items were enough.
        if self.unseen is None and self.too_few is not None:
            raise ValueError("of an estimate of too few items, only the interval and p-value are kept")
        return self.unseen


def estimate(scores: StudyScores, quantity: Quantity) -> Estimate:
    """A quantity of a study, over its seeds and items.

    Raises:
        InputError: if the study lacks an arm or a mean, or what is retained is 0 to begin with.
    """
    value, terms = linear(scores, quantity)
    per_seed = np.zeros(len(scores.seeds))
    for term in terms:
        per_seed += term.weight * of_arm(scores, term)[0]
    groups = list(item_groups(scores, quantity))
    found = crossed_estimate(value, per_seed, [group.deviations for group in groups])
    reason = few_items(groups)
    if reason is None:
        return found
    unseen = guarded(groups, value)
    guarded_p = 2 * min(float(unseen.p_at_most(0.0)[0]), float(unseen.p_at_least(0.0)[0]))
    few = replace(found, too_few=reason, unseen=unseen, p=min(1.0, max(found.p, guarded_p)))
    low, high = few.interval()
    return replace(few, low=low, high=high)


def crossed_estimate(value: float, per_seed: Values, deviations: Sequence[Values]) -> Estimate:
    """The interval and p-value of a mean over seeds and items.

    Args:
        value: of the mean.
        per_seed: its value of each seed, shape (seeds,).
        deviations: of the values from their seed's mean, shape (seeds, items), for every group of items.
    """
    parts = variance_parts(per_seed, deviations)
    half = _half_width((1 - CONFIDENCE_LEVEL) / 2, parts)
    return Estimate(
        value=value,
        low=value - half,
        high=value + half,
        p=min(1.0, 2 * _one_sided(abs(value), parts)),
        seeds=len(per_seed),
        items=sum(group.shape[1] for group in deviations),
        parts=parts,
    )


def variance_parts(per_seed: Values, deviations: Sequence[Values]) -> tuple[VariancePart, ...]:
    """The parts of the variance: of the seeds with the residual, then of each group of items; NaN for a single item.

    Args:
        per_seed: shape (seeds,).
        deviations: shape (seeds, items) each, every row with a mean of 0.

    >>> variance_parts(np.array([1.0, 3.0]), [np.array([[-1.0, 1.0], [-1.0, 1.0]])])
    (VariancePart(variance=1.0, degrees_of_freedom=1), VariancePart(variance=1.0, degrees_of_freedom=1))
    """
    seeds = len(per_seed)
    of_seeds = [VariancePart(float(per_seed.var(ddof=1) / seeds), seeds - 1)] if seeds > 1 else []
    return (*of_seeds, *(_item_part(group) for group in deviations))


def _item_part(deviations: Values) -> VariancePart:
    """(MS_item - MS_residual) / (S I), not below 0."""
    seeds, items = deviations.shape
    if items < 2:
        return VariancePart(nan, items - 1)
    of_item = deviations.mean(axis=0)
    variance = (of_item**2).sum() / ((items - 1) * items)
    if seeds > 1:
        residual = ((deviations - of_item) ** 2).sum() / ((seeds - 1) * (items - 1))
        variance = max(variance - residual / (seeds * items), 0.0)
    return VariancePart(float(variance), items - 1)


def _half_width(tail: float, parts: Sequence[VariancePart]) -> float:
    """By how much the mean is off at most, but for this share of the cases on either side."""
    from scipy.special import stdtrit

    return float(np.sqrt(sum(stdtrit(part.degrees_of_freedom, tail) ** 2 * part.variance for part in parts)))


def _beyond(one: float, other: float) -> float:
    # The same numbers added up in another order miss each other by a last digit: that is no distance.
    return 0.0 if abs(one - other) <= _ROUNDING * (abs(one) + abs(other)) else one - other


def _one_sided(beyond: float, parts: Sequence[VariancePart]) -> float:
    """The share at which half the interval's width is the distance from a bound; not below 1e-15."""
    from scipy.optimize import brentq
    from scipy.special import stdtr

    variance = sum(part.variance for part in parts)
    if np.isnan(variance) or (variance == 0 and beyond <= 0):
        return 1.0  # on the bound without any spread, nothing speaks against the hypothesis
    if variance == 0:
        return _LEAST_P
    varying = [part for part in parts if part.variance > 0]
    if len(varying) == 1:
        statistic = beyond / np.sqrt(variance)
        return max(float(stdtr(varying[0].degrees_of_freedom, -statistic)), _LEAST_P)
    if beyond < 0:
        return 1.0 - _one_sided(-beyond, varying)
    # Brackets of the root: outside them brentq has no change of sign.
    if beyond >= _half_width(_LEAST_P, varying):
        return _LEAST_P
    if beyond <= _half_width(0.5, varying):
        return 0.5
    # On a logarithmic scale, where small shares are found to as many digits as large ones.
    log_p = brentq(lambda log: _half_width(10**log, varying) - beyond, np.log10(_LEAST_P), np.log10(0.5), xtol=1e-14)
    return float(10**log_p)

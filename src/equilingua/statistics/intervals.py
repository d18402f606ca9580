"""What items say of means: studentised intervals and p-values, and bounds for unseen items where these fall short.

An interval is studentised (``bootstrap``), and longer where a few items are most of the spread. Where the items are too
few for that (``evidence``) its ends are the bounds that allow for unseen items (``unseen``), which need a measure of
known bounds; of others nothing is said.

A one-sided p-value is the larger of both ways, wherever the measure has bounds: near a margin, of few hits and misses,
resamples alone say "not worse" too often.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TypeVar

import numpy as np

from equilingua.metrics.retrieval import Values
from equilingua.statistics.bootstrap import CONFIDENCE_LEVEL, Bootstrap, Draws, bootstrap
from equilingua.statistics.evidence import expansion, is_bounded, likely_bounds, too_few, vary_little
from equilingua.statistics.unseen import Bounds, UnseenItems, unseen_items

Key = TypeVar("Key")
BoundsOf = Callable[[Key], Bounds | None]
"""The bounds of a measure by its key; None to tell them from its values."""


@dataclass(frozen=True, eq=False, slots=True)
class Inference:
    """What items say of some means.

    Attributes:
        drawn: studentised resamples.
        unseen: bounds for unseen items.
        bounds: of every mean's measure.
        too_few: why the items are too few for the resamples alone; None where they are enough, one a mean.
        little: whether they vary so little that the interval has to allow for unseen items.
    """

    drawn: Bootstrap
    unseen: UnseenItems
    bounds: tuple[Bounds, ...]
    too_few: tuple[str | None, ...]
    little: tuple[bool, ...]

    @property
    def estimates(self) -> Values:
        """The means, shape (means,)."""
        return self.drawn.estimates

    def intervals(self, level: float = CONFIDENCE_LEVEL, *, though_little: bool = False) -> list[tuple[float, float]]:
        """The interval of every mean; NaN where nothing can be said.

        Studentised though items vary little, if so asked: where another test guards what is said of them.
        """
        both = zip(self.drawn.intervals(level), self.unseen.intervals(level), self.bounds, strict=True)
        falls_short = [
            bool(reason) or (little and not though_little)
            for reason, little in zip(self.too_few, self.little, strict=True)
        ]
        return [_interval(*one, short) for one, short in zip(both, falls_short, strict=True)]

    def p_at_most(self, bound: Values) -> Values:
        """One-sided p-values of the hypotheses that the true means are at most the bounds, shape (means,)."""
        return self._p(self.drawn.p_at_most(bound), self.unseen.p_at_most(bound))

    def p_at_least(self, bound: Values) -> Values:
        """One-sided p-values of the hypotheses that the true means are at least the bounds, shape (means,)."""
        return self._p(self.drawn.p_at_least(bound), self.unseen.p_at_least(bound))

    @property
    def p_unseen(self) -> list[float]:
        """Two-sided p-values of the hypotheses that the true means are 0, of the bounds for unseen items alone.

        0 where the items are enough without them; 1 where they are not and the measure has no bounds.
        """
        zero = np.zeros(len(self.too_few))
        one_sided = np.minimum(self.unseen.p_at_most(zero), self.unseen.p_at_least(zero))
        return [float(p) for p in np.where(self.short, np.minimum(1.0, 2 * one_sided), 0.0)]

    @property
    def short(self) -> list[bool]:
        """Whether intervals have to allow for unseen items: they are too few, or vary little."""
        return [reason is not None or little for reason, little in zip(self.too_few, self.little, strict=True)]

    @property
    def _known(self) -> Values:
        return np.array([is_bounded(bounds) for bounds in self.bounds])

    def _p(self, studentised: Values, unseen: Values) -> Values:
        enough = np.array([reason is None for reason in self.too_few])
        return np.where(self._known | ~enough, np.maximum(studentised, unseen), studentised)


def infer(
    matrices: Mapping[Key, Values],
    *,
    resamples: int,
    seed: int,
    bounds_of: BoundsOf[Key] | None = None,
    draws: Draws | None = None,
) -> Inference:
    """What the items say of the macro mean of each matrix: shape (items, pairs), the same items in the same order.

    NaN stands where an item is missing. Bounds that are not given are told from the values. Draws that were made before
    are taken instead of new ones.
    """
    values, bounds = list(matrices.values()), tuple(_bounds(matrices, bounds_of))
    return Inference(
        drawn=_expanded(matrices, resamples=resamples, seed=seed, draws=draws),
        unseen=unseen_items(values, bounds, resamples=resamples, seed=seed),
        bounds=bounds,
        too_few=tuple(too_few(one, of_one) for one, of_one in zip(values, bounds, strict=True)),
        little=tuple(vary_little(one, of_one) for one, of_one in zip(values, bounds, strict=True)),
    )


def mean_intervals(
    matrices: Mapping[Key, Values], *, resamples: int, seed: int, bounds_of: BoundsOf[Key] | None = None
) -> dict[Key, tuple[float, float]]:
    """The 95 % interval of each macro mean that has one, kept within the bounds of its measure.

    None has a mean of a single item, nor one of too few items of a measure without bounds. Where none of such a
    measure's values is below 0, the interval is kept above it. Matrices and bounds are as for ``infer``.
    """
    return grouped_intervals([matrices], resamples=resamples, seed=seed, bounds_of=bounds_of)


def grouped_intervals(
    groups: Iterable[Mapping[Key, Values]], *, resamples: int, seed: int, bounds_of: BoundsOf[Key] | None = None
) -> dict[Key, tuple[float, float]]:
    """``mean_intervals`` of each group, all with the same resamples, so that these are drawn only once.

    No key stands in two groups. One group is looked at after the other, so that an iterator need not have all of them
    in memory.
    """
    found: dict[Key, tuple[float, float]] = {}
    draws: Draws | None = None
    for matrices in groups:
        draws = draws or Draws(len(next(iter(matrices.values()))), resamples, seed)
        studentised = dict(zip(matrices, _expanded(matrices, draws=draws).intervals(), strict=True))
        found |= _with_unseen(matrices, studentised, bounds_of, resamples=resamples, seed=seed)
    return {key: ends for key, ends in found.items() if isfinite(sum(ends))}


def _expanded(
    matrices: Mapping[Key, Values], *, resamples: int = 0, seed: int = 0, draws: Draws | None = None
) -> Bootstrap:
    factors = np.array([expansion(values) for values in matrices.values()])
    return bootstrap(matrices, resamples=resamples, seed=seed, draws=draws).expanded(factors)


def _with_unseen(
    matrices: Mapping[Key, Values],
    studentised: Mapping[Key, tuple[float, float]],
    bounds_of: BoundsOf[Key] | None,
    *,
    resamples: int,
    seed: int,
) -> dict[Key, tuple[float, float]]:
    """The intervals; bounds for unseen items are drawn of those alone that have too few items without."""
    told = {key: values for key, values in matrices.items() if isfinite(sum(studentised[key]))}
    bounds = dict(zip(told, _bounds(told, bounds_of), strict=True))
    short = {
        key: too_few(values, bounds[key]) is not None or vary_little(values, bounds[key])
        for key, values in told.items()
    }
    few = [key for key in told if short[key] and is_bounded(bounds[key])]
    unseen: dict[Key, tuple[float, float]] = {}
    if few:
        chosen = [told[key] for key in few], [bounds[key] for key in few]
        unseen = dict(zip(few, unseen_items(*chosen, resamples=resamples, seed=seed).intervals(), strict=True))
    ends = {key: _interval(studentised[key], unseen.get(key), bounds[key], short[key]) for key in told}
    return {
        key: (max(low, 0.0) if not is_bounded(bounds[key]) and np.nanmin(told[key]) >= 0 else low, high)
        for key, (low, high) in ends.items()
    }


def _bounds(matrices: Mapping[Key, Values], bounds_of: BoundsOf[Key] | None) -> Sequence[Bounds]:
    given = [bounds_of(key) if bounds_of else None for key in matrices]
    return [likely_bounds(values) if one is None else one for one, values in zip(given, matrices.values(), strict=True)]


def _interval(
    studentised: tuple[float, float], unseen: tuple[float, float] | None, bounds: Bounds, falls_short: bool
) -> tuple[float, float]:
    """Of one mean, which way it is taken if the studentised one falls short."""
    low, high = studentised
    if not isfinite(low + high) or (falls_short and not is_bounded(bounds)):
        return float("nan"), float("nan")
    if falls_short and unseen:
        low, high = unseen
    # A studentised interval of few items may reach beyond what the measure can be.
    return max(low, float(np.mean(bounds.low))), min(high, float(np.mean(bounds.high)))

"""The items behind a quantity: how it moves with each, and what they say of it, whatever items unlike them may be."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from equilingua.errors import InputError, did_you_mean
from equilingua.metrics.naming import NO_DIRECTION
from equilingua.metrics.retrieval import Values
from equilingua.statistics.evidence import too_few
from equilingua.statistics.significance import measure_bounds
from equilingua.statistics.unseen import Bounds, UnseenItems, unseen_items
from equilingua.studies.results import Quantity, Retention, StudyScores, Sum, Term

_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False, slots=True)
class ItemGroup:
    """The items of one evaluation, as far as a quantity moves with them.

    Attributes:
        deviations: of the values of single items from their seed's mean, shape (seeds, items).
        value: what the mean over these items adds to the quantity.
        bounds: of the value of a single item.
    """

    deviations: Values
    value: float
    bounds: Bounds

    @property
    def values(self) -> Values:
        """Of every item the mean over seeds, shape (items, 1)."""
        values: Values = self.value + self.deviations.mean(axis=0)[:, None]
        return values


def item_groups(scores: StudyScores, quantity: Quantity) -> Iterator[ItemGroup]:
    """One group for every evaluation that the quantity is taken on."""
    by_evaluation: dict[str, list[Term]] = defaultdict(list)
    for term in linear(scores, quantity)[1]:
        by_evaluation[term.macro_mean.evaluation].append(term)
    for alike in by_evaluation.values():
        measured = np.logical_or.reduce([scores.of(term.macro_mean).measured for term in alike])
        # Terms on the same items are added up item by item: what items have in common cancels in a difference.
        total = sum((term.weight * of_arm(scores, term)[1] for term in alike), np.zeros(1))
        size = sum(abs(term.weight) * np.abs(of_arm(scores, term)[1]).max(initial=0.0) for term in alike)
        # Equal numbers added up in another order differ in their last digits, which is no spread.
        total = np.where(np.abs(total) <= _ROUNDING * size, 0.0, total)
        value = sum(term.weight * _mean(scores, term) for term in alike)
        # Shares are of the mean; times the number of items they are deviations of single values.
        yield ItemGroup(total[:, measured] * np.count_nonzero(measured), value, _bounds(alike))


def few_items(groups: list[ItemGroup]) -> str | None:
    """Why the items of a quantity are too few for what is taken from their spread; None where they are enough."""
    return next(filter(None, (too_few(group.values, group.bounds) for group in groups)), None)


def guarded(groups: list[ItemGroup], value: float, *, resamples: int = 10_000) -> UnseenItems:
    """How low, and how high, a quantity of this value may be, whatever items unlike those of the groups may be.

    Infinite of measures without bounds. Seeds are not drawn.
    """
    drawn = [
        unseen_items([group.values], [group.bounds], resamples=resamples, seed=seed)
        for seed, group in enumerate(groups)
    ]
    # A quotient is not the sum of its terms, but moves as they do.
    rest = value - sum(group.value for group in groups)
    lowest, highest = (
        sum((getattr(one, end) for one in drawn), np.full((1, 1), rest)) for end in ("lowest", "highest")
    )
    return UnseenItems(lowest, highest)


def _bounds(terms: list[Term]) -> Bounds:
    low = high = 0.0
    for term in terms:
        measure = term.macro_mean.measure
        least, most = measure_bounds(measure) or Bounds(-1.0 if measure in NO_DIRECTION else 0.0, 1.0)
        ends = term.weight * np.array([least, most])
        low, high = low + float(ends.min()), high + float(ends.max())
    return Bounds(low, high)


def linear(scores: StudyScores, quantity: Quantity) -> tuple[float, Sum]:
    """The value of a quantity, and the sum that moves as it does: itself, or a quotient's gradient."""
    if not isinstance(quantity, Retention):
        return sum(term.weight * _mean(scores, term) for term in quantity), quantity
    # Delta method: near its value, a quotient moves as the sum of its terms' derivatives.
    value, terms = _quotient(scores, quantity, quantity.arm)
    if quantity.against is None:
        return value, terms
    other, of_other = _quotient(scores, quantity, quantity.against)
    return value - other, (*terms, *(Term(-term.weight, term.arm, term.macro_mean) for term in of_other))


def _quotient(scores: StudyScores, quantity: Retention, arm: str) -> tuple[float, Sum]:
    above, below = Term(1.0, arm, quantity.shifted), Term(1.0, arm, quantity.reference)
    reference = _mean(scores, below)
    if not reference:
        raise InputError(
            f"retention of {arm!r}: its {quantity.reference.measure} is 0 ({quantity.reference}), "
            "so there is nothing to retain. Choose another reference"
        )
    value = _mean(scores, above) / reference
    return value, (Term(1 / reference, arm, quantity.shifted), Term(-value / reference, arm, quantity.reference))


def _mean(scores: StudyScores, term: Term) -> float:
    return float(of_arm(scores, term)[0].mean())


def of_arm(scores: StudyScores, term: Term) -> tuple[Values, Values]:
    """Means, shape (seeds,), and shares, shape (seeds, items), of the arm of a term."""
    mean_scores = scores.of(term.macro_mean)
    if term.arm not in mean_scores.arms:
        evaluation = term.macro_mean.evaluation
        raise InputError(
            f"arm {term.arm!r} has no result on {evaluation!r}. {did_you_mean(term.arm, mean_scores.arms)}"
        )
    place = mean_scores.arms.index(term.arm)
    return mean_scores.means[place], mean_scores.shares[place]

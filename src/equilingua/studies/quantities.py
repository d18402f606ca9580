"""What a study measures: macro means of arms, weighted sums of them, and how much of a mean is retained elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from equilingua.errors import InputError


@dataclass(frozen=True, slots=True)
class MacroMean:
    """A macro mean that every training has.

    Attributes:
        evaluation: its name in the study.
        setting: monolingual, cross-lingual or multilingual.
        measure: its name, such as ``mAP``.
        languages: query languages whose pairs the mean is taken over; None for all.
    """

    evaluation: str
    setting: str
    measure: str
    languages: tuple[str, ...] | None = None

    def __str__(self) -> str:
        of = f", {', '.join(self.languages)}" if self.languages else ""
        return f"{self.setting}, {self.evaluation}{of}"


@dataclass(frozen=True, slots=True)
class Term:
    """One arm's mean with its weight in a sum."""

    weight: float
    arm: str
    macro_mean: MacroMean


@dataclass(frozen=True, slots=True)
class Retention:
    """What is left of a mean on other data: a quotient, or the difference of two arms' quotients.

    Attributes:
        arm: whose.
        shifted: the mean on the other data, above the line.
        reference: the mean on the data it is compared with, below the line.
        against: the arm whose retention is taken off; None for the retention itself.
    """

    arm: str
    shifted: MacroMean
    reference: MacroMean
    against: str | None = None


Sum = tuple[Term, ...]
Quantity = Sum | Retention


def difference(arm: str, against: str, macro_mean: MacroMean) -> Sum:
    """An arm minus another."""
    return Term(1.0, arm, macro_mean), Term(-1.0, against, macro_mean)


def macro_means(quantity: Quantity) -> tuple[MacroMean, ...]:
    """The means that a quantity is made of, in its order."""
    if isinstance(quantity, Retention):
        return quantity.shifted, quantity.reference
    return tuple(term.macro_mean for term in quantity)


def slope_weights(places: Mapping[str, float]) -> dict[str, float]:
    """The weight of each arm in the slope of the least-squares line through them, per unit of their places.

    Raises:
        InputError: if fewer than two places differ.

    >>> slope_weights({"x-x-mono": 0.0, "hybrid": 0.5, "x-y": 1.0})
    {'x-x-mono': -1.0, 'hybrid': 0.0, 'x-y': 1.0}
    """
    if len(set(places.values())) < 2:
        raise InputError(f"a trend over {dict(places)}: it needs at least two arms at different places")
    centred = np.array(list(places.values())) - np.mean(list(places.values()))
    weights = centred / (centred**2).sum()
    return {arm: float(weight) for arm, weight in zip(places, weights, strict=True)}

"""How large a difference is beside its p-value: against the spread between items, and in items won and lost."""

import numpy as np

from equilingua.evaluation.comparison import ItemShares
from equilingua.metrics.ranks import Values
from equilingua.statistics.bootstrap import influences, macro_mean

_ROUNDING = 1e-12


def standardized_effect(differences: Values) -> float:
    """Cohen's d_z: the mean paired difference in standard deviations between items, of the sign of the difference.

    An item's difference is its mean over the pairs (a query and its translations are one observation), the standard
    deviation that between items, with n - 1. Where items are missing from some pairs, the mean is the macro mean and
    the deviation that of the items' influences on it.

    Args:
        differences: shape (items, pairs), NaN where an item is missing.

    Returns:
        0 where nothing differs; NaN for fewer than two items, or where all differ by exactly the same.

    Source: Cohen 1988, section 2.3.5; Lakens 2013, "Calculating and reporting effect sizes", equation 6.

    >>> standardized_effect(np.array([[0.1], [0.3], [0.2]]))
    2.0
    """
    measured = differences[(~np.isnan(differences)).any(axis=1)]
    mean = macro_mean(measured)
    if len(measured) < 2:
        return float("nan")
    deviation = np.sqrt((influences(measured) ** 2).sum() / (len(measured) - 1))
    if deviation == 0:
        return 0.0 if mean == 0 else float("nan")
    return round(float(mean / deviation), 12)


def item_shares(differences: Values, *, lower_is_better: bool = False) -> ItemShares:
    """Shares of the items won, tied and lost, each by its mean difference over the pairs that have it.

    Args:
        differences: shape (items, pairs), NaN where an item is missing.
        lower_is_better: whether a negative difference is a gain.

    >>> item_shares(np.array([[0.5, 0.1], [0.0, 0.0], [-0.5, 0.3], [1.0, np.nan]]))
    ItemShares(won=0.5, tied=0.25, lost=0.25)
    """
    present = ~np.isnan(differences)
    counts = present.sum(axis=1)
    means = np.where(present, differences, 0.0).sum(axis=1)[counts > 0] / counts[counts > 0]
    gains = -means if lower_is_better else means
    won, lost = float((gains > _ROUNDING).mean()), float((gains < -_ROUNDING).mean())
    tied = float((np.abs(gains) <= _ROUNDING).mean())
    return ItemShares(won, tied, lost)

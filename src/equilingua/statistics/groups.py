"""Whether some groups of values stand below the others: all are compared at once, and queries may be parallel or not.

If all languages are alike, which of them a value belongs to is arbitrary: within an item that several have, and between
items that are in equally many. Shuffled so, the lowest of all groups is as low by chance as it can be; a group is
called lower where few shufflings have any group so far below. The chance of any false alarm among all of them stays
below the level, however few the values are, and whatever they are distributed like.

Source: Westfall and Young 1993, "Resampling-Based Multiple Testing", section 2.3 (the most extreme of all tests).
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from equilingua.metrics.retrieval import Values

_ROUNDING = 1e-12


def lower_groups_p(values: Values, *, resamples: int, seed: int) -> list[float]:
    """One-sided p-values of the columns' means being no lower than the mean of all columns' means, corrected together.

    Args:
        values: shape (items, groups), NaN where a group lacks the item; every group has at least one.
        resamples: shufflings.
        seed: of them.
    """
    counts = (~np.isnan(values)).sum(axis=0)
    groups = len(counts)
    # So that a group of few values is not the lowest most often: in units of its own standard error.
    shares = (1 / counts)[:, None] * np.where(np.eye(groups, dtype=bool), (1 - 1 / groups) ** 2, 1 / groups**2)
    scale = np.sqrt(shares.sum(axis=0))
    observed = _behind(np.nansum(values, axis=0) / counts) / scale
    size = _ROUNDING * float(np.nanmax(np.abs(values), initial=0.0))
    lowest = np.array([(_behind(sums / counts) / scale).min() for sums in _shuffled_sums(values, resamples, seed)])
    least = np.count_nonzero(lowest[:, None] <= observed + size / scale, axis=0)
    return [float(p) for p in (1 + least) / (1 + resamples)]


def _behind(means: Values) -> Values:
    behind: Values = means - means.mean()
    return behind


def _shuffled_sums(values: Values, resamples: int, seed: int) -> Iterator[Values]:
    """Sums of the groups' values after each shuffling, shape (groups,)."""
    rng = np.random.default_rng([seed, 2])
    blocks = list(_blocks(values))
    for _ in range(resamples):
        sums = np.zeros(values.shape[1])
        for rows, columns in blocks:
            shuffled = rng.permuted(rows[rng.permutation(len(rows))], axis=1)
            sums += np.bincount(columns.ravel(), shuffled.ravel(), minlength=len(sums))
        yield sums


def _blocks(values: Values) -> Iterator[tuple[Values, npt.NDArray[np.intp]]]:
    """Items that equally many groups have: their values, and of which groups these are; shape (items, groups)."""
    present = ~np.isnan(values)
    of_item = present.sum(axis=1)
    for count in np.unique(of_item[of_item > 0]):
        rows = np.flatnonzero(of_item == count)
        columns = np.nonzero(present[rows])[1].reshape(len(rows), count)
        yield np.take_along_axis(values[rows], columns, axis=1), columns

"""Bootstrap over items: the translations of a query are drawn together, because they are no independent evidence.

Each resample draws as many items as there are, with replacement, and takes the macro mean again: over the queries drawn
in each language or pair, then over languages or pairs. As items times pairs is one matrix, a resample is one matrix
product with the counts drawn.

Source: Efron 1979; Sakai 2006 for retrieval measures; clusters as in Davison and Hinkley 1997, section 3.8.
"""

from collections.abc import Iterator, Mapping
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from equilingua.evaluation.slots import Values

Key = TypeVar("Key")

CHUNK_BYTES = 64 * 2**20
LEVEL = 0.95


def macro_mean(values: Values) -> float:
    """Mean over the pairs of the means over their items.

    Args:
        values: shape (items, pairs), NaN where an item is missing.

    >>> macro_mean(np.array([[1.0, 0.0], [0.0, np.nan]]))
    0.25
    """
    return float(_weighted(np.ones((1, len(values))), values)[0])


def resampled(matrices: Mapping[Key, Values], *, resamples: int, seed: int) -> dict[Key, Values]:
    """The macro mean of every matrix in every resample, shape (resamples,) each.

    All matrices see the same draws, so differences between them are paired.

    Args:
        matrices: shape (items, pairs) each, the same items in the same order; NaN where an item is missing.
        resamples: number of draws.
        seed: of the draws.
    """
    items = len(next(iter(matrices.values())))
    found: dict[Key, list[Values]] = {key: [] for key in matrices}
    for weights in _draws(items, resamples, seed):
        for key, values in matrices.items():
            found[key].append(_weighted(weights, values))
    return {key: np.concatenate(parts) for key, parts in found.items()}


def interval(resampled_values: Values) -> tuple[float, float]:
    """The middle 95 % of the resamples (percentile interval)."""
    low, high = np.nanpercentile(resampled_values, [50 * (1 - LEVEL), 50 * (1 + LEVEL)])
    return float(low), float(high)


def _draws(items: int, resamples: int, seed: int) -> Iterator[Values]:
    """How often each item is drawn, a few resamples at a time: shape (some, items)."""
    rng = np.random.default_rng(seed)
    rows = max(1, CHUNK_BYTES // (8 * items))
    for start in range(0, resamples, rows):
        counts: npt.NDArray[np.int64] = rng.multinomial(
            items, np.full(items, 1 / items), size=min(rows, resamples - start)
        )
        yield counts.astype(np.float64)


def _weighted(weights: Values, values: Values) -> Values:
    """Macro means under the weights of each row; a pair none of whose items was drawn is left out of the mean."""
    present = ~np.isnan(values)
    total = weights @ np.where(present, values, 0.0)
    count = weights.sum(axis=1, keepdims=True) if present.all() else weights @ present.astype(np.float64)
    means = np.divide(total, count, out=np.zeros_like(total), where=count > 0)
    drawn = np.broadcast_to(count > 0, means.shape)
    result: Values = means.sum(axis=1) / drawn.sum(axis=1)
    return result

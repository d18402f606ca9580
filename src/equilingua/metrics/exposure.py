"""Exposure: which passage languages fill the first places, against what the pool is made of."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from equilingua.metrics.ranks import Values

MEANS = "Means over query languages, each of which counts the same; differences in percentage points."
"""What shares and differences over all query languages are, as tables say it."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """One passage language in the first places.

    Attributes:
        share: of the places among the first k, from 0 to 1; mean over queries, then over query languages.
        pool_share: of the passages that could stand there, mean likewise: what a ranking that does not look at language
            gives.
        difference: ``share`` minus ``pool_share``; from -1 to 1, above 0 for a language shown more often than it is
            there.
        interval: 95 % bootstrap interval of the difference over items; None without resamples, or for a single item.
    """

    share: float
    pool_share: float
    difference: float
    interval: tuple[float, float] | None


def exposure_shares(best_languages: npt.ArrayLike, languages: int) -> Values:
    """Share of every query's first places that each passage language has; each row adds up to 1.

    Every place counts the same, whatever its rank.

    Args:
        best_languages: which language each of the first k passages is in, from 0: shape (queries, k), k at least 1.
        languages: how many there are.

    Returns:
        Shape (queries, languages), each from 0 to 1.

    Source: exposure without position discount, as in Singh and Joachims 2018 ("Fairness of Exposure in Rankings") with
    passage languages as groups.

    >>> exposure_shares([[0, 0, 2, 0]], languages=3)
    array([[0.75, 0.  , 0.25]])
    """
    places = np.asarray(best_languages)
    return np.asarray((places[:, :, None] == np.arange(languages)).mean(axis=1))

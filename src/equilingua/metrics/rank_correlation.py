"""Whether a question gets the same ranking in whatever language it is asked."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from equilingua.metrics.ranks import Values


@dataclass(frozen=True, slots=True)
class RankCorrelation:
    """Mean rank correlation (MRC@k) of parallel queries.

    Attributes:
        mean: over the pairs of query languages, from -1 to 1.
        interval: 95 % bootstrap interval of ``mean`` over items; None without resamples.
        pairs: per query language and other query language the mean over their parallel queries; both orders are there.
            Pairs without parallel queries are not.
    """

    mean: float
    interval: tuple[float, float] | None
    pairs: Mapping[str, Mapping[str, float]]


def top_list_correlation(first: npt.ArrayLike, second: npt.ArrayLike) -> Values:
    """Spearman's correlation of two top-k lists over the passages that stand in either.

    A passage missing from a list ranks behind all that stand in it; several missing ones tie. Equal lists give 1,
    reversed ones -1. Two lists of 10 without a common passage give -.858, not 0, because each puts all ten of its
    passages ahead of the other's. For k = 1 it is 1 for the same passage and -1 for another.

    Args:
        first: passages, best first, none twice: shape (queries, k).
        second: of the parallel queries, same shape.

    Source: Yang, Jiang and Baldwin 2024 (arXiv 2509.06195) take Spearman's correlation of the two rankings; that of
    top-k lists with missing passages at k + 1 follows Fagin, Kumar and Sivakumar 2003, "Comparing Top k Lists".

    >>> top_list_correlation([[4, 7, 9], [4, 7, 9], [4, 7, 9]], [[4, 7, 9], [9, 7, 4], [4, 7, 5]]).round(4)
    array([ 1. , -1. ,  0.8])
    """
    one, two = np.asarray(first), np.asarray(second)
    k = one.shape[1]
    places = np.arange(1, k + 1, dtype=np.float64)
    shared = one[:, :, None] == two[:, None, :]
    missing = k - shared.sum(axis=(1, 2), dtype=np.int64)
    behind = k + (missing + 1) / 2
    products = (shared * np.outer(places, places)).sum(axis=(1, 2))
    products += behind * (places * ~shared.any(axis=2)).sum(axis=1)
    products += behind * (places * ~shared.any(axis=1)).sum(axis=1)
    squares = (places**2).sum() + missing * behind**2
    size = k + missing
    expected = size * ((size + 1) / 2) ** 2
    spread = squares - expected
    correlation: Values = np.divide(products - expected, spread, out=np.ones(len(one)), where=spread > 0)
    return correlation

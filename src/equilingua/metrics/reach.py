"""How well each relevant passage of a query is found by itself, whatever else is relevant beside it."""

import numpy as np

from equilingua.metrics.retrieval import Values
from equilingua.metrics.ties import Ranks, alone_ties, expected_gain, with_ties


def alone_gains(ranks: Ranks, *, k: int) -> Values:
    """nDCG@k of each relevant passage as if it were the query's only one; shape as ranks, NaN for an empty slot.

    The query's other relevant passages are passed over: a ranking that puts all of them first has 1 for each, in
    whatever order they stand, so a preference among right answers costs nothing here. A passage below k has 0, and
    so has one that is not found. Where passages tie, the mean over their orders.

    >>> alone_gains([[1, 2, 5, 0]], k=10).round(3)
    array([[1. , 1. , 0.5, nan]])
    """
    tied = with_ties(ranks)
    gains = np.where(tied.found, expected_gain(*alone_ties(tied), k), 0.0)
    return np.where(tied.filled, gains, np.nan)


def gains_by_language(gains: Values, languages: tuple[str, ...], language: str) -> Values:
    """Mean gain of each query's relevant passages in one language, shape (queries,); NaN where it has none there.

    >>> gains_by_language(np.array([[1.0, 0.5, np.nan]]), ("de", "de", "en"), "de")
    array([0.75])
    """
    of_language = gains[:, [one == language for one in languages]]
    filled = ~np.isnan(of_language)
    counts = filled.sum(axis=1)
    total = np.where(filled, of_language, 0.0).sum(axis=1)
    return np.asarray(np.divide(total, counts, out=np.full(len(gains), np.nan), where=counts > 0))

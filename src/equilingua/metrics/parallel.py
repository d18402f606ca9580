"""Two languages at a time: parallel rows by their ids, and values of unordered pairs as a matrix."""

from collections.abc import Mapping, Sequence

import numpy as np

from equilingua.metrics.ranks import RankArray


def parallel_rows(first: Sequence[str], second: Sequence[str]) -> tuple[RankArray, RankArray]:
    """Rows of the ids that stand in both, in the order of the first: shape (shared ids,) each.

    Args:
        first: ids, none twice.
        second: likewise.

    >>> parallel_rows(["a", "b", "c"], ["c", "x", "a"])
    (array([0, 2]), array([2, 0]))
    """
    place = {id_: row for row, id_ in enumerate(second)}
    shared = [(row, place[id_]) for row, id_ in enumerate(first) if id_ in place]
    rows = np.array(shared, dtype=np.int64).reshape(-1, 2)
    return rows[:, 0], rows[:, 1]


def both_ways(pairs: Mapping[tuple[str, str], float]) -> dict[str, dict[str, float]]:
    """The values of unordered pairs as a symmetric matrix without its diagonal.

    >>> both_ways({("de", "en"): 0.5})
    {'de': {'en': 0.5}, 'en': {'de': 0.5}}
    """
    matrix: dict[str, dict[str, float]] = {}
    for (one, two), value in pairs.items():
        matrix.setdefault(one, {})[two] = matrix.setdefault(two, {})[one] = value
    return matrix

"""The best passages of a few queries, kept while the passages come by in blocks."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from equilingua.retrieval.vectors import Positions, Vectors

# Candidates a query, as a multiple of the passages wanted: when they are sorted, and when those that cannot be told
# from the last one wanted are decided by their exact scores.
MOST_WAITING = 2
MOST_KEPT = 8

Rows = npt.NDArray[np.int64]
Exact = Callable[[Rows, Positions], Vectors]


class BestList:
    """For each of a few queries, the candidates for its best passages among those seen.

    Scores of a fast matrix product are off by rounding, and those of quantised vectors by more. So every passage within
    ``margin`` of the last one wanted is kept, and exact scores decide in the end. Candidates are told by one comparison
    with a bar for each query, and sorted only when many have come together: a block that holds none costs one pass.

    Args:
        depth: passages wanted a query.
        margin: twice the most that a score can be off, shape (queries,), float32.
        exact: exact scores of the pairs (row of the query, position of the passage).
    """

    def __init__(self, depth: int, margin: Vectors, exact: Exact) -> None:
        self._depth, self._margin, self._exact = depth, margin, exact
        self._bar = np.full((len(margin), 1), -np.inf, dtype=np.float32)
        self._open = True
        self._waiting: list[tuple[Rows, Positions, Vectors]] = []
        self._count = 0
        self._settled = 0

    def take(self, scores: Vectors, first: int) -> None:
        """Keep what may be among the best of a block of scores, shape (queries, passages), from position ``first``."""
        # The first block sets the bar by itself: until then every passage would be a candidate.
        if self._open and scores.shape[1] >= self._depth:
            place = scores.shape[1] - self._depth
            self._bar[:, 0] = np.partition(scores, place, axis=1)[:, place] - self._margin
            self._open = False
        places = np.flatnonzero(scores >= self._bar)
        if not len(places):
            return
        rows, columns = np.divmod(places, scores.shape[1])
        self._waiting.append((rows, columns + first, scores.reshape(-1)[places]))
        self._count += len(rows)
        # Not before twice as many wait as were left the last time, else equal scores would be sorted at every block.
        if self._count > max(MOST_WAITING * self._depth * len(self._bar), 2 * self._settled):
            self._settle()

    def finish(self) -> tuple[Positions, Vectors]:
        """Positions and exact scores of the best, shape (queries, depth): higher score first, then lower position.

        All passages must have been seen, at least ``depth`` of them.
        """
        self._settle()
        ((rows, positions, _),) = self._waiting
        _, positions, scores = self._best_of(rows, positions)
        shape = (len(self._bar), self._depth)
        return positions.reshape(shape), scores.reshape(shape)

    def _settle(self) -> None:
        """Raise the bars, and let go of all that is below them."""
        rows, positions, scores = (np.concatenate(parts) for parts in zip(*self._waiting, strict=True))
        order = np.argsort(_keys(rows, scores))
        rows, positions, scores = rows[order], positions[order], scores[order]
        self._raise_bars(rows, scores, _ranks(rows))
        kept = np.flatnonzero(scores >= self._bar[rows, 0])
        rows, positions, scores = rows[kept], positions[kept], scores[kept]
        crowded = (np.bincount(rows, minlength=len(self._bar)) > MOST_KEPT * self._depth)[rows]
        if crowded.any():
            both = [(rows[~crowded], positions[~crowded], scores[~crowded])]
            both.append(self._best_of(rows[crowded], positions[crowded]))
            rows, positions, scores = (np.concatenate(parts) for parts in zip(*both, strict=True))
        self._waiting = [(rows, positions, scores)]
        self._count = self._settled = len(rows)

    def _best_of(self, rows: Rows, positions: Positions) -> tuple[Rows, Positions, Vectors]:
        """The best of each query by their exact scores and the tie rule."""
        exact = self._exact(rows, positions)
        order = np.lexsort((positions, -exact, rows))
        rows, positions, exact = rows[order], positions[order], exact[order]
        ranks = _ranks(rows)
        self._raise_bars(rows, exact, ranks)
        best = np.flatnonzero(ranks < self._depth)
        return rows[best], positions[best], exact[best]

    def _raise_bars(self, rows: Rows, scores: Vectors, ranks: Rows) -> None:
        last = np.flatnonzero(ranks == self._depth - 1)
        bars = scores[last] - self._margin[rows[last]]
        self._bar[rows[last], 0] = np.maximum(self._bar[rows[last], 0], bars)


def _ranks(rows: Rows) -> Rows:
    """Rank of each candidate within its query, from 0; those of a query stand together."""
    return np.arange(len(rows)) - np.searchsorted(rows, rows)


def _keys(rows: Rows, scores: Vectors) -> Rows:
    """Whole numbers that sort by query, then higher score first: one fast sort instead of two stable ones."""
    # As whole numbers, the bits of floats are in the order of the floats, those of negative ones backwards.
    bits = (scores + np.float32(0)).view(np.int32).astype(np.int64)
    return (rows << 32) - np.where(bits >= 0, bits, -(bits & 0x7FFFFFFF))

"""The passages of several corpora laid end to end, scored so that equal passages get equal scores."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Positions = npt.NDArray[np.int64]

BLOCK_BYTES = 128 * 2**20
BLOCK_QUERIES = 256


class PassagePool(Protocol):
    """Corpora one behind the other, which can be scored; a passage's position in this order is its corpus order."""

    @property
    def bounds(self) -> Positions:
        """Where each corpus starts, and at the end the size of the pool: shape (corpora + 1,)."""

    @property
    def size(self) -> int:
        """Number of passages."""

    def corpus(self, index: int) -> slice:
        """Positions of one corpus in the pool."""

    def blocks(self, queries: Any) -> Iterator[tuple[slice, Vectors]]:
        """Scores of a few queries at a time, shape (queries, size), float32, with the rows they are for."""


@dataclass(frozen=True, eq=False)
class Pool:
    """A pool of dense vectors, scored by their inner product.

    Attributes:
        vectors: the distinct passage vectors, shape (distinct passages, width), float32.
        places: for every passage its row in ``vectors``; None where all passages are distinct.
        bounds: where each corpus starts, and at the end the size of the pool: shape (corpora + 1,).
    """

    vectors: Vectors
    places: Positions | None
    bounds: Positions

    @classmethod
    def of(cls, corpora: Sequence[Vectors]) -> "Pool":
        """The pool of these corpora, in this order."""
        vectors = np.concatenate(corpora).astype(np.float32, copy=False)
        bounds = np.cumsum([0, *(len(corpus) for corpus in corpora)], dtype=np.int64)
        first, places = _distinct_rows(vectors)
        if len(first) == len(vectors):
            return cls(vectors, None, bounds)
        return cls(vectors[first], places, bounds)

    @property
    def size(self) -> int:
        """Number of passages."""
        return int(self.bounds[-1])

    def corpus(self, index: int) -> slice:
        """Positions of one corpus in the pool."""
        return slice(int(self.bounds[index]), int(self.bounds[index + 1]))

    def scores(self, queries: Vectors) -> Vectors:
        """Inner products with every passage, shape (queries, size), float32.

        A matrix product may round the same two vectors differently at different places of the matrix. Each distinct
        passage is therefore scored once: passages with the same vector tie exactly, whatever the library and machine.
        """
        scores: Vectors = queries @ self.vectors.T
        return scores if self.places is None else np.take(scores, self.places, axis=1)

    def blocks(self, queries: Vectors) -> Iterator[tuple[slice, Vectors]]:
        """Scores of a few queries at a time, with the rows they are for; memory stays near ``BLOCK_BYTES``."""
        rows = max(1, min(BLOCK_QUERIES, BLOCK_BYTES // (4 * max(1, self.size))))
        for start in range(0, len(queries), rows):
            part = slice(start, min(start + rows, len(queries)))
            yield part, self.scores(queries[part])


def _distinct_rows(vectors: Vectors) -> tuple[Positions, Positions]:
    """First position of each distinct row, and for every row which distinct row it is."""
    known: dict[bytes, int] = {}
    first: list[int] = []
    places = np.empty(len(vectors), dtype=np.int64)
    for position, row in enumerate(np.ascontiguousarray(vectors)):
        digest = hashlib.blake2b(row.data, digest_size=16).digest()
        places[position] = place = known.setdefault(digest, len(first))
        if place == len(first):
            first.append(position)
    return np.array(first, dtype=np.int64), places

"""The passages of several corpora laid end to end, scored so that equal passages get equal scores."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from equilingua.retrieval.memory import row_blocks
from equilingua.retrieval.vectors import Positions, Vectors

BLOCK_BYTES = 128 * 2**20
BLOCK_QUERIES = 256

# A score takes 4 bytes in the dense block, and for sparse vectors 8 more in the product it is made of.
SCORE_BYTES = 4
SPARSE_SCORE_BYTES = 12


class PassagePool(Protocol):
    """Corpora one behind the other, which can be scored; a passage's position in this order is its corpus order."""

    @property
    def bounds(self) -> Positions:
        """Where each corpus starts, and at the end the size of the pool: shape (corpora + 1,)."""

    def blocks(self, queries: Any) -> Iterator[tuple[slice, Vectors]]:
        """Scores of a few queries at a time, shape (queries, passages), float32, with the rows they are for.

        Memory stays near ``BLOCK_BYTES``.
        """


@dataclass(frozen=True, eq=False)
class Pool:
    """A pool of dense vectors, scored by their inner product.

    Attributes:
        vectors: the distinct passage vectors, shape (distinct passages, width), float32.
        places: for every passage its row in ``vectors``; None where all passages are distinct.
        bounds: as ``PassagePool`` has them.
    """

    vectors: Vectors
    places: Positions | None
    bounds: Positions

    @classmethod
    def of(cls, corpora: Sequence[Vectors]) -> "Pool":
        """The pool of these corpora, in this order."""
        vectors = np.concatenate(corpora).astype(np.float32, copy=False)
        first, places = _distinct_rows(vectors)
        distinct = len(first) == len(vectors)
        return cls(vectors if distinct else vectors[first], None if distinct else places, bounds_of(corpora))

    def scores(self, queries: Vectors) -> Vectors:
        """Inner products with every passage, shape (queries, passages), float32.

        A matrix product may round the same two vectors differently at different places of the matrix. Each distinct
        passage is therefore scored once: passages with the same vector tie exactly, whatever the library and machine.
        """
        scores: Vectors = queries @ self.vectors.T
        return scores if self.places is None else np.take(scores, self.places, axis=1)

    def blocks(self, queries: Vectors) -> Iterator[tuple[slice, Vectors]]:
        """As ``PassagePool`` has them; queries are vectors, one row each."""
        for part in _query_blocks(len(queries), self.bounds, SCORE_BYTES):
            yield part, self.scores(queries[part])


@dataclass(frozen=True, eq=False)
class SparsePool:
    """A pool of term weights, scored by their inner product with a query's terms.

    A passage's score is the sum over the query's terms in one order, the same for all passages: passages with the same
    terms tie exactly.

    Attributes:
        weights: scipy CSR array, shape (terms, passages), float32.
        query_terms: texts to a scipy CSR array of shape (texts, terms), float32.
        bounds: as ``PassagePool`` has them.
        absent: what a query term adds to the score of every passage, shape (terms,); None where it is nothing.
    """

    weights: Any
    query_terms: Callable[[Sequence[str]], Any]
    bounds: Positions
    absent: Vectors | None = None

    def scores(self, queries: Sequence[str]) -> Vectors:
        """Scores of every passage, shape (queries, passages), float32; 0 for all where no term of a query is known."""
        terms = self.query_terms(queries)
        scores: Vectors = (terms @ self.weights).toarray()
        if self.absent is not None:
            scores += (terms @ self.absent)[:, None]
        return scores

    def blocks(self, queries: Sequence[str]) -> Iterator[tuple[slice, Vectors]]:
        """As ``PassagePool`` has them; queries are texts."""
        for part in _query_blocks(len(queries), self.bounds, SPARSE_SCORE_BYTES):
            yield part, self.scores(queries[part])


def bounds_of(corpora: Sequence[Sequence[Any] | Vectors]) -> Positions:
    """Where each corpus starts, and at the end how many passages there are.

    >>> bounds_of([["a", "b"], ["c"]])
    array([0, 2, 3])
    """
    return np.cumsum([0, *(len(corpus) for corpus in corpora)], dtype=np.int64)


def _query_blocks(queries: int, bounds: Positions, score_bytes: int) -> Iterator[slice]:
    rows = BLOCK_BYTES // (score_bytes * max(1, int(bounds[-1])))
    return row_blocks(queries, max(1, min(BLOCK_QUERIES, rows)))


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

"""Passages of several corpora in one pool, and their scores: of dense vectors, and of weighted terms."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from equilingua.retrieval.lengths import check_products, longest
from equilingua.retrieval.vectors import Positions, Vectors, row_blocks

NOT_FOUND = np.float32(-np.inf)
"""The score of a passage that a query does not find, or that does not take part in its ranking."""

# Scores in memory at a time.
BLOCK_BYTES = 128 * 2**20
BLOCK_QUERIES = 256

# Scores of the dense block take 4 bytes each, and 4 more where they are put in the order of the pool; those of sparse
# vectors 8 more in the product they are made of.
SCORE_BYTES = 4
SPARSE_SCORE_BYTES = 12


class PassagePool(Protocol):
    """Corpora one behind the other; a passage is named by its position in this order."""

    @property
    def bounds(self) -> Positions:
        """Where each corpus starts, and at the end the size of the pool: shape (corpora + 1,)."""

    def blocks(self, queries: Any) -> Iterator[tuple[slice, Vectors]]:
        """Scores of a few queries at a time, shape (queries, passages), float32, with the rows they are for.

        Minus infinity for a passage that is not found; no score is NaN or plus infinity.
        """


@dataclass(frozen=True, eq=False)
class Pool:
    """A pool of dense vectors, scored by their inner product.

    Attributes:
        vectors: the distinct passage vectors, shape (distinct passages, width), float32.
        places: for every passage its row in ``vectors``; None where they are the passages as they stand.
        bounds: as ``PassagePool`` has them.
    """

    vectors: Vectors
    places: Positions | None
    bounds: Positions

    @classmethod
    def of(cls, corpora: Sequence[Vectors]) -> "Pool":
        """The pool of these corpora."""
        vectors = np.concatenate(corpora).astype(np.float32, copy=False)
        first, places = _distinct_rows(vectors)
        return cls(vectors[first], places, bounds_of(corpora))

    @cached_property
    def longest(self) -> float:
        """The greatest length of a passage vector; raises ``InputError`` if one is not finite."""
        return longest(self.vectors, "passage vectors")

    def scores(self, queries: Vectors) -> Vectors:
        """Inner products with every passage, shape (queries, passages), float32.

        A matrix product may round the same two vectors differently at different places of the matrix. Each distinct
        passage is therefore scored once: passages with the same vector tie exactly, whatever the library and machine.

        Raises:
            InputError: if a vector is not finite, or products leave the range of float32.
        """
        check_products(longest(queries, "query vectors"), self.longest)
        scores: Vectors = queries @ self.vectors.T
        return scores if self.places is None else np.take(scores, self.places, axis=1)

    def blocks(self, queries: Vectors) -> Iterator[tuple[slice, Vectors]]:
        """As ``PassagePool`` has them; queries are vectors, one row each."""
        for part in query_blocks(len(queries), self.bounds, SCORE_BYTES):
            yield part, self.scores(queries[part])


@dataclass(frozen=True, eq=False)
class SparsePool:
    """A pool of term weights, scored by their inner product with a query's terms.

    A passage's score is the sum over the query's terms in one order, the same for all passages: passages with the same
    terms tie exactly. A passage that gains nothing from the query's terms is not found.

    Attributes:
        weights: scipy CSR array, shape (terms, passages), float32, none below 0.
        query_terms: texts to a scipy CSR array of shape (texts, terms), float32.
        bounds: as ``PassagePool`` has them.
        absent: what a query term adds to the score of every passage, shape (terms,); None where it is nothing.
    """

    weights: Any
    query_terms: Callable[[Sequence[str]], Any]
    bounds: Positions
    absent: Vectors | None = None

    def scores(self, queries: Sequence[str]) -> Vectors:
        """Scores of every passage, shape (queries, passages), float32; minus infinity for those not found."""
        terms = self.query_terms(queries)
        scores: Vectors = (terms @ self.weights).toarray()
        # Before anything is added: all passages without a term of the query would tie at what is added to all.
        np.putmask(scores, scores <= 0, NOT_FOUND)
        if self.absent is not None:
            scores += (terms @ self.absent)[:, None]
        return scores

    def blocks(self, queries: Sequence[str]) -> Iterator[tuple[slice, Vectors]]:
        """As ``PassagePool`` has them; queries are texts."""
        for part in query_blocks(len(queries), self.bounds, SPARSE_SCORE_BYTES):
            yield part, self.scores(queries[part])


@dataclass(frozen=True, eq=False)
class ExcludingPool:
    """A pool in which some passages do not take part in the ranking of some queries: they count as not found.

    Attributes:
        pool: with these passages.
        left_out: their positions for each query row, in the order of the queries given to ``blocks``.
    """

    pool: PassagePool
    left_out: Sequence[Sequence[int]]

    @property
    def bounds(self) -> Positions:
        """Where each corpus starts, and at the end the size of the pool."""
        return self.pool.bounds

    def blocks(self, queries: Any) -> Iterator[tuple[slice, Vectors]]:
        """Scores of a few queries at a time, with the rows they are for; minus infinity where left out."""
        for part, scores in self.pool.blocks(queries):
            yield part, lowered(scores, self.left_out[part])


def lowered(scores: Vectors, left_out: Sequence[Sequence[int]]) -> Vectors:
    """The scores with minus infinity at the positions left out of each row; the scores themselves if there are none."""
    places = [(row, position) for row, positions in enumerate(left_out) for position in positions]
    if not places:
        return scores
    # A copy: a pool may yield scores that it keeps, for the queries of other languages too.
    changed = scores.copy()
    changed[tuple(np.array(places).T)] = NOT_FOUND
    return changed


def bounds_of(corpora: Sequence[Sequence[Any] | Vectors]) -> Positions:
    """Where each corpus starts, and at the end how many passages there are.

    >>> bounds_of([["a", "b"], ["c"]])
    array([0, 2, 3])
    """
    return np.cumsum([0, *(len(corpus) for corpus in corpora)], dtype=np.int64)


def query_blocks(queries: int, bounds: Positions, score_bytes: int) -> Iterator[slice]:
    """Some queries at a time, so that scores of so many bytes each against the whole pool fit into memory."""
    rows = BLOCK_BYTES // (score_bytes * max(1, int(bounds[-1])))
    return row_blocks(queries, max(1, min(BLOCK_QUERIES, rows)))


def _distinct_rows(vectors: Vectors) -> tuple[Positions, Positions]:
    """A position of each distinct row, and for every row which distinct row it is.

    Distinct rows are in the order of a hash of their numbers: however the passages stand in their files, the matrix
    that is multiplied is the same, and so are the scores to the last bit.
    """
    rows = np.ascontiguousarray(vectors)
    digests = np.frombuffer(
        b"".join(hashlib.blake2b(row.data, digest_size=16).digest() for row in rows), dtype="V16", count=len(rows)
    )
    _, first, places = np.unique(digests, return_index=True, return_inverse=True)
    return first.astype(np.int64), places.astype(np.int64)

"""Passages of several corpora in one pool: their scores, exact ranks of the relevant ones, and the best of a query.

The tie rule, for everything in this package: **higher score first, then corpus order**. Ranks start at 1. A passage's
rank is thus 1, plus the passages before it in the corpus that score at least as high, plus those behind it that score
higher. Counting them takes a fraction of the time of sorting, and gives the same rank.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from equilingua.retrieval.vectors import Positions, Vectors, row_blocks

NO_PASSAGE = -1

# Scores in memory at a time.
BLOCK_BYTES = 128 * 2**20
BLOCK_QUERIES = 256

# A score takes 4 bytes in the dense block, and for sparse vectors 8 more in the product it is made of.
SCORE_BYTES = 4
SPARSE_SCORE_BYTES = 12


class PassagePool(Protocol):
    """Corpora one behind the other; a passage's position in this order is its corpus order."""

    @property
    def bounds(self) -> Positions:
        """Where each corpus starts, and at the end the size of the pool: shape (corpora + 1,)."""

    def blocks(self, queries: Any) -> Iterator[tuple[slice, Vectors]]:
        """Scores of a few queries at a time, shape (queries, passages), float32, with the rows they are for."""


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
        """The pool of these corpora."""
        vectors = np.concatenate(corpora).astype(np.float32, copy=False)
        # By their bytes: equal vectors, from equal texts, are scored once and so tie exactly.
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
        for part in query_blocks(len(queries), self.bounds, SCORE_BYTES):
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
        for part in query_blocks(len(queries), self.bounds, SPARSE_SCORE_BYTES):
            yield part, self.scores(queries[part])


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
    """First position of each distinct row, in their order, and for every row which distinct row it is."""
    known: dict[bytes, int] = {}
    digests = (hashlib.blake2b(row.data, digest_size=16).digest() for row in np.ascontiguousarray(vectors))
    places = np.array([known.setdefault(digest, len(known)) for digest in digests], dtype=np.int64)
    return np.unique(places, return_index=True)[1], places


@dataclass(frozen=True, eq=False)
class Ranks:
    """Ranks of relevant passages, one row a query and one column a slot; 0 where a slot holds no passage.

    Attributes:
        pool: rank among all passages of the pool, shape (queries, slots).
        corpus: rank among the passages of the relevant passage's own corpus, same shape.
        best: positions of the best passages of the pool, best first, shape (queries, min(depth, passages)).
    """

    pool: Positions
    corpus: Positions
    best: Positions


def relevant_ranks(queries: Any, pool: PassagePool, relevant: Positions, *, depth: int = 0) -> Ranks:
    """Exact ranks of every query's relevant passages, in the whole pool and in their own corpus, and its best passages.

    Args:
        queries: what ``pool.blocks`` takes, one row a query.
        pool: the passages.
        relevant: positions in the pool, shape (queries, slots); -1 where a query has fewer relevant passages.
        depth: how many of the best passages to give, relevant or not.

    >>> english, german = np.array([[1, 0], [0.6, 0.8]]), np.array([[0.6, 0.8], [0, 1]])
    >>> ranks = relevant_ranks(np.float32([[1, 0]]), Pool.of([english, german]), np.array([[1, 2]]), depth=3)
    >>> ranks.pool, ranks.corpus, ranks.best
    (array([[2, 3]]), array([[2, 1]]), array([[0, 1, 2]]))
    """
    ranks = np.zeros((2, *relevant.shape), dtype=np.int64)
    top = np.empty((len(relevant), min(depth, int(pool.bounds[-1]))), dtype=np.int64)
    # Of the corpus that each relevant passage stands in; without meaning where a slot holds none.
    own = np.clip(np.searchsorted(pool.bounds, relevant, side="right") - 1, 0, len(pool.bounds) - 2)
    starts, ends = pool.bounds[own], pool.bounds[own + 1]
    for part, scores in pool.blocks(queries):
        slots = zip(relevant[part].tolist(), starts[part].tolist(), ends[part].tolist(), strict=True)
        for query, (row, (positions, begin, end)) in enumerate(zip(scores, slots, strict=True), start=part.start):
            for slot, position in enumerate(positions):
                if position != NO_PASSAGE:
                    ranks[:, query, slot] = _ranks_in_row(row, position, begin[slot], end[slot])
        if depth:
            top[part] = best(scores, depth)
    return Ranks(pool=ranks[0], corpus=ranks[1], best=top)


def best(scores: Vectors, depth: int) -> Positions:
    """Columns of each row's ``depth`` best scores, best first, shape (rows, min(depth, columns)).

    >>> best(np.float32([[0.1, 0.7, 0.7, 0.9]]), 3)
    array([[3, 1, 2]])
    """
    columns = scores.shape[1]
    if depth >= columns:
        return np.argsort(-scores, axis=1, kind="stable")
    ranked = np.empty((len(scores), depth), dtype=np.int64)
    for row, worst, out in zip(scores, np.partition(scores, columns - depth)[:, columns - depth], ranked, strict=True):
        # All that tie with the last one wanted, as a partition alone would keep any of them; corpus order decides.
        candidates = np.flatnonzero(row >= worst)
        out[:] = candidates[np.argsort(-row[candidates], kind="stable")[:depth]]
    return ranked


def _ranks_in_row(row: Vectors, position: int, start: int, end: int) -> tuple[int, int]:
    """Rank of one passage in the pool and in its own corpus, the columns from start to end."""
    score = row[position]
    corpus = 1 + _ahead(row[start:position], row[position + 1 : end], score)
    return corpus + _ahead(row[:start], row[end:], score), corpus


def _ahead(before: Vectors, behind: Vectors, score: np.float32) -> int:
    """Passages ranked above one of this score, among those before and behind it in the corpus: the tie rule."""
    return int(np.count_nonzero(before >= score)) + int(np.count_nonzero(behind > score))

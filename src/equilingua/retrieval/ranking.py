"""Exact ranks of relevant passages, and the best passages of a query.

The tie rule, for everything in this package: **higher score first, then corpus order**. Ranks start at 1. A passage's
rank is thus 1, plus the passages before it in the corpus that score at least as high, plus those behind it that score
higher. Counting them takes a fraction of the time of sorting, and gives the same rank.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from equilingua.retrieval.pool import PassagePool
from equilingua.retrieval.vectors import Positions, Vectors

NO_PASSAGE = -1


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

    >>> import numpy as np
    >>> from equilingua.retrieval.pool import Pool
    >>> english, german = np.array([[1, 0], [0.6, 0.8]]), np.array([[0.6, 0.8], [0, 1]])
    >>> ranks = relevant_ranks(np.float32([[1, 0]]), Pool.of([english, german]), np.array([[1, 2]]), depth=3)
    >>> ranks.pool, ranks.corpus, ranks.best
    (array([[2, 3]]), array([[2, 1]]), array([[0, 1, 2]]))
    """
    ranks = np.zeros((2, *relevant.shape), dtype=np.int64)
    top = np.empty((len(relevant), min(depth, int(pool.bounds[-1]))), dtype=np.int64)
    starts, ends = _corpus_ends(pool, relevant)
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
        candidates = np.flatnonzero(row >= worst)
        out[:] = candidates[np.argsort(-row[candidates], kind="stable")[:depth]]
    return ranked


def _ranks_in_row(row: Vectors, position: int, start: int, end: int) -> tuple[int, int]:
    """Rank of one passage in the pool and in its own corpus, which takes the columns from start to end."""
    score = row[position]
    corpus = 1 + _ahead(row[start:position], row[position + 1 : end], score)
    return corpus + _ahead(row[:start], row[end:], score), corpus


def _ahead(before: Vectors, behind: Vectors, score: np.float32) -> int:
    """Passages ranked above one of this score, among those before and behind it in the corpus: the tie rule."""
    return int(np.count_nonzero(before >= score)) + int(np.count_nonzero(behind > score))


def _corpus_ends(pool: PassagePool, relevant: Positions) -> tuple[Positions, Positions]:
    """Start and end of the corpus that each relevant passage stands in; without meaning where there is none."""
    corpus = np.clip(np.searchsorted(pool.bounds, relevant, side="right") - 1, 0, len(pool.bounds) - 2)
    return pool.bounds[corpus], pool.bounds[corpus + 1]

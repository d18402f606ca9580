"""Exact ranks of a query's relevant passages in a pool of corpora, with their ties, and its best passages.

The tie rule, for everything in this package: **higher score first, then the order that the caller gives**, which knows
no language (see ``equilingua.retrieval.ties``). Ranks start at 1. A passage's rank is thus 1, plus the passages that
score higher, plus those of its score that are before it in that order. Counting them takes a fraction of the time of
sorting, and gives the same rank.

Passages that are **not found** score minus infinity. They have no rank, and stand in no list of best passages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from equilingua.errors import InputError
from equilingua.retrieval.pool import NOT_FOUND, PassagePool, lowered
from equilingua.retrieval.tied import UNFOUND_RANK, TiedRanks
from equilingua.retrieval.vectors import Positions, Vectors

NO_PASSAGE = -1


@dataclass(frozen=True, eq=False)
class TopLists:
    """The best passages of every query, best first, and how far ties reach beyond the last place.

    Attributes:
        best: positions in the pool, shape (queries, places); -1 where fewer are found.
        above: how many passages score higher than the one at each place, same shape: equal where places tie.
        last_tied: how many passages of each corpus score as the one at the last place does, where some of them stand
            outside the list, shape (queries, corpora); zeros where all of its score stand within.
    """

    best: Positions
    above: Positions
    last_tied: Positions


@dataclass(frozen=True, eq=False)
class Ranks:
    """Ranks of relevant passages, one row a query and one column a slot, and the best passages of the pool.

    Attributes:
        pool: among all passages of the pool.
        corpus: among the passages of the relevant passage's own corpus.
        top: the best passages of the pool.
        shared_top: the best passages that no parallel query leaves out; ``top`` where nothing is left out.
    """

    pool: TiedRanks
    corpus: TiedRanks
    top: TopLists
    shared_top: TopLists


def relevant_ranks(
    queries: Any,
    pool: PassagePool,
    relevant: Positions,
    *,
    order: Positions | None = None,
    depth: int = 0,
    left_out: Positions | None = None,
    shared_left_out: Mapping[int, Sequence[int]] | None = None,
) -> Ranks:
    """Exact ranks of every query's relevant passages, in the whole pool and in their own corpus, and its best passages.

    Args:
        queries: what ``pool.blocks`` takes, one row a query.
        pool: the passages.
        relevant: positions in the pool, shape (queries, slots); -1 where a query has fewer relevant passages.
        order: by which equal scores rank, shape (passages,): the lowest first; by position if not given.
        depth: how many of the best passages to give, relevant or not.
        left_out: per query and corpus, how many passages do not take part in the ranking and so score minus infinity
            in ``pool``, shape (queries, corpora); none if not given.
        shared_left_out: per row of the queries, positions that do not take part in ``shared_top``.

    Raises:
        InputError: if a score is NaN or plus infinity.

    >>> from equilingua.retrieval.pool import Pool
    >>> english, german = np.array([[1, 0], [0.6, 0.8]]), np.array([[0.6, 0.8], [0, 1]])
    >>> ranks = relevant_ranks(np.float32([[1, 0]]), Pool.of([english, german]), np.array([[1, 2]]), depth=3)
    >>> ranks.pool.rank, ranks.pool.tied, ranks.corpus.rank, ranks.top.best
    (array([[2, 3]]), array([[2, 2]]), array([[2, 1]]), array([[0, 1, 2]]))
    """
    size, corpora = int(pool.bounds[-1]), len(pool.bounds) - 1
    places = np.arange(size) if order is None else order
    slots = np.zeros((2, 3, *relevant.shape), dtype=np.int64)
    top = _empty_lists(len(relevant), min(depth, size), corpora)
    shared = _empty_lists(len(relevant), min(depth, size), corpora) if shared_left_out else top
    # Of the corpus that each relevant passage stands in; without meaning where a slot holds none.
    own = np.clip(np.searchsorted(pool.bounds, relevant, side="right") - 1, 0, corpora - 1)
    for part, scores in pool.blocks(queries):
        _check_scores(scores)
        for query, row in enumerate(scores, start=part.start):
            for slot, position in enumerate(relevant[query].tolist()):
                if position != NO_PASSAGE:
                    corpus = own[query, slot]
                    begin, end = pool.bounds[corpus : corpus + 2].tolist()
                    absent = (0, 0) if left_out is None else (int(left_out[query].sum()), int(left_out[query, corpus]))
                    slots[..., query, slot] = _standing(row, position, slice(begin, end), places, absent)
        if depth:
            _fill(top, part, scores, pool.bounds, places)
            if shared_left_out:
                others = [shared_left_out.get(query, ()) for query in range(part.start, part.stop)]
                _fill(shared, part, lowered(scores, others), pool.bounds, places)
    return Ranks(pool=TiedRanks(*slots[0]), corpus=TiedRanks(*slots[1]), top=top, shared_top=shared)


def best(scores: Vectors, depth: int, order: Positions | None = None) -> Positions:
    """Columns of each row's ``depth`` best scores, best first, shape (rows, min(depth, columns)); -1 where not found.

    Equal scores in the order given, the lowest first; by column if none is given.

    >>> best(np.float32([[0.1, 0.7, 0.7, 0.9], [-np.inf, 0, -np.inf, -np.inf]]), 3)
    array([[ 3,  1,  2],
           [ 1, -1, -1]])
    """
    columns = scores.shape[1]
    places = np.arange(columns) if order is None else order
    ranked = np.full((len(scores), min(depth, columns)), NO_PASSAGE, dtype=np.int64)
    for row, out in zip(scores, ranked, strict=True):
        candidates = _candidates(row, depth)
        chosen = candidates[np.lexsort((places[candidates], -row[candidates]))[:depth]]
        out[: len(chosen)] = chosen
    return ranked


def _candidates(row: Vectors, depth: int) -> Positions:
    """The columns that are found and score no less than the last one wanted."""
    found = row > NOT_FOUND
    count = int(np.count_nonzero(found))
    if count <= depth:
        return np.flatnonzero(found)
    # Of those found alone: a partition takes long where most numbers are equal.
    values = row if count == len(row) else row[found]
    worst = np.partition(values, count - depth)[count - depth]
    # All that tie with the last one wanted, as a partition alone would keep any of them.
    return np.flatnonzero(row >= worst)


def _empty_lists(queries: int, places: int, corpora: int) -> TopLists:
    return TopLists(
        best=np.full((queries, places), NO_PASSAGE, dtype=np.int64),
        above=np.zeros((queries, places), dtype=np.int64),
        last_tied=np.zeros((queries, corpora), dtype=np.int64),
    )


def _fill(lists: TopLists, part: slice, scores: Vectors, bounds: Positions, order: Positions) -> None:
    """Put the best passages of some queries into their rows."""
    depth = lists.best.shape[1]
    values = np.full((len(scores), depth), NOT_FOUND, dtype=np.float32)
    for query, row, of_row in zip(range(part.start, part.stop), scores, values, strict=True):
        candidates = _candidates(row, depth)
        chosen = candidates[np.lexsort((order[candidates], -row[candidates]))[:depth]]
        lists.best[query, : len(chosen)] = chosen
        of_row[: len(chosen)] = row[chosen]
        if len(candidates) > len(chosen):
            tied = candidates[row[candidates] == of_row[-1]]
            lists.last_tied[query] = np.histogram(tied, bins=bounds)[0]
    first_of_tie = np.where(values[:, 1:] != values[:, :-1], np.arange(1, depth), 0)
    lists.above[part, 1:] = np.maximum.accumulate(first_of_tie, axis=1)


def _check_scores(scores: Vectors) -> None:
    """Raise ``InputError`` for scores that cannot be ranked by."""
    # NaN is the greatest of all values.
    if scores.size and not scores.max() < np.inf:
        raise InputError(
            "scores hold NaN or infinite values, so passages cannot be ranked: the vectors are not finite, or their "
            "similarities overflow"
        )


def _standing(
    row: Vectors, position: int, own: slice, order: Positions, absent: tuple[int, int]
) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Rank, passages above, and passages of the same score: of one passage in the pool, and in its own corpus."""
    score = row[position]
    if score == NOT_FOUND:
        # A tie of all that are not found, but for those that take no part in the ranking.
        return _unfound(row, absent[0]), _unfound(row[own], absent[1])
    higher = row > score
    above, above_own = int(np.count_nonzero(higher)), int(np.count_nonzero(higher[own]))
    equal = row == score
    tied = int(np.count_nonzero(equal))
    if tied == 1:
        return (above + 1, above, 1), (above_own + 1, above_own, 1)
    same = np.flatnonzero(equal)
    before = same[order[same] < order[position]]
    of_own = int(np.count_nonzero((before >= own.start) & (before < own.stop)))
    in_own = (above_own + 1 + of_own, above_own, int(np.count_nonzero(equal[own])))
    return (above + 1 + len(before), above, tied), in_own


def _unfound(row: Vectors, absent: int) -> tuple[int, int, int]:
    found = int(np.count_nonzero(row > NOT_FOUND))
    return UNFOUND_RANK, found, len(row) - found - absent

"""Where in the pool a language's relevant passages stand, and which passages take no part in a query's ranking."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.metrics.ranks import RankArray
from equilingua.retrieval.ranking import NO_PASSAGE, PassagePool
from equilingua.retrieval.vectors import Positions, Vectors


@dataclass(frozen=True, eq=False, slots=True)
class Relevance:
    """Relevant passages of the queries of one language, in slots: side by side, passage language by passage language.

    Attributes:
        positions: in the pool, shape (queries, slots); -1 for an empty slot.
        gains: grades, same shape; 0 for an empty slot.
        slots: the columns that belong to each passage language.
    """

    positions: RankArray
    gains: RankArray
    slots: Mapping[str, slice]


def passage_languages(benchmark: Benchmark) -> tuple[str, ...]:
    """Languages of the corpora, sorted: the order in which they form the pool."""
    return tuple(sorted(benchmark.corpora))


def pool_ids(benchmark: Benchmark) -> Iterator[str]:
    """Ids of all passages, in the order of the pool."""
    return (id_ for language in passage_languages(benchmark) for id_ in benchmark.corpora[language].ids)


def pool_positions(benchmark: Benchmark, named: Collection[str]) -> dict[str, int]:
    """Where in the pool these passages stand."""
    return {id_: position for position, id_ in enumerate(pool_ids(benchmark)) if id_ in named}


def relevance(benchmark: Benchmark, query_language: str) -> Relevance:
    """The relevant passages (those of a grade above 0) of one language's queries, as positions in the pool."""
    judged = benchmark.qrels.get(query_language, {})
    queries = benchmark.queries[query_language].ids
    blocks, slots, start, offset = [], {}, 0, 0
    for language in passage_languages(benchmark):
        ids = benchmark.corpora[language].ids
        place = {id_: offset + position for position, id_ in enumerate(ids)}
        judgements = [
            [(place[id_], grade) for id_, grade in judged.get(query, {}).items() if grade > 0 and id_ in place]
            for query in queries
        ]
        block = _padded(judgements)
        blocks.append(block)
        slots[language] = slice(start, start + block.shape[1])
        start, offset = start + block.shape[1], offset + len(ids)
    table = np.concatenate(blocks, axis=1)
    return Relevance(table[..., 0], table[..., 1], slots)


def _padded(judgements: Sequence[Sequence[tuple[int, int]]]) -> RankArray:
    """Pairs (position, grade) in corpus order, shape (queries, most of any query, 2)."""
    width = max((len(row) for row in judgements), default=0)
    table = np.empty((len(judgements), width, 2), dtype=np.int64)
    table[:] = (NO_PASSAGE, 0)
    for row, pairs in zip(table, judgements, strict=True):
        if pairs:
            row[: len(pairs)] = sorted(pairs)
    return table


@dataclass(frozen=True, eq=False)
class ExcludingPool:
    """A pool in which some passages score minus infinity for some queries, and so rank behind all others.

    Attributes:
        pool: the passages.
        left_out: for each query row, in the order of the queries given to ``blocks``, the positions left out.
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
            rows = self.left_out[part]
            places = [(row, position) for row, positions in enumerate(rows) for position in positions]
            yield part, _left_out(scores, places) if places else scores


def _left_out(scores: Vectors, places: Sequence[tuple[int, int]]) -> Vectors:
    # A copy: a pool may yield scores that it keeps, for the queries of other languages too.
    left = scores.copy()
    left[tuple(np.array(places).T)] = -np.inf
    return left


def without_excluded(pool: PassagePool, benchmark: Benchmark, query_language: str) -> PassagePool:
    """The pool as the queries of one language see it; the pool itself where nothing is excluded for them.

    Args:
        pool: all passages, corpora in the sorted order of their languages.
        benchmark: whose queries are to be ranked.
        query_language: of the queries, all of which have to be given to ``blocks``, in their order.
    """
    excluded = benchmark.excluded.get(query_language, {})
    if not excluded:
        return pool
    named = {passage for passages in excluded.values() for passage in passages}
    place = pool_positions(benchmark, named)
    rows = [[place[id_] for id_ in excluded.get(query, ())] for query in benchmark.queries[query_language].ids]
    return ExcludingPool(pool, rows)

"""Where in the pool the relevant passages of one language's queries stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.retrieval.ranking import NO_PASSAGE

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True)
class Relevance:
    """Relevant passages of the queries of one language, in slots: side by side, passage language by passage language.

    Attributes:
        positions: in the pool, shape (queries, slots); -1 for an empty slot.
        gains: grades, same shape; 0 for an empty slot.
        slots: the columns that belong to each passage language.
    """

    positions: Integers
    gains: Integers
    slots: Mapping[str, slice]


def passage_languages(benchmark: Benchmark) -> tuple[str, ...]:
    """Languages of the corpora, sorted: the order in which they form the pool."""
    return tuple(sorted(benchmark.corpora))


def relevance(benchmark: Benchmark, query_language: str) -> Relevance:
    """The relevant passages (those of a grade above 0) of one language's queries, as positions in the pool."""
    judged = benchmark.qrels.get(query_language, {})
    queries = benchmark.queries[query_language].ids
    blocks, slots, start, offset = [], {}, 0, 0
    for language in passage_languages(benchmark):
        ids = benchmark.corpora[language].ids
        place = {id_: offset + position for position, id_ in enumerate(ids)}
        found = [
            [(place[id_], grade) for id_, grade in judged.get(query, {}).items() if grade > 0 and id_ in place]
            for query in queries
        ]
        block = _padded(found)
        blocks.append(block)
        slots[language] = slice(start, start + block.shape[1])
        start, offset = start + block.shape[1], offset + len(ids)
    table = np.concatenate(blocks, axis=1)
    return Relevance(table[..., 0], table[..., 1], slots)


def _padded(found: Sequence[Sequence[tuple[int, int]]]) -> Integers:
    """Pairs (position, grade) in corpus order, shape (queries, most of any query, 2)."""
    width = max((len(row) for row in found), default=0)
    table = np.empty((len(found), width, 2), dtype=np.int64)
    table[:] = (NO_PASSAGE, 0)
    for row, pairs in zip(table, found, strict=True):
        if pairs:
            row[: len(pairs)] = sorted(pairs)
    return table

"""The best passages of many queries among many passages: exact, within a given memory."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from equilingua.errors import InputError
from equilingua.progress import track
from equilingua.retrieval.best_list import MOST_KEPT, BestList, Rows
from equilingua.retrieval.lengths import check_products, longest, norms
from equilingua.retrieval.vectors import Positions, QuantizedVectors, Vectors, restored, row_blocks

# Scores of 2 MiB stay in a core's cache between the product that writes them and the comparison that reads them.
QUERY_ROWS = 512
PASSAGE_ROWS = 1024

MIB = 2**20

# Memory apart from the candidates of queries: for blocks of vectors, and in each thread for scores.
WORKING_MEMORY = 64 * MIB
THREAD_MEMORY = 16 * MIB
EXACT_NUMBERS = MIB // 4

# A candidate's row, position and score. At most twice as many wait as may be kept.
CANDIDATE_BYTES = 20

ROUNDING = 2.0**-24


@dataclass(frozen=True, eq=False)
class Hits:
    """The best passages of each query, best first: higher score first, then the position.

    Who knows the passages' texts puts passages in the order of ``tie_order``, so that positions know no language.

    Attributes:
        positions: shape (queries, depth).
        scores: inner products, same shape, float32.
    """

    positions: Positions
    scores: Vectors


def search(
    queries: npt.NDArray[Any],
    passages: npt.NDArray[Any] | QuantizedVectors,
    depth: int,
    *,
    memory: int = 1024 * MIB,
) -> Hits:
    """The passages of highest inner product with each query, found by looking at all of them.

    A fast matrix product in float32 finds all candidates, with a margin for its rounding (and for that of quantised
    vectors, which thus give the same result as the vectors they were made of, from a quarter of the memory). The
    inner products of the candidates are then taken in float64 and rounded to float32. So the result is the same
    whatever the library, the memory and the order of work, and equal passages tie exactly.

    Args:
        queries: shape (queries, width), float32 or float16; may be memory-mapped.
        passages: shape (passages, width), likewise, or quantised.
        depth: passages wanted a query; all if there are fewer.
        memory: bytes to work in, apart from queries, passages and result. Passages are read once for as many queries as
            it has room for.

    Runs in as many threads as matrix products do (``OMP_NUM_THREADS``).

    Raises:
        InputError: if depth, widths or types cannot be used, a vector is not finite, products leave the range of
            float32, or the memory is too little.

    >>> search(np.float32([[1, 0]]), np.float32([[0.5, 0], [1, 2], [0.5, 1], [0, 1]]), 3).positions
    array([[1, 0, 2]])
    """
    vectors, error = (passages.vectors, passages.error) if isinstance(passages, QuantizedVectors) else (passages, 0.0)
    _check(queries, vectors, depth)
    depth = min(depth, len(vectors))
    hits = Hits(np.empty((len(queries), depth), np.int64), np.empty((len(queries), depth), np.float32))
    greatest = longest(vectors, "passages")
    check_products(longest(queries, "queries"), greatest)
    # The most by which a product of a query of length 1 differs from the exact one. Rounding of a sum of n products, in
    # whatever order, is at most n units of 2^-24 of the product of the lengths; three more are for the rounding of
    # exact scores and of the bar. See Higham 2002, section 3.1.
    off = np.float32(1.01 * (error + (queries.shape[1] + 3) * ROUNDING * (greatest + error)))
    tiles_a_pass, workers = _division(memory, depth, *queries.shape)
    parts = list(row_blocks(len(queries), QUERY_ROWS))
    for together in row_blocks(len(parts), tiles_a_pass):
        work = []
        for part in parts[together]:
            tile = np.ascontiguousarray(queries[part], dtype=np.float32)
            work.append((tile, BestList(depth, 2 * off * norms(tile), partial(exact_scores, tile, vectors))))
        _look_at_all(passages, len(vectors), work, workers)
        for part, (_, best) in zip(parts[together], work, strict=True):
            hits.positions[part], hits.scores[part] = best.finish()
    return hits


def _look_at_all(
    passages: npt.NDArray[Any] | QuantizedVectors, count: int, work: Sequence[tuple[Vectors, BestList]], workers: int
) -> None:
    """Show every passage to the lists of these queries, block by block, tiles shared out among threads.

    Each thread multiplies and compares on its own: were only the product shared out, comparing would hold it up.
    """
    from threadpoolctl import threadpool_limits

    workers = min(workers, len(work))
    shares = [(work[start::workers], np.empty(QUERY_ROWS * PASSAGE_ROWS, np.float32)) for start in range(workers)]
    with threadpool_limits(_threads() // workers, user_api="blas"), ThreadPoolExecutor(workers) as pool:
        for block in track(list(row_blocks(count, PASSAGE_ROWS)), "Searching passages"):
            rows = _float_rows(passages, block)
            list(pool.map(partial(_look_at, rows, block.start), shares))


def _look_at(rows: Vectors, first: int, share: tuple[Sequence[tuple[Vectors, BestList]], Vectors]) -> None:
    work, scores = share
    for tile, best in work:
        out = scores[: len(tile) * len(rows)].reshape(len(tile), len(rows))
        best.take(np.matmul(tile, rows.T, out=out), first)


def _threads() -> int:
    """Threads that matrix products run in, as OMP_NUM_THREADS and its like may say."""
    from threadpoolctl import threadpool_info

    return max(
        (int(library["num_threads"]) for library in threadpool_info() if library["user_api"] == "blas"), default=1
    )


def check_memory(memory: int, depth: int, queries: int, width: int) -> None:
    """Raise ``InputError``, saying how much is needed, for too little memory; best before passages are encoded."""
    _division(memory, depth, queries, width)


def _division(memory: int, depth: int, queries: int, width: int) -> tuple[int, int]:
    """How many tiles of queries pass over the passages together, and how many threads share them out.

    As many threads as matrix products run in, or as few as leave room for one tile.
    """
    rows = max(1, min(QUERY_ROWS, queries))
    a_tile = rows * (CANDIDATE_BYTES * 2 * MOST_KEPT * depth + 4 * width)
    # And for each thread one tile whose candidates are being sorted, blocks of scores, and exact scores in the making.
    a_thread = a_tile + THREAD_MEMORY
    space = memory - WORKING_MEMORY
    if space < a_thread + a_tile:
        least = -(-(WORKING_MEMORY + a_thread + a_tile) // MIB)
        raise InputError(
            f"memory of {memory:,} bytes is too little for the {depth:,} best: give {least:,} MiB "
            f"({least * MIB:,} bytes) or more"
        )
    workers = min(_threads(), max(1, -(-queries // rows)), (space - a_tile) // a_thread)
    return (space - workers * a_thread) // a_tile, workers


def _float_rows(passages: npt.NDArray[Any] | QuantizedVectors, block: slice) -> Vectors:
    if isinstance(passages, QuantizedVectors):
        return restored(passages.values[block], passages.scales[block])
    return np.ascontiguousarray(passages[block], dtype=np.float32)


def exact_scores(queries: Vectors, vectors: npt.NDArray[Any], rows: Rows, positions: Positions) -> Vectors:
    """Exact scores of pairs (row of the queries, position): float64 inner products, each summed in the same order."""
    exact = np.empty(len(rows), dtype=np.float32)
    for part in row_blocks(len(rows), max(1, EXACT_NUMBERS // queries.shape[1])):
        products = vectors[positions[part]].astype(np.float64)
        products *= queries[rows[part]]
        # Each row is summed by itself, unlike in a matrix product: the order does not depend on what stands beside it.
        exact[part] = products.sum(axis=1)
    return exact


def _check(queries: npt.NDArray[Any], vectors: npt.NDArray[Any], depth: int) -> None:
    for name, array in (("queries", queries), ("passages", vectors)):
        if array.ndim != 2 or array.dtype not in (np.float32, np.float16):
            raise InputError(f"{name}: need float32 or float16 of shape (rows, width), got {array.dtype} {array.shape}")
    if queries.shape[1] != vectors.shape[1]:
        raise InputError(
            f"queries are {queries.shape[1]} wide, passages {vectors.shape[1]}. Encode both with the same model"
        )
    if depth < 1 or not len(vectors):
        raise InputError(f"the best {depth} of {len(vectors):,} passages: at least 1 of 1 is needed")

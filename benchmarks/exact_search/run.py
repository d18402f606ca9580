"""Exact search against its own matrix products alone: speed, peak memory, and what approximate indexes lose.

python benchmarks/exact_search/run.py [--queries N --passages N --width N --depth N --kind float32] [--output FILE]
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from equilingua.retrieval.approximate import KINDS, ApproximateIndex, share_found
from equilingua.retrieval.search import PASSAGE_ROWS, QUERY_ROWS, Hits, search
from equilingua.retrieval.vectors import QuantizedVectors, row_blocks
from equilingua.runtime import hardware, versions

CLUSTERS = 2_000
MIB = 2**20

Times = dict[str, float]


def main() -> None:
    arguments = _arguments()
    corpus = _vectors(arguments.passages, arguments.width, seed=0)
    queries = _vectors(arguments.queries, arguments.width, seed=1)
    passages = _as_kind(corpus, arguments.kind)
    before = _peak()
    _, product = _timed(lambda: _products(queries, corpus))
    found, searching = _timed(lambda: search(queries, passages, arguments.depth, memory=arguments.memory * MIB))
    report = {
        "queries": arguments.queries,
        "passages": arguments.passages,
        "width": arguments.width,
        "depth": arguments.depth,
        "kind": arguments.kind,
        "matrix products alone": product | _rate(arguments, product),
        "search": searching | _rate(arguments, searching),
        "matrix products / search": {clock: round(product[clock] / searching[clock], 3) for clock in product},
        "peak memory of the process, MB": round(_peak() / 1e6),
        "of it before the search (vectors, libraries), MB": round(before / 1e6),
        "faiss": _approximate(queries, corpus, found, arguments.kind) if arguments.faiss else None,
        "hardware": hardware(),
        "versions": versions(),
    }
    text = json.dumps(report, indent=2)
    print(text)
    if arguments.output:
        arguments.output.write_text(text + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--queries", type=int, default=2_048)
    parser.add_argument("--passages", type=int, default=500_000)
    parser.add_argument("--width", type=int, default=384)
    parser.add_argument("--depth", type=int, default=100)
    parser.add_argument("--memory", type=int, default=1_024, help="MiB for the search")
    parser.add_argument("--kind", choices=["float32", "float16", "int8"], default="float32", help="of the passages")
    parser.add_argument("--faiss", action="store_true", help="also measure the indexes of faiss")
    parser.add_argument("--output", type=Path, help="JSON file to write")
    return parser.parse_args()


def _as_kind(corpus: np.ndarray, kind: str) -> Any:
    match kind:
        case "int8":
            return QuantizedVectors.of(corpus)
        case "float16":
            return corpus.astype(np.float16)
        case _:
            return corpus


def _vectors(count: int, width: int, *, seed: int) -> np.ndarray:
    """Unit vectors around common centres, which queries and passages share, as those of texts have topics."""
    centres = np.random.default_rng(12345).standard_normal((CLUSTERS, width), dtype=np.float32)
    rng = np.random.default_rng(seed)
    vectors = np.empty((count, width), dtype=np.float32)
    for part in row_blocks(count):
        rows = vectors[part]
        rng.standard_normal(rows.shape, dtype=np.float32, out=rows)
        rows += centres[rng.integers(0, CLUSTERS, len(rows))]
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return vectors


def _products(queries: np.ndarray, passages: np.ndarray) -> None:
    """The products that the search makes, in the same shapes and order, and nothing else."""
    scores = np.empty(QUERY_ROWS * PASSAGE_ROWS, dtype=np.float32)
    for block in row_blocks(len(passages), PASSAGE_ROWS):
        rows = passages[block]
        for part in row_blocks(len(queries), QUERY_ROWS):
            tile = queries[part]
            np.matmul(tile, rows.T, out=scores[: len(tile) * len(rows)].reshape(len(tile), len(rows)))


def _approximate(queries: np.ndarray, passages: np.ndarray, exact: Hits, stored: str) -> dict[str, Any]:
    """Times of the approximate indexes, and the share of the exact best that they find."""
    depth, report = exact.positions.shape[1], {}
    for kind in KINDS:
        index, building = _timed(lambda kind=kind: ApproximateIndex.of(passages, kind, stored=stored))  # type: ignore[misc]
        found, searching = _timed(lambda index=index: index.search(queries, depth))  # type: ignore[misc]
        report[kind] = {
            "building": building,
            "search": searching,
            f"share found of the exact {depth}": round(float(share_found(found, exact).mean()), 4),
        }
    return report


def _timed(work: Callable[[], Any]) -> tuple[Any, Times]:
    """What the work gives; seconds by the clock and of the processor, which other work on the machine bears less on."""
    wall, processor = time.perf_counter(), time.process_time()
    result = work()
    return result, {
        "seconds": round(time.perf_counter() - wall, 2),
        "processor seconds": round(time.process_time() - processor, 2),
    }


def _rate(arguments: argparse.Namespace, times: Times) -> dict[str, float]:
    scores = arguments.queries * arguments.passages
    return {"million scores a processor second": round(scores / times["processor seconds"] / 1e6, 1)}


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main()

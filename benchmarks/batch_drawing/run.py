"""How long a batch takes to draw and to fetch from a store too large for memory, and what an open store costs.

    python benchmarks/batch_drawing/run.py --pairs 10_000_000 --store /some/disk/with/10-GB

The texts are synthetic; the store is built once and kept in --store. Its files are read once before the timing, so
that they lie in the page cache where memory allows: from a cold disk, fetching costs what the disk takes for a random
read of each pair. Fetching is timed twice: the first time pages are touched, and once all of them have been, which is
how a training goes on. Prints one JSON document.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil

from equilingua.batching.dataset import TrainingExamples
from equilingua.batching.plan import BatchPlan, Kind
from equilingua.batching.stream import BatchStream
from equilingua.files import whole_folder
from equilingua.pairs.pair import ParallelPair
from equilingua.pairs.parts import write_parts
from equilingua.pairs.store import ParallelPairs, Source
from equilingua.progress import track

LANGUAGES = ("ar", "de", "en", "es", "fi", "hi", "th", "zh")
KINDS: tuple[Kind, ...] = ("x-x-mono", "x-y", "hybrid", "within-batch")


def synthetic_pairs(count: int, *, seed: int) -> Iterator[ParallelPair]:
    """Pairs in eight languages; an eighth of them lacks one language or another."""
    rng = np.random.default_rng(seed)
    missing = rng.choice(len(LANGUAGES) * 8, count)
    for number in range(count):
        languages = [tag for place, tag in enumerate(LANGUAGES) if place != missing[number]]
        queries = {tag: f"{tag} question number {number} about something" for tag in languages}
        passages = {tag: f"{tag} passage number {number} says a few words about something else" for tag in languages}
        yield ParallelPair(str(number), "synthetic", queries, passages)


def memory() -> int:
    """Memory of this process that no file backs, in bytes: what the store costs while texts stay on disk."""
    usage = psutil.Process().memory_full_info()
    return int(usage.rss - usage.shared)


def read_through(folder: Path) -> None:
    """Read every file once, so that the operating system may keep it."""
    for path in folder.iterdir():
        with path.open("rb") as file:
            while file.read(1 << 24):
                pass


def median_milliseconds(run: Callable[[int], object], repetitions: int) -> float:
    """The median time of one call, in milliseconds."""
    times = []
    for repetition in range(repetitions):
        start = time.perf_counter()
        run(repetition)
        times.append((time.perf_counter() - start) * 1000)
    return round(statistics.median(times), 2)


def draw_time(stream: BatchStream, repetitions: int) -> float:
    """Of the batches of one epoch."""
    return median_milliseconds(lambda step: stream.batch(1, step), repetitions)


def fetch_time(rows: TrainingExamples, stream: BatchStream, repetitions: int) -> float:
    """Of the batches of another."""
    batches = [stream.batch(0, step).examples.tolist() for step in range(repetitions)]
    return median_milliseconds(lambda step: rows.__getitems__(batches[step]), repetitions)


def touch(rows: TrainingExamples, pairs: ParallelPairs) -> None:
    """Fetch a row of every second pair: several pairs share a page."""
    stride = 2 * len(rows) // len(pairs)
    numbers = range(0, len(rows), stride)
    for start in track(range(0, len(numbers), 4096), "touching every page"):
        rows.__getitems__(list(numbers[start : start + 4096]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=10_000_000)
    parser.add_argument("--store", type=Path, default=Path("runs/batch-drawing"))
    parser.add_argument("--batch-size", type=int, default=512)
    parser.add_argument("--repetitions", type=int, default=200)
    options = parser.parse_args()
    folder = options.store / str(options.pairs)
    if not folder.is_dir():
        with whole_folder(folder) as work:
            write_parts(track(synthetic_pairs(options.pairs, seed=0), "building", total=options.pairs), work)

    read_through(folder)
    before = memory()
    start = time.perf_counter()
    pairs = ParallelPairs((folder,), (Source("synthetic", "0" * 64),))
    rows = TrainingExamples(pairs)
    opened = time.perf_counter() - start
    report: dict[str, object] = {"pairs": len(pairs), "languages": len(pairs.languages), "rows": len(rows)}
    report["open_seconds"] = round(opened, 2)
    streams = {kind: BatchStream(pairs.index, BatchPlan(kind), batch_size=options.batch_size, seed=0) for kind in KINDS}
    report["draw_ms"] = {kind: draw_time(stream, options.repetitions) for kind, stream in streams.items()}
    report["first_fetch_ms"] = {kind: fetch_time(rows, streams[kind], options.repetitions) for kind in KINDS}
    touch(rows, pairs)
    report["fetch_ms"] = {kind: fetch_time(rows, streams[kind], options.repetitions) for kind in KINDS}
    report["memory_growth_mb"] = round((memory() - before) / 1e6)
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()

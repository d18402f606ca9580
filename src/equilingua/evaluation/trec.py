"""Runs and qrels in TREC format, one pair of files a setting, for trec_eval, ir_measures and others.

A file holds the queries of all languages or pairs of its setting, so its query ids name them: ``en/ID`` in the
monolingual and multilingual setting, ``en-de/ID`` in the cross-lingual one (English query, German corpus).

trec_eval ranks by score alone and breaks ties by passage id. Here equal scores rank in corpus order, so a score that is
not below the one before it is lowered to the next smaller float32: the file then ranks as this package does.
"""

from collections.abc import Iterable, Iterator, Sequence
from math import isfinite
from pathlib import Path
from typing import IO

import numpy as np

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.errors import InputError
from equilingua.evaluation.relevance import passage_languages, pool_ids, without_excluded
from equilingua.evaluation.scorer import BenchmarkScorer
from equilingua.evaluation.settings import POOL, SETTINGS, language_pairs
from equilingua.files import whole_file
from equilingua.progress import track
from equilingua.retrieval.ranking import best
from equilingua.retrieval.vectors import Vectors

DEFAULT_DEPTH = 100
RUN_TAG = "equilingua"


def export_trec(
    scorer: BenchmarkScorer,
    benchmark: Benchmark,
    folder: str | Path,
    *,
    depth: int = DEFAULT_DEPTH,
    settings: Sequence[str] = SETTINGS,
) -> list[Path]:
    """Write ``<setting>.run`` and ``<setting>.qrels`` for every setting; gives their paths.

    Args:
        scorer: of the benchmark, as ``benchmark_vectors`` gives it.
        benchmark: whose queries are ranked.
        folder: to write to; files of the same names are replaced.
        depth: passages a query in the run. Measures without cut-off need the whole pool.
        settings: those to write.

    Raises:
        InputError: if depth is below 1, a setting unknown, or an id holds a space.
    """
    if depth < 1:
        raise InputError(f"depth {depth}: a run needs at least 1 passage a query")
    check_ids(benchmark)
    corpora = passage_languages(benchmark)
    written = []
    for setting in settings:
        pairs = language_pairs(setting, sorted(benchmark.queries), corpora)
        if pairs:
            run, qrels = Path(folder) / f"{setting}.run", Path(folder) / f"{setting}.qrels"
            with whole_file(run) as work, work.open("w", encoding="utf-8") as file:
                for pair in track(pairs, f"Writing {setting} run"):
                    _write_run(file, scorer, benchmark, pair=pair, depth=depth)
            with whole_file(qrels) as work, work.open("w", encoding="utf-8") as file:
                for pair in pairs:
                    file.writelines(_qrels_lines(benchmark, pair))
            written += [run, qrels]
    return written


def check_ids(benchmark: Benchmark) -> None:
    """Refuse a benchmark whose ids no TREC file can hold, best before hours of work.

    Raises:
        InputError: if an id holds a space.
    """
    for what, parts in (("query", benchmark.queries), ("passage", benchmark.corpora)):
        for texts in parts.values():
            if problem := spaced_id(texts.ids, what):
                raise InputError(f"{benchmark.name}: {problem}")


def spaced_id(ids: Iterable[str], what: str) -> str:
    """What is wrong with the first id, of a query or a passage, that holds a space; empty if none does."""
    spaced = (id_ for id_ in ids if len(id_.split()) != 1)
    problems = (f"id {id_!r} of a {what} holds a space, which a TREC run has between columns" for id_ in spaced)
    return next(problems, "")


def strictly_decreasing(scores: Vectors) -> Vectors:
    """Scores, sorted from high to low, with each that equals the one before it lowered to the next smaller float32.

    Args:
        scores: shape (rows, passages), each row sorted from high to low.

    >>> strictly_decreasing(np.float32([[1, 1, 0.5]]))[0].tolist()
    [1.0, 0.9999999403953552, 0.5]
    """
    # As integers in the order of the floats, "lower by one step" is "minus one".
    bits = np.ascontiguousarray(scores + np.float32(0)).view(np.int32).astype(np.int64)
    steps = np.where(bits >= 0, bits, -(bits & 0x7FFFFFFF))
    places = np.arange(scores.shape[1])
    steps = np.minimum.accumulate(steps + places, axis=1) - places
    bits = np.where(steps >= 0, steps, -steps | 0x80000000).astype(np.uint32)
    lowered: Vectors = bits.view(np.float32)
    return lowered


def run_lines(topic: str, passages: Iterable[str], scores: Vectors) -> Iterator[str]:
    """The lines of one query, best first; passages at minus infinity, where excluded or not found at all, have none."""
    for rank, (id_, score) in enumerate(zip(passages, scores.tolist(), strict=True), 1):
        if isfinite(score):
            yield f"{topic} Q0 {id_} {rank} {score:.9g} {RUN_TAG}\n"


def _write_run(
    file: IO[str], scorer: BenchmarkScorer, benchmark: Benchmark, *, pair: tuple[str, str], depth: int
) -> None:
    query_language, corpus_language = pair
    corpora = passage_languages(benchmark)
    pool = without_excluded(scorer.pool, benchmark, query_language)
    corpus = None if corpus_language == POOL else corpora.index(corpus_language)
    columns = slice(None) if corpus is None else slice(*pool.bounds[corpus : corpus + 2].tolist())
    passages = np.array(list(pool_ids(benchmark)))[columns]
    ids = benchmark.queries[query_language].ids
    for part, scores in pool.blocks(scorer.queries[query_language]):
        ranked = best(scores[:, columns], depth)
        ordered = strictly_decreasing(np.take_along_axis(scores[:, columns], ranked, axis=1))
        for query, row, values in zip(ids[part], ranked, ordered, strict=True):
            file.writelines(run_lines(_topic(pair, query), passages[row], values))


def _qrels_lines(benchmark: Benchmark, pair: tuple[str, str]) -> Iterator[str]:
    query_language, corpus_language = pair
    inside = None if corpus_language == POOL else set(benchmark.corpora[corpus_language].ids)
    for query, judged in benchmark.qrels.get(query_language, {}).items():
        for id_, grade in judged.items():
            if inside is None or id_ in inside:
                yield f"{_topic(pair, query)} 0 {id_} {grade}\n"


def _topic(pair: tuple[str, str], query: str) -> str:
    """The query id in the files: unique over the pairs of a setting."""
    query_language, corpus_language = pair
    crossed = corpus_language not in (POOL, query_language)
    return f"{query_language}-{corpus_language}/{query}" if crossed else f"{query_language}/{query}"

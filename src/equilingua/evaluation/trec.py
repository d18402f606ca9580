"""Runs and qrels in TREC format, for trec_eval, ir_measures and others: of a benchmark's settings, and of a search.

Of a benchmark there is one pair of files a setting. A file holds the queries of all languages or pairs of its setting,
so its query ids name them: ``en/ID`` in the monolingual and multilingual setting, ``en-de/ID`` in the cross-lingual one
(English query, German corpus).

trec_eval ranks by score alone and breaks ties by passage id. Here equal scores rank by a hash of the passages' texts,
so a score that is not below the one before it is lowered to the next smaller float32: the file then ranks as this
package does. A passage that is not found has no line.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.errors import InputError
from equilingua.evaluation.pool_order import passage_order, pool_ids
from equilingua.evaluation.rankings import without_excluded
from equilingua.evaluation.scorer import BenchmarkScorer
from equilingua.evaluation.settings import POOL, SETTINGS, language_pairs, pair_name
from equilingua.files import check_place, whole_file
from equilingua.progress import track
from equilingua.retrieval.ranking import NO_PASSAGE, best
from equilingua.retrieval.search import Hits
from equilingua.retrieval.vectors import Positions, Vectors
from equilingua.tables import value_text

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
        settings: those to write; one without any pair of languages is left out.

    Raises:
        InputError: if depth is below 1, a setting unknown, or an id holds a space.
    """
    if depth < 1:
        raise InputError(f"depth {depth}: a run needs at least 1 passage a query")
    check_ids(benchmark)
    # As objects: numpy's own texts would all be as wide as the longest id.
    passages = _Passages(np.array(list(pool_ids(benchmark)), dtype=object), passage_order(benchmark))
    written = []
    for setting in settings:
        pairs = language_pairs(setting, sorted(benchmark.queries), benchmark.passage_languages)
        if pairs:
            run, qrels = Path(folder) / f"{setting}.run", Path(folder) / f"{setting}.qrels"
            with whole_file(run) as work, work.open("w", encoding="utf-8") as file:
                for pair in track(pairs, f"Writing {setting} run"):
                    file.writelines(_run_lines(scorer, benchmark, pair, passages, depth=depth))
            with whole_file(qrels) as work, work.open("w", encoding="utf-8") as file:
                file.writelines(line for pair in pairs for line in _qrels_lines(benchmark, pair))
            written += [run, qrels]
    return written


def check_ids(benchmark: Benchmark) -> None:
    """Raise ``InputError`` for an id that no TREC file can hold, because of a space; best before hours of work."""
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
    """Scores, each row sorted from high to low, with each that equals the one before it lowered to the next float32.

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


def _lines_of_query(topic: str, passages: Iterable[str], scores: Vectors) -> Iterator[str]:
    """Best first; passages at minus infinity, where excluded or not found at all, have none."""
    for rank, (id_, score) in enumerate(zip(passages, scores.tolist(), strict=True), 1):
        if isfinite(score):
            yield f"{topic} Q0 {id_} {rank} {score:.9g} {RUN_TAG}\n"


@dataclass(frozen=True, eq=False, slots=True)
class _Passages:
    """Ids of all passages of the pool, and the order in which those of one score rank."""

    ids: npt.NDArray[np.object_]
    order: Positions


def _run_lines(
    scorer: BenchmarkScorer, benchmark: Benchmark, pair: tuple[str, str], passages: _Passages, *, depth: int
) -> Iterator[str]:
    query_language, corpus_language = pair
    pool = without_excluded(scorer.pool, benchmark, query_language)
    columns = slice(None)
    if corpus_language != POOL:
        corpus = benchmark.passage_languages.index(corpus_language)
        columns = slice(*pool.bounds[corpus : corpus + 2].tolist())
    names, order = passages.ids[columns], passages.order[columns]
    ids = benchmark.queries[query_language].ids
    for part, scores in pool.blocks(scorer.queries[query_language]):
        ranked = best(scores[:, columns], depth, order)
        values_of = np.take_along_axis(scores[:, columns], np.maximum(ranked, 0), axis=1)
        ordered = strictly_decreasing(np.where(ranked == NO_PASSAGE, np.float32(-np.inf), values_of))
        for query, row, values in zip(ids[part], ranked, ordered, strict=True):
            yield from _lines_of_query(f"{pair_name(*pair)}/{query}", names[row], values)


def _qrels_lines(benchmark: Benchmark, pair: tuple[str, str]) -> Iterator[str]:
    query_language, corpus_language = pair
    inside = None if corpus_language == POOL else set(benchmark.corpora[corpus_language].ids)
    for query, judged in benchmark.qrels.get(query_language, {}).items():
        for id_, grade in judged.items():
            if inside is None or id_ in inside:
                yield f"{pair_name(*pair)}/{query} 0 {id_} {grade}\n"


@dataclass(frozen=True, slots=True)
class IndexQuality:
    """What an approximate index finds of the exact result.

    Attributes:
        found: mean share of a query's exact best that it found, from 0 to 1.
        interval: its 95 % bootstrap interval over queries; None for a single query.
        queries: by how many it was measured.
    """

    found: float
    interval: tuple[float, float] | None
    queries: int

    def __str__(self) -> str:
        """The share with its interval."""
        return f"finds {value_text(self.found, self.interval)} of the exact result (queries measured: {self.queries:,})"


@dataclass(frozen=True, eq=False)
class SearchRun:
    """The best passages of every query.

    Attributes:
        model: what ranked them.
        query_ids: in the order of their files.
        passage_ids: in corpus order.
        hits: positions of passages and their scores, one row a query; -1 and minus infinity where too few were found.
        quality: of an approximate index; None where all passages were looked at.
        provenance: options, hashes of the files, versions, hardware and command.
    """

    model: str
    query_ids: tuple[str, ...]
    passage_ids: tuple[str, ...]
    hits: Hits
    quality: IndexQuality | None
    provenance: dict[str, Any]

    def save(self, path: Path, *, overwrite: bool = False) -> None:
        """Write the run, and beside it ``NAME.json`` that says how it was made; each whole or not at all.

        trec_eval ranks by score alone: a score that is not below the one before it is lowered to the next smaller
        float32, so that the file ranks as this package does.

        Raises:
            InputError: if a file is there that is not to be overwritten.
        """
        check_run(path, overwrite=overwrite)
        # As objects: numpy's own texts would all be as wide as the longest id.
        ids = np.array(self.passage_ids, dtype=object)
        # Both are written before either takes its name: on a full disk none is left to stand in the way.
        with whole_file(about(path)) as how, whole_file(path) as work:
            how.write_text(json.dumps(self.to_dict(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
            with work.open("w", encoding="utf-8") as file:
                for query, positions, scores in zip(
                    self.query_ids, self.hits.positions, strictly_decreasing(self.hits.scores), strict=True
                ):
                    file.writelines(_lines_of_query(query, ids[positions], scores))

    def to_dict(self) -> dict[str, Any]:
        """How the run was made and what was lost, as it is written to JSON."""
        return {
            "model": self.model,
            "queries": len(self.query_ids),
            "passages": len(self.passage_ids),
            "depth": self.hits.positions.shape[1],
            "quality": None if self.quality is None else asdict(self.quality),
            "provenance": self.provenance,
        }

    def __str__(self) -> str:
        """One line on what was searched, and one on what an approximate index loses."""
        counts = f"queries {len(self.query_ids):,}, passages {len(self.passage_ids):,}"
        searched = f"{self.model}: the best {self.hits.positions.shape[1]:,} a query; {counts}"
        index = self.provenance["options"]["index"]
        found = f"{searched}, all looked at" if self.quality is None else f"{searched}\nindex {index} {self.quality}"
        return "\n".join([found, *(f"Note: {note}." for note in self.provenance.get("notes", ()))])


def about(path: Path) -> Path:
    """The file beside a run that says how it was made."""
    return path.with_name(f"{path.name}.json")


def check_run(path: Path, *, overwrite: bool) -> None:
    """Refuse a place that must not be written to, best before hours of work.

    Raises:
        InputError: if a folder is there, or a file that is not to be overwritten, or nothing can be written there.
    """
    for file in [path] if path.is_dir() else [path, about(path)]:
        if file.is_dir():
            raise InputError(f"{file}: is a folder; give a file, such as {file / 'run.trec'}")
        if file.exists() and not overwrite:
            raise InputError(f"{file}: is there already. Give another name, or --overwrite to replace it")
    check_place(path)

"""Runs made elsewhere as scorers of a benchmark, one for every setting that can be told from them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from equilingua.archives import hashes_of
from equilingua.benchmarks.benchmark import Benchmark
from equilingua.evaluation.run_files import Place, Ranked, RunFiles, read_run
from equilingua.evaluation.settings import MULTILINGUAL, POOL, SETTINGS, Setting
from equilingua.retrieval.pool import SCORE_BYTES, PassagePool, bounds_of, query_blocks
from equilingua.retrieval.vectors import Positions, Vectors

SIMILARITY = "run"


@dataclass(frozen=True, eq=False, slots=True)
class RunRows:
    """The lists of one language's queries, a row a query: positions in the pool and scores, both perhaps empty."""

    positions: Sequence[Positions]
    scores: Sequence[Vectors]

    def __len__(self) -> int:
        return len(self.positions)


@dataclass(frozen=True, eq=False, slots=True)
class RunPool:
    """The pool of all passages as runs rank it; what a list does not hold scores minus infinity: not found."""

    bounds: Positions

    def blocks(self, queries: RunRows) -> Iterator[tuple[slice, Vectors]]:
        """As ``PassagePool`` has them."""
        for part in query_blocks(len(queries), self.bounds, SCORE_BYTES):
            scores = np.full((part.stop - part.start, int(self.bounds[-1])), -np.inf, dtype=np.float32)
            for row, positions, values in zip(scores, queries.positions[part], queries.scores[part], strict=True):
                row[positions] = values
            yield part, scores


@dataclass(frozen=True, eq=False, slots=True)
class RunPart:
    """The scorer of one or more settings: a ``BenchmarkScorer``."""

    queries: Mapping[str, RunRows]
    pool: PassagePool
    model: str
    similarity: str = SIMILARITY
    precision: str = "exact"
    prompts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, slots=True)
class RunScorer:
    """Runs in place of a model: a ``BenchmarkScorer``, that of the mixed pool where there is a run of it.

    Attributes:
        parts: the scorer of every setting that can be told.
        provenance: files with their hashes, where each setting comes from, lengths of the lists, and the caveat.
    """

    parts: Mapping[Setting, RunPart]
    provenance: Mapping[str, Any]

    @property
    def _main(self) -> RunPart:
        return self.parts.get(MULTILINGUAL) or next(iter(self.parts.values()))

    @property
    def queries(self) -> Mapping[str, RunRows]:
        """Lists per query language."""
        return self._main.queries

    @property
    def pool(self) -> PassagePool:
        """All passages."""
        return self._main.pool

    @property
    def model(self) -> str:
        """What results call it."""
        return self._main.model

    @property
    def similarity(self) -> str:
        """That of a run: scores only order passages."""
        return self._main.similarity

    @property
    def precision(self) -> str:
        """Nothing is encoded here."""
        return self._main.precision

    @property
    def prompts(self) -> Mapping[str, str]:
        """None."""
        return self._main.prompts


def run_scorer(runs: RunFiles, benchmark: Benchmark, *, model_name: str | None = None) -> RunScorer:
    """The scorer of runs.

    From a run of the mixed pool the other settings are told as well, where they have no files of their own: its lists
    are cut down to passages of one language. What then stands below the end of a list counts as not found, so such
    figures are lower bounds.

    Raises:
        InputError: with what is wrong with the files.
    """
    name = model_name or runs.name
    lists = {
        setting: read_run(files, benchmark, setting, nothing_found=runs.nothing_found)
        for setting, files in runs.files.items()
    }
    made = {setting: _part(of, benchmark, name) for setting, of in lists.items()}
    derived = [setting for setting in SETTINGS if MULTILINGUAL in made and setting not in made]
    told = [setting for setting in SETTINGS if setting in (*made, *derived)]
    parts = {setting: made[setting if setting in made else MULTILINGUAL] for setting in told}
    origin = {one: "derived from the run of the mixed pool" if one in derived else "a run of its own" for one in told}
    lengths = [len(ranked.positions) for of in lists.values() for ranked in of.values()]
    return RunScorer(
        parts=parts,
        provenance={
            "files": dict(hashes_of(runs.all_files)),
            "settings": origin,
            "passages a query": {"least": min(lengths), "mean": float(np.mean(lengths)), "most": max(lengths)},
            "caveat": _caveat(parts, derived, lists, benchmark),
        },
    )


def _part(lists: Mapping[Place, Ranked], benchmark: Benchmark, name: str) -> RunPart:
    corpora = [benchmark.corpora[language].ids for language in benchmark.passage_languages]
    nothing = np.empty(0, dtype=np.int64)
    positions = {language: [nothing] * len(asked.ids) for language, asked in benchmark.queries.items()}
    scores = {language: [nothing.astype(np.float32)] * len(asked.ids) for language, asked in benchmark.queries.items()}
    for (language, _, row), ranked in lists.items():
        # In the cross-lingual setting a query has a list for every corpus.
        positions[language][row] = np.concatenate([positions[language][row], np.array(ranked.positions, np.int64)])
        scores[language][row] = np.concatenate([scores[language][row], _places(ranked.scores)])
    queries = {language: RunRows(of, scores[language]) for language, of in positions.items()}
    return RunPart(queries, RunPool(bounds_of(corpora)), name)


def _places(scores: Sequence[float]) -> Vectors:
    """The scores as whole numbers in their order, equal ones equal: float32 cannot tell all of them apart.

    >>> _places([0.5, 0.7, 0.5]).tolist()
    [-2.0, -1.0, -2.0]
    """
    distinct, places = np.unique(np.array(scores, dtype=np.float64), return_inverse=True)
    return (places - len(distinct)).astype(np.float32)


def _caveat(
    parts: Mapping[Setting, RunPart],
    derived: Sequence[Setting],
    lists: Mapping[Setting, Mapping[Place, Ranked]],
    benchmark: Benchmark,
) -> str:
    told = ", ".join(parts)
    absent = ", ".join(setting for setting in SETTINGS if setting not in parts)
    sentences = [f"Taken from runs made elsewhere; settings told: {told}" + (f" (not: {absent})." if absent else ".")]
    most = max(len(ranked.positions) for of in lists.values() for ranked in of.values())
    sentences.append(
        f"Lists end after {most:,} passages at most; what stands below is not found, so measures without a cut-off, or "
        "with a larger one, are lower bounds."
    )
    if derived:
        count = len(benchmark.passage_languages)
        mean = np.mean([len(one.positions) for (_, corpus, _), one in lists[MULTILINGUAL].items() if corpus == POOL])
        sentences.append(
            f"{' and '.join(derived).capitalize()} figures are derived: the lists of the mixed pool cut down to one "
            f"language, {mean / count:,.1f} passages a query and language on average."
        )
    return " ".join(sentences)

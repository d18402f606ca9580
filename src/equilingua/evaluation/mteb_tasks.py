"""Benchmarks as tasks of mteb, with the measures of the full ranking among their scores.

mteb keeps the 1000 best passages of a query, so that mAP and rank distance of a larger pool cannot be told from what
its search gives. The search and its scores stay mteb's; the vectors are listened to while mteb encodes, and every
passage is ranked by them afterwards.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from equilingua.benchmarks.benchmark import Benchmark, Corpus, Queries
from equilingua.benchmarks.load import load_benchmark
from equilingua.corpora.qrels import Qrels
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.mteb_results import (
    MAIN_SCORE,
    SPLIT,
    language_scripts,
    measure_name,
    mteb_module,
    revision,
    task_name,
)
from equilingua.evaluation.scorer import PoolScorer
from equilingua.evaluation.settings import POOL, SETTINGS, language_pairs, pair_name
from equilingua.precision import is_sentence_transformer
from equilingua.retrieval.pool import Pool
from equilingua.retrieval.vectors import Vectors, as_rows
from equilingua.training.prompts import role_prompts

Subset = tuple[str, Benchmark]
"""A setting, and the part of a benchmark that is one query language against one corpus or all."""


def equilingua_tasks(
    benchmarks: Sequence[str | Path | Benchmark] = ("xquad-r",),
    *,
    data: str | Path | None = None,
    languages: Sequence[str] | None = None,
    settings: Sequence[str] = SETTINGS,
) -> list[Any]:
    """Tasks for ``mteb.evaluate(model, tasks=...)``: one for each benchmark and setting.

    A task's subsets are the query languages (``en``), or the ordered pairs of the cross-lingual setting (``en-de``:
    English queries, German passages); their mean is our macro mean. Beside mteb's own scores stand those of our
    measures that mteb does not have: ``mAP`` without cut-off, which is the main score, and in the multilingual setting
    ``rank_distance``, ``Max@R_norm`` and the others that compare languages. They are those of ``evaluate`` with the
    encoder in fp32, with its tie rule.

    Any encoder that mteb takes can be evaluated; not cross-encoders, nor models that search for themselves.

    Args:
        benchmarks: as ``load_benchmark`` takes them, or loaded ones.
        data: folder that holds the named benchmarks' folders.
        languages: to read; all if not given.
        settings: those to make tasks of; one without any pair of languages is left out.

    Raises:
        InputError: if mteb is not installed, or a benchmark or setting is unknown or cannot be read.
    """
    base = _task_class()
    wanted = [benchmarks] if isinstance(benchmarks, str | Path | Benchmark) else benchmarks
    tasks = []
    for name in wanted:
        benchmark = name if isinstance(name, Benchmark) else load_benchmark(name, data=data, languages=languages)
        for setting in settings:
            subsets = _subsets(benchmark, setting)
            if subsets:
                # A class for each task: mteb falls back on the class's metadata when it unloads a task.
                own = {"metadata": _metadata(benchmark, setting, subsets), "parts": subsets}
                tasks.append(type(base.__name__, (base,), own)())
    return tasks


def _subsets(benchmark: Benchmark, setting: str) -> dict[str, Subset]:
    """By the name of the subset, the pairs of languages of which a query has a relevant passage."""
    pairs = language_pairs(setting, sorted(benchmark.queries), benchmark.passage_languages)
    parts = {pair_name(*pair): _part(benchmark, *pair) for pair in pairs}
    return {name: (setting, part) for name, part in parts.items() if part}


def _part(benchmark: Benchmark, query_language: str, corpus_language: str) -> Benchmark | None:
    """The queries of a language that have a relevant passage in a corpus (or the pool), and that corpus."""
    corpora = {lang: corpus for lang, corpus in benchmark.corpora.items() if corpus_language in (lang, POOL)}
    known = {id_ for corpus in corpora.values() for id_ in corpus.ids}
    judged = _judged(benchmark.qrels.get(query_language, {}), known)
    rows = benchmark.queries[query_language]
    kept = [(id_, text) for id_, text in zip(rows.ids, rows.texts, strict=True) if id_ in judged]
    if not kept:
        return None
    ids, texts = zip(*kept, strict=True)
    excluded = benchmark.excluded.get(query_language, {})
    return replace(
        benchmark,
        queries={query_language: Queries(ids, texts)},
        corpora=corpora,
        qrels={query_language: judged},
        excluded={query_language: {id_: known.intersection(excluded[id_]) for id_ in ids if id_ in excluded}},
    )


def _judged(qrels: Qrels, known: Collection[str]) -> dict[str, dict[str, int]]:
    """The grades of known passages, of the queries that have a relevant one among them."""
    inside = {query: {id_: grade for id_, grade in rows.items() if id_ in known} for query, rows in qrels.items()}
    return {query: grades for query, grades in inside.items() if any(grade > 0 for grade in grades.values())}


def _metadata(benchmark: Benchmark, setting: str, subsets: Mapping[str, Subset]) -> Any:
    return mteb_module("mteb.abstasks.task_metadata").TaskMetadata(
        name=task_name(benchmark.name, setting),
        description=f"{benchmark.name} in the {setting} setting, with measures of the full ranking, from equilingua.",
        type="Retrieval",
        category="t2t",
        dataset={"path": benchmark.name, "revision": revision(benchmark.hashes)},
        eval_splits=[SPLIT],
        eval_langs={
            name: language_scripts(*part.queries, *sorted(part.corpora)) for name, (_, part) in subsets.items()
        },
        main_score=MAIN_SCORE,
    )


def _task_class() -> Any:
    retrieval_task: Any = mteb_module("mteb.abstasks.retrieval").AbsTaskRetrieval

    class EquilinguaTask(retrieval_task):  # type: ignore[misc]
        """One setting of a benchmark, whose subsets are given, not downloaded."""

        # Neither gives vectors, which the measures of the full ranking are taken from.
        _support_cross_encoder = False
        _support_search = False

        parts: Mapping[str, Subset]

        def load_data(self, num_proc: int | None = None, **_: Any) -> None:
            """Lay the subsets out as mteb expects them; nothing is read."""
            del num_proc
            self.dataset = _datasets(self.parts)
            self.data_loaded = True

        def _evaluate_subset(self, model: Any, data_split: Any, *, hf_subset: str, **options: Any) -> Any:
            listener = _Listener(model)
            with _role_prompts(model):
                scores = super()._evaluate_subset(listener, data_split, hf_subset=hf_subset, **options)
            return {**scores, **_full_ranking(listener, *self.parts[hf_subset])}

    return EquilinguaTask


def _datasets(subsets: Mapping[str, Subset]) -> dict[str, Any]:
    """By subset and split what mteb's retrieval tasks hold; subsets with the same corpora share them."""
    from datasets import Dataset

    corpora: dict[tuple[str, ...], Any] = {}
    datasets = {}
    for name, (_, part) in subsets.items():
        languages = tuple(sorted(part.corpora))
        if languages not in corpora:
            corpora[languages] = Dataset.from_dict(_columns(part.corpora[language] for language in languages))
        datasets[name] = {
            SPLIT: {
                "corpus": corpora[languages],
                "queries": Dataset.from_dict(_columns(part.queries.values())),
                "relevant_docs": {
                    query: dict(grades) for rows in part.qrels.values() for query, grades in rows.items()
                },
                "top_ranked": None,
            }
        }
    return datasets


def _columns(parts: Iterable[Queries | Corpus]) -> dict[str, list[str]]:
    rows = [row for part in parts for row in zip(part.ids, part.texts, strict=True)]
    return {"id": [id_ for id_, _ in rows], "text": [text for _, text in rows]}


@contextmanager
def _role_prompts(model: Any) -> Iterator[None]:
    """A model of sentence-transformers, as mteb wraps it, with the prompts that ``evaluate`` uses where mteb has none.

    mteb looks for ``query`` and ``document`` alone, and passes over a model's ``passage``.
    """
    wrapper = model
    while wrapper is not None and not hasattr(wrapper, "model_prompts"):
        wrapper = getattr(wrapper, "_model", None)  # of a cache that is put around it
    encoder = getattr(wrapper, "model", None)
    if not is_sentence_transformer(encoder):
        yield
        return
    own = wrapper.model_prompts
    missing = {role: text for role, text in role_prompts(encoder).record().items() if not (own or {}).get(role)}
    wrapper.model_prompts = {**(own or {}), **missing} if missing else own
    try:
        yield
    finally:
        wrapper.model_prompts = own


class _Listener:
    """An encoder for mteb that encodes as another one does, and keeps the vectors by role, in the order encoded."""

    def __init__(self, model: Any) -> None:
        self.model = model
        # mteb reads it off the model it is given, which is this one now.
        self.mteb_model_meta = model.mteb_model_meta
        self.vectors: dict[str, list[Vectors]] = {"query": [], "document": []}

    def encode(self, inputs: Any, *, prompt_type: Any = None, **options: Any) -> Any:
        """What the other encoder gives; mteb hands over all queries at once, and the corpus in parts."""
        encoded = self.model.encode(inputs, prompt_type=prompt_type, **options)
        self.vectors[prompt_type.value].append(as_rows(encoded, len(encoded), f"{prompt_type.value} vectors"))
        return encoded

    def similarity(self, queries: Any, passages: Any) -> Any:
        """The other encoder's similarity of every query with every passage."""
        return self.model.similarity(queries, passages)

    def similarity_pairwise(self, queries: Any, passages: Any) -> Any:
        """The other encoder's similarity of each query with its passage."""
        return self.model.similarity_pairwise(queries, passages)


def _full_ranking(listener: _Listener, setting: str, part: Benchmark) -> dict[str, float]:
    """Our measures that mteb does not have, by name."""
    (query_language,) = part.queries
    ends = np.cumsum([len(part.corpora[language].ids) for language in sorted(part.corpora)])
    pool = Pool.of(np.split(np.concatenate(listener.vectors["document"]), ends[:-1]))
    scorer = PoolScorer(
        queries={query_language: np.concatenate(listener.vectors["query"])},
        pool=_SimilarityPool(pool.vectors, pool.places, pool.bounds, listener.similarity),
        model="mteb",
        similarity="the model's",
        precision="mteb's",
    )
    means = evaluate(scorer, part, settings=[setting], resamples=0).measures[setting]
    return {measure: value for measure, value in means.items() if measure_name(measure) == measure}


@dataclass(frozen=True, eq=False)
class _SimilarityPool(Pool):
    """A pool of dense vectors, scored as the model scores them."""

    similarity: Callable[[Any, Any], Any]

    def scores(self, queries: Vectors) -> Vectors:
        """Similarities with every passage, shape (queries, size), float32."""
        scores = as_rows(self.similarity(queries, self.vectors), len(queries), "similarities")
        return scores if self.places is None else np.take(scores, self.places, axis=1)

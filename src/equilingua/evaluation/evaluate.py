"""All settings of a benchmark in one pass: texts to vectors, ranks, measures, one result."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from equilingua.errors import InputError
from equilingua.evaluation.aggregation import by_setting, language_means, macro_means, pair_means
from equilingua.evaluation.benchmark import Benchmark
from equilingua.evaluation.benchmark_vectors import benchmark_vectors
from equilingua.evaluation.naming import DEFAULT_MEASURES, Measure, parse_measure
from equilingua.evaluation.relevance import Relevance, passage_languages, relevance
from equilingua.evaluation.resampling import interval, resampled
from equilingua.evaluation.result import EvaluationResult, Interval
from equilingua.evaluation.scorer import BenchmarkScorer
from equilingua.evaluation.scores import PairScores, all_items, item_matrix
from equilingua.evaluation.settings import MULTILINGUAL, POOL, SETTINGS, language_pairs
from equilingua.progress import track
from equilingua.provenance import command, hardware, versions
from equilingua.retrieval.ranking import Ranks, relevant_ranks


def evaluate(
    model: Any,
    benchmark: Benchmark,
    *,
    settings: Sequence[str] = SETTINGS,
    measures: Sequence[str] | None = None,
    batch_size: int = 64,
    precision: str = "auto",
    model_name: str | None = None,
    seed: int = 0,
    resamples: int = 1000,
) -> EvaluationResult:
    """How a model does in the monolingual, cross-lingual and multilingual setting, with 95 % intervals.

    Every text is encoded once per role, and one block of scores (a query language against the pool of all corpora)
    serves all settings. Passages are ranked by float32 score, higher first, then by corpus order. Means are macro
    means: over queries within a language or ordered pair, then over languages or pairs.

    Args:
        model: a sentence-transformers model or its folder or hub name, anything with ``encode_query`` and
            ``encode_document``, ``PrecomputedVectors`` or two mappings (query vectors, passage vectors) by language, or
            a ``BenchmarkScorer`` of this benchmark (such as its ``BenchmarkVectors``).
        benchmark: as ``load_benchmark`` gives it.
        settings: those to evaluate; one without any pair of languages is left out.
        measures: names such as ``mAP``, ``R@10``; those that compare languages (``rank_distance``, ``Max@R_norm``,
            ``Complete@k``) are taken in the multilingual setting only.
        batch_size: texts a forward pass.
        precision: of the encoder: auto, fp32 or bf16.
        model_name: to be printed with the result; told from the model if not given.
        seed: of the bootstrap over items, from which the intervals are taken.
        resamples: of the bootstrap; 0 for no intervals.

    Raises:
        InputError: if a setting or measure is unknown, nothing can be scored, or the vectors are unusable.
    """
    wanted = [parse_measure(name) for name in measures or DEFAULT_MEASURES]
    pairs = {setting: _pairs(setting, benchmark) for setting in settings}
    if isinstance(model, BenchmarkScorer):
        vectors = model
    else:
        vectors = benchmark_vectors(model, benchmark, batch_size=batch_size, precision=precision, model_name=model_name)
    scores = _in_order(_all_scores(vectors, benchmark, pairs, wanted), pairs)
    if not scores:
        raise InputError(f"benchmark {benchmark.name!r}: no query has a relevant passage in the settings asked for")
    return EvaluationResult(
        model=vectors.model,
        benchmark=benchmark.name,
        languages=benchmark.languages,
        measures=macro_means(scores),
        per_language=language_means(scores),
        per_pair=pair_means(scores),
        intervals=_intervals(scores, resamples=resamples, seed=seed) if resamples else {},
        counts=_counts(benchmark, scores, pairs),
        provenance=_provenance(vectors, benchmark, seed=seed, resamples=resamples),
        scores=scores,
    )


Pairs = Mapping[str, Sequence[tuple[str, str]]]


def _pairs(setting: str, benchmark: Benchmark) -> list[tuple[str, str]]:
    return language_pairs(setting, sorted(benchmark.queries), passage_languages(benchmark))


def _all_scores(
    vectors: BenchmarkScorer, benchmark: Benchmark, pairs: Pairs, measures: Sequence[Measure]
) -> Iterator[PairScores]:
    """Scores of every pair, query language by query language."""
    for query_language in track(sorted(benchmark.queries), "Ranking languages"):
        slots = relevance(benchmark, query_language)
        ranks = relevant_ranks(vectors.queries[query_language], vectors.pool, slots.positions)
        for setting, of_setting in pairs.items():
            for query, corpus in of_setting:
                if query == query_language:
                    pair = _pair_scores(benchmark, (setting, query, corpus), slots, ranks, measures)
                    if pair.query_ids:
                        yield pair


def _pair_scores(
    benchmark: Benchmark, place: tuple[str, str, str], slots: Relevance, ranks: Ranks, measures: Sequence[Measure]
) -> PairScores:
    """Measures of the queries that have a relevant passage in the corpus (or the pool)."""
    setting, query_language, corpus_language = place
    if corpus_language == POOL:
        found, gains = ranks.pool, slots.gains
        size = sum(len(corpus.ids) for corpus in benchmark.corpora.values())
    else:
        columns = slots.slots[corpus_language]
        found, gains = ranks.corpus[:, columns], slots.gains[:, columns]
        size = len(benchmark.corpora[corpus_language].ids)
    scored = np.flatnonzero((found > 0).any(axis=1))
    found, gains = found[scored], gains[scored]
    taken = [measure for measure in measures if setting == MULTILINGUAL or not measure.multilingual_only]
    ids = benchmark.queries[query_language].ids
    return PairScores(
        *place,
        query_ids=tuple(ids[row] for row in scored),
        ranks=found,
        values={m.name: m.values(found, gains=gains, pool_size=size) for m in taken} if len(scored) else {},
    )


def _in_order(scores: Iterable[PairScores], pairs: Pairs) -> tuple[PairScores, ...]:
    """Setting by setting, as asked for; within one by query language, then corpus language."""
    settings = list(pairs)
    return tuple(
        sorted(scores, key=lambda pair: (settings.index(pair.setting), pair.query_language, pair.corpus_language))
    )


def _intervals(scores: Sequence[PairScores], *, resamples: int, seed: int) -> dict[str, dict[str, Interval]]:
    items = all_items(scores)
    matrices = {
        (setting, measure): item_matrix(of_setting, measure, items)
        for setting, of_setting in by_setting(scores).items()
        for measure in of_setting[0].values
    }
    intervals: dict[str, dict[str, Interval]] = {}
    for (setting, measure), values in resampled(matrices, resamples=resamples, seed=seed).items():
        intervals.setdefault(setting, {})[measure] = interval(values)
    return intervals


def _counts(benchmark: Benchmark, scores: Sequence[PairScores], pairs: Pairs) -> dict[str, Any]:
    queries = {language: len(benchmark.queries[language].ids) for language in sorted(benchmark.queries)}
    passages = {language: len(benchmark.corpora[language].ids) for language in passage_languages(benchmark)}
    settings = {}
    for setting, of_setting in by_setting(scores).items():
        scored = sum(len(pair.query_ids) for pair in of_setting)
        asked = sum(queries[query] for query, _ in pairs[setting])
        settings[setting] = {"pairs": len(of_setting), "scored": scored, "dropped": asked - scored}
    return {"queries": queries, "passages": passages, "pool": sum(passages.values()), "settings": settings}


def _provenance(vectors: BenchmarkScorer, benchmark: Benchmark, *, seed: int, resamples: int) -> dict[str, Any]:
    return {
        "versions": versions(),
        "seeds": {"bootstrap": seed},
        "resamples": resamples,
        "data": dict(benchmark.hashes),
        "precision": vectors.precision,
        "similarity": vectors.similarity,
        "prompts": dict(vectors.prompts),
        "ties": "higher score first, then corpus order",
        "hardware": hardware(),
        "command": command(),
    }

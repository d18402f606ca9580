"""All settings of a benchmark in one pass: texts to vectors, ranks, measures, one result."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

import numpy as np

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.errors import InputError
from equilingua.evaluation.above import ranked_above
from equilingua.evaluation.bias import DEFAULT_DEPTH, LanguageBias, measure_language_bias
from equilingua.evaluation.overlap import TrainedOn, trained_on
from equilingua.evaluation.rankings import LanguageRanking, check_min_grade, rank_languages
from equilingua.evaluation.result import EvaluationResult, Interval
from equilingua.evaluation.run_scorer import RunScorer
from equilingua.evaluation.scorer import BenchmarkScorer, BenchmarkVectors, benchmark_scorer, cut_in, notes_on
from equilingua.evaluation.scores import (
    PairScores,
    all_items,
    by_setting,
    item_matrix,
    language_means,
    macro_means,
    pair_means,
    setting_matrices,
)
from equilingua.evaluation.settings import MULTILINGUAL, SETTINGS, language_pairs
from equilingua.metrics.naming import DEFAULT_MEASURES, Metric, parse_metric
from equilingua.metrics.probes import probe_vectors
from equilingua.metrics.retrieval import Values
from equilingua.retrieval.encoding import EncodeOptions
from equilingua.retrieval.ties import RULE
from equilingua.retrieval.vector_cache import Cache
from equilingua.runtime import environment
from equilingua.statistics.intervals import grouped_intervals
from equilingua.statistics.significance import measure_bounds

# Eleven languages fit into one block with the default measures. Where blocks end may change last digits, as the order
# of sums in a product of matrices depends on its shape.
PAIRS_A_BLOCK = 1024


def evaluate(
    model: Any,
    benchmark: Benchmark,
    *,
    settings: Sequence[str] = SETTINGS,
    measures: Sequence[str] | None = None,
    batch_size: int = 64,
    precision: str = "auto",
    model_name: str | None = None,
    cache: Cache = None,
    processes: int = 1,
    query_prompt: str | None = None,
    passage_prompt: str | None = None,
    truncate_dim: int | None = None,
    similarity: str | None = None,
    seed: int = 0,
    resamples: int = 1000,
    depth: int = DEFAULT_DEPTH,
    probes: bool = False,
    min_grade: int = 1,
    training: TrainedOn | None = None,
) -> EvaluationResult:
    """How a model does in the monolingual, cross-lingual and multilingual setting, with 95 % intervals.

    Every text is encoded once per role, and one block of scores (a query language against the pool of all corpora)
    serves all settings. Passages are ranked by float32 score, higher first, then by a hash of their texts, which knows
    no language; measures that compare languages are means over the orders of equal scores. Means are macro means: over
    the queries that have a value within a language or ordered pair, then over languages or pairs.

    Args:
        model: a sentence-transformers model or its folder or hub name, anything with ``encode_query`` and
            ``encode_document``, ``PrecomputedVectors`` or two mappings (query vectors, passage vectors) by language, or
            a ``BenchmarkScorer`` of this benchmark (such as its ``BenchmarkVectors``).
        benchmark: as ``load_benchmark`` gives it.
        settings: those to evaluate; one without any pair of languages is left out.
        measures: names such as ``mAP``, ``R@10``; those that compare languages (``rank_distance``, ``Complete@k``,
            ``language_preference``, ...) are taken in the multilingual setting only. All are in docs/measures.md.
        batch_size: texts a forward pass.
        precision: of the encoder: auto, fp32 or bf16.
        model_name: to be printed with the result; told from the model if not given.
        cache: folder that keeps vectors by model, role and text, so that a second evaluation encodes nothing; True for
            the package's own.
        processes: that encode at once, a sentence-transformers model only (see ``encode``).
        query_prompt: put before every query, instead of the model's own; an empty text for none.
        passage_prompt: put before every passage, likewise.
        truncate_dim: vectors are cut to their first so many dimensions.
        similarity: ``cosine`` or ``dot``, instead of the model's own.
        seed: of the bootstrap over items, from which the intervals are taken.
        resamples: of the bootstrap; 0 for no intervals.
        depth: of the best passages looked at for language bias: its exposure, rank correlation and PEER.
        probes: whether to probe the vectors for language as well, which takes longer than all the rest.
        min_grade: the least grade of a relevant passage, where judgements are graded: 2 for those of TREC's Deep
            Learning track. nDCG gains from every grade above 0 all the same; for every other measure passages of a
            lower grade are not relevant, and a query of which none is has no value.
        training: what of the benchmark the model was trained on, which is kept with the result; by default looked up
            (``trained_on``) by the record beside a model.

    Raises:
        InputError: if a setting or measure is unknown, nothing can be scored, the depth or the least grade is below 1
            or no passage has that grade, the scorer is of another benchmark, or the vectors are unusable or, where they
            are to be probed, missing.
    """
    _check_arguments(benchmark, measures, depth)
    check_min_grade(benchmark, min_grade)
    wanted = [parse_metric(name) for name in measures or DEFAULT_MEASURES]
    # Before any text is encoded: an unknown setting is refused here.
    pairs = {
        setting: language_pairs(setting, sorted(benchmark.queries), benchmark.passage_languages) for setting in settings
    }
    options = EncodeOptions(
        batch_size, precision, cache, processes, query_prompt, passage_prompt, truncate_dim, similarity
    )
    if training is None and not isinstance(model, BenchmarkScorer):
        training = trained_on(model, benchmark)
    vectors = benchmark_scorer(model, benchmark, options, model_name=model_name)
    probed = _dense(vectors) if probes else None
    if isinstance(vectors, RunScorer):
        pairs = {setting: of_setting for setting, of_setting in pairs.items() if setting in vectors.parts}
    biased = MULTILINGUAL in pairs and len(benchmark.corpora) > 1
    rankings, scores = _ranked(vectors, benchmark, pairs, wanted, depth=depth, min_grade=min_grade)
    if not scores:
        raise InputError(f"benchmark {benchmark.name!r}: no query has a relevant passage in the settings asked for")
    # Parallel queries may together leave out every passage: then nothing is left to compare languages by.
    biased = biased and any(ranking.shared_sizes.any() for ranking in rankings)
    bias = _bias(rankings, probed, k=depth, resamples=resamples, seed=seed) if biased else None
    intervals, pair_intervals = _intervals(scores, resamples=resamples, seed=seed) if resamples else ({}, {})
    return EvaluationResult(
        model=vectors.model,
        benchmark=benchmark.name,
        languages=benchmark.languages,
        measures=macro_means(scores),
        per_language=language_means(scores),
        per_pair=pair_means(scores),
        intervals=intervals,
        pair_intervals=pair_intervals,
        counts=_counts(benchmark, scores, pairs) | ({"cut": cut.record()} if (cut := cut_in(vectors)) else {}),
        provenance=_provenance(vectors, benchmark, seed=seed, resamples=resamples, min_grade=min_grade)
        | ({} if training is None else {"trained_on": training.as_json()}),
        scores=tuple(scores),
        language_bias=bias,
    )


Pairs = Mapping[str, Sequence[tuple[str, str]]]


def _check_arguments(benchmark: object, measures: Sequence[str] | None, depth: int) -> None:
    if not isinstance(benchmark, Benchmark):
        raise InputError(f"benchmark: give load_benchmark({benchmark!r}), not {type(benchmark).__name__}")
    if isinstance(measures, str):
        raise InputError(f"measures: give a list such as [{measures!r}], not a text")
    if depth < 1:
        raise InputError(f"depth {depth}: language bias is measured on at least the first passage; give 1 or more")


def _dense(scorer: BenchmarkScorer) -> BenchmarkVectors:
    if not isinstance(scorer, BenchmarkVectors):
        raise InputError(
            f"probes look at dense vectors, and {scorer.model!r} has none. Leave probes out, or evaluate an encoder"
        )
    return scorer


def _bias(
    rankings: Sequence[LanguageRanking], probed: BenchmarkVectors | None, *, k: int, resamples: int, seed: int
) -> LanguageBias:
    probes = None
    if probed is not None:
        ids = {ranking.query_language: ranking.query_ids for ranking in rankings}
        probes = probe_vectors(probed.queries, probed.passages, ids, seed=seed)
    return measure_language_bias(rankings, k=k, resamples=resamples, seed=seed, probes=probes)


def _ranked(
    scorer: BenchmarkScorer,
    benchmark: Benchmark,
    pairs: Pairs,
    measures: Sequence[Metric],
    *,
    depth: int,
    min_grade: int,
) -> tuple[list[LanguageRanking], list[PairScores]]:
    """Rankings of the mixed pool, where there are any, and the scores of all settings."""
    if not isinstance(scorer, RunScorer):
        rankings = rank_languages(scorer, benchmark, depth=depth, min_grade=min_grade)
        return rankings, list(_all_scores(rankings, benchmark, pairs, measures))
    pool: list[LanguageRanking] = []
    scores: dict[str, list[PairScores]] = {}
    for part in {id(part): part for part in scorer.parts.values()}.values():
        told = [setting for setting, of_setting in scorer.parts.items() if of_setting is part]
        of_part = {setting: pairs[setting] for setting in told if setting in pairs}
        rankings = rank_languages(part, benchmark, depth=depth, min_grade=min_grade)
        pool = rankings if MULTILINGUAL in of_part else pool
        for setting, of in of_part.items():
            scores[setting] = list(_all_scores(rankings, benchmark, {setting: of}, measures))
    return pool, [one for setting in pairs for one in scores.get(setting, [])]


def _all_scores(
    rankings: Sequence[LanguageRanking], benchmark: Benchmark, pairs: Pairs, measures: Sequence[Metric]
) -> Iterator[PairScores]:
    """Scores of every pair that has a query to score, setting by setting, by query language, then corpus language."""
    by_language = {ranking.query_language: ranking for ranking in rankings}
    for setting, of_setting in pairs.items():
        taken = [measure for measure in measures if setting == MULTILINGUAL or not measure.multilingual_only]
        for query_language, corpus_language in of_setting:
            ranking = by_language[query_language]
            rows, ranked = ranking.against(corpus_language)
            if len(rows):
                values = {measure.name: measure.values(ranked) for measure in taken}
                yield PairScores(
                    setting=setting,
                    query_language=query_language,
                    corpus_language=corpus_language,
                    query_ids=tuple(ranking.query_ids[row] for row in rows),
                    ranks=ranked.ranks.rank,
                    values={name: of_queries for name, of_queries in values.items() if not np.isnan(of_queries).all()},
                    above=ranked_above(ranking, corpus_language, rows, ranked.ranks.rank, benchmark),
                )


def _intervals(
    scores: Sequence[PairScores], *, resamples: int, seed: int
) -> tuple[dict[str, dict[str, Interval]], dict[str, dict[str, dict[str, Interval]]]]:
    """Of macro means, and of every pair; one call, so that the resamples are drawn once."""
    items = all_items(scores)
    macro = {(setting, "", measure): values for (setting, measure), values in setting_matrices(scores, items).items()}
    groups = chain([macro], _pair_matrices(scores, items))
    ends_of = grouped_intervals(groups, resamples=resamples, seed=seed, bounds_of=lambda key: measure_bounds(key[2]))
    intervals: dict[str, dict[str, Interval]] = {}
    pair_intervals: dict[str, dict[str, dict[str, Interval]]] = {}
    for (setting, pair, measure), ends in ends_of.items():
        if pair:
            pair_intervals.setdefault(setting, {}).setdefault(pair, {})[measure] = ends
        else:
            intervals.setdefault(setting, {})[measure] = ends
    return intervals, pair_intervals


def _pair_matrices(scores: Sequence[PairScores], items: Sequence[str]) -> Iterator[dict[tuple[str, str, str], Values]]:
    """Some at a time: with a hundred languages all of them would take gigabytes."""
    places = ((pair, measure) for pair in scores for measure in pair.values)
    while part := list(islice(places, PAIRS_A_BLOCK)):
        yield {(pair.setting, pair.name, measure): item_matrix([pair], measure, items) for pair, measure in part}


def _counts(benchmark: Benchmark, scores: Sequence[PairScores], pairs: Pairs) -> dict[str, Any]:
    queries = {language: len(benchmark.queries[language].ids) for language in sorted(benchmark.queries)}
    passages = {language: len(benchmark.corpora[language].ids) for language in benchmark.passage_languages}
    settings = {}
    for setting, of_setting in by_setting(scores).items():
        scored = sum(len(pair.query_ids) for pair in of_setting)
        total = sum(queries[query] for query, _ in pairs[setting])
        settings[setting] = {"pairs": len(of_setting), "scored": scored, "dropped": total - scored}
    return {"queries": queries, "passages": passages, "pool": sum(passages.values()), "settings": settings}


def _provenance(
    vectors: BenchmarkScorer, benchmark: Benchmark, *, seed: int, resamples: int, min_grade: int
) -> dict[str, Any]:
    return {
        "seeds": {"bootstrap": seed},
        "resamples": resamples,
        "data": dict(benchmark.hashes),
        "notes": [*benchmark.notes, *notes_on(vectors)],
        "card": benchmark.card.to_dict() if benchmark.card else None,
        "precision": vectors.precision,
        "similarity": vectors.similarity,
        "prompts": dict(vectors.prompts),
        **({"source": dict(benchmark.source)} if benchmark.source else {}),
        **({"run": dict(vectors.provenance)} if isinstance(vectors, RunScorer) else {}),
        "ties": RULE,
        "min_grade": min_grade,
        **environment(),
    }

"""``audit``: a retriever on the user's own corpus and queries, from files to findings."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from equilingua.auditing import checks
from equilingua.auditing.first_places import FirstPlaces, first_places
from equilingua.auditing.quality import baseline_findings, reach_findings
from equilingua.auditing.record import Audit
from equilingua.auditing.retrievers import retriever_kind
from equilingua.auditing.source import TextLanguages, named, source_of
from equilingua.auditing.texts import with_languages
from equilingua.benchmarks.benchmark import Benchmark
from equilingua.benchmarks.own import own_benchmark
from equilingua.columns import USUAL, Columns
from equilingua.corpora.own import OwnData, Paths, read_own
from equilingua.errors import InputError
from equilingua.evaluation.bias import LanguageBias, measure_language_bias
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.rankings import check_min_grade, rank_languages
from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.run_scorer import RunScorer
from equilingua.evaluation.scorer import BenchmarkScorer, benchmark_scorer, cut_in, notes_on
from equilingua.evaluation.scores import against_the_pool
from equilingua.evaluation.settings import MULTILINGUAL
from equilingua.metrics.naming import DEFAULT_MEASURES, LOWER_IS_BETTER, NO_DIRECTION, parse_metric
from equilingua.retrieval.encoding import EncodeOptions
from equilingua.retrieval.vector_cache import Cache
from equilingua.runtime import environment

DEFAULT_MEASURE = "nDCG@10"


def audit(
    model: Any,
    corpus: Paths,
    queries: Paths,
    qrels: str | Path | None = None,
    *,
    baseline: Any = "bm25",
    measure: str = DEFAULT_MEASURE,
    depth: int = 10,
    min_grade: int = 1,
    batch_size: int = 64,
    precision: str = "auto",
    model_name: str | None = None,
    cache: Cache = None,
    processes: int = 1,
    query_prompt: str | None = None,
    passage_prompt: str | None = None,
    truncate_dim: int | None = None,
    similarity: str | None = None,
    resamples: int = 2000,
    seed: int = 0,
    columns: Columns = USUAL,
) -> Audit:
    """Whether a retriever treats all languages of a corpus alike, where it fails, and what to do about it.

    Queries of every language are ranked against the whole corpus. With judgements the audit says how each language
    stands against the others and against a baseline, and evaluates the three settings where parallel queries or
    passages make them; without, it says which languages fill the first places.

    Args:
        model: whatever ``evaluate`` takes: a sentence-transformers model or its folder, ``bm25``, vectors, ...
        corpus: a table (JSON lines, CSV, Parquet, ...) with ``id``, ``text``, perhaps ``title``, ``language`` and
            ``item`` (the same in translations of one another); or several such files. Languages that are not given are
            detected.
        queries: likewise; queries of one ``item`` are parallel.
        qrels: judgements (TSV, TREC or JSON lines); none if not given.
        baseline: a second retriever to stand beside the model; None for none. Not used without judgements, nor where it
            is the model itself.
        measure: by which query languages stand; higher must be better.
        depth: of the first places whose languages are counted.
        min_grade: the least grade of a relevant passage, as ``evaluate`` takes it.
        batch_size: texts a forward pass.
        precision: of the encoder: auto, fp32 or bf16.
        model_name: to be printed; told from the model if not given.
        cache: folder that keeps vectors by model, role and text, or True for the package's own.
        processes: that encode at once, sentence-transformers models only.
        query_prompt: put before every query, instead of the model's own; an empty text for none. This and what follows
            is for the model; the baseline keeps its own.
        passage_prompt: put before every passage, likewise.
        truncate_dim: vectors are cut to their first so many dimensions.
        similarity: ``cosine`` or ``dot``, instead of the model's own.
        resamples: of the bootstrap over items, for all intervals.
        seed: of the bootstrap, and of the texts drawn to look at the languages given.
        columns: of corpus, queries and judgements, which hold what, where their names do not tell.

    Raises:
        InputError: with every bad line of the files, or if the model cannot be used or nothing can be measured.
    """
    _check_options(measure, resamples)
    own = read_own(corpus, queries, qrels, columns=columns)
    data, passage_counts, query_counts = with_languages(own)
    files = _paths(corpus)
    benchmark = _benchmark(data, files)
    options = EncodeOptions(
        batch_size, precision, cache, processes, query_prompt, passage_prompt, truncate_dim, similarity
    )
    scorer = benchmark_scorer(model, benchmark, options, model_name=model_name)
    if isinstance(scorer, RunScorer) and MULTILINGUAL not in scorer.parts:
        raise InputError(f"{scorer.model}: an audit looks at the mixed pool, so it needs a run of that (--run PATH)")
    result, bias, shown = _measured(
        scorer, benchmark, measure, depth=depth, min_grade=min_grade, resamples=resamples, seed=seed
    )
    scores = () if result is None else result.scores
    # Standing beside itself, a baseline would say nothing; it is told by the name.
    beside_it = options.of_another_model()
    other = scorer if result is None or baseline is None else benchmark_scorer(baseline, benchmark, beside_it)
    distinct = other.model != scorer.model
    alone = partial(evaluate, benchmark=benchmark, measures=[measure], resamples=0, depth=depth, min_grade=min_grade)
    beside = alone(other).scores if distinct else ()
    stand = partial(checks.standings, measure=measure, resamples=resamples, seed=seed)
    ranked, compared = stand(scores), stand(beside)
    kind = retriever_kind(model)
    behind = partial(baseline_findings, name=other.model, measure=measure, resamples=resamples, seed=seed)
    findings = (
        *checks.standing_findings(ranked, measure=measure, retriever=kind),
        *reach_findings(bias.reach, retriever=kind),
        *behind(scores, beside, retriever=kind),
        *checks.preference_findings(scores, resamples=resamples, seed=seed),
        *checks.exposure_findings(bias),
        *checks.nothing_found_findings(bias),
        *(checks.own_share_findings(bias) if result is None else ()),
        *checks.doubt_findings(own.corpus, "passages", seed=seed),
        *checks.doubt_findings(own.queries, "queries", seed=seed),
        *checks.text_findings(passage_counts, query_counts, evaluated=benchmark.queries),
    )
    return Audit(
        model=scorer.model,
        retriever=kind,
        measure=measure,
        passages=passage_counts,
        queries=query_counts,
        bias=bias,
        standings=ranked,
        findings=tuple(sorted(findings, key=lambda finding: finding.severity != "problem")),
        baseline={other.model: compared} if beside else {},
        provenance={
            **_provenance(scorer, data, benchmark, min_grade=min_grade, resamples=resamples, seed=seed),
            "source": source_of(files, _paths(queries), Path(qrels) if qrels else None, columns),
        },
        result=result,
        languages=TextLanguages.of(data),
        first_places=shown,
    )


def _check_options(measure: str, resamples: int) -> None:
    if resamples < 1:
        raise InputError(f"resamples: {resamples} tell nothing beyond chance, which an audit is for: give 1 or more")
    parse_metric(measure)
    if measure in LOWER_IS_BETTER | NO_DIRECTION:
        raise InputError(f"measure {measure!r}: standings need one where higher is better, such as {DEFAULT_MEASURE}")


def _provenance(
    scorer: BenchmarkScorer, data: OwnData, benchmark: Benchmark, *, min_grade: int, resamples: int, seed: int
) -> dict[str, Any]:
    return {
        "min_grade": min_grade,
        "seeds": {"bootstrap": seed},
        "resamples": resamples,
        "data": dict(data.hashes),
        "notes": [*benchmark.notes, *notes_on(scorer)],
        "precision": scorer.precision,
        "similarity": scorer.similarity,
        "prompts": dict(scorer.prompts),
        **({"cut": cut.record()} if (cut := cut_in(scorer)) else {}),
        **({"run": dict(scorer.provenance)} if isinstance(scorer, RunScorer) else {}),
        **environment(),
    }


def _paths(paths: Paths) -> list[Path]:
    return [Path(path) for path in ([paths] if isinstance(paths, str | Path) else paths)]


def _benchmark(data: OwnData, corpus: Sequence[Path]) -> Benchmark:
    benchmark = own_benchmark(data, name=named(corpus))
    if not any(benchmark.qrels.values()) and len(benchmark.corpora) == 1:
        raise InputError(
            f"{benchmark.name}: all passages are in one language ({next(iter(benchmark.corpora))}) and there are no "
            "judgements, so nothing can be measured. Give judgements (qrels), or a corpus in several languages"
        )
    return benchmark


def _measured(
    scorer: BenchmarkScorer,
    benchmark: Benchmark,
    measure: str,
    *,
    depth: int,
    min_grade: int,
    resamples: int,
    seed: int,
) -> tuple[EvaluationResult | None, LanguageBias, tuple[FirstPlaces, ...]]:
    """The result, where there are judgements, language bias, and where there are none the first places to look at.

    Raises ``InputError`` if no query has the measure.
    """
    result = None
    if any(benchmark.qrels.values()):
        names = tuple(dict.fromkeys([*DEFAULT_MEASURES, measure, *checks.SAME_AND_CROSS]))
        result = evaluate(
            scorer,
            benchmark,
            measures=names,
            depth=depth,
            min_grade=min_grade,
            resamples=resamples,
            seed=seed,
        )
        if not any(measure in pair.values for pair in against_the_pool(result.scores)):
            raise InputError(
                f"measure {measure!r}: no query has a value, with passages in {', '.join(benchmark.passage_languages)}"
                f". Take another, such as {DEFAULT_MEASURE}"
            )
        if result.language_bias is not None:
            return result, result.language_bias, ()
    check_min_grade(benchmark, min_grade)
    rankings = rank_languages(scorer, benchmark, depth=depth, min_grade=min_grade)
    shown = first_places(rankings, benchmark) if result is None else ()
    return result, measure_language_bias(rankings, k=depth, resamples=resamples, seed=seed), shown

"""What a study asks that its benchmarks and pairs cannot give: told before anything is trained."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.benchmarks.cards import Leak
from equilingua.benchmarks.load import load_benchmark
from equilingua.errors import did_you_mean
from equilingua.evaluation.settings import POOL, SETTINGS, language_pairs
from equilingua.pairs.store import ParallelPairs
from equilingua.studies.config import StudyConfig
from equilingua.studies.tables import ClaimConfig, EvaluationConfig, Merge
from equilingua.studies.workspace import Trained
from equilingua.training.encoders import EncoderSpec


@dataclass(frozen=True, slots=True)
class PlannedBenchmark:
    """What is known of a benchmark before anything is evaluated on it.

    ``answerable`` has per setting the languages of queries that have a relevant passage there; ``texts`` is the number
    of queries and passages, ``hashes`` are those of its files, ``leaks`` models known to have been trained on it.
    ``items`` is the number of queries with a relevant passage, a query and its translations counted once.
    """

    languages: tuple[str, ...]
    answerable: Mapping[str, tuple[str, ...]]
    texts: int
    hashes: Mapping[str, str]
    leaks: tuple[Leak, ...]
    items: int = 0


def evaluated_benchmark(config: EvaluationConfig, data: Path) -> Benchmark:
    """The benchmark of an evaluation, read.

    Raises:
        InputError: if it is not there, cannot be read, or lacks a language.
    """
    return load_benchmark(config.benchmark_in(data), data=data, languages=config.languages)


def planned_benchmark(benchmark: Benchmark) -> PlannedBenchmark:
    """What a plan keeps of a benchmark."""
    leaks = benchmark.card.leaks if benchmark.card else ()
    return PlannedBenchmark(
        benchmark.languages,
        _answerable(benchmark),
        text_count(benchmark),
        dict(benchmark.hashes),
        leaks,
        _items(benchmark),
    )


def _items(benchmark: Benchmark) -> int:
    """As ``PlannedBenchmark.items``."""
    held = {passage for corpus in benchmark.corpora.values() for passage in corpus.ids}
    answered = (
        query
        for by_query in benchmark.qrels.values()
        for query, judged in by_query.items()
        if any(grade > 0 and passage in held for passage, grade in judged.items())
    )
    return len(set(answered))


def text_count(benchmark: Benchmark) -> int:
    """Queries and passages of all languages."""
    queries = sum(len(of_language.ids) for of_language in benchmark.queries.values())
    return queries + sum(len(corpus.ids) for corpus in benchmark.corpora.values())


def unanswerable(study: StudyConfig, benchmarks: Mapping[str, PlannedBenchmark]) -> Iterator[str]:
    """What evaluations, claims and the curve ask of benchmarks that have no queries for it, each with its place.

    Benchmarks that could not be read are left out, and not looked at.
    """
    for evaluation in study.evaluations:
        benchmark = benchmarks.get(evaluation.key)
        if benchmark is not None and not any(benchmark.answerable[setting] for setting in evaluation.settings):
            yield f"evaluations.{evaluation.key}: has nothing to score in the {', '.join(evaluation.settings)} setting"
    for number, claim in enumerate(study.claims, 1):
        for name in dict.fromkeys((claim.evaluation, claim.retained_from)):
            if name is not None and name in benchmarks:
                yield from _unanswerable_claim(f"claims.{number}: {name}", claim, benchmarks[name])
    if study.curve is not None and study.curve.evaluation in benchmarks:
        name = study.curve.evaluation
        of_settings = (benchmarks[name].answerable[setting] for setting in study.evaluation(name).settings)
        everywhere = sorted(set.intersection(*(set(answerable) for answerable in of_settings if answerable)))
        for group, languages in study.curve.groups.items():
            yield from _lacking(f"curve.groups.{group}: {name}", languages, everywhere)


def _unanswerable_claim(place: str, claim: ClaimConfig, benchmark: PlannedBenchmark) -> Iterator[str]:
    answerable = benchmark.answerable[claim.setting]
    if answerable:
        yield from _lacking(place, (*(claim.languages or ()), *(claim.minus_languages or ())), answerable)
    else:
        yield f"{place} has nothing to score in the {claim.setting} setting. Claim another"


def unmakeable(
    study: StudyConfig,
    trained: Mapping[str, Trained],
    pairs: Mapping[str, ParallelPairs],
    benchmarks: Mapping[str, PlannedBenchmark],
) -> Iterator[str]:
    """Arms that cannot be made from those they are made from, each with its place.

    Pairs of arms and benchmarks of evaluations that could not be read are left out, and not looked at.
    """
    for name, arm in study.arms.items():
        if arm.merge is not None and {arm.merge.first, arm.merge.second} <= pairs.keys():
            yield from (f"arms.{name}: {text}" for text in _unlike(arm.merge, trained))
        if arm.centre is not None and arm.centre in pairs:
            evaluations = (one for one in study.evaluations if one.takes(name))
            evaluated = {tag for one in evaluations if one.key in benchmarks for tag in benchmarks[one.key].languages}
            lacking = sorted(evaluated.difference(pairs[arm.centre].languages))
            if lacking:
                yield (
                    f"arms.{name}: the pairs of {arm.centre!r} have no text in {', '.join(lacking)}, of which a mean "
                    "could be taken off. Evaluate it in other languages, or leave it out there with 'arms'"
                )


def _unlike(merge: Merge, trained: Mapping[str, Trained]) -> Iterator[str]:
    """What keeps the weights of two arms from being interpolated."""
    one, two = trained[merge.first], trained[merge.second]
    options = ["prompts", "max_length"]
    if one.source != two.source:
        yield f"{merge.first!r} and {merge.second!r} start from different models, whose weights have no mean"
    elif isinstance(one.source, EncoderSpec):
        # Its tokenizer is made of the pairs, so rows of its embeddings stand for other tokens with other pairs.
        options += ["languages", "sources", "where", "max_characters"]
        if one.entries != two.entries:
            yield f"{merge.first!r} and {merge.second!r} have tokenizers made of different pairs. Give both the same"
    for option in options:
        if getattr(one.config, option) != getattr(two.config, option):
            yield f"{merge.first!r} and {merge.second!r} differ in {option}. Give both the same"


def _lacking(place: str, languages: Sequence[str], answerable: Sequence[str]) -> Iterator[str]:
    for language in languages:
        if language not in answerable:
            yield f"{place} has no queries in {language!r}. {did_you_mean(language, answerable)}"


def _answerable(benchmark: Benchmark) -> dict[str, tuple[str, ...]]:
    """As ``PlannedBenchmark.answerable``."""
    answered: dict[str, list[str]] = {}
    for language, rows in benchmark.qrels.items():
        relevant = {passage for judged in rows.values() for passage, grade in judged.items() if grade > 0}
        corpora = [corpus for corpus, passages in benchmark.corpora.items() if not relevant.isdisjoint(passages.ids)]
        if corpora:
            answered[language] = corpora
    return {
        setting: tuple(
            sorted(
                {
                    tag
                    for tag, corpora in answered.items()
                    for _, corpus in language_pairs(setting, [tag], benchmark.passage_languages)
                    if corpus in (POOL, *corpora)
                }
            )
        )
        for setting in SETTINGS
    }

"""What is known of a study's benchmarks before anything is evaluated on them, and what could not be told by them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.benchmarks.cards import Leak
from equilingua.errors import did_you_mean
from equilingua.evaluation.settings import SETTINGS, language_pairs
from equilingua.studies.config import StudyConfig
from equilingua.studies.tables import EvaluationConfig
from equilingua.studies.worker import benchmark_of


@dataclass(frozen=True, slots=True)
class PlannedBenchmark:
    """What is known of a benchmark before anything is evaluated on it.

    Attributes:
        languages: of its queries and corpora.
        asked: per setting, the languages of queries that have a relevant passage there.
        texts: queries and passages.
        hashes: of its files.
        leaks: models known to have been trained on it.
    """

    languages: tuple[str, ...]
    asked: Mapping[str, tuple[str, ...]]
    texts: int
    hashes: Mapping[str, str]
    leaks: tuple[Leak, ...]


def planned_benchmark(config: EvaluationConfig, data: Path) -> PlannedBenchmark:
    """The benchmark of an evaluation, read.

    Raises:
        InputError: if it is not there, cannot be read, or lacks a language.
    """
    benchmark = benchmark_of(config, data)
    texts = sum(len(rows.ids) for rows in benchmark.queries.values())
    texts += sum(len(rows.ids) for rows in benchmark.corpora.values())
    leaks = benchmark.card.leaks if benchmark.card else ()
    return PlannedBenchmark(benchmark.languages, _asked(benchmark), texts, dict(benchmark.hashes), leaks)


def unanswerable(study: StudyConfig, benchmarks: Mapping[str, PlannedBenchmark]) -> Iterator[str]:
    """What is asked of benchmarks that have no queries for it, each with its place.

    Args:
        study: its settings.
        benchmarks: by evaluation; what could not be read is left out, and not looked at.
    """
    for evaluation in study.evaluations:
        found = benchmarks.get(evaluation.key)
        if found is not None and not any(found.asked[setting] for setting in evaluation.settings):
            yield f"evaluations.{evaluation.key}: has nothing to score in the {', '.join(evaluation.settings)} setting"
    for number, claim in enumerate(study.claims, 1):
        languages = (*(claim.languages or ()), *(claim.minus_languages or ()))
        for name in dict.fromkeys(filter(None, (claim.evaluation, claim.retained_from))):
            asked = benchmarks[name].asked[claim.setting] if name in benchmarks else languages
            if name in benchmarks and not asked:
                yield f"claims.{number}: {name} has nothing to score in the {claim.setting} setting. Claim another"
            else:
                yield from _lacking(f"claims.{number}: {name}", languages, asked)
    if study.curve is not None and study.curve.evaluation in benchmarks:
        name = study.curve.evaluation
        of_settings = [benchmarks[name].asked[setting] for setting in study.evaluation(name).settings]
        everywhere = sorted(set.intersection(*(set(asked) for asked in of_settings if asked)))
        for group, languages in study.curve.groups.items():
            yield from _lacking(f"curve.groups.{group}: {name}", languages, everywhere)


def _lacking(place: str, languages: Sequence[str], asked: Sequence[str]) -> Iterator[str]:
    for language in languages:
        if language not in asked:
            yield f"{place} has no queries in {language!r}. {did_you_mean(language, asked)}"


def _asked(benchmark: Benchmark) -> dict[str, tuple[str, ...]]:
    answered: dict[str, list[str]] = {}
    for language, rows in benchmark.qrels.items():
        relevant = {passage for judged in rows.values() for passage, grade in judged.items() if grade > 0}
        found = [corpus for corpus, passages in benchmark.corpora.items() if not relevant.isdisjoint(passages.ids)]
        if found:
            answered[language] = found
    return {
        setting: tuple(sorted(lang for lang, found in answered.items() if language_pairs(setting, [lang], found)))
        for setting in SETTINGS
    }

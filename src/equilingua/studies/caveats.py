"""What a reader of a study has to know beside its numbers: what was not held equal, and who has seen the tests."""

from collections.abc import Iterator

from equilingua.benchmarks.cards import Leak, benchmark_card, benchmark_names
from equilingua.studies.config import StudyConfig
from equilingua.studies.finished import FinishedStudy

# With fewer, the interval's part for seeds rests on hardly anything.
_FEW_SEEDS = 5


def not_controlled(found: FinishedStudy) -> Iterator[str]:
    """Claims that were changed late, and what the records show that differs between trainings, or is little."""
    yield from found.changed_claims
    study, records = found.study, found.records
    if len(study.seeds) < _FEW_SEEDS:
        yield (
            f"{len(study.seeds)} seeds tell little of how much other seeds would differ; the intervals are as wide as "
            "that makes them."
            if len(study.seeds) > 1
            else "One seed tells nothing of how much others would differ; the intervals are over items alone."
        )
    outcomes = [record.outcome for record in records.values() if record.outcome is not None]
    for what, values in (
        ("optimizer steps", {outcome.steps for outcome in outcomes}),
        ("rows trained on", {outcome.pairs for outcome in outcomes}),
        ("numbers of pairs to draw from", {record.data.pairs for record in records.values()}),
    ):
        if len(values) > 1:
            yield f"Arms differ in their {what}: {min(values):,} to {max(values):,}."
    for what in ("versions", "hardware"):
        if len({str(sorted(entry.provenance[what].items())) for entry in found.entries.values()}) > 1:
            yield f"Not all trainings and evaluations ran with the same {what}."


def leaks(study: StudyConfig) -> dict[str, tuple[Leak, ...]]:
    """Of each evaluation whose benchmark has a card, the models known to have been trained on it."""
    named = {evaluation.key: evaluation.benchmark for evaluation in study.evaluations}
    known = {key: benchmark_card(name).leaks for key, name in named.items() if name in benchmark_names()}
    return {key: of_benchmark for key, of_benchmark in known.items() if of_benchmark}

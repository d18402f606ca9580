"""What of a study's benchmarks its arms are trained on: compared before anything runs, told wherever results are."""

from collections.abc import Iterator, Mapping

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.evaluation.overlap import TrainedOn, benchmark_target, trained_on
from equilingua.overlap.compare import find_overlap
from equilingua.pairs.store import ParallelPairs
from equilingua.studies.config import StudyConfig
from equilingua.studies.tables import ArmConfig
from equilingua.studies.workspace import Trained

OfArms = Mapping[str, TrainedOn]
"""By name of the arm."""


def arms_trained_on(
    benchmark: Benchmark,
    arms: Mapping[str, ArmConfig],
    trained: Mapping[str, Trained],
    pairs: Mapping[str, ParallelPairs],
) -> dict[str, TrainedOn]:
    """What of a benchmark each arm is trained on, with those that it is made from; equal pairs are compared once.

    Of a model that a training starts from, what the record beside it tells; else that nothing is known of it.
    """
    target = benchmark_target(benchmark)
    starts: dict[str, TrainedOn] = {}
    found: dict[str, TrainedOn] = {}

    def of(name: str) -> TrainedOn:
        if sources := arms[name].made_from:
            return _joined(of(source) for source in sources)
        if name not in found:
            if name not in pairs:  # they could not be read, which is told where they are named
                return TrainedOn()
            start, own = trained[name].source, TrainedOn((find_overlap(pairs[name], target),))
            if isinstance(start, str):
                starts.setdefault(start, trained_on(start, benchmark) or TrainedOn())
                own = _joined((own, starts[start]))
            found[name] = own
        return found[name]

    return {name: of(name) for name in arms}


def _joined(parts: Iterator[TrainedOn] | tuple[TrainedOn, ...]) -> TrainedOn:
    parts = tuple(parts)
    overlaps = dict.fromkeys(overlap for part in parts for overlap in part.overlaps)
    missing = dict.fromkeys(reason for part in parts for reason in part.not_compared)
    return TrainedOn(tuple(overlaps), tuple(missing))


def told(study: StudyConfig, trained: Mapping[str, OfArms]) -> Iterator[str]:
    """What was compared and found, a line for each evaluation and the arms of which it holds; no arm is left out."""
    for evaluation in study.evaluations:
        of_arms, lines = trained.get(evaluation.key, {}), dict[tuple[str, ...], list[str]]()
        for arm in study.arms:
            if evaluation.takes(arm):
                sentences = tuple(of_arms[arm].sentences()) if arm in of_arms else ()
                missing = (f"what it was trained on was not compared with {evaluation.label}",)
                lines.setdefault(sentences or missing, []).append(study.label(arm))
        for sentences, labels in lines.items():
            arms = "All arms" if len(lines) == 1 else ", ".join(labels)
            yield f"{evaluation.label}. {arms}: {'. '.join(sentences)}."

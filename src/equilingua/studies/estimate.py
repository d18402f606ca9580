"""What a study will take: time and disk, from a few steps of each kind of training it has."""

import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from equilingua.benchmarks.benchmark import Benchmark, Corpus
from equilingua.errors import InputError
from equilingua.evaluation.evaluate import evaluate
from equilingua.mixtures.read import read_entries
from equilingua.pairs.store import ParallelPairs
from equilingua.studies.plan import StudyPlan
from equilingua.studies.run import processes_for, units_left
from equilingua.studies.units import PlannedEvaluation, Trained, Unit
from equilingua.studies.worker import benchmark_of
from equilingua.studies.workers import failure_of, uninterrupted, worker_pool
from equilingua.studies.workspace import Workspace
from equilingua.training.train import TrainingRun, train

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# A pretrained transformer takes seconds a step on a CPU.
_STEPS_FROM_SCRATCH, _STEPS_PRETRAINED = 40, 6

# Passages of a benchmark that are encoded to time it; some have millions.
_PASSAGES = 20_000

# Checkpoints hold the weights and two moments of each, and two of them are kept.
_CHECKPOINT_TIMES_MODEL = 6


@dataclass(frozen=True, slots=True)
class Probe:
    """What a few steps of one kind of training, and one evaluation of its model, took.

    Attributes:
        setup_seconds: before the first step and after the last.
        step_seconds: of one step.
        evaluation_seconds: per evaluation.
        model_bytes: of the saved model.
        result_bytes: of all its results.
    """

    setup_seconds: float
    step_seconds: float
    evaluation_seconds: Mapping[str, float]
    model_bytes: int
    result_bytes: int

    @property
    def all_evaluations(self) -> float:
        """Seconds of all its evaluations."""
        return sum(self.evaluation_seconds.values())


@dataclass(frozen=True, slots=True)
class StudyEstimate:
    """What is left of a study to do, and what that will take.

    Attributes:
        units: arms with seeds that are not done.
        processes: worked on at once.
        seconds: by the clock, with that many processes.
        disk_bytes: at most, checkpoints of what is being trained included.
    """

    units: int
    processes: int
    seconds: float
    disk_bytes: int


def estimate_study(
    plan: StudyPlan,
    workspace: Workspace,
    *,
    processes: int | None = None,
    told: Callable[[str], None] | None = None,
) -> StudyEstimate:
    """Time and disk of what is left of a study, from probes run as the study itself would run.

    One probe for every kind of training (what it starts from, its pairs and its batch size), with every evaluation that
    is left of its arms, on some 20,000 passages where there are more. Evaluations of arms made from others are taken to
    last as long.

    Args:
        plan: the study.
        workspace: where it would work; nothing is written there.
        processes: units worked on at once, as in ``run_study``.
        told: called with a line when the probes begin, and after each of them.
    """
    left = units_left(plan, workspace)
    processes = processes or processes_for(plan)
    if not left:
        return StudyEstimate(0, processes, 0.0, 0)
    kinds: dict[object, Unit] = {_kind(unit): unit for unit in reversed(_trained(plan.units))}
    probed = [unit for kind, unit in kinds.items() if any(_kind(one) == kind for one in _trained(left))]
    probed = probed or list(kinds.values())[:1]
    evaluations = _evaluations_left(left, workspace, kinds=[_kind(unit) for unit in probed])
    probes = _probes(plan, probed, evaluations, processes=processes, told=told or (lambda _: None))
    some = next(iter(probes.values()))
    trained = {unit.key: unit for unit in _trained(left)}  # arms that are the same are trained once
    trained = {key: unit for key, unit in trained.items() if not workspace.is_trained(key)}
    seconds = 0.0
    for unit in trained.values():
        probe = probes[_kind(unit)]
        seconds += probe.setup_seconds + plan.steps[unit.arm] * probe.step_seconds
    evaluated = {planned.key: (planned, probes.get(_kind(unit), some)) for unit in left for planned in unit.evaluations}
    seconds += sum(
        probe.evaluation_seconds[planned.config.key]
        for key, (planned, probe) in evaluated.items()
        if not workspace.is_evaluated(key)
    )
    disk = sum(probes[_kind(unit)].model_bytes for unit in trained.values())
    processes = min(processes, len(left))
    disk += processes * _CHECKPOINT_TIMES_MODEL * max(probe.model_bytes for probe in probes.values())
    disk += len(left) * max(probe.result_bytes for probe in probes.values())
    return StudyEstimate(len(left), processes, seconds / processes, disk)


def _probes(
    plan: StudyPlan,
    probed: Sequence[Unit],
    evaluations: Mapping[object, Sequence[PlannedEvaluation]],
    *,
    processes: int,
    told: Callable[[str], None],
) -> dict[object, Probe]:
    """What each kind of training takes."""
    kinds = "one kind" if len(probed) == 1 else f"each of {len(probed)} kinds"
    told(f"Timing a few steps and the evaluations of {kinds} of training")
    probes: dict[object, Probe] = {}
    with worker_pool(processes, jobs=len(probed)) as pool:
        jobs = {}
        for unit in probed:
            with uninterrupted():
                jobs[pool.submit(_probe, unit, evaluations[_kind(unit)], plan.data)] = unit
        for job in as_completed(jobs):
            unit = jobs[job]
            if failure := failure_of(job, place=f"a few steps of {unit.arm}"):
                raise InputError(f"{unit.arm}: {failure}")
            probe = probes[_kind(unit)] = job.result()
            told(f"Timed {unit.arm}: {probe.step_seconds:.2g} s a step, evaluation {probe.all_evaluations:.2g} s")
    return {_kind(unit): probes[_kind(unit)] for unit in probed}


def _evaluations_left(
    left: Iterable[Unit], workspace: Workspace, *, kinds: Sequence[object]
) -> dict[object, tuple[PlannedEvaluation, ...]]:
    """Per kind of training that is probed, the evaluations of its arms; those of other arms with the first."""
    found: dict[object, dict[str, PlannedEvaluation]] = {kind: {} for kind in kinds}
    for unit in left:
        kind = _kind(unit)
        of_kind = found[kind if kind in found else kinds[0]]
        for planned in unit.evaluations:
            if not workspace.is_evaluated(planned.key):
                of_kind.setdefault(planned.config.key, planned)
    return {kind: tuple(of_kind.values()) for kind, of_kind in found.items()}


def _trained(units: Iterable[Unit]) -> list[Unit]:
    return [unit for unit in units if isinstance(unit.making, Trained)]


def _kind(unit: Unit) -> object:
    """What trainings that take equally long have in common."""
    making = unit.making
    if not isinstance(making, Trained):
        return None
    return making.source, making.entries, making.config.batch_size, making.config.max_length


def _probe(unit: Unit, evaluations: Sequence[PlannedEvaluation], data: Path) -> Probe:
    """A few steps of one unit's training, and evaluations of its model, in a worker as the study would do them."""
    making = unit.making
    if not isinstance(making, Trained):
        raise TypeError(f"{unit.arm}: only trained arms can be probed")
    steps = _STEPS_PRETRAINED if isinstance(making.source, str) else _STEPS_FROM_SCRATCH
    pairs = read_entries(making.entries, data=data, progress=False)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        # Imports, and what else only a worker's first unit waits for.
        _few_steps(making, pairs, work / "first", steps=1)
        began = time.perf_counter()
        run = _few_steps(making, pairs, work / "model", steps=steps)
        whole = time.perf_counter() - began
        model_bytes = _size(work / "model")
        stepping = run.record.outcome.seconds if run.record.outcome else whole
        seconds, result_bytes = {}, 0
        for planned in evaluations:
            seconds[planned.config.key], written = _evaluated(run.model, planned, data, work / planned.key)
            result_bytes += written
    return Probe(whole - stepping, stepping / steps, seconds, model_bytes, result_bytes)


def _few_steps(making: Trained, pairs: ParallelPairs, folder: Path, *, steps: int) -> TrainingRun:
    changes = {"steps": steps, "epochs": None, "validation": (), "checkpoint_steps": None, "validation_steps": None}
    return train(making.source, pairs, output_dir=folder, config=making.config.model_copy(update=changes))


def _evaluated(model: "SentenceTransformer", planned: PlannedEvaluation, data: Path, folder: Path) -> tuple[float, int]:
    """Evaluate as a unit does, on a part of a large benchmark.

    Returns:
        The seconds that all of it would take, and the bytes of the result.
    """
    config = planned.config
    began = time.perf_counter()
    whole = benchmark_of(config, data)
    benchmark = part_of(whole)
    read = time.perf_counter()
    result = evaluate(model, benchmark, settings=config.settings, measures=config.measures, resamples=0)
    result.save(folder)
    share = _texts(benchmark) / _texts(whole)
    return read - began + (time.perf_counter() - read) / share, _size(folder)


def part_of(benchmark: Benchmark, *, most: int = _PASSAGES) -> Benchmark:
    """A benchmark with so many passages: the judged ones, however many, then the first of each language.

    Args:
        benchmark: given back as it is where it has no more.
        most: passages, over all languages.
    """
    if sum(len(corpus.ids) for corpus in benchmark.corpora.values()) <= most:
        return benchmark
    kept = {passage for rows in benchmark.qrels.values() for judged in rows.values() for passage in judged}
    kept.update(passage for rows in benchmark.excluded.values() for left_out in rows.values() for passage in left_out)
    each = max(1, (most - len(kept)) // len(benchmark.corpora))
    corpora = {}
    for language, corpus in benchmark.corpora.items():
        others = [row for row, passage in enumerate(corpus.ids) if passage not in kept][:each]
        rows = sorted([*others, *(row for row, passage in enumerate(corpus.ids) if passage in kept)])
        columns = (corpus.ids, corpus.texts, corpus.contexts)
        corpora[language] = Corpus(*(tuple(column[row] for row in rows) if column else () for column in columns))
    return replace(benchmark, corpora=corpora)


def _texts(benchmark: Benchmark) -> int:
    queries = sum(len(rows.ids) for rows in benchmark.queries.values())
    return queries + sum(len(rows.ids) for rows in benchmark.corpora.values())


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())

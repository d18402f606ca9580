"""What a study will take: time and disk, from a few steps of each kind of training it has."""

import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from equilingua.benchmarks.benchmark import Benchmark, Corpus
from equilingua.benchmarks.load import load_benchmark
from equilingua.errors import InputError
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.overlap import TrainedOn
from equilingua.mixtures.read import read_entries
from equilingua.pairs.store import ParallelPairs
from equilingua.studies.feasibility import text_count
from equilingua.studies.plan import StudyPlan
from equilingua.studies.run import processes_for, units_left
from equilingua.studies.workers import failure_of, uninterrupted, worker_pool
from equilingua.studies.workspace import PlannedEvaluation, Trained, Unit, Workspace
from equilingua.training.train import TrainingRun, train

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# A pretrained transformer takes seconds a step on a CPU.
_STEPS_FROM_SCRATCH, _STEPS_PRETRAINED = 40, 6

# Passages of a benchmark that are encoded to time it; some have millions.
_PASSAGES = 20_000

# Checkpoints hold the weights and two moments of each, and two of them are kept.
_CHECKPOINT_TIMES_MODEL = 6

TrainingKind = tuple[object, ...] | None


@dataclass(frozen=True, slots=True)
class Probe:
    """What a few steps of one kind of training took, and the evaluations of its model; bytes are those saved.

    The setup is all before the first step and after the last.
    """

    setup_seconds: float
    step_seconds: float
    evaluation_seconds: Mapping[str, float]
    model_bytes: int
    result_bytes: int


@dataclass(frozen=True, slots=True)
class StudyEstimate:
    """How many units (arms with seeds) are left of a study, and what they will take with that many processes at once.

    Seconds are by the clock; bytes are the most, checkpoints of what is being trained included.
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
    on_probe: Callable[[str], None] | None = None,
) -> StudyEstimate:
    """Time and disk of what is left of a study, from probes run as the study itself would run.

    One probe for every kind of training (what it starts from, its pairs and its batch size), with every evaluation that
    is left of its arms, on some 20,000 passages where there are more. Evaluations of arms made from others are taken to
    last as long. Nothing is written to the workspace.

    ``processes`` is as in ``run_study``; ``on_probe`` is called with a line when the probes begin, and after each.
    """
    left = units_left(plan, workspace)
    processes = processes or processes_for(plan)
    if not left:
        return StudyEstimate(0, processes, 0.0, 0)
    # The first unit of every kind of training that is left; any one where only arms made from others are.
    kinds = {_kind(unit): unit for unit in reversed(plan.units) if unit.is_trained}
    kinds_left = {_kind(unit) for unit in left}
    probed = {kind: unit for kind, unit in kinds.items() if kind in kinds_left} or dict([next(iter(kinds.items()))])
    evaluations = _evaluations_left(left, workspace, kinds=list(probed))
    probes = _probes(plan, probed, evaluations, processes=processes, report=on_probe or (lambda _: None))
    seconds, disk = _work_left(plan, left, workspace, probes)
    processes = min(processes, len(left))
    disk += processes * _CHECKPOINT_TIMES_MODEL * max(probe.model_bytes for probe in probes.values())
    disk += len(left) * max(probe.result_bytes for probe in probes.values())
    return StudyEstimate(len(left), processes, seconds / processes, disk)


def _work_left(
    plan: StudyPlan, left: Sequence[Unit], workspace: Workspace, probes: Mapping[TrainingKind, Probe]
) -> tuple[float, int]:
    """The seconds that what is left would take one process, and the bytes of its models."""
    # By their keys: what several arms share is done once.
    trained = {unit.key: unit for unit in left if unit.is_trained and not workspace.is_trained(unit.key)}
    seconds, disk = 0.0, 0
    for unit in trained.values():
        probe = probes[_kind(unit)]
        seconds += probe.setup_seconds + plan.steps[unit.arm] * probe.step_seconds
        disk += probe.model_bytes
    # Arms made from others have no kind of their own.
    some = next(iter(probes.values()))
    evaluated = {planned.key: (planned, probes.get(_kind(unit), some)) for unit in left for planned in unit.evaluations}
    for key, (planned, probe) in evaluated.items():
        seconds += 0.0 if workspace.is_evaluated(key) else probe.evaluation_seconds[planned.config.key]
    return seconds, disk


def _probes(
    plan: StudyPlan,
    probed: Mapping[TrainingKind, Unit],
    evaluations: Mapping[TrainingKind, Sequence[PlannedEvaluation]],
    *,
    processes: int,
    report: Callable[[str], None],
) -> dict[TrainingKind, Probe]:
    """What each kind of training takes."""
    kinds = "one kind" if len(probed) == 1 else f"each of {len(probed)} kinds"
    report(f"Timing a few steps and the evaluations of {kinds} of training")
    probes: dict[TrainingKind, Probe] = {}
    with worker_pool(processes, jobs=len(probed)) as pool:
        jobs = {}
        for kind, unit in probed.items():
            with uninterrupted():
                jobs[pool.submit(_probe, unit, evaluations[kind], plan.data)] = kind
        for job in as_completed(jobs):
            kind = jobs[job]
            arm = probed[kind].arm
            if failure := failure_of(job, place=f"a few steps of {arm}"):
                raise InputError(f"{arm}: {failure}")
            probe = probes[kind] = job.result()
            seconds = sum(probe.evaluation_seconds.values())
            report(f"Timed {arm}: {probe.step_seconds:.2g} s a step, evaluation {seconds:.2g} s")
    return {kind: probes[kind] for kind in probed}


def _evaluations_left(
    left: Iterable[Unit], workspace: Workspace, *, kinds: Sequence[TrainingKind]
) -> dict[TrainingKind, tuple[PlannedEvaluation, ...]]:
    """By kind of training, the evaluations of its arms; those of arms without a probe of their own with the first."""
    evaluations: dict[TrainingKind, dict[str, PlannedEvaluation]] = {kind: {} for kind in kinds}
    for unit in left:
        of_kind = evaluations.get(_kind(unit), evaluations[kinds[0]])
        for planned in unit.evaluations:
            if not workspace.is_evaluated(planned.key):
                of_kind.setdefault(planned.config.key, planned)
    return {kind: tuple(of_kind.values()) for kind, of_kind in evaluations.items()}


def _kind(unit: Unit) -> TrainingKind:
    """What trainings that take equally long have in common; None for a unit that is not trained."""
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
    whole = load_benchmark(config.benchmark_in(data), data=data, languages=config.languages)
    benchmark = part_of(whole)
    read = time.perf_counter()
    options: dict[str, Any] = {"settings": config.settings, "measures": config.measures}
    result = evaluate(model, benchmark, resamples=0, training=TrainedOn(), **options)
    result.save(folder)
    # Reading is timed apart: all of it was read, a part of it encoded.
    share = text_count(benchmark) / text_count(whole)
    return read - began + (time.perf_counter() - read) / share, _size(folder)


def part_of(benchmark: Benchmark, *, most: int = _PASSAGES) -> Benchmark:
    """A benchmark with so many passages: the judged ones, however many, then the first of each language.

    One that has no more is given back as it is.
    """
    if sum(len(corpus.ids) for corpus in benchmark.corpora.values()) <= most:
        return benchmark
    by_language = (*benchmark.qrels.values(), *benchmark.excluded.values())
    judged = {passage for by_query in by_language for passages in by_query.values() for passage in passages}
    others = max(1, (most - len(judged)) // len(benchmark.corpora))
    corpora = {language: _part(corpus, judged, others) for language, corpus in benchmark.corpora.items()}
    return replace(benchmark, corpora=corpora)


def _part(corpus: Corpus, judged: Collection[str], others: int) -> Corpus:
    """The judged passages and the first others, in their order."""
    first_others = list(islice((row for row, passage in enumerate(corpus.ids) if passage not in judged), others))
    rows = sorted([*first_others, *(row for row, passage in enumerate(corpus.ids) if passage in judged)])
    columns = (corpus.ids, corpus.texts, corpus.contexts)
    return Corpus(*(tuple(column[row] for row in rows) if column else () for column in columns))


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())

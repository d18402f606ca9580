"""``run_study``: every arm with every seed trained and evaluated, whatever of it has not been done yet."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from equilingua.errors import InputError, Problems
from equilingua.files import whole_file
from equilingua.provenance import command, hardware, versions
from equilingua.studies.ledger import Entry, append, latest, read
from equilingua.studies.plan import StudyPlan
from equilingua.studies.units import PlannedEvaluation, Trained, Unit, Workspace
from equilingua.studies.worker import UnitOutcome, perform
from equilingua.studies.workers import default_processes, worker_pool

SETTINGS_FILE = "study.json"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a study is.

    Attributes:
        done: units that are done.
        total: units of the study.
        latest: what was just done; None at the start.
    """

    done: int
    total: int
    latest: UnitOutcome | None


def run_study(
    plan: StudyPlan,
    workspace: Workspace,
    *,
    processes: int | None = None,
    told: Callable[[Progress], None] | None = None,
) -> Path:
    """Do what of a study is not done, and give back its folder.

    The folder ``NAME`` of the workspace gets the study's settings and its ledger, ``results.jsonl``. A study that was
    killed at any moment goes on where it was: finished trainings and evaluations are taken as they are, one that was
    cut off goes on from its newest checkpoint, and all end in the same results. Studies that share a workspace share
    the trainings that are the same.

    Args:
        plan: the study.
        workspace: where models and results lie.
        processes: units worked on at once; by default as many as cores and memory allow for encoders from scratch.
        told: called at the start and after every unit.

    Raises:
        InputError: once all else is done, for units that failed.
    """
    folder = workspace.study(plan.study.name)
    _write_settings(plan, folder)
    left = units_left(plan, workspace)
    done = len(plan.units) - len(left)
    tell = told or (lambda _: None)
    tell(Progress(done, len(plan.units), None))
    failed = Problems(f"study {plan.study.name!r}: units that failed")
    if left:
        with worker_pool(min(processes or processes_for(plan), len(left))) as pool:
            for outcome in _performed(pool, left, plan, workspace, failed):
                for entry in _entries(plan, outcome, latest(read(folder))):
                    append(folder, entry)
                done += 1
                tell(Progress(done, len(plan.units), outcome))
    failed.raise_if_any()
    return folder


def processes_for(plan: StudyPlan) -> int:
    """How many units are worked on at once if nothing is said."""
    return default_processes(from_scratch=all(_is_from_scratch(unit) for unit in plan.units))


def units_left(plan: StudyPlan, workspace: Workspace) -> list[Unit]:
    """The units of which an evaluation is not in the ledger."""
    written = latest(read(workspace.study(plan.study.name)))
    return [unit for unit in plan.units if not all(_is_written(unit, planned, written) for planned in unit.evaluations)]


def _is_written(unit: Unit, planned: PlannedEvaluation, written: Mapping[tuple[str, int, str], Entry]) -> bool:
    entry = written.get((unit.arm, unit.seed, planned.config.key))
    return entry is not None and (entry.training_key, entry.result_key) == (unit.key, planned.key)


def _is_from_scratch(unit: Unit) -> bool:
    return not (isinstance(unit.making, Trained) and isinstance(unit.making.source, str))


def _performed(
    pool: ProcessPoolExecutor, units: Sequence[Unit], plan: StudyPlan, workspace: Workspace, failed: Problems
) -> Iterator[UnitOutcome]:
    """What comes of the units, as they end; trained ones first, then those made from them.

    Of units with one key only one is begun at a time: the others find its model there.
    """
    stages = (
        [unit for unit in units if isinstance(unit.making, Trained)],
        [unit for unit in units if not isinstance(unit.making, Trained)],
    )
    for stage in stages:
        waiting = list(stage)
        running: dict[Future[UnitOutcome], Unit] = {}
        while waiting or running:
            busy = {unit.key for unit in running.values()}
            for unit in list(waiting):
                if unit.key not in busy:
                    busy.add(unit.key)
                    waiting.remove(unit)
                    running[pool.submit(perform, unit, data=plan.data, workspace=workspace)] = unit
            ended, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in ended:
                unit = running.pop(future)
                try:
                    yield future.result()
                except InputError as error:
                    failed.add(f"{unit.arm}, seed {unit.seed}: {error}")


def _entries(plan: StudyPlan, outcome: UnitOutcome, written: Mapping[tuple[str, int, str], Entry]) -> Iterator[Entry]:
    unit = outcome.unit
    for planned in unit.evaluations:
        name = planned.config.key
        if not _is_written(unit, planned, written):
            yield Entry(
                study=plan.study.name,
                arm=unit.arm,
                seed=unit.seed,
                evaluation=name,
                training_key=unit.key,
                result_key=planned.key,
                measures=outcome.measures[name],
                seconds={
                    "training": round(outcome.training_seconds, 1),
                    "evaluation": round(outcome.evaluation_seconds[name], 1),
                },
                provenance=_provenance(),
            )


def _provenance() -> Mapping[str, object]:
    return {"versions": versions(), "hardware": hardware(), "command": command()}


def _write_settings(plan: StudyPlan, folder: Path) -> None:
    """The study as it was run, for whoever reads its results."""
    with whole_file(folder / SETTINGS_FILE) as work:
        work.write_text(plan.study.model_dump_json(indent=2, exclude_unset=True) + "\n", encoding="utf-8")

"""``run_study``: every arm with every seed trained and evaluated, whatever of it has not been done yet."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from equilingua.errors import Problems
from equilingua.studies.plan import StudyPlan
from equilingua.studies.record import Invocation, OwnResult, StudyRecord, earlier_claims
from equilingua.studies.worker import UnitOutcome, perform
from equilingua.studies.workers import (
    default_processes,
    ended_from_outside,
    failure_of,
    raise_if_one_ended,
    uninterrupted,
    worker_pool,
)
from equilingua.studies.workspace import Key, Trained, Unit, Workspace
from equilingua.training.record import read_record

_LOOK_EVERY = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class UnitsDone:
    """How many of a study's units are done, and what came of the latest; None at the start."""

    done: int
    total: int
    latest: UnitOutcome | None


@dataclass(frozen=True, slots=True)
class Working:
    """A unit that is being worked on, and what is done of it now, in words.

    Attributes:
        step: the newest checkpoint's; 0 before the first, and once training is over.
        steps: of the training; 0 where nothing is being trained.
    """

    unit: Unit
    doing: str
    step: int = 0
    steps: int = 0


def run_study(
    plan: StudyPlan,
    workspace: Workspace,
    *,
    processes: int | None = None,
    on_done: Callable[[UnitsDone], None] | None = None,
    on_work: Callable[[Sequence[Working]], None] | None = None,
    invocation: Invocation | None = None,
) -> Path:
    """Do what of a study is not done, and give back its folder.

    The folder ``NAME`` of the workspace gets the study's record, ``study.json``. A study that was
    killed at any moment goes on where it was: finished trainings and evaluations are taken as they are, one that was
    cut off goes on from its newest checkpoint, and all end in the same results, on the same machine with as many
    processes. Studies that share a workspace share the trainings and results that are the same.

    Args:
        plan: of the study.
        workspace: where models and results lie.
        processes: units worked on at once; by default as many as cores and memory allow for encoders from scratch.
        on_done: called at the start and after every unit.
        on_work: called about every second with what is being worked on.
        invocation: written beside the study; None where no command began it.

    Raises:
        InputError: once all else is done, for units that failed; at once, if a process was ended from outside.
    """
    folder = workspace.study(plan.study.name)
    results = tuple(
        OwnResult(unit.arm, unit.seed, planned.config.key, unit.key, planned.key)
        for unit in plan.units
        for planned in unit.evaluations
    )
    earlier = earlier_claims(workspace, plan.study)
    # Before any work: a study that is cut off can then say what is missing and how to go on.
    StudyRecord(plan.study, results, invocation or Invocation(), earlier, plan.contamination).write(folder)
    left, total = units_left(plan, workspace), len(plan.units)
    report = on_done or (lambda _: None)
    report(UnitsDone(total - len(left), total, None))
    failed = Problems(f"study {plan.study.name!r}: units that failed")
    if left:
        processes = processes or processes_for(plan)
        with worker_pool(processes, jobs=len(left)) as pool:
            team = _Team(pool, processes, plan, workspace, on_work)
            for done, outcome in enumerate(team.performed(left, failed), start=total - len(left) + 1):
                report(UnitsDone(done, total, outcome))
    failed.raise_if_any()
    return folder


def processes_for(plan: StudyPlan) -> int:
    """How many units are worked on at once if nothing is said."""
    sources = [unit.making.source for unit in plan.units if isinstance(unit.making, Trained)]
    return default_processes(from_scratch=not any(isinstance(source, str) for source in sources))


def units_left(plan: StudyPlan, workspace: Workspace) -> list[Unit]:
    """The units of which an evaluation is not done, and those whose models are missing for them."""
    missing = _missing_sources(plan.units, workspace)
    return [unit for unit in plan.units if unit.key in missing or not _is_evaluated(unit, workspace)]


def working_on(unit: Unit, workspace: Workspace, *, steps: int) -> Working:
    """How far a unit is, told by the files it leaves behind; the steps are those of its training, if it has one."""
    if unit.is_trained and not workspace.is_trained(unit.key):
        folder = workspace.training(unit.key)
        if read_record(folder) is None:
            return Working(unit, "reading pairs and model", 0, steps)
        names = (path.name.rpartition("-")[2] for path in folder.glob("checkpoints/checkpoint-*"))
        step = max((int(name) for name in names if name.isdigit()), default=0)
        return Working(unit, f"training, past step {step:,} of {steps:,}", step, steps)
    left = (planned.config.key for planned in unit.evaluations if not workspace.is_evaluated(planned.key))
    name = next(left, None)
    return Working(unit, "finishing" if name is None else f"evaluating on {name}")


@dataclass(frozen=True, slots=True)
class _Team:
    """Those who work on the units of a study."""

    pool: ProcessPoolExecutor
    processes: int
    plan: StudyPlan
    workspace: Workspace
    on_work: Callable[[Sequence[Working]], None] | None

    def performed(self, units: Sequence[Unit], failed: Problems) -> Iterator[UnitOutcome]:
        """What comes of the units, as they end; those made from one that failed are not begun."""
        wanted = _missing_sources(units, self.workspace)
        waiting = list(units)
        running: dict[Future[UnitOutcome], Unit] = {}
        while waiting or running:
            for unit in self._ready(waiting, running.values()):
                waiting.remove(unit)
                running[self._begin(unit, model_wanted=unit.key in wanted)] = unit
            for future in self._next_ended(running):
                unit = running.pop(future)
                place = f"{unit.arm}, seed {unit.seed}"
                if failure := failure_of(future, place=place):
                    failed.add(f"{place}: {failure}")
                    for made in [one for one in waiting if unit.key in one.sources]:
                        waiting.remove(made)
                        failed.add(f"{made.arm}, seed {made.seed}: a model that it is made from failed")
                else:
                    yield future.result()

    def _ready(self, waiting: Sequence[Unit], running: Iterable[Unit]) -> list[Unit]:
        """Those that can be begun: one at a time of each key, as the others find its model there, and sources first."""
        busy = {unit.key for unit in running}
        unmade = busy.union(unit.key for unit in waiting)
        ready: list[Unit] = []
        for unit in waiting:
            if len(busy) < self.processes and unit.key not in busy and unmade.isdisjoint(unit.sources):
                busy.add(unit.key)
                ready.append(unit)
        return ready

    def _begin(self, unit: Unit, *, model_wanted: bool) -> Future[UnitOutcome]:
        with uninterrupted():
            try:
                return self.pool.submit(
                    perform, unit, data=self.plan.data, workspace=self.workspace, model_wanted=model_wanted
                )
            except BrokenExecutor as error:
                raise ended_from_outside() from error

    def _next_ended(self, running: Mapping[Future[UnitOutcome], Unit]) -> set[Future[UnitOutcome]]:
        """Those that end first; what is done meanwhile is told."""
        while True:
            ended, _ = wait(running, timeout=_LOOK_EVERY, return_when=FIRST_COMPLETED)
            if ended:
                return ended
            # The pool itself does not see the end of a process that it began after it last looked.
            raise_if_one_ended(self.pool)
            if self.on_work is None:
                continue
            steps = self.plan.steps
            self.on_work([working_on(unit, self.workspace, steps=steps.get(unit.arm, 0)) for unit in running.values()])


def _is_evaluated(unit: Unit, workspace: Workspace) -> bool:
    return all(workspace.is_evaluated(planned.key) for planned in unit.evaluations)


def _missing_sources(units: Sequence[Unit], workspace: Workspace) -> set[Key]:
    """The models that are not there, of which others are made that have yet to be evaluated."""
    sources = {key for unit in units if not _is_evaluated(unit, workspace) for key in unit.sources}
    return {key for key in sources if not workspace.is_trained(key)}

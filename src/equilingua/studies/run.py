"""``run_study``: every arm with every seed trained and evaluated, whatever of it has not been done yet."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from equilingua.errors import Problems
from equilingua.files import whole_file
from equilingua.provenance import command, hardware, versions
from equilingua.studies.changed_claims import EARLIER, earlier_claims
from equilingua.studies.invocation import Asked
from equilingua.studies.ledger import Entry, append, latest, read
from equilingua.studies.plan import StudyPlan
from equilingua.studies.progress import Working, working_on
from equilingua.studies.units import PlannedEvaluation, Trained, Unit
from equilingua.studies.worker import UnitOutcome, perform
from equilingua.studies.workers import default_processes, ended_from_outside, failure_of, uninterrupted, worker_pool
from equilingua.studies.workspace import Key, Workspace

SETTINGS_FILE = "study.json"

_LOOK_EVERY = 1.0  # seconds


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
    watched: Callable[[Sequence[Working]], None] | None = None,
    asked: Asked | None = None,
) -> Path:
    """Do what of a study is not done, and give back its folder.

    The folder ``NAME`` of the workspace gets the study's settings and its ledger, ``results.jsonl``. A study that was
    killed at any moment goes on where it was: finished trainings and evaluations are taken as they are, one that was
    cut off goes on from its newest checkpoint, and all end in the same results, on the same machine with as many
    processes. Studies that share a workspace share the trainings that are the same.

    Args:
        plan: the study.
        workspace: where models and results lie.
        processes: units worked on at once; by default as many as cores and memory allow for encoders from scratch.
        told: called at the start and after every unit.
        watched: called about every second with what is being worked on.
        asked: written beside the study's settings; None where no command asked for it.

    Raises:
        InputError: once all else is done, for units that failed; at once, if a process was ended from outside.
    """
    folder = workspace.study(plan.study.name)
    _write_settings(plan, folder, asked)
    left = units_left(plan, workspace)
    done = len(plan.units) - len(left)
    tell = told or (lambda _: None)
    tell(Progress(done, len(plan.units), None))
    failed = Problems(f"study {plan.study.name!r}: units that failed")
    if left:
        processes = processes or processes_for(plan)
        with worker_pool(processes, jobs=len(left)) as pool:
            team = _Team(pool, processes, plan, workspace, watched)
            for outcome in _performed(team, left, failed):
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
    """The units of which an evaluation is not done, and those whose models are missing for them."""
    written = latest(read(workspace.study(plan.study.name)))
    left = {
        (unit.arm, unit.seed)
        for unit in plan.units
        for planned in unit.evaluations
        if not (_is_written(unit, planned, written) and workspace.is_evaluated(planned.key))
    }
    missing = _missing_sources(plan.units, workspace)
    return [unit for unit in plan.units if (unit.arm, unit.seed) in left or unit.key in missing]


def _missing_sources(units: Sequence[Unit], workspace: Workspace) -> set[Key]:
    """The models that are not there, of which others are made that have yet to be evaluated."""
    unevaluated = (unit for unit in units if any(not workspace.is_evaluated(one.key) for one in unit.evaluations))
    sources = {key for unit in unevaluated for key in unit.sources}
    return {key for key in sources if not workspace.is_trained(key)}


def _is_written(unit: Unit, planned: PlannedEvaluation, written: Mapping[tuple[str, int, str], Entry]) -> bool:
    entry = written.get((unit.arm, unit.seed, planned.config.key))
    return entry is not None and (entry.training_key, entry.result_key) == (unit.key, planned.key)


def _is_from_scratch(unit: Unit) -> bool:
    return not (isinstance(unit.making, Trained) and isinstance(unit.making.source, str))


@dataclass(frozen=True, slots=True)
class _Team:
    """Those who work on the units of a study."""

    pool: ProcessPoolExecutor
    processes: int
    plan: StudyPlan
    workspace: Workspace
    watched: Callable[[Sequence[Working]], None] | None

    def begin(self, unit: Unit, *, model_wanted: bool) -> Future[UnitOutcome]:
        with uninterrupted():
            try:
                return self.pool.submit(
                    perform, unit, data=self.plan.data, workspace=self.workspace, model_wanted=model_wanted
                )
            except BrokenExecutor as error:
                raise ended_from_outside() from error

    def next_ended(self, running: Mapping[Future[UnitOutcome], Unit]) -> set[Future[UnitOutcome]]:
        """Those that end first; what is done meanwhile is told."""
        while True:
            ended, _ = wait(running, timeout=_LOOK_EVERY if self.watched else None, return_when=FIRST_COMPLETED)
            if ended or self.watched is None:
                return ended
            steps = self.plan.steps
            self.watched([working_on(unit, self.workspace, steps=steps.get(unit.arm, 0)) for unit in running.values()])


def _performed(team: _Team, units: Sequence[Unit], failed: Problems) -> Iterator[UnitOutcome]:
    """What comes of the units, as they end; trained ones first, then those made from them.

    Of units with one key only one is begun at a time: the others find its model there. Units that are made from one
    that failed are not begun.
    """
    failed_models: set[Key] = set()
    wanted = _missing_sources(units, team.workspace)
    stages = (
        [unit for unit in units if isinstance(unit.making, Trained)],
        [unit for unit in units if not isinstance(unit.making, Trained)],
    )
    for stage in stages:
        waiting = [unit for unit in stage if failed_models.isdisjoint(unit.sources)]
        for unit in stage:
            if not failed_models.isdisjoint(unit.sources):
                failed.add(f"{unit.arm}, seed {unit.seed}: a model that it is made from failed")
        running: dict[Future[UnitOutcome], Unit] = {}
        while waiting or running:
            busy = {unit.key for unit in running.values()}
            for unit in list(waiting):
                if unit.key not in busy and len(running) < team.processes:
                    busy.add(unit.key)
                    waiting.remove(unit)
                    running[team.begin(unit, model_wanted=unit.key in wanted)] = unit
            for future in team.next_ended(running):
                unit = running.pop(future)
                place = f"{unit.arm}, seed {unit.seed}"
                if failure := failure_of(future, place=place):
                    failed_models.add(unit.key)
                    failed.add(f"{place}: {failure}")
                else:
                    yield future.result()


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


def _write_settings(plan: StudyPlan, folder: Path, asked: Asked | None) -> None:
    """The study as it was run, and which results are its own: the ledger may hold older ones of other settings."""
    results = [
        {
            "arm": unit.arm,
            "seed": unit.seed,
            "evaluation": planned.config.key,
            "training": unit.key,
            "result": planned.key,
        }
        for unit in plan.units
        for planned in unit.evaluations
    ]
    study = plan.study.model_dump(mode="json", exclude_unset=True)
    content: dict[str, object] = {"study": study, "results": results}
    if asked is not None:
        content["asked"] = {"file": asked.file, "set": list(asked.changes)}
    earlier = earlier_claims(
        folder / SETTINGS_FILE, study.get("claims", []), done={entry.result_key for entry in read(folder)}
    )
    if earlier:
        content[EARLIER] = earlier
    with whole_file(folder / SETTINGS_FILE) as work:
        work.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

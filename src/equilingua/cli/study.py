"""``equilingua study``: arms and seeds of a question, trained, evaluated and judged."""

import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from equilingua.cli.console import echo, ended_by_signals, markup, print_json
from equilingua.cli.options import AsJson
from equilingua.errors import InputError
from equilingua.escaping import terminal_text

if TYPE_CHECKING:
    from equilingua.studies.config import StudyConfig
    from equilingua.studies.estimate import StudyEstimate
    from equilingua.studies.plan import StudyPlan
    from equilingua.studies.run import UnitsDone, Working


# Seconds between two lines about one unit, where there is no terminal to draw on.
_BETWEEN_LINES = 10.0


def study_command(
    file: Annotated[Path, typer.Argument(help="TOML file of the study.", show_default=False)],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            help="Folder to work in. Studies that share one share the trainings that are the same.",
            show_default=False,
        ),
    ],
    data: Annotated[
        Path | None,
        typer.Option(
            "--data", help="Folder of the pairs and benchmarks.", envvar="EQUILINGUA_DATA", show_default="the file's"
        ),
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Check everything and estimate time and disk by a short probe; keep nothing."),
    ] = False,
    processes: Annotated[
        int | None,
        typer.Option(
            "--processes",
            min=1,
            help="Trainings at once.",
            show_default="one a core for encoders from scratch on a CPU, else 1",
        ),
    ] = None,
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", help="An option of the file, changed: seeds=[0], training.steps=100. Repeatable."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Train and evaluate every arm of a study with every seed, then judge its claims.

    A study that was cut off goes on where it was when the command is given again. `equilingua report OUTPUT/NAME` makes
    a page of it.

    ```
    equilingua study studies/paper-cpu.toml --data data --output runs/studies --check
    equilingua study studies/paper-cpu.toml --data data --output runs/studies
    equilingua report runs/studies/paper-cpu --output paper.html
    ```
    """
    # Before the imports of what runs it, which take seconds.
    from equilingua.studies.config import load_study

    if data is not None and not data.is_dir():
        raise InputError(f"--data {data}: no such folder")
    changes, data = tuple(overrides or ()), data or file.parent
    study = load_study(file, changes, data=data)
    again = "nothing was kept" if check else "the same command goes on where it was"
    with ended_by_signals(f"Interrupted; {again}"):
        say(f"Checking {file}")
        from equilingua.studies.plan import plan_study
        from equilingua.studies.workspace import Workspace

        plan, workspace = plan_study(study, data=data, on_read=say), Workspace(output)
        if check:
            from equilingua.studies.estimate import estimate_study

            estimate = estimate_study(plan, workspace, processes=processes, on_probe=say)
            _print_check(plan, estimate, as_json=as_json)
            return
        from equilingua.studies.record import Invocation
        from equilingua.studies.run import run_study

        invocation = Invocation(file.name if file.is_absolute() else file.as_posix(), changes)
        with StudyBar(study) as bar:
            folder = run_study(
                plan, workspace, processes=processes, on_done=bar.show, on_work=bar.show_work, invocation=invocation
            )
    from equilingua.studies.outcome import study_outcome

    outcome = study_outcome(folder)
    if as_json:
        print_json(outcome.as_json())
    else:
        from equilingua.reports.study_tables import outcome_text

        echo(outcome_text(outcome))
        for line in outcome.trained_on:
            echo(line)
        from equilingua.folders import report_command_of

        echo(f"Next: {report_command_of(folder)}")


def _print_check(plan: "StudyPlan", estimate: "StudyEstimate", *, as_json: bool) -> None:
    from equilingua.statistics.power import ASSUMED_SPREAD, assumed_difference

    study = plan.study
    # A study's claims are corrected together.
    smallest = {
        name: assumed_difference(benchmark.items, tests=len(study.claims))
        for name, benchmark in plan.benchmarks.items()
    }
    if as_json:
        trained_on = {
            evaluation: {arm: one.as_json() for arm, one in of_arms.items()}
            for evaluation, of_arms in plan.contamination.items()
        }
        power = {
            name: {"items": benchmark.items, "spread": ASSUMED_SPREAD, "smallest": smallest[name]}
            for name, benchmark in plan.benchmarks.items()
        }
        found = {"trained_on": trained_on, "power": power}
        print_json({"study": study.name, "pairs": dict(plan.pairs), **found, **asdict(estimate)})
        return
    echo(f"{study.name}: {study.title}")
    arms = ", ".join(
        f"{study.label(name)} ({plan.pairs[name]:,} pairs)" if name in plan.pairs else study.label(name)
        for name in study.arms
    )
    echo(f"Arms: {arms}")
    echo(f"Seeds: {', '.join(map(str, study.seeds))}")
    for name, benchmark in plan.benchmarks.items():
        echo(f"Evaluation: {name}, {benchmark.texts:,} texts in {', '.join(benchmark.languages)}")
        for leak in benchmark.leaks:
            echo(f"  seen in training by {', '.join(leak.models)}: {leak.data}")
        echo(f"  {_power_text(benchmark.items, smallest[name], ASSUMED_SPREAD)}")
    from equilingua.studies.contamination import told

    for line in told(study, plan.contamination):
        echo(line)
    echo(f"Claims: {len(study.claims)}")
    if not estimate.units:
        echo("Everything is done.")
        return
    minutes = round(estimate.seconds / 60)
    duration = f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{max(minutes, 1)} min"
    echo(
        f"To do: {estimate.units} of {len(plan.units)} arms with seeds, {estimate.processes} at once; about "
        f"{duration} and at most {_size(estimate.disk_bytes)} of disk"
    )


def _power_text(items: int, smallest: float | None, spread: float) -> str:
    """What so many queries can show, in words.

    >>> _power_text(1190, 0.0203, 0.25)[:63]
    '1,190 queries (translations count once) can show differences fr'
    """
    queries = f"{items:,} {'query' if items == 1 else 'queries'} (translations count once)"
    if smallest is None:
        return f"{queries}: too few items to tell any difference"
    return (
        f"{queries} can show differences from {smallest:.3f} on, of measures between 0 and 1, in four of five studies; "
        f"taken that they vary by {spread:g} between queries, and seeds aside, which add to it"
    )


def _size(count: int) -> str:
    """Bytes in words.

    >>> _size(3 * 2**19), _size(3 * 2**29)
    ('2 MiB', '1.5 GiB')
    """
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{max(1, round(count / 2**20)):,} MiB"


def say(line: str) -> None:
    """A line for a phase of the work."""
    sys.stderr.write(f"{terminal_text(line)}\n")
    sys.stderr.flush()


class StudyBar:
    """A bar over the units, one for each that is worked on, and a line for each that is done; lines alone in a log."""

    def __init__(self, study: "StudyConfig") -> None:
        self._study = study
        self._said: dict[tuple[str, int], tuple[str, float]] = {}
        self._of_unit: dict[tuple[str, int], Any] = {}

    def __enter__(self) -> "StudyBar":
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        self._console = Console(stderr=True)
        columns: tuple[Any, ...] = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[doing]}"),
            TimeElapsedColumn(),
        )
        self._bar = Bar(*columns, console=self._console, transient=True, disable=not self._console.is_terminal)
        self._units = self._bar.add_task("arms x seeds", total=None, doing="")
        self._bar.start()
        return self

    def show(self, progress: "UnitsDone") -> None:
        """Move the bar, and say what was done."""
        doing = f"{progress.done} of {progress.total}"
        self._bar.update(self._units, completed=progress.done, total=progress.total, doing=doing)
        if progress.latest is None:
            self._console.print(f"Done: {doing} arms with seeds", highlight=False, soft_wrap=True)
            return
        unit, first = progress.latest.unit, next(iter(progress.latest.measures.values()), {})
        self._take_away((unit.arm, unit.seed))
        scores = ", ".join(f"{setting} mAP {values['mAP']:.3f}" for setting, values in first.items() if "mAP" in values)
        sources = self._study.arms[unit.arm].made_from
        took = f"model {progress.latest.training_seconds:.0f} s" if progress.latest.training_seconds else None
        made = f"made from {' and '.join(sources)}" if sources else took or "model was there"
        line = f"{progress.done}/{progress.total} {unit.arm}, seed {unit.seed}: {made}{scores and f'; {scores}'}"
        self._console.print(markup(line), highlight=False, soft_wrap=True)

    def show_work(self, working: Sequence["Working"]) -> None:
        """Show what is being worked on: a bar for each unit, or, without a terminal, a line now and then."""
        places = {(one.unit.arm, one.unit.seed): one for one in working}
        for place in self._of_unit.keys() - places.keys():
            self._take_away(place)
        for place, one in places.items():
            name = f"{one.unit.arm}, seed {one.unit.seed}"
            if self._console.is_terminal:
                if place not in self._of_unit:
                    self._of_unit[place] = self._bar.add_task(name, total=None, doing="")
                self._bar.update(self._of_unit[place], completed=one.step, total=one.steps or None, doing=one.doing)
                continue
            last, at = self._said.get(place, ("", float("-inf")))
            now = time.monotonic()
            if one.doing != last and now - at >= _BETWEEN_LINES:
                self._said[place] = (one.doing, now)
                say(f"{name}: {one.doing}")

    def _take_away(self, place: tuple[str, int]) -> None:
        if place in self._of_unit:
            self._bar.remove_task(self._of_unit.pop(place))

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

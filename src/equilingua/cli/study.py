"""``equilingua study``: arms and seeds of a question, trained, evaluated and judged."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from equilingua.cli.console import print_json
from equilingua.cli.options import AsJson
from equilingua.errors import InputError

if TYPE_CHECKING:
    from equilingua.studies.estimate import StudyEstimate
    from equilingua.studies.outcome import StudyOutcome
    from equilingua.studies.plan import StudyPlan
    from equilingua.studies.run import Progress


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
        typer.Option("--set", help="A setting of the file, changed: seeds=[0], training.steps=100. Repeatable."),
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
    from equilingua.studies.configuration import load_study
    from equilingua.studies.plan import plan_study
    from equilingua.studies.run import run_study
    from equilingua.studies.units import Workspace

    if data is not None and not data.is_dir():
        raise InputError(f"--data {data}: no such folder")
    plan = plan_study(load_study(file, overrides or ()), data=data or file.parent)
    workspace = Workspace(output)
    if check:
        from equilingua.studies.estimate import estimate_study

        estimate = estimate_study(plan, workspace, processes=processes)
        _print_check(plan, estimate, as_json=as_json)
        return
    with _Bar() as bar:
        folder = run_study(plan, workspace, processes=processes, told=bar.show)
    from equilingua.studies.outcome import study_outcome

    outcome = study_outcome(folder)
    if as_json:
        print_json(outcome.as_json())
    else:
        _print_outcome(outcome, folder)


def _print_check(plan: "StudyPlan", estimate: "StudyEstimate", *, as_json: bool) -> None:
    study = plan.study
    if as_json:
        from dataclasses import asdict

        print_json({"study": study.name, "pairs": dict(plan.pairs), **asdict(estimate)})
        return
    typer.echo(f"{study.name}: {study.title}")
    arms = ", ".join(
        f"{study.label(name)} ({plan.pairs[name]:,} pairs)" if name in plan.pairs else study.label(name)
        for name in study.arms
    )
    typer.echo(f"Arms: {arms}")
    typer.echo(f"Seeds: {', '.join(map(str, study.seeds))}")
    for name, benchmark in plan.benchmarks.items():
        typer.echo(f"Evaluation: {name}, {benchmark.texts:,} texts in {', '.join(benchmark.languages)}")
        for leak in benchmark.leaks:
            typer.echo(f"  seen in training by {', '.join(leak.models)}: {leak.data}")
    typer.echo(f"Claims: {len(study.claims)}")
    if not estimate.units:
        typer.echo("Everything is done.")
        return
    typer.echo(
        f"To do: {estimate.units} of {len(plan.units)} arms with seeds, {estimate.processes} at once; about "
        f"{_duration(estimate.seconds)} and at most {estimate.disk_bytes / 2**30:.1f} GiB of disk"
    )


def _print_outcome(outcome: "StudyOutcome", folder: Path) -> None:
    from equilingua.reports.study_tables import outcome_text

    typer.echo(outcome_text(outcome))
    typer.echo(f"Next: equilingua report {folder} --output {outcome.study.name}.html")


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{max(minutes, 1)} min"


class _Bar:
    """A bar over the units, with a line for each that is done; on standard error."""

    def __enter__(self) -> "_Bar":
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        self._console = Console(stderr=True)
        columns: tuple[Any, ...] = (
            TextColumn("arms x seeds"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        self._bar = Bar(*columns, console=self._console, transient=True, disable=not self._console.is_terminal)
        self._task = self._bar.add_task("units", total=None)
        self._bar.start()
        return self

    def show(self, progress: "Progress") -> None:
        """Move the bar, and say what was done."""
        self._bar.update(self._task, completed=progress.done, total=progress.total)
        if progress.latest is None:
            return
        unit, first = progress.latest.unit, next(iter(progress.latest.measures.values()), {})
        found = ", ".join(f"{setting} mAP {values['mAP']:.3f}" for setting, values in first.items() if "mAP" in values)
        took = f"{progress.latest.training_seconds:.0f} s" if progress.latest.training_seconds else "was there"
        line = f"{progress.done}/{progress.total} {unit.arm}, seed {unit.seed}: model {took}{found and f'; {found}'}"
        self._console.print(line, highlight=False, soft_wrap=True)

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

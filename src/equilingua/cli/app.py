"""The command line: one module a command, which imports what it needs only when it runs."""

import sys
from typing import Annotated

import typer

from equilingua.cli.audit import audit_command
from equilingua.cli.batches import batches_command
from equilingua.cli.benchmarks import benchmarks_command
from equilingua.cli.compare import compare_command
from equilingua.cli.console import fail
from equilingua.cli.demo import demo_command
from equilingua.cli.evaluate import evaluate_command
from equilingua.cli.inspect import inspect_command
from equilingua.cli.report import report_command
from equilingua.cli.search import search_command
from equilingua.cli.study import study_command
from equilingua.cli.train import train_command
from equilingua.errors import InputError

app = typer.Typer(
    name="equilingua",
    help="Train and audit retrievers that treat every language alike.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"equilingua {version('equilingua')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


for name, command in (
    ("demo", demo_command),
    ("inspect", inspect_command),
    ("batches", batches_command),
    ("train", train_command),
    ("benchmarks", benchmarks_command),
    ("evaluate", evaluate_command),
    ("audit", audit_command),
    ("search", search_command),
    ("compare", compare_command),
    ("study", study_command),
    ("report", report_command),
):
    app.command(name)(command)


def main() -> None:
    """Run the command line; exit with 0 (done), 1 (a problem was found) or 2 (wrong use)."""
    try:
        app()
    except InputError as error:
        fail(str(error))
    except KeyboardInterrupt:
        sys.stderr.write(
            "equilingua: interrupted. A training goes on from its newest checkpoint with --resume, an encoding "
            "with --cache, a study when its command is given again.\n"
        )
        sys.exit(130)

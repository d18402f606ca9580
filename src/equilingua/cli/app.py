"""The command line: one module a command, which imports what it needs only when it runs."""

import io
import sys
from typing import Annotated

import typer

from equilingua.cli.audit import audit_command
from equilingua.cli.batches import batches_command
from equilingua.cli.benchmarks import benchmarks_command
from equilingua.cli.compare import compare_command
from equilingua.cli.console import fail
from equilingua.cli.demo import demo_command
from equilingua.cli.edge import Commands, no_tracebacks, show_warnings_plainly
from equilingua.cli.evaluate import evaluate_command
from equilingua.cli.inspect import inspect_command
from equilingua.cli.report import report_command
from equilingua.cli.search import search_command
from equilingua.cli.study import study_command
from equilingua.cli.train import train_command
from equilingua.errors import InputError

app = typer.Typer(
    name="equilingua",
    cls=Commands,
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
    debug: Annotated[
        bool, typer.Option("--debug", help="Print the traceback of a crash, which else goes to a file.")
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
    """Run the command line.

    Exits with 0 (done), 1 (a problem was found), 2 (wrong use, or input that cannot be used), 70 (a crash), 130
    (interrupted) or 141 (nobody reads the output any more).
    """
    for stream in (sys.stdout, sys.stderr):
        # Where a terminal lacks a character, it is spelled out.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    show_warnings_plainly()
    with no_tracebacks():
        try:
            app()
        except InputError as error:
            fail(str(error))
        finally:
            sys.stdout.flush()

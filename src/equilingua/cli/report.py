"""``equilingua report``: saved results as a page to look at, or as tables for a paper."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from equilingua.evaluation.comparison import Comparison
    from equilingua.evaluation.result import EvaluationResult


def report_command(
    results: Annotated[
        list[Path],
        typer.Argument(help="Folders that `equilingua evaluate` wrote, the baseline first.", show_default=False),
    ],
    output: Annotated[
        Path, typer.Option(help="File to write: .html, .md, .tex (booktabs) or .csv (long format).", show_default=False)
    ],
    measure: Annotated[str, typer.Option(help="Shown language by language; tells which queries are hard.")] = "mAP",
    comparison: Annotated[
        bool, typer.Option("--comparison/--no-comparison", help="Compare several results with the first.")
    ] = True,
    texts: Annotated[
        str | None,
        typer.Option(help="Benchmark of the results, to show texts: xquad-r or a folder.", show_default=False),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Folder that holds the benchmark's folder.", envvar="EQUILINGUA_DATA", show_default=False),
    ] = None,
    hardest: Annotated[int, typer.Option(min=1, help="Queries an HTML report holds of each setting and pair.")] = 20,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace OUTPUT if it is there.")] = False,
) -> None:
    """Write a report of one result, or of several side by side.

    An HTML report is one file that needs no network: tables, charts and the hardest queries.

    ```
    equilingua report results/x-x-mono results/hybrid --texts xquad-r --data data --output report.html
    ```
    """
    from dataclasses import replace

    from equilingua.errors import InputError
    from equilingua.evaluation.loading import load_benchmark
    from equilingua.evaluation.result import EvaluationResult
    from equilingua.reports.document import Report, format_of, labelled

    format_of(output)
    if texts and output.suffix != ".html":
        raise InputError(f"{output}: texts are shown in an HTML report only. Leave out --texts, or name a .html file")
    if output.exists() and not overwrite:
        raise InputError(f"{output}: is there already. Name another file, or pass --overwrite")
    loaded = labelled([(folder, EvaluationResult.load(folder)) for folder in results])
    found = [replace(result, model=label) for label, result in loaded]  # compared under the names they are shown with
    report = Report(
        loaded,
        measure=measure,
        comparison=_compared(found) if comparison and len(found) > 1 else None,
        benchmark=load_benchmark(texts, data=data, languages=found[0].languages) if texts else None,
        hardest=hardest,
    )
    report.write(output)
    typer.echo(f"Written to {output}", err=True)


def _compared(results: "list[EvaluationResult]") -> "Comparison":
    from equilingua.errors import InputError
    from equilingua.evaluation.significance import compare
    from equilingua.reports.document import REPORTED

    try:
        return compare(*results, measures=REPORTED)
    except InputError as error:
        raise InputError(f"{error}. Or pass --no-comparison") from error

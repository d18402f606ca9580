"""``equilingua compare``: saved results against the first of them."""

from pathlib import Path
from typing import Annotated

import typer

from equilingua.cli.options import AsJson, split_names


def compare_command(
    results: Annotated[
        list[Path],
        typer.Argument(help="Folders that `equilingua evaluate` wrote, the baseline first.", show_default=False),
    ],
    margin: Annotated[
        float | None,
        typer.Option(
            min=0.0, help="Also tell which results are not worse by this much (.01: one point).", show_default=False
        ),
    ] = None,
    measures: Annotated[
        str | None, typer.Option(help="Only these, separated by commas: mAP,rank_distance.", show_default="all")
    ] = None,
    resamples: Annotated[int, typer.Option(min=1, help="Of the bootstrap and the permutation test.")] = 10_000,
    seed: Annotated[int, typer.Option(help="Of both.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Compare results on the same benchmark: differences with intervals and corrected p-values.

    ```
    equilingua compare results/x-x-mono results/hybrid --margin 0.01
    ```
    """
    from dataclasses import asdict

    from equilingua.cli.console import print_json
    from equilingua.evaluation.result import EvaluationResult
    from equilingua.evaluation.significance import compare
    from equilingua.reports.tables import comparison_table

    loaded = [EvaluationResult.load(folder) for folder in results]
    comparison = compare(*loaded, measures=split_names(measures), margin=margin, resamples=resamples, seed=seed)
    if as_json:
        print_json(asdict(comparison))
    else:
        comparison_table(comparison).show()

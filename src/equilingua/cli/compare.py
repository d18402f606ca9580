"""``equilingua compare``: saved results against the first of them, or each against each."""

from pathlib import Path
from typing import Annotated

import typer

from equilingua.cli.options import AsJson, split_names
from equilingua.errors import InputError
from equilingua.evaluation.settings import COMPARED_MEASURES


def compare_command(
    results: Annotated[
        list[Path],
        typer.Argument(help="Folders that `equilingua evaluate` wrote, the baseline first.", show_default=False),
    ],
    margin: Annotated[
        list[str] | None,
        typer.Option(
            help="Also test which results are equivalent or not worse, up to this difference: .01 for measures between "
            "0 and 1 (one point of mAP), rank_distance=20 for one measure; repeatable.",
            show_default=False,
        ),
    ] = None,
    pairwise: Annotated[bool, typer.Option("--pairwise", help="Compare every two results.")] = False,
    measures: Annotated[
        str, typer.Option(help="Only these, separated by commas; all for every measure of the results.")
    ] = ",".join(COMPARED_MEASURES),
    resamples: Annotated[int, typer.Option(min=1, help="Of the bootstrap and the permutation test.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="Of both.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Compare results on the same benchmark: differences with intervals and corrected p-values.

    ```
    equilingua compare results/x-x-mono results/hybrid --margin 0.01
    equilingua compare results/x-x-mono results/x-y results/hybrid --pairwise --margin rank_distance=20
    ```
    """
    from equilingua.cli.console import print_json
    from equilingua.errors import Problems
    from equilingua.evaluation.compare import named_results
    from equilingua.evaluation.kept_comparison import compared_once
    from equilingua.evaluation.result import EvaluationResult
    from equilingua.folders import no_result
    from equilingua.reports.tables import comparison_table

    problems = Problems("results")
    for folder in results:
        if problem := no_result(folder):
            problems.add(problem)
    problems.raise_if_any()
    comparison = compared_once(
        [(result.model, result) for result in named_results([EvaluationResult.load(folder) for folder in results])],
        measures=None if measures == "all" else split_names(measures),
        margin=_margins(margin),
        pairwise=pairwise,
        resamples=resamples,
        seed=seed,
    )
    if as_json:
        print_json(comparison.to_dict())
    else:
        comparison_table(comparison).show()


def _margins(texts: list[str] | None) -> dict[str, float] | None:
    """The margins by measure; a bare number is that of every measure between 0 and 1.

    Raises:
        InputError: if one is no number, or there are two for the same measures.

    >>> _margins(["0.01", "rank_distance=20"])
    {'shares': 0.01, 'rank_distance': 20.0}
    """
    margins: dict[str, float] = {}
    for text in texts or ():
        name, _, number = text.rpartition("=")
        name = name.strip() or "shares"
        try:
            margin = float(number)
        except ValueError:
            raise InputError(
                f"--margin {text!r}: {number!r} is no number. Write 0.01 for measures between 0 and 1, or "
                "MEASURE=NUMBER, such as rank_distance=20"
            ) from None
        if name in margins:
            raise InputError(f"--margin {text!r}: a margin for {name!r} is already given ({margins[name]:g})")
        margins[name] = margin
    return margins or None

"""``equilingua report``: saved results as a page to look at, or as tables for a paper."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from equilingua.cli.console import echo
from equilingua.errors import InputError

if TYPE_CHECKING:
    from equilingua.evaluation.result import EvaluationResult
    from equilingua.reports.audit import AuditReport
    from equilingua.reports.result import Report

# Options that the page of a study has no use for.
_OF_RESULTS = ("measure", "comparison", "texts", "data", "hardest")


def report_command(
    context: typer.Context,
    results: Annotated[
        list[Path],
        typer.Argument(
            help="Folders that `equilingua evaluate` wrote, the baseline first; or one of `audit` or of `study`.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            help="File to write: .html, .md, .tex (booktabs, graphicx) or .csv (long format).", show_default=False
        ),
    ],
    measure: Annotated[
        str | None,
        typer.Option(
            help="Shown language by language; tells which queries are hard. By default mAP, or the audit's.",
            show_default=False,
        ),
    ] = None,
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
    """Write a report of one result, of several side by side, of an audit, or of a study.

    An HTML report is one file that needs no network: tables, charts and the hardest queries. An audit's has findings
    and next steps on top; several audits are shown as their results, side by side. A study's has its verdicts on top;
    beside its .md lie its charts and numbers.

    ```
    equilingua report results/x-x-mono results/hybrid --texts xquad-r --data data --output report.html
    ```
    """
    from equilingua.auditing.record import holds_audit
    from equilingua.reports.study import StudyReport, holds_study
    from equilingua.reports.writing import check_format
    from equilingua.studies.outcome import study_outcome

    check_format(output)
    if output.exists() and not overwrite:
        raise InputError(f"{output}: is there already. Name another file, or pass --overwrite")
    if len(results) == 1 and holds_study(results[0]):
        _refuse_options_of_results(context, results[0])
        StudyReport(study_outcome(results[0])).write(output, overwrite=overwrite)
    elif texts and output.suffix != ".html":
        raise InputError(f"{output}: texts are shown in an HTML report only. Leave out --texts, or name a .html file")
    elif len(results) == 1 and holds_audit(results[0]):
        _audit_report(results[0], measure, texts=texts, data=data, hardest=hardest).write(output)
    else:
        measure = measure or "mAP"
        _results_report(results, measure, comparison=comparison, texts=texts, data=data, hardest=hardest).write(output)
    echo(f"Written to {output}", err=True)


def _refuse_options_of_results(context: typer.Context, folder: Path) -> None:
    options = [
        "--comparison/--no-comparison" if name == "comparison" else f"--{name}"
        for name in _OF_RESULTS
        if (source := context.get_parameter_source(name)) is not None and source.name == "COMMANDLINE"
    ]
    if options:
        raise InputError(f"{folder}: is a study, whose page has no use for {' and '.join(options)}. Leave that out")


def _results_report(
    folders: list[Path], measure: str, *, comparison: bool, texts: str | None, data: Path | None, hardest: int
) -> "Report":
    from equilingua.benchmarks.load import load_benchmark
    from equilingua.evaluation.compare import compare
    from equilingua.evaluation.settings import COMPARED_MEASURES
    from equilingua.reports.result import Report, labelled

    results = labelled([(folder, _loaded(folder)) for folder in folders])
    compared = None
    if comparison and len(results) > 1:
        try:  # under the names they are shown with
            compared = compare(*(replace(result, model=label) for label, result in results), measures=COMPARED_MEASURES)
        except InputError as error:
            raise InputError(f"{error}. Or pass --no-comparison") from error
    benchmark = load_benchmark(texts, data=data, languages=results[0][1].languages) if texts else None
    return Report(results, measure=measure, comparison=compared, benchmark=benchmark, hardest=hardest)


def _loaded(folder: Path) -> "EvaluationResult":
    from equilingua.evaluation.result import EvaluationResult
    from equilingua.folders import no_result
    from equilingua.reports.study import studies_in

    if studies := studies_in(folder):
        named = ", ".join(map(str, studies))
        raise InputError(f"{folder}: holds studies, each with a report of its own. Name one: {named}")
    if problem := no_result(folder):
        raise InputError(problem)
    return EvaluationResult.load(folder)


def _audit_report(
    folder: Path, measure: str | None, *, texts: str | None, data: Path | None, hardest: int
) -> "AuditReport":
    from equilingua.auditing.record import Audit
    from equilingua.benchmarks.load import load_benchmark
    from equilingua.reports.audit import AuditReport

    audit, benchmark = Audit.load(folder), None
    if texts:
        if audit.result is None:
            raise InputError(f"{folder}: the audit was made without judgements, so it has no queries to show texts of")
        # An audit's result is named after the corpus file, the folder's benchmark after the folder.
        loaded = load_benchmark(texts, data=data, languages=audit.result.languages)
        benchmark = replace(loaded, name=audit.result.benchmark)
    return AuditReport(audit, measure=measure, benchmark=benchmark, hardest=hardest)

"""``equilingua report``: saved results as a page to look at, or as tables for a paper."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from equilingua.cli.console import echo
from equilingua.errors import InputError

if TYPE_CHECKING:
    from equilingua.benchmarks.benchmark import Benchmark
    from equilingua.evaluation.result import EvaluationResult
    from equilingua.reports.audit import AuditReport
    from equilingua.reports.result import Report

# Options that the page of a study has no use for.
_OF_RESULTS = ("measure", "comparison", "texts", "no_texts", "data", "hardest")


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
        typer.Option(
            help="Where the texts are, if not where they were read: a benchmark (xquad-r or a folder); of an audit, "
            "the folder of its files.",
            show_default=False,
        ),
    ] = None,
    no_texts: Annotated[
        bool, typer.Option("--no-texts", help="Show no texts, only ids: for a page that goes to others.")
    ] = False,
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
    beside its .md lie its charts and numbers. An HTML report shows texts where they still lie where they were read.

    ```
    equilingua report results/x-x-mono results/hybrid --output report.html
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
    elif texts and no_texts:
        raise InputError("--texts and --no-texts: give one of them")
    else:
        wanted = Texts(texts, data, shown=output.suffix == ".html" and not no_texts, wanted=not no_texts)
        if len(results) == 1 and holds_audit(results[0]):
            _audit_report(results[0], measure, texts=wanted, hardest=hardest).write(output)
        else:
            of_results = _results_report(
                results, measure or "mAP", comparison=comparison, texts=wanted, hardest=hardest
            )
            of_results.write(output)
    echo(f"Written to {output}", err=True)


def _refuse_options_of_results(context: typer.Context, folder: Path) -> None:
    options = [
        "--comparison/--no-comparison" if name == "comparison" else f"--{name.replace('_', '-')}"
        for name in _OF_RESULTS
        if (source := context.get_parameter_source(name)) is not None and source.name == "COMMANDLINE"
    ]
    if options:
        raise InputError(f"{folder}: is a study, whose page has no use for {' and '.join(options)}. Leave that out")


@dataclass(frozen=True, slots=True)
class Texts:
    """Which texts a report is to show: those of a benchmark or folder, else those where they were read; or none."""

    named: str | None
    data: Path | None
    shown: bool
    wanted: bool = True

    def found(self, load: "Callable[[], Benchmark]") -> "tuple[Benchmark | None, str]":
        """The benchmark, as ``load`` reads it; None, with the reason, where it is not at hand and was not asked for."""
        if not self.shown:
            return None, "the report was made without them"
        if self.named:
            return load(), ""
        try:
            return load(), ""
        except InputError as error:
            return None, f"{str(error).splitlines()[0].rstrip('.')}. --texts says where they are"


def _results_report(folders: list[Path], measure: str, *, comparison: bool, texts: Texts, hardest: int) -> "Report":
    from equilingua.benchmarks.load import load_again, load_benchmark
    from equilingua.evaluation.kept_comparison import compared_once
    from equilingua.evaluation.settings import COMPARED_MEASURES
    from equilingua.reports.result import Report, labelled

    results = labelled([(folder, _loaded(folder)) for folder in folders])
    compared = None
    if comparison and len(results) > 1:
        try:  # under the names they are shown with
            compared = compared_once(results, measures=COMPARED_MEASURES)
        except InputError as error:
            raise InputError(f"{error}. Or pass --no-comparison") from error
    first = results[0][1]

    def load() -> "Benchmark":
        from equilingua.reports.hardest import check_benchmark

        if texts.named:
            return load_benchmark(texts.named, data=texts.data, languages=first.languages)
        if not first.provenance.get("source"):
            raise InputError("the result does not say where its benchmark was read")
        benchmark = load_again(first.provenance["source"])
        for label, result in results:
            check_benchmark(label, result, benchmark)
        return benchmark

    benchmark, reason = texts.found(load)
    return Report(
        results, measure=measure, comparison=compared, benchmark=benchmark, hardest=hardest, without_texts=reason
    )


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


def _audit_report(folder: Path, measure: str | None, *, texts: Texts, hardest: int) -> "AuditReport":
    from equilingua.auditing.record import Audit
    from equilingua.auditing.source import benchmark_again
    from equilingua.reports.audit import AuditReport

    audit = Audit.load(folder)
    if texts.named and audit.result is None:
        raise InputError(f"{folder}: the audit was made without judgements, so it has no queries to show texts of")
    place = Path(texts.named).expanduser() if texts.named else None
    if place is not None and not place.is_dir():
        raise InputError(f"--texts {texts.named}: no such folder. Give the one that holds the files of the audit")
    benchmark, reason = texts.found(lambda: benchmark_again(audit.provenance, audit.languages, folder=place))
    return AuditReport(
        audit,
        measure=measure,
        benchmark=benchmark,
        hardest=hardest,
        without_texts=reason,
        with_first_texts=texts.wanted,
    )

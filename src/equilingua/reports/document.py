"""A report in the format its file name asks for: HTML page, Markdown, LaTeX or CSV."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from equilingua.errors import InputError, did_you_mean
from equilingua.evaluation.benchmark import Benchmark
from equilingua.evaluation.comparison import Comparison
from equilingua.evaluation.result import EvaluationResult
from equilingua.files import whole_file
from equilingua.reports.bias_tables import bias_tables
from equilingua.reports.cells import Cell, cells, csv_text
from equilingua.reports.language_tables import language_table, rank_spreads, shared_measures, spread_table
from equilingua.reports.latex import latex_table
from equilingua.reports.tables import Table, comparison_table, results_table

HARDEST = 20
REPORTED = ("mAP", "R@1", "R@10", "rank_distance")
"""Measures of a report's comparison; ``equilingua compare`` has all."""


@dataclass(frozen=True)
class Report:
    """Results to be looked at, side by side.

    Attributes:
        results: label and result, the baseline first.
        measure: shown language by language, and by which queries are hard; every setting has to have it.
        comparison: of the results with the first, if there is one.
        benchmark: whose texts an HTML report shows; none are if not given.
        hardest: queries an HTML report holds of each setting and pair.

    Raises:
        InputError: if there is no result, two have one label, or the measure is not in every setting.
    """

    results: tuple[tuple[str, EvaluationResult], ...]
    measure: str = "mAP"
    comparison: Comparison | None = None
    benchmark: Benchmark | None = None
    hardest: int = HARDEST

    def __post_init__(self) -> None:
        if not self.results:
            raise InputError("nothing to report: give at least one result")
        labels = [label for label, _ in self.results]
        if len(set(labels)) < len(labels):
            raise InputError(f"two results are called {max(labels, key=labels.count)!r}: give each a label of its own")
        allowed = shared_measures([result for _, result in self.results])
        if self.measure not in allowed:
            raise InputError(
                f"measure {self.measure!r} is not in every setting of every result. "
                f"{did_you_mean(self.measure, allowed)}"
            )

    @cached_property
    def cells(self) -> dict[str, list[Cell]]:
        """Per label, the cells that the language tables and charts show."""
        return {label: cells(result, (self.measure, "rank_distance")) for label, result in self.results}

    def write(self, path: str | Path) -> Path:
        """Write the report, whole or not at all, in the format of the suffix; gives the path.

        Raises:
            InputError: if the suffix is not one of .html, .md, .tex, .csv, or a library that HTML needs is missing.
        """
        path = Path(path)
        text = format_of(path)(self)
        with whole_file(path) as work:
            work.write_text(text, encoding="utf-8")
        return path


def format_of(path: Path) -> Callable[[Report], str]:
    """What makes the text of a report for a file of that name.

    Raises:
        InputError: if its suffix is not one of those known.
    """
    if path.suffix not in _FORMATS:
        raise InputError(f"{path}: a report is written as one of {', '.join(_FORMATS)}: name the file so")
    return _FORMATS[path.suffix]


def report_tables(report: Report) -> list[Table]:
    """All tables of a report: the paper's, the comparison's, then those of every result by language."""
    tables = [results_table(report.results)]
    if report.comparison is not None:
        tables.append(comparison_table(report.comparison))
    for label, result in report.results:
        tables += _language_tables(report, label, result)
    return tables


def _language_tables(report: Report, label: str, result: EvaluationResult) -> list[Table]:
    if not result.scores:
        return []
    tables = [language_table(label, report.cells[label], report.measure)]
    if spreads := rank_spreads(result):
        tables.append(spread_table(label, spreads, report.cells[label]))
    if result.language_bias is not None:
        tables += bias_tables(label, result.language_bias)
    return tables


def _markdown(report: Report) -> str:
    return "\n\n".join(table.markdown() for table in report_tables(report)) + "\n"


def _latex(report: Report) -> str:
    head = "% Needs \\usepackage{booktabs}; several languages ask for lualatex or xelatex.\n"
    return "\n".join([head, *(latex_table(table) for table in report_tables(report))])


def _csv(report: Report) -> str:
    return csv_text(report.results)


def _html(report: Report) -> str:
    from equilingua.reports.page import html_page

    return html_page(report)


_FORMATS: dict[str, Callable[[Report], str]] = {".html": _html, ".md": _markdown, ".tex": _latex, ".csv": _csv}


def labelled(results: Sequence[tuple[Path, EvaluationResult]]) -> tuple[tuple[str, EvaluationResult], ...]:
    """Results under their models' names; where two have one name, under the names of their folders too.

    Args:
        results: folder and result.
    """
    models = [result.model for _, result in results]
    return tuple(
        (result.model if models.count(result.model) == 1 else f"{result.model} ({folder})", result)
        for folder, result in results
    )

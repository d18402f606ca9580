"""The report of evaluation results, one or several side by side: its tables, and its page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.errors import InputError, did_you_mean
from equilingua.evaluation.comparison import Comparison
from equilingua.evaluation.rank_spread import rank_spreads
from equilingua.evaluation.result import EvaluationResult
from equilingua.reports.charts import heat_domain
from equilingua.reports.figures import Figure, exposure_figure, heat_figure, spread_figure
from equilingua.reports.hardest import HardestQueries, hardest_queries
from equilingua.reports.language_tables import bias_tables, language_table, shared_measures, spread_table
from equilingua.reports.numbers import results_csv
from equilingua.reports.page import language_names, provenance, rendered
from equilingua.reports.tables import Cell, cells, comparison_table, results_table
from equilingua.reports.writing import Block, full_names, short_labels, write_document
from equilingua.tables import Table

HARDEST = 20


@dataclass(frozen=True, slots=True)
class ResultSection:
    """One result's part of the page: its charts below its headline, and what is left out, with the reason."""

    label: str
    headline: str
    figures: tuple[Figure, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ResultParts:
    """What ``results.html.jinja`` asks for: the paper's table, a comparison, a section a result, and the drill-down.

    The names are those of the languages.
    """

    overview: Table
    comparison: Table | None
    sections: tuple[ResultSection, ...]
    names: dict[str, str]
    queries: HardestQueries


@dataclass(frozen=True)
class Report:
    """Results to be looked at, side by side.

    Attributes:
        results: label and result, the baseline first.
        measure: shown language by language, and by which queries are hard; every setting has to have it.
        comparison: of the results with the first, if there is one.
        benchmark: whose texts an HTML report shows; none are if not given.
        hardest: queries an HTML report holds of each setting and pair.
        without_texts: why no texts are shown, where that has a reason to be told.
        with_bias: whether language bias is shown; an audit shows its own.

    Raises:
        InputError: if there is no result, two have one label, or the measure is not in every setting.
    """

    results: tuple[tuple[str, EvaluationResult], ...]
    measure: str = "mAP"
    comparison: Comparison | None = None
    benchmark: Benchmark | None = None
    hardest: int = HARDEST
    without_texts: str = ""
    with_bias: bool = True

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

    @property
    def title(self) -> str:
        """What was evaluated on what; of a path, the last folder."""
        benchmarks = ", ".join(dict.fromkeys(result.benchmark for _, result in self.results))
        first, *others = short_labels([label for label, _ in self.results]).values()
        return f"{first} on {benchmarks}" if not others else f"{len(self.results)} results on {benchmarks}"

    def blocks(self) -> list[Block]:
        """All tables, with labels that are paths shortened, and what they stand for."""
        short = short_labels([label for label, _ in self.results])
        return [*report_tables(_renamed(self, short)), *full_names(short)]

    def csv(self) -> str:
        """Every number: one line a result, setting, language or pair, and measure."""
        return results_csv(self.results)

    def html(self) -> str:
        """One page with tables, charts and the hardest queries.

        Raises:
            InputError: if the libraries that draw are missing, or the texts do not belong to the results.
        """
        return rendered(
            "report.html.jinja",
            title=self.title,
            records=[provenance(f"How {label} was evaluated", result.provenance) for label, result in self.results],
            scripts=["queries.js"],
            page=result_parts(self),
        )

    def write(self, path: str | Path) -> Path:
        """Write the report, whole or not at all, in the format of the suffix; gives the path.

        Raises:
            InputError: if the suffix is not one of .html, .md, .tex, .csv, or a library that HTML needs is missing.
        """
        return write_document(self, path)


def report_tables(report: Report) -> list[Table]:
    """All tables of a report: the paper's, the comparison's, then those of every result by language."""
    tables = [results_table(report.results)]
    if report.comparison is not None:
        tables.append(comparison_table(report.comparison))
    for label, result in report.results:
        if result.scores:
            tables.append(language_table(label, report.cells[label], report.measure))
            if spreads := rank_spreads(result):
                tables.append(spread_table(label, spreads, report.cells[label]))
            if report.with_bias and result.language_bias is not None:
                tables += bias_tables(label, result.language_bias)
    return tables


def result_parts(report: Report) -> ResultParts:
    """What a page shows of a report's results.

    Raises:
        InputError: if the libraries that draw are missing, or the texts do not belong to the results.
    """
    return ResultParts(
        overview=results_table(report.results),
        comparison=comparison_table(report.comparison) if report.comparison else None,
        sections=tuple(_section(report, label, result) for label, result in report.results),
        names=language_names([language for _, result in report.results for language in result.languages]),
        queries=hardest_queries(
            report.results,
            report.measure,
            count=report.hardest,
            benchmark=report.benchmark,
            reason=report.without_texts,
        ),
    )


def labelled(results: Sequence[tuple[Path, EvaluationResult]]) -> tuple[tuple[str, EvaluationResult], ...]:
    """Results under their models' names; where two have one name, under the names of their folders too."""
    models = [result.model for _, result in results]
    return tuple(
        (result.model if models.count(result.model) == 1 else f"{result.model} ({folder})", result)
        for folder, result in results
    )


def _section(report: Report, label: str, result: EvaluationResult) -> ResultSection:
    """One result's charts, and what cannot be drawn of it; all results share one scale of colours."""
    cells = report.cells[label]
    domain = heat_domain([cell for of_label in report.cells.values() for cell in of_label], report.measure)
    parts = {
        "Language by language is left out: the result holds no scores of single queries.": heat_figure(
            label, cells, report.measure, domain=domain
        ),
        "Rank distance is left out: the multilingual setting was not evaluated.": spread_figure(label, result, cells),
    }
    if report.with_bias:
        missing = "Language bias is left out: it is measured over several languages in the multilingual setting."
        parts[missing] = exposure_figure(label, result.language_bias) if result.language_bias else None
    return ResultSection(
        label=label,
        headline=result.headline,
        figures=tuple(figure for figure in parts.values() if figure),
        missing=tuple(reason for reason, figure in parts.items() if not figure),
    )


def _renamed(report: Report, names: Mapping[str, str]) -> Report:
    """The report with other labels."""
    comparison = report.comparison
    if comparison is not None:
        comparison = replace(
            comparison,
            baseline=names.get(comparison.baseline, comparison.baseline),
            differences=tuple(
                replace(one, model=names.get(one.model, one.model), against=names.get(one.against, one.against))
                for one in comparison.differences
            ),
        )
    results = tuple((names[label], result) for label, result in report.results)
    return replace(report, results=results, comparison=comparison)

"""The HTML page of one result, or of several side by side."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.settings import POOL
from equilingua.reports.charts import heat_domain
from equilingua.reports.figures import exposure_figure, heat_figure, spread_figure
from equilingua.reports.hardest import LONGEST_TEXT, query_document
from equilingua.reports.language_tables import POOL_NAME
from equilingua.reports.page import Figure, language_names, provenance, rendered
from equilingua.reports.tables import comparison_table, results_table
from equilingua.tables import Table

if TYPE_CHECKING:
    from equilingua.reports.result import Report


@dataclass(frozen=True, slots=True)
class Section:
    """One result's part of the page.

    Attributes:
        label: of the result.
        headline: model, benchmark, languages, queries, pool.
        figures: its charts.
        missing: what is left out, and why.
    """

    label: str
    headline: str
    figures: tuple[Figure, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HardestQueries:
    """What the drill-down shows.

    Attributes:
        document: queries, ranks and texts, for its script.
        names: of languages and the pool, for its script.
        measure: by which queries are hard.
        count: queries of each setting and pair.
        with_texts: whether texts are shown.
        longest_text: characters after which they are cut.
    """

    document: dict[str, Any]
    names: dict[str, str]
    measure: str
    count: int
    with_texts: bool
    longest_text: int = LONGEST_TEXT


@dataclass(frozen=True, slots=True)
class ResultParts:
    """What a page shows of evaluation results: what ``results.html.jinja`` asks for.

    Attributes:
        overview: the paper's table.
        comparison: of the results, if there is one.
        sections: one a result.
        names: of the languages.
        queries: the drill-down.
    """

    overview: Table
    comparison: Table | None
    sections: tuple[Section, ...]
    names: dict[str, str]
    queries: HardestQueries


def result_page(report: "Report") -> str:
    """The whole page.

    Raises:
        InputError: if the libraries that draw are missing, or the texts do not belong to the results.
    """
    return rendered(
        "report.html.jinja",
        title=report.title,
        records=[provenance(f"How {label} was evaluated", result.provenance) for label, result in report.results],
        scripts=["queries.js"],
        page=result_parts(report),
    )


def result_parts(report: "Report") -> ResultParts:
    """What a page shows of a report's results.

    Raises:
        InputError: if the libraries that draw are missing, or the texts do not belong to the results.
    """
    return ResultParts(
        overview=results_table(report.results),
        comparison=comparison_table(report.comparison) if report.comparison else None,
        sections=tuple(_section(report, label, result) for label, result in report.results),
        names=language_names(report.languages),
        queries=_hardest_queries(report),
    )


def _section(report: "Report", label: str, result: EvaluationResult) -> Section:
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
    return Section(
        label=label,
        headline=result.headline,
        figures=tuple(figure for figure in parts.values() if figure),
        missing=tuple(reason for reason, figure in parts.items() if not figure),
    )


def _hardest_queries(report: "Report") -> HardestQueries:
    """The drill-down of a report's results.

    Raises:
        InputError: if the texts do not belong to the results.
    """
    return HardestQueries(
        document=query_document(report.results, report.measure, count=report.hardest, benchmark=report.benchmark),
        names={**language_names(report.languages), POOL: POOL_NAME},
        measure=report.measure,
        count=report.hardest,
        with_texts=report.benchmark is not None,
    )

"""A report as one HTML file that needs nothing else: no network, no server, no libraries when it is opened."""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from equilingua.evaluation.bias import LanguageBias
from equilingua.evaluation.naming import decimals
from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.settings import POOL
from equilingua.languages import language_name
from equilingua.reports.bias_tables import bias_tables
from equilingua.reports.charts import exposure_chart, heat_domain, heat_map, spread_chart
from equilingua.reports.document import Report
from equilingua.reports.hardest import LONGEST_TEXT, query_document
from equilingua.reports.language_tables import (
    POOL_NAME,
    language_table,
    pair_cells,
    rank_spreads,
    spread_table,
)
from equilingua.reports.tables import Table, comparison_table, results_table


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with what stands for it where it cannot be seen.

    Attributes:
        heading: above it.
        svg: the chart.
        description: what it shows, for those who do not see it.
        reading: how to read it.
        tables: the same numbers, and what belongs to them.
    """

    heading: str
    svg: str
    description: str
    reading: str
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One result's part of the page.

    Attributes:
        label: of the result.
        headline: model, benchmark, languages, queries, pool.
        figures: its charts.
        missing: what is left out, and why.
        provenance: names and values, in order.
    """

    label: str
    headline: str
    figures: tuple[Figure, ...]
    missing: tuple[str, ...]
    provenance: tuple[tuple[str, str], ...]


def html_page(report: Report) -> str:
    """The whole page.

    All data is escaped, and the page forbids itself (by its content security policy) every script but its own and
    every request, so that a text of a benchmark can never act.

    Raises:
        InputError: if the libraries that draw are missing, or the texts do not belong to the results.
    """
    style, script = _template("report.css"), _template("report.js")
    document = query_document(report.results, report.measure, count=report.hardest, benchmark=report.benchmark)
    languages = sorted({language for _, result in report.results for language in result.languages})
    page = _environment().get_template("report.html.jinja")
    return str(
        page.render(
            title=_title(report),
            overview=results_table(report.results),
            comparison=comparison_table(report.comparison) if report.comparison else None,
            sections=[_section(report, label, result) for label, result in report.results],
            names={**{language: language_name(language) for language in languages}, POOL: POOL_NAME},
            report=report,
            document=document,
            longest_text=LONGEST_TEXT,
            style=style,
            script=script,
            script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        )
    )


def _template(name: str) -> str:
    return (files("equilingua.reports") / "templates" / name).read_text(encoding="utf-8")


def _environment() -> Any:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_template),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # Without spaces and with letters as they are, the texts of other scripts take half of the room.
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    return environment


def _title(report: Report) -> str:
    benchmarks = ", ".join(dict.fromkeys(result.benchmark for _, result in report.results))
    first, *others = (label for label, _ in report.results)
    return f"{first} on {benchmarks}" if not others else f"{len(report.results)} results on {benchmarks}"


def _section(report: Report, label: str, result: EvaluationResult) -> Section:
    bias = result.language_bias
    figures = (
        _heat_figure(report, label),
        _spread_figure(report, label, result),
        _exposure_figure(label, bias) if bias else None,
    )
    missing = {
        "Language by language": "the result holds no scores of single queries",
        "Rank distance": "the multilingual setting was not evaluated",
        "Language bias": "it is measured over several languages in the multilingual setting",
    }
    return Section(
        label=label,
        headline=result.headline,
        figures=tuple(figure for figure in figures if figure),
        missing=tuple(
            f"{name} is left out: {why}."
            for (name, why), figure in zip(missing.items(), figures, strict=True)
            if not figure
        ),
        provenance=tuple(_flat(result.provenance)),
    )


def _heat_figure(report: Report, label: str) -> Figure | None:
    shown = [cell for cell in pair_cells(report.cells[label]) if cell.measure == report.measure]
    if not shown:
        return None
    best, worst = max(shown, key=lambda cell: cell.value), min(shown, key=lambda cell: cell.value)
    digits = decimals(report.measure)
    ends = [f"{c.value:.{digits}f} (queries {c.query_language}, passages {c.corpus_language})" for c in (best, worst)]
    domain = heat_domain([cell for of_label in report.cells.values() for cell in of_label], report.measure)
    return Figure(
        heading=f"{report.measure}, language by language",
        tables=(language_table(label, shown, report.measure),),
        svg=heat_map(shown, report.measure, domain=domain),
        description=f"Heat map of {report.measure}: highest {ends[0]}, lowest {ends[1]}.".replace(POOL, POOL_NAME),
        reading="The diagonal is monolingual, the rest cross-lingual. In the mixed pool all translations are relevant.",
    )


def _spread_figure(report: Report, label: str, result: EvaluationResult) -> Figure | None:
    spreads = rank_spreads(result)
    if not spreads:
        return None
    medians = ", ".join(f"{spread.language} {spread.quantiles[2]:,.0f}" for spread in spreads)
    return Figure(
        heading="Rank distance, by query language",
        tables=(spread_table(label, spreads, report.cells[label]),),
        svg=spread_chart(spreads),
        description=f"Distribution of rank distance. Medians: {medians}.",
        reading="Bar: the middle half of the queries, with the median as a gap; line: from 10 % to 90 %. Lower is "
        "better; the scale is logarithmic.",
    )


def _exposure_figure(label: str, bias: LanguageBias) -> Figure:
    told = ", ".join(
        f"{language} {100 * e.share:.1f} % (pool {100 * e.pool_share:.1f} %)" for language, e in bias.exposure.items()
    )
    return Figure(
        heading=f"Language bias: the first {bias.k} places, by passage language",
        svg=exposure_chart(bias.exposure),
        description=f"Share of the first {bias.k} places beside the share of the pool: {told}.",
        reading="Bar: share of the places, with the 95 % interval as a line; upright mark: share of the pool, which a "
        "ranking that does not look at language gives.",
        tables=tuple(bias_tables(label, bias)),
    )


def _flat(record: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Nested provenance as names and values; what is None or empty is left out.

    >>> list(_flat({"versions": {"torch": "2.13"}, "card": None, "languages": ["de", "en"]}))
    [('versions: torch', '2.13'), ('languages', 'de, en')]
    """
    for name, value in record.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}: ")
        elif isinstance(value, list | tuple) and any(isinstance(one, Mapping) for one in value):
            for number, one in enumerate(value, start=1):
                yield from _flat(one, f"{prefix}{name} {number}: ")
        elif value not in (None, "", [], ()):
            yield f"{prefix}{name}", ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)

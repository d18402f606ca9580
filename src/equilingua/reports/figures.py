"""The figures of a result: charts, each with a description and the tables of its numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from equilingua.evaluation.bias import LanguageBias
from equilingua.evaluation.rank_spread import rank_spreads
from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.settings import POOL
from equilingua.metrics.naming import decimals
from equilingua.reports.charts import exposure_chart, heat_map, spread_chart
from equilingua.reports.language_tables import (
    POOL_NAME,
    bias_tables,
    language_table,
    pair_cells,
    spread_table,
)
from equilingua.reports.tables import Cell
from equilingua.tables import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart, how to read it, and what stands for it where it cannot be seen: a description, tables of its numbers.

    The name ends that of its file where a chart is a file beside its page, such as ``curve``.
    """

    heading: str
    svg: str
    description: str
    reading: str
    tables: tuple[Table, ...]
    name: str = ""


def heat_figure(label: str, cells: Sequence[Cell], measure: str, *, domain: tuple[float, float]) -> Figure | None:
    """A measure by query and passage language; None where the result has no scores of single queries."""
    shown = [cell for cell in pair_cells(cells) if cell.measure == measure]
    if not shown:
        return None
    best, worst = max(shown, key=lambda cell: cell.value), min(shown, key=lambda cell: cell.value)
    digits = decimals(measure)
    ends = [f"{c.value:.{digits}f} (queries {c.query_language}, passages {c.corpus_language})" for c in (best, worst)]
    return Figure(
        heading=f"{measure}, language by language",
        tables=(language_table(label, shown, measure),),
        svg=heat_map(shown, measure, domain=domain),
        description=f"Heat map of {measure}: highest {ends[0]}, lowest {ends[1]}.".replace(POOL, POOL_NAME),
        reading="The diagonal is monolingual, the rest cross-lingual. In the mixed pool all translations are relevant.",
    )


def spread_figure(label: str, result: EvaluationResult, cells: Sequence[Cell]) -> Figure | None:
    """Rank distance by query language; None without the multilingual setting."""
    spreads = rank_spreads(result)
    if not spreads:
        return None
    medians = ", ".join(f"{spread.language} {spread.quantiles[2]:,.0f}" for spread in spreads)
    return Figure(
        heading="Rank distance, by query language",
        tables=(spread_table(label, spreads, cells),),
        svg=spread_chart(spreads),
        description=f"Distribution of rank distance. Medians: {medians}.",
        reading="Bar: the middle half of the queries, with the median as a gap; line: from 10 % to 90 %. Lower is "
        "better; the scale is logarithmic.",
    )


def exposure_figure(label: str, bias: LanguageBias) -> Figure:
    """Shares of the first places beside shares of the pool, with all tables of language bias."""
    shares = ", ".join(
        f"{language} {100 * e.share:.1f} % (pool {100 * e.pool_share:.1f} %)" for language, e in bias.exposure.items()
    )
    return Figure(
        heading=f"Language bias: the first {bias.k} places, by passage language",
        svg=exposure_chart(bias.exposure),
        description=f"Share of the first {bias.k} places beside that of the pool, means over query languages: "
        f"{shares}.",
        reading="Bar: share of the places, mean over query languages, with the 95 % interval as a line; upright mark: "
        "share of the pool, which a ranking that does not look at language gives.",
        tables=tuple(bias_tables(label, bias)),
    )

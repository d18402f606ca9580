"""One result language by language: which languages find which, and how far apart they rank."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.settings import MULTILINGUAL, POOL
from equilingua.metrics.naming import decimals
from equilingua.reports.cells import ALL, Cell, interval_text
from equilingua.tables import Table

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
POOL_NAME = "mixed pool"


@dataclass(frozen=True, slots=True)
class RankSpread:
    """How far apart one language's queries rank their relevant passages in the mixed pool.

    Attributes:
        language: of the queries.
        queries: their number.
        mean: rank distance, in ranks.
        quantiles: rank distance at ``QUANTILES``.
    """

    language: str
    queries: int
    mean: float
    quantiles: tuple[float, ...]


def pair_cells(cells: Sequence[Cell]) -> list[Cell]:
    """The cells of single languages and pairs, macro means left out."""
    return [cell for cell in cells if cell.query_language != ALL]


def language_table(label: str, cells: Sequence[Cell], measure: str) -> Table:
    """Query languages by passage languages: monolingual on the diagonal, the mixed pool in the last column.

    Args:
        label: of the result.
        cells: of one result.
        measure: its name.
    """
    of_pair = {(c.query_language, c.corpus_language): c for c in pair_cells(cells) if c.measure == measure}
    queries = sorted({query for query, _ in of_pair})
    corpora = sorted({corpus for _, corpus in of_pair} - {POOL})
    columns = [*corpora, POOL] if any(corpus == POOL for _, corpus in of_pair) else corpora
    rows = [
        (query, *(_text(of_pair.get((query, corpus)), decimals(measure)) for corpus in columns)) for query in queries
    ]
    intervals = "; with 95 % bootstrap intervals over items" if any(c.low is not None for c in of_pair.values()) else ""
    return Table(
        title=f"{label}: {measure} by query language (rows) and passage language (columns)",
        name=f"languages {label}",
        header=("queries", *(POOL_NAME if corpus == POOL else corpus for corpus in columns)),
        rows=tuple(rows),
        note=f"The diagonal is monolingual, the rest cross-lingual{intervals}.",
    )


def rank_spreads(result: EvaluationResult) -> list[RankSpread]:
    """Rank distance per query language, from the ranks of every query in the multilingual setting."""
    spreads = []
    for pair in result.scores:
        if pair.setting == MULTILINGUAL:
            best = np.where(pair.ranks > 0, pair.ranks, np.iinfo(np.int64).max).min(axis=1)
            distances = pair.ranks.max(axis=1) - best
            quantiles = tuple(float(value) for value in np.quantile(distances, QUANTILES))
            spreads.append(RankSpread(pair.query_language, len(distances), float(distances.mean()), quantiles))
    return spreads


def spread_table(label: str, spreads: Sequence[RankSpread], cells: Sequence[Cell]) -> Table:
    """Mean rank distance with its interval, and its quantiles, a row a query language.

    Args:
        label: of the result.
        spreads: of its query languages.
        cells: that hold the intervals of ``rank_distance``, if it was evaluated.
    """
    distances = [cell for cell in pair_cells(cells) if cell.measure == "rank_distance"]
    means = {cell.query_language: interval_text(cell, 0) for cell in distances}
    known = any(cell.low is not None for cell in distances)
    return Table(
        title=f"{label}: rank distance by query language, in ranks",
        name=f"rank distance {label}",
        header=("queries", "mean [95 %]" if known else "mean", "10 %", "25 %", "median", "75 %", "90 %"),
        rows=tuple(
            (s.language, means.get(s.language, f"{s.mean:,.0f}"), *(f"{value:,.0f}" for value in s.quantiles))
            for s in spreads
        ),
        note="Ranks between a query's best and worst placed relevant passage in the mixed pool; lower is better. "
        "10 % to 90 %: percentiles over queries.",
    )


def shared_measures(results: Sequence[EvaluationResult]) -> list[str]:
    """Measures that every setting of every result has, in the order of the first: those that can fill a heat map."""
    means = [of_setting for result in results for of_setting in result.measures.values()]
    return [name for name in means[0] if all(name in others for others in means)] if means else []


def _text(cell: Cell | None, digits: int) -> str:
    return "-" if cell is None else interval_text(cell, digits)

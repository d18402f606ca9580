"""Every number of a result as one record, with its interval: what tables, charts and CSV files are made of."""

from collections.abc import Sequence
from dataclasses import dataclass

from equilingua.evaluation.result import EvaluationResult
from equilingua.tables import value_text

ALL = ""
"""Stands for a language where the mean is taken over all languages."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One measure of one setting, language or pair.

    Attributes:
        setting: monolingual, cross-lingual or multilingual.
        query_language: of the queries; empty for the macro mean over all.
        corpus_language: of the corpus; ``*`` for the pool of all corpora, empty for the macro mean over all.
        measure: its name.
        value: mean, or macro mean.
        low: lower end of the 95 % bootstrap interval over items; None where the result was made without intervals, or
            of a single query.
        high: upper end.
    """

    setting: str
    query_language: str
    corpus_language: str
    measure: str
    value: float
    low: float | None = None
    high: float | None = None


def cells(result: EvaluationResult, measures: Sequence[str] | None = None) -> list[Cell]:
    """Macro means, then every language or pair, as the result has them; of these measures, or of all."""
    macro = [
        Cell(setting, ALL, ALL, name, value, *result.intervals.get(setting, {}).get(name, (None, None)))
        for setting, means in result.measures.items()
        for name, value in means.items()
        if measures is None or name in measures
    ]
    return macro + [
        Cell(pair.setting, pair.query_language, pair.corpus_language, name, means[name], *ends.get(name, (None, None)))
        for pair in result.scores
        for means, ends in [(result.means_of(pair), result.intervals_of(pair))]
        for name in pair.values
        if measures is None or name in measures
    ]


def interval_text(cell: Cell, decimals: int) -> str:
    """Value and interval, written as in every table.

    >>> interval_text(Cell("monolingual", "en", "en", "mAP", 0.5, 0.4, 0.6), 2)
    '0.50 [0.40, 0.60]'
    """
    interval = None if cell.low is None or cell.high is None else (cell.low, cell.high)
    return value_text(cell.value, interval, form=f",.{decimals}f")

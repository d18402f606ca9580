"""The record of one evaluation: numbers, intervals, where they come from, and every query's ranks."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from equilingua.evaluation.bias import LanguageBias
from equilingua.evaluation.scores import PairScores
from equilingua.metrics.naming import PRINTED_MEASURES, SAVED_MEASURES, decimals, parse_metric
from equilingua.tables import aligned_text, value_text

Means = Mapping[str, float]
Interval = tuple[float, float]

WITH_INTERVAL = ("mAP", "rank_distance")
"""Measures whose interval is printed; those of the others are in ``intervals``."""


@dataclass(frozen=True, eq=False)
class EvaluationResult:
    """How one model does on one benchmark.

    Attributes:
        model: its name or path.
        benchmark: its name.
        languages: of the queries and corpora.
        measures: per setting and measure, the macro mean over languages or pairs.
        per_language: per setting and query language, each measure; cross-lingual: its mean over all corpora.
        per_pair: per ordered pair of the cross-lingual setting (``en-de``: English queries, German passages).
        intervals: laid out as ``measures``: the 95 % bootstrap interval (low, high) over items.
        counts: queries and passages per language, size of the pool, pairs and queries scored and dropped per setting.
        provenance: versions, seeds, data hashes, precision, hardware, command.
        scores: every query's ranks and measures.
        language_bias: which languages the multilingual ranking favours; None for a single language, where that
            setting was not evaluated, or where parallel queries together leave out every passage.
    """

    model: str
    benchmark: str
    languages: tuple[str, ...]
    measures: Mapping[str, Means]
    per_language: Mapping[str, Mapping[str, Means]]
    per_pair: Mapping[str, Means]
    intervals: Mapping[str, Mapping[str, Interval]]
    counts: Mapping[str, Any]
    provenance: Mapping[str, Any]
    scores: tuple[PairScores, ...]
    language_bias: LanguageBias | None = None

    def to_dict(self) -> dict[str, Any]:
        """What ``result.json`` holds: everything but the scores of single queries."""
        from equilingua.evaluation.result_files import result_document

        return result_document(self)

    def save(self, folder: str | Path, *, overwrite: bool = False) -> Path:
        """Write ``result.json`` and ``per_query.parquet``; gives the folder back.

        Raises:
            InputError: if the folder holds anything else, or a result and ``overwrite`` is not set.
        """
        from equilingua.evaluation.result_files import write_result

        return write_result(self, Path(folder), overwrite=overwrite)

    @classmethod
    def load(cls, folder: str | Path) -> "EvaluationResult":
        """The result saved in a folder.

        Raises:
            InputError: if it holds no result, one of another schema, or files that do not belong together.
        """
        from equilingua.evaluation.result_files import read_result

        return read_result(Path(folder))

    @property
    def headline(self) -> str:
        """Model, benchmark, languages, queries a language and size of the pool, in a line."""
        queries = sorted(set(self.counts["queries"].values()))
        each = f"{queries[0]:,}" if len(queries) == 1 else f"{queries[0]:,} to {queries[-1]:,}"
        noun = "language" if len(self.languages) == 1 else "languages"
        return (
            f"{self.model} on {self.benchmark}: {len(self.languages)} {noun} ({', '.join(self.languages)}), "
            f"{each} queries a language, pool of {self.counts['pool']:,} passages"
        )

    def __str__(self) -> str:
        """The paper's layout as plain text: the three settings, rank distance, languages and queries."""
        header, *rows = setting_rows(self)
        return f"{self.headline}\n\n{aligned_text(header, rows)}"


def setting_rows(result: EvaluationResult) -> list[list[str]]:
    """Header and rows of a result's table: one row a setting, one column a measure, mAP with its interval.

    A result without intervals has none in its header either. Of the measures taken by default, those of
    ``SAVED_MEASURES`` are left out.
    """
    named = _columns(result)
    known = {name for of_setting in result.intervals.values() for name in of_setting if name in WITH_INTERVAL}
    header = ["setting", *(f"{name} [95 %]" if name in known else name for name in named)]
    rows = [[setting, *(_cell(result, setting, name) for name in named)] for setting in result.measures]
    return [header, *rows]


def _columns(result: EvaluationResult) -> list[str]:
    named = list(dict.fromkeys(measure for means in result.measures.values() for measure in means))
    by_default = {name for name in PRINTED_MEASURES if not parse_metric(name).multilingual_only}
    return [name for name in named if name not in SAVED_MEASURES] if by_default.issubset(named) else named


def with_interval(result: EvaluationResult, setting: str, measure: str, *, decimals: int = 3) -> str:
    """A measure and its interval, such as ``0.798 [0.781, 0.814]``; a dash where it was not taken."""
    if measure not in result.measures.get(setting, {}):
        return "-"
    interval = result.intervals.get(setting, {}).get(measure)
    return value_text(result.measures[setting][measure], interval, form=f",.{decimals}f")


def _cell(result: EvaluationResult, setting: str, measure: str) -> str:
    digits = decimals(measure)
    if measure in WITH_INTERVAL:
        return with_interval(result, setting, measure, decimals=digits)
    value = result.measures[setting].get(measure)
    return "-" if value is None else f"{value:,.{digits}f}"

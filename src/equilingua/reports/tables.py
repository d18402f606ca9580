"""Every number of a result as a cell with its interval, and results side by side in the paper's layout."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from equilingua.evaluation.comparison import Comparison
from equilingua.evaluation.overlap import read_trained_on
from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.settings import CROSS_LINGUAL, MONOLINGUAL, MULTILINGUAL
from equilingua.tables import Table, value_text

ALL = ""
"""Stands for a language where the mean is taken over all languages."""

# With as many relevant passages as languages, R@1 of the multilingual setting cannot pass 1 / languages: R@10 is told.
COLUMNS = (
    ("mAP Mo", MONOLINGUAL, "mAP"),
    ("mAP Cr", CROSS_LINGUAL, "mAP"),
    ("mAP Mul", MULTILINGUAL, "mAP"),
    ("R@1 Mo", MONOLINGUAL, "R@1"),
    ("R@1 Cr", CROSS_LINGUAL, "R@1"),
    ("R@10 Mul", MULTILINGUAL, "R@10"),
    ("rank distance", MULTILINGUAL, "rank_distance"),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One measure of one setting, language or pair.

    Languages are empty for the macro mean over all; that of the corpus is ``*`` for the pool of all corpora. The ends
    are those of the 95 % bootstrap interval over items: None where the result was made without, or of a single query.
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


def results_table(results: Sequence[tuple[str, EvaluationResult]]) -> Table:
    """The paper's table: one row a result, under its label, macro means with their 95 % intervals.

    Source: layout of Elmahdy et al. 2024 (arXiv 2408.10536), tables 2 to 4.
    """
    benchmarks = ", ".join(dict.fromkeys(result.benchmark for _, result in results))
    languages = ", ".join(dict.fromkeys(str(len(result.languages)) for _, result in results))
    caveats = "".join(f" {label}: {result.caveat}" for label, result in results if result.caveat)
    rows = [(label, *(result.text(setting, measure) for _, setting, measure in COLUMNS)) for label, result in results]
    return Table(
        title=f"{benchmarks}, {languages} languages",
        header=("", *(name for name, *_ in COLUMNS)),
        rows=tuple(rows),
        name="results",
        note=(
            "Mo monolingual, Cr cross-lingual, Mul multilingual setting; mAP without cut-off. "
            f"{_means_note(any(result.intervals for _, result in results))} Rank distance: lower is better."
            f"{caveats}"
            f"{_training_note(results)}"
        ),
    )


def settings_table(result: EvaluationResult) -> Table:
    """One result, one row a setting: what ``print(result)`` shows, as a table."""
    table, training = result.table(), _training_note([("", result)])
    notes = _means_note(bool(result.intervals)), table.note, result.caveat
    return replace(table, note="\n".join(filter(None, notes)) + training)


def comparison_table(comparison: Comparison) -> Table:
    """Differences between results, one row a pair of them, setting and measure; below, what they allow to be said."""
    note = (
        "* p < .05: two-sided permutation test over items, corrected by Holm's method within a measure, which holds "
        "whatever items unlike any seen may be. Could show: the smallest difference that such items show in four of "
        "five samples. "
        "d_z: the difference in standard deviations between items. Won, tied and lost: of the items."
    )
    if comparison.margins:
        margins = ", ".join(f"{name} {margin:g}" for name, margin in comparison.margins.items())
        note += f" Not worse, equivalent: p below .05 rules out a loss, or any difference, of the margin ({margins})."
    lines = [note, "", *(f"- {line}" for line in comparison.summary().splitlines())]
    return replace(comparison.table(), name="comparison", note="\n".join(lines))


def _training_note(results: Sequence[tuple[str, EvaluationResult]]) -> str:
    """What of the benchmark each model was trained on, a paragraph each; under its label where there are several."""
    told = [
        (label, " ".join(f"{sentence}." for sentence in read_trained_on(result.provenance["trained_on"]).sentences()))
        for label, result in results
        if "trained_on" in result.provenance
    ]
    return "".join(f"\n\n{label}: {text}" if len(results) > 1 else f"\n\n{text}" for label, text in told if text)


def _means_note(intervals: bool) -> str:
    with_them = ", with 95 % bootstrap intervals over items" if intervals else ""
    return f"Macro means over languages or ordered pairs{with_them}."

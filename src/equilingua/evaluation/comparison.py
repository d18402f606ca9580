"""The record of a comparison: differences of other results from a baseline, and its table."""

from dataclasses import dataclass

from equilingua.evaluation.naming import LOWER_IS_BETTER
from equilingua.evaluation.text_table import text_table

LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure of one setting: another result minus the baseline.

    Attributes:
        model: of the other result.
        setting: monolingual, cross-lingual or multilingual.
        measure: its name.
        baseline: the baseline's macro mean.
        value: the other result's macro mean.
        low: lower end of the 95 % paired bootstrap interval of ``difference``.
        high: upper end.
        p: two-sided p-value of the paired permutation test.
        p_corrected: after Holm's correction over all settings and results compared by this measure.
        not_worse: whether the interval excludes a loss of the margin or more; None without a margin, and for measures
            that are no shares between 0 and 1.
    """

    model: str
    setting: str
    measure: str
    baseline: float
    value: float
    low: float
    high: float
    p: float
    p_corrected: float
    not_worse: bool | None = None

    @property
    def difference(self) -> float:
        """Value minus baseline."""
        return self.value - self.baseline

    @property
    def significant(self) -> bool:
        """Whether the corrected p-value is below .05."""
        return self.p_corrected < LEVEL


@dataclass(frozen=True, slots=True)
class Comparison:
    """Results compared with a baseline on the same queries.

    Attributes:
        benchmark: its name.
        baseline: the model compared with.
        differences: by other result, then setting, then measure.
        margin: the loss that counts as one, if asked for.
    """

    benchmark: str
    baseline: str
    differences: tuple[Difference, ...]
    margin: float | None = None

    def __str__(self) -> str:
        """A table of all differences; a star marks a corrected p-value below .05."""
        header, *rows = comparison_rows(self)
        return f"{self.benchmark}: differences from {self.baseline}\n\n{text_table(header, rows)}"


def comparison_rows(comparison: Comparison) -> list[list[str]]:
    """Header and rows of a comparison's table, as text."""
    header = ["model", "setting", "measure", "baseline", "value", "difference [95 %]", "p (Holm)"]
    header += ["not worse"] if comparison.margin is not None else []
    return [header, *(_row(difference, margin=comparison.margin) for difference in comparison.differences)]


def _row(row: Difference, *, margin: float | None) -> list[str]:
    digits = 0 if row.measure in LOWER_IS_BETTER else 3
    told = f"{row.difference:+,.{digits}f} [{row.low:+,.{digits}f}, {row.high:+,.{digits}f}]"
    p = f"{row.p_corrected:.4f}{'*' if row.significant else ' '}"
    cells = [row.model, row.setting, row.measure, f"{row.baseline:,.{digits}f}", f"{row.value:,.{digits}f}", told, p]
    return cells if margin is None else [*cells, {None: "-", True: "yes", False: "no"}[row.not_worse]]

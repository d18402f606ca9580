"""The record of a comparison: differences between results, what they amount to in words, and its table."""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from equilingua.metrics.naming import LOWER_IS_BETTER, NO_DIRECTION, decimals
from equilingua.statistics.evidence import FEWEST_ITEMS
from equilingua.statistics.significance import (
    EQUIVALENT,
    NOT_DISTINGUISHABLE,
    NOT_WORSE,
    SIGNIFICANCE_LEVEL,
    TOO_FEW,
    ItemShares,
    cliques,
    listed,
    verdict,
)
from equilingua.tables import Table


@dataclass(frozen=True, slots=True)
class MarginTests:
    """One-sided tests of one difference against its margin.

    Attributes:
        margin: the difference from which on it matters, in the measure's unit.
        p_not_worse: of the hypothesis that the result is worse by the margin or more; None where neither high nor
            low is better.
        p_equivalent: the larger of that and of the hypothesis that it is better by the margin or more (TOST).
        p_not_worse_corrected: after Holm's correction over the same differences as ``Difference.p_corrected``.
        p_equivalent_corrected: after the same correction.
    """

    margin: float
    p_not_worse: float | None
    p_equivalent: float
    p_not_worse_corrected: float | None
    p_equivalent_corrected: float


@dataclass(frozen=True, slots=True)
class MeanRatio:
    """The geometric mean of a result's ranks (1 more than each, so that 0 has a logarithm) over that of another.

    Attributes:
        ratio: below 1 where the result is lower. It stands for most items, where a few decide the mean.
        low: lower end of the 95 % paired bootstrap interval on the logarithmic scale; NaN for too few items.
        high: upper end.
        p_corrected: of the permutation test on that scale, corrected as ``Difference.p_corrected``.
        too_few: why the items are too few even on that scale; None where they are enough.
    """

    ratio: float
    low: float
    high: float
    p_corrected: float
    too_few: str | None

    @property
    def significant(self) -> bool:
        """Whether the ratio is told from 1."""
        return self.too_few is None and self.p_corrected < SIGNIFICANCE_LEVEL


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure of one setting: a result minus the one it is compared with.

    Attributes:
        model: of the result.
        against: of the one it is compared with.
        setting: monolingual, cross-lingual or multilingual.
        measure: its name.
        items: on which both have a value.
        baseline: macro mean of ``against`` over these items.
        value: macro mean of ``model`` over them.
        low: lower end of the 95 % interval of ``difference``; NaN for a single item, and where ``too_few`` says why the
            mean of a measure without bounds has none.
        high: upper end.
        p: two-sided p-value of the paired permutation test.
        p_corrected: after Holm's correction over all settings and results compared by this measure.
        effect: Cohen's d_z, the difference in standard deviations between items; NaN where that is not defined.
        shares: of items won, tied and lost.
        tests: against the margin; None where the measure has none.
        ratio: of geometric means, of measures in ranks. Its test is taken where that of the mean has too few items.
        p_unseen_corrected: of the bounds that allow for items unlike any seen, after the same correction; 0 where there
            are enough items without them, 1 where there are not and the measure has no bounds.
        too_few: why the items are too few for what is taken from their spread; None where they are enough.
        unseen: whether the interval is of the bounds that allow for items unlike any seen: there are too few items, or
            they vary so little that such items could move the mean by more. It is the longer for it.
        smallest: the smallest difference that such items show in four of five samples; None where they show none.
    """

    model: str
    against: str
    setting: str
    measure: str
    items: int
    baseline: float
    value: float
    low: float
    high: float
    p: float
    p_corrected: float
    effect: float
    shares: ItemShares
    tests: MarginTests | None = None
    ratio: MeanRatio | None = None
    p_unseen_corrected: float = 0.0
    too_few: str | None = None
    smallest: float | None = None
    unseen: bool = False

    @property
    def difference(self) -> float:
        """Value minus baseline."""
        return self.value - self.baseline

    @property
    def significant(self) -> bool:
        """Whether the difference is told from 0, whatever items unlike any seen may be."""
        if self.by_ratio and self.ratio:
            return self.ratio.significant
        return max(self.p_corrected, self.p_unseen_corrected) < SIGNIFICANCE_LEVEL

    @property
    def by_ratio(self) -> bool:
        """Whether geometric means are tested, as the items are too few for a test of the mean."""
        return self.ratio is not None and self.too_few is not None

    @property
    def not_worse(self) -> bool | None:
        """Whether a loss of the margin or more is ruled out; None without a margin or without better and worse."""
        if self.tests is None or self.tests.p_not_worse_corrected is None:
            return None
        return self.tests.p_not_worse_corrected < SIGNIFICANCE_LEVEL

    @property
    def equivalent(self) -> bool | None:
        """Whether a difference of the margin or more, either way, is ruled out; None without a margin."""
        return None if self.tests is None else self.tests.p_equivalent_corrected < SIGNIFICANCE_LEVEL

    @property
    def verdict(self) -> str:
        """Better, worse, equivalent, not worse, not distinguishable or too few items to tell.

        Higher or lower where neither is better.
        """
        change = self.ratio.ratio - 1 if self.by_ratio and self.ratio else self.difference
        gain = -change if self.measure in LOWER_IS_BETTER else change
        return verdict(
            gain=gain,
            significant=self.significant,
            equivalent=bool(self.equivalent),
            not_worse=bool(self.not_worse),
            directed=self.measure not in NO_DIRECTION,
            too_few=self._is_too_few,
        )

    @property
    def _is_too_few(self) -> bool:
        # Of many items not one of which differs, more would hardly tell more.
        alike = self.shares.tied == 1 and self.items >= FEWEST_ITEMS
        undone = self.p_corrected < SIGNIFICANCE_LEVEL <= self.p_unseen_corrected
        by_ratio = self.ratio is not None and self.ratio.too_few is None
        return undone or (self.too_few is not None and not alike and not by_ratio)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Results compared on the same queries, with a baseline or each with each.

    Attributes:
        benchmark: its name.
        baseline: the first model, compared with which the others are.
        differences: by pair of results, then setting, then measure.
        margins: the difference from which on it matters, of every measure that has one.
        pairwise: whether every two results are compared.
        resamples: of the bootstrap and of the permutation test.
        seed: of both.
    """

    benchmark: str
    baseline: str
    differences: tuple[Difference, ...]
    margins: Mapping[str, float] = field(default_factory=dict)
    pairwise: bool = False
    resamples: int = 10_000
    seed: int = 0

    @property
    def title(self) -> str:
        """The benchmark, and what is compared with what."""
        return f"{self.benchmark}: {'every two results' if self.pairwise else f'differences from {self.baseline}'}"

    def summary(self) -> str:
        """What the differences allow to be said, one line a measure and setting.

        Models that were compared and are not distinguishable stand together, in the order given: no order among them is
        implied.
        """
        places: dict[tuple[str, str], list[Difference]] = defaultdict(list)
        for difference in self.differences:
            places[difference.measure, difference.setting].append(difference)
        return "\n".join(
            f"{measure}, {setting}: {'; '.join(_statements(differences))}"
            for (measure, setting), differences in places.items()
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything, as JSON can hold it: derived figures too, None for what is not defined."""
        derived = ("difference", "significant", "by_ratio", "not_worse", "equivalent", "verdict")
        differences = [
            {**asdict(difference), **{name: getattr(difference, name) for name in derived}}
            for difference in self.differences
        ]
        return {
            "benchmark": self.benchmark,
            "baseline": self.baseline,
            "pairwise": self.pairwise,
            "margins": dict(self.margins),
            "resamples": self.resamples,
            "seed": self.seed,
            "differences": [_without_nan(row) for row in differences],
            "summary": self.summary().splitlines(),
        }

    def table(self) -> Table:
        """One row a difference, a star where the corrected p-value is below .05; below, the summary."""
        header = ["model", *(["against"] if self.pairwise else []), "setting", "measure", "baseline", "value"]
        header += ["difference [95 %]", "could show", "p (Holm)", "d_z", "won/tied/lost %"]
        header += ["p not worse", "p equivalent"] if self.margins else []
        return Table(
            title=self.title,
            header=(*header, "verdict"),
            rows=tuple(_row(difference, self) for difference in self.differences),
            note=self.summary(),
        )

    def __str__(self) -> str:
        """The table as plain text."""
        return str(self.table())


def _without_nan(value: Any) -> Any:
    """The same, with None for every NaN, which JSON does not have."""
    if isinstance(value, dict):
        return {name: _without_nan(one) for name, one in value.items()}
    return None if isinstance(value, float) and math.isnan(value) else value


def _row(row: Difference, comparison: Comparison) -> tuple[str, ...]:
    digits = decimals(row.measure)
    cells = [row.model, *([row.against] if comparison.pairwise else []), row.setting, row.measure]
    cells += [f"{row.baseline:,.{digits}f}", f"{row.value:,.{digits}f}", _difference_text(row)]
    cells += ["-" if row.smallest is None else f"{row.smallest:,.{digits}f}"]
    cells += [f"{row.p_corrected:.4f}{'*' if row.significant else ' '}"]
    cells += ["-" if math.isnan(row.effect) else f"{row.effect:+.2f}"]
    cells += ["/".join(f"{100 * share:.0f}" for share in (row.shares.won, row.shares.tied, row.shares.lost))]
    if comparison.margins:
        tests = row.tests
        p_values = (tests.p_not_worse_corrected, tests.p_equivalent_corrected) if tests else (None, None)
        cells += ["-" if p is None else f"{p:.4f}" for p in p_values]
    return (*cells, row.verdict)


def _difference_text(row: Difference) -> str:
    """The difference with its interval, such as ``+0.194 [+0.180, +0.208]``."""
    digits = decimals(row.measure)
    if math.isnan(row.low):
        return f"{row.difference:+,.{digits}f} [-, -]{_ratio_text(row)}"
    return f"{row.difference:+,.{digits}f} [{row.low:+,.{digits}f}, {row.high:+,.{digits}f}]"


def _ratio_text(row: Difference) -> str:
    """The ratio of geometric means where it is tested, such as ``, x0.62 [0.55, 0.70] (geometric mean)``."""
    if not row.by_ratio or row.ratio is None or math.isnan(row.ratio.low):
        return ""
    return f", x{row.ratio.ratio:.2f} [{row.ratio.low:.2f}, {row.ratio.high:.2f}] (geometric mean)"


def _statements(differences: list[Difference]) -> list[str]:
    """One statement for every difference between two models, and one for every group that none tells apart."""
    statements = [
        f"{row.model} {row.verdict} than {row.against} ({_difference_text(row)})"
        for row in differences
        if row.verdict not in (EQUIVALENT, NOT_WORSE, NOT_DISTINGUISHABLE, TOO_FEW)
    ]
    margin = next((f" (margin {row.tests.margin:g})" for row in differences if row.tests), "")
    for alike, suffix in ((EQUIVALENT, margin), (NOT_DISTINGUISHABLE, "")):
        groups = cliques((row.against, row.model) for row in differences if row.verdict == alike)
        statements += [f"{listed(group)} {alike}{suffix}" for group in groups]
    statements += [
        f"{row.model} and {row.against}: {TOO_FEW} ({row.too_few or 'a few unlike any seen could undo it'})"
        for row in differences
        if row.verdict == TOO_FEW
    ]
    return statements + [
        f"{row.model} not worse than {row.against}{margin}" for row in differences if row.verdict == NOT_WORSE
    ]

"""What arms gain in the mixed pool against what they lose in one language, and which are told apart: figure, table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from equilingua.evaluation.settings import MONOLINGUAL, MULTILINGUAL
from equilingua.reports.charts import ACCENT, MUTED, altair_module, svg_text
from equilingua.reports.figures import Figure
from equilingua.reports.study_tables import arms_of, difference_text, ends_of, significant
from equilingua.statistics.significance import cliques
from equilingua.studies.figures import ArmDifference
from equilingua.studies.outcome import StudyOutcome
from equilingua.studies.results import MacroMean
from equilingua.tables import Table


@dataclass(frozen=True, slots=True)
class Trade:
    """One arm against the baseline: its gain of mAP in the mixed pool, and its change of mAP in one language.

    Of rank distance, None where it was not taken. Arms that share a letter are not told apart by their gains.
    """

    arm: str
    gain: ArmDifference
    change: ArmDifference
    distance: ArmDifference | None
    alike: str


@dataclass(frozen=True, slots=True)
class TradeOff:
    """The title of an evaluation, the baseline with its letters, and all other arms, the greatest gain first."""

    evaluation: str
    baseline: str
    alike: str
    trades: tuple[Trade, ...]


def trade_off(outcome: StudyOutcome) -> TradeOff | None:
    """The trade-off that a study asks for; None where it asks for none, or its evaluation lacks a setting or mAP."""
    study = outcome.study
    if study.trade_off is None:
        return None
    evaluation = study.evaluation(study.trade_off)
    differences = {(one.arm, one.macro_mean): one for one in outcome.differences}
    pool, own = MacroMean(evaluation.key, MULTILINGUAL, "mAP"), MacroMean(evaluation.key, MONOLINGUAL, "mAP")
    arms = [arm for arm in arms_of(outcome, evaluation) if (arm, pool) in differences and (arm, own) in differences]
    if not arms:
        return None
    arms.sort(key=lambda arm: -differences[arm, pool].estimate.value)
    baseline = study.label(study.baseline)
    alike = _letters(baseline, [differences[arm, pool] for arm in arms])
    distance = MacroMean(evaluation.key, MULTILINGUAL, "rank_distance")
    trades = [
        Trade(arm, differences[arm, pool], differences[arm, own], differences.get((arm, distance)), alike[arm])
        for arm in arms
    ]
    return TradeOff(evaluation.label, baseline, alike[baseline], tuple(trades))


def trade_off_table(traded: TradeOff) -> Table:
    """A row an arm, the greatest gain first, with the baseline in its place."""
    rows = [
        (one.gain.estimate.value, (one.arm, *map(difference_text, (one.gain, one.change, one.distance)), one.alike))
        for one in traded.trades
    ]
    rows.append((0.0, (traded.baseline, "baseline", "baseline", "baseline", traded.alike)))
    rows.sort(key=lambda row: -row[0])
    return Table(
        title=f"{traded.evaluation}: gains in the mixed pool and changes in one language",
        name="trade-off",
        header=("arm", "mAP Mul", "mAP Mo", "rank distance", "alike"),
        rows=tuple(row for _, row in rows),
        note=f"Differences from {traded.baseline} with 95 % intervals, marked with * where p < .05 after Holm's "
        "correction. Rank distance: lower is better. Arms are listed by their gain, but those that share a letter are "
        "ties: their intervals overlap, or, beside the baseline, the difference is not marked. No order is claimed "
        "among them.",
    )


def trade_off_figure(outcome: StudyOutcome) -> Figure | None:
    """Gain in the mixed pool against change in one language; None where a study does not ask for it."""
    traded = trade_off(outcome)
    if traded is None:
        return None
    values = "; ".join(
        f"{trade.arm} {trade.gain.estimate.value:+.3f} and {trade.change.estimate.value:+.3f}"
        for trade in traded.trades
    )
    return Figure(
        heading=f"Gain in the mixed pool against change in one language, {traded.evaluation}",
        name="trade-off",
        svg=_differences_chart(traded.trades),
        description=f"Differences from {traded.baseline}, in the mixed pool and in one language: {values}.",
        reading=f"Differences from {traded.baseline} with 95 % intervals, the greatest gain in the mixed pool on top. "
        "To the right of the broken line is better.",
        tables=(trade_off_table(traded),),
    )


def _differences_chart(trades: Sequence[Trade]) -> str:
    """A row an arm, in the order given, with two differences beside each other and their intervals; 0 as a line.

    In a plane of the two, arms that are about alike would hide each other's names.
    """
    alt = altair_module()
    names = [trade.arm for trade in trades]
    panels: list[Any] = []
    for title, differences in (
        ("mAP in the mixed pool, difference", [trade.gain for trade in trades]),
        ("mAP in one language, difference", [trade.change for trade in trades]),
    ):
        rows = [
            {"name": one.arm, **dict(zip(("value", "low", "high"), ends_of(one.estimate), strict=True))}
            for one in differences
        ]
        axis = alt.Axis(title=title, format="+.2~f", tickCount=5, grid=True)
        labels = alt.Axis(title=None, labelLimit=260) if not panels else None
        base = alt.Chart(alt.Data(values=rows)).encode(y=alt.Y("name:N", axis=labels, sort=names))
        zero = alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color=MUTED, strokeDash=[4, 3])
        parts = (
            zero.encode(x=alt.X("zero:Q", axis=axis)),
            base.mark_rule(color=ACCENT, strokeWidth=2).encode(x=alt.X("low:Q", axis=axis), x2="high:Q"),
            base.mark_point(color=ACCENT, fill=ACCENT, size=60, opacity=1).encode(x=alt.X("value:Q", axis=axis)),
        )
        panels.append(alt.layer(*parts).properties(width=300, height=alt.Step(24)))
    # Long names are wider in a browser's font than in the one that the drawing was measured with.
    return svg_text(
        alt.hconcat(*panels, spacing=24).properties(padding={"left": 32, "top": 5, "right": 5, "bottom": 5})
    )


def _letters(baseline: str, gains: Sequence[ArmDifference]) -> Mapping[str, str]:
    """Letters of every arm and of the baseline, the first letter with the greatest gain.

    The intervals of two differences from one baseline overlap more often than that of their difference holds 0, so
    arms whose intervals lie apart are told apart, and a few more could be.
    """
    edges = [(baseline, gain.arm) for gain in gains if not significant(gain)]
    edges += [(one.arm, other.arm) for one, other in combinations(gains, 2) if _overlap(one, other)]
    values = {baseline: 0.0} | {gain.arm: gain.estimate.value for gain in gains}
    joined = cliques(edges)
    alone = [(arm,) for arm in values if not any(arm in group for group in joined)]
    groups = sorted([*joined, *alone], key=lambda group: -max(values[arm] for arm in group))
    letters = [_letter(place) for place in range(len(groups))]
    between = "" if len(letters[-1]) == 1 else " "
    return {
        arm: between.join(letter for letter, group in zip(letters, groups, strict=True) if arm in group)
        for arm in values
    }


def _letter(place: int) -> str:
    """The name of a group by its place: a to z, then two letters.

    >>> _letter(0), _letter(25), _letter(26), _letter(52)
    ('a', 'z', 'aa', 'ba')
    """
    return ("" if place < 26 else _letter(place // 26 - 1)) + chr(ord("a") + place % 26)


def _overlap(one: ArmDifference, other: ArmDifference) -> bool:
    first, second = one.estimate, other.estimate
    return not (first.low > second.high or second.low > first.high)

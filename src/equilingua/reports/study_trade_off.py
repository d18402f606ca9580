"""What arms gain in the mixed pool against what they lose in one language, and which of them are told apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from equilingua.evaluation.settings import MONOLINGUAL, MULTILINGUAL
from equilingua.reports.study_tables import NONE, arms_of, estimate_text, significant, title_of
from equilingua.statistics.significance import cliques
from equilingua.studies.outcome import ArmDifference, StudyOutcome
from equilingua.studies.quantities import MacroMean
from equilingua.tables import Table


@dataclass(frozen=True, slots=True)
class Trade:
    """One arm against the baseline.

    Attributes:
        arm: its label.
        gain: of mAP in the mixed pool.
        change: of mAP in the monolingual setting.
        distance: of rank distance; None where it was not taken.
        alike: letters; arms that share one are not told apart by their gains.
    """

    arm: str
    gain: ArmDifference
    change: ArmDifference
    distance: ArmDifference | None
    alike: str


@dataclass(frozen=True, slots=True)
class TradeOff:
    """All arms of a study, the greatest gain first.

    Attributes:
        evaluation: its title.
        baseline: label of the arm that the others are compared with.
        alike: the baseline's letters.
        trades: of the other arms.
    """

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
    found = {(one.arm, one.macro_mean): one for one in outcome.differences}
    pool, own = MacroMean(evaluation.key, MULTILINGUAL, "mAP"), MacroMean(evaluation.key, MONOLINGUAL, "mAP")
    arms = [arm for arm in arms_of(outcome, evaluation) if (arm, pool) in found and (arm, own) in found]
    if not arms:
        return None
    arms.sort(key=lambda arm: -found[arm, pool].estimate.value)
    baseline = study.label(study.baseline)
    alike = _letters(baseline, [found[arm, pool] for arm in arms])
    distance = MacroMean(evaluation.key, MULTILINGUAL, "rank_distance")
    trades = [Trade(arm, found[arm, pool], found[arm, own], found.get((arm, distance)), alike[arm]) for arm in arms]
    return TradeOff(title_of(evaluation), baseline, alike[baseline], tuple(trades))


def trade_off_table(found: TradeOff) -> Table:
    """A row an arm, the greatest gain first, with the baseline in its place."""
    rows = [(trade.gain.estimate.value, _row(trade)) for trade in found.trades]
    rows.append((0.0, (found.baseline, "baseline", "baseline", "baseline", found.alike)))
    rows.sort(key=lambda row: -row[0])
    return Table(
        title=f"{found.evaluation}: gains in the mixed pool and changes in one language",
        name="trade-off",
        header=("arm", "mAP Mul", "mAP Mo", "rank distance", "alike"),
        rows=tuple(row for _, row in rows),
        note=f"Differences from {found.baseline} with 95 % intervals, marked with * where p < .05 after Holm's "
        "correction. Rank distance: lower is better. Arms are listed by their gain, but those that share a letter are "
        "ties: their intervals overlap, or, beside the baseline, the difference is not marked. No order is claimed "
        "among them.",
    )


def _row(trade: Trade) -> tuple[str, ...]:
    told = (_text(one) for one in (trade.gain, trade.change, trade.distance))
    return trade.arm, *told, trade.alike


def _text(found: ArmDifference | None) -> str:
    if found is None:
        return NONE
    return estimate_text(found.estimate, found.macro_mean.measure, signed=True) + ("*" if significant(found) else "")


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

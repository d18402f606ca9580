"""A study as tables: what its arms reach, how they differ from the baseline, others' figures, what it took."""

import math
from collections.abc import Callable

from equilingua.evaluation.settings import CROSS_LINGUAL, MONOLINGUAL, MULTILINGUAL
from equilingua.metrics.naming import decimals, parse_metric
from equilingua.statistics.significance import SIGNIFICANCE_LEVEL
from equilingua.studies.figures import ArmDifference, ArmMean
from equilingua.studies.inference import Estimate
from equilingua.studies.outcome import StudyOutcome
from equilingua.studies.results import MacroMean
from equilingua.studies.tables import EvaluationConfig, Published
from equilingua.tables import Table, value_text

SHORT: dict[str, str] = {MONOLINGUAL: "Mo", CROSS_LINGUAL: "Cr", MULTILINGUAL: "Mul"}
NONE = "-"


def outcome_text(outcome: StudyOutcome) -> str:
    """What a terminal shows of a study: the verdicts, then the tables of every evaluation."""
    claims = "\n".join(f"{one.verdict + ':':<14}{one.claim.says}\n{'':14}{one.sentence}" for one in outcome.claims)
    claims = "\n\n".join(part for part in (claims, claims_note(outcome), "\n".join(outcome.changed_claims)) if part)
    tables = [str(table) for evaluation in outcome.study.evaluations for table in result_tables(outcome, evaluation)]
    return "\n\n".join(part for part in (outcome.study.title, claims, *tables) if part)


def claims_note(outcome: StudyOutcome) -> str:
    """How to read the numbers of the verdicts; empty where a study claims nothing."""
    count = len(outcome.claims)
    if not count:
        return ""
    parts = [
        f"p-values of claims are corrected by Holm's method over the study's {count} claims, those of tables over the "
        "arms and settings of a measure, so one comparison may have two."
        if count > 1
        else "The study has one claim, whose p-value needs no correction; those of tables are corrected by Holm's "
        "method over the arms and settings of a measure, so one comparison may have two.",
        "Intervals are of 95 % and not corrected.",
    ]
    if any(one.claim.margin is not None for one in outcome.claims):
        parts.append("Where a margin is tested they are of 90 %, for that test is one-sided at 5 %.")
    return " ".join(parts)


def claims_table(outcome: StudyOutcome) -> Table:
    """Every claim, its verdict, and what was found, in words; the note tells which were changed late."""
    rows = tuple((one.claim.says, one.verdict, one.sentence) for one in outcome.claims)
    note = " ".join((claims_note(outcome), *outcome.changed_claims))
    return Table("Claims", ("claim", "verdict", "found"), rows, note, name="claims")


def result_tables(outcome: StudyOutcome, evaluation: EvaluationConfig) -> list[Table]:
    """Means of the arms, their lowest and highest seeds if there are several, and differences from the baseline."""
    tables = [means_table(outcome, evaluation)]
    if len(outcome.study.seeds) > 1:
        tables.append(seeds_table(outcome, evaluation))
    differences = differences_table(outcome, evaluation)
    return [*tables, differences] if differences.rows else tables


def shown_means(outcome: StudyOutcome, evaluation: EvaluationConfig) -> list[MacroMean]:
    """The columns of an evaluation's tables: measure by measure, in every setting that has it."""
    there = {mean.macro_mean for mean in outcome.means}
    wanted = [MacroMean(evaluation.key, setting, measure) for measure in evaluation.shown for setting in SHORT]
    return [mean for mean in wanted if mean in there]


def means_table(outcome: StudyOutcome, evaluation: EvaluationConfig) -> Table:
    """The paper's table: a row an arm, macro means over the seeds with 95 % intervals."""
    shown = shown_means(outcome, evaluation)
    settings = ", ".join(f"{SHORT[setting]} {setting}" for setting in dict.fromkeys(one.setting for one in shown))
    count = len(outcome.study.seeds)
    seeds = f"mean of {count} seeds" if count > 1 else "of one seed"
    return Table(
        title=f"{evaluation.label}: means of the arms",
        name=f"means {evaluation.key}",
        header=("arm", *map(_column_name, shown)),
        rows=_rows_of_means(outcome, evaluation, lambda mean: estimate_text(mean.estimate, mean.macro_mean.measure)),
        note=f"{settings} setting; mAP without cut-off. Macro means over languages or ordered pairs, {seeds}, with "
        f"95 % intervals, {_drawn(outcome)}."
        + (" Rank distance: lower is better." if any(one.measure == "rank_distance" for one in shown) else ""),
    )


def seeds_table(outcome: StudyOutcome, evaluation: EvaluationConfig) -> Table:
    """A row an arm: its lowest and its highest seed."""
    return Table(
        title=f"{evaluation.label}: lowest and highest seed",
        name=f"seeds {evaluation.key}",
        header=("arm", *map(_column_name, shown_means(outcome, evaluation))),
        rows=_rows_of_means(outcome, evaluation, _range_text),
        note=f"Of {len(outcome.study.seeds)} trainings of each arm: how far seeds lie apart, not how sure a mean is.",
    )


def differences_table(outcome: StudyOutcome, evaluation: EvaluationConfig) -> Table:
    """A row an arm but the baseline: differences from it with 95 % intervals, each with its corrected p-value."""
    shown = shown_means(outcome, evaluation)
    differences = {(one.arm, one.macro_mean): one for one in outcome.differences}
    rows = [
        (arm, [differences.get((arm, mean)) for mean in shown])
        for arm in arms_of(outcome, evaluation)
        if any((arm, mean) in differences for mean in shown)
    ]
    return Table(
        title=f"{evaluation.label}: differences from {outcome.study.label(outcome.study.baseline)}",
        name=f"differences {evaluation.key}",
        header=("arm", *(text for mean in shown for text in (_column_name(mean), "p"))),
        rows=tuple((arm, *(text for one in row for text in (difference_text(one), _p_text(one)))) for arm, row in rows),
        note="Marked with *: p < .05. It is two-sided, corrected by Holm's method over the arms and settings of a "
        "measure. A difference without a mark is not told apart from none. Intervals of 95 %, "
        f"{_drawn(outcome)}, are not corrected.",
    )


def published_table(published: Published) -> Table:
    """Figures of a paper, said to be another's."""
    rows = [(name, *(_figure_text(value) for value in row)) for name, row in published.rows.items()]
    return Table(
        title="Published figures of other models",
        name="published",
        header=("model", *published.columns),
        rows=tuple(rows),
        note=f"Source: {published.source}. Not results of this study: other models, trained on other data. They show "
        "which pattern to look for; single cells are not to be compared with those above.",
    )


def costs_table(outcome: StudyOutcome) -> Table:
    """A row an arm that was trained: what it was trained on, and how long one training took."""
    rows = [
        (cost.arm, f"{cost.steps:,}", f"{cost.rows:,}", f"{cost.pairs:,}", f"{cost.training_seconds:,.0f}")
        for cost in outcome.costs
    ]
    return Table(
        title="Costs of one training",
        name="costs",
        header=("arm", "steps", "rows", "pairs", "seconds"),
        rows=tuple(rows),
        note="Rows: trained on, one pair in one choice of languages each. Pairs: to draw from. Seconds: of the "
        "training's own steps, mean over seeds; reading the pairs (done once for several arms), validation, saving and "
        "evaluation are not in them. Trainings may have run beside each other.",
    )


def arms_of(outcome: StudyOutcome, evaluation: EvaluationConfig) -> list[str]:
    """Labels of the arms that were evaluated, in the study's order."""
    study = outcome.study
    return [study.label(arm) for arm in study.arms if evaluation.takes(arm)]


def estimate_text(estimate: Estimate, measure: str, *, signed: bool = False) -> str:
    """A value and its interval, with the digits of its measure."""
    return value_text(estimate.value, interval_of(estimate), form=f"{'+' if signed else ''},.{decimals(measure)}f")


def difference_text(difference: ArmDifference | None) -> str:
    """A difference and its interval, with a star behind it where it may be marked."""
    if difference is None:
        return NONE
    text = estimate_text(difference.estimate, difference.macro_mean.measure, signed=True)
    return text + ("*" if significant(difference) else "")


def significant(difference: ArmDifference) -> bool:
    """Whether a difference may be marked."""
    return difference.p_corrected < SIGNIFICANCE_LEVEL


def interval_of(estimate: Estimate) -> tuple[float, float] | None:
    """The interval; None where there is none, of a single item."""
    return None if math.isnan(estimate.low) else (estimate.low, estimate.high)


def ends_of(estimate: Estimate) -> tuple[float, float, float]:
    """Value, lower and upper end for a chart: without an interval, the value itself."""
    return estimate.value, *(interval_of(estimate) or (estimate.value, estimate.value))


def measure_name(measure: str) -> str:
    """As it is said: ``rank distance``."""
    return "rank distance" if measure == "rank_distance" else measure


def _column_name(mean: MacroMean) -> str:
    name = measure_name(mean.measure)
    return name if parse_metric(mean.measure).multilingual_only else f"{name} {SHORT[mean.setting]}"


def _rows_of_means(
    outcome: StudyOutcome, evaluation: EvaluationConfig, text: Callable[[ArmMean], str]
) -> tuple[tuple[str, ...], ...]:
    """A row an arm, a column a mean of ``shown_means``."""
    means = {(mean.arm, mean.macro_mean): mean for mean in outcome.means}
    shown = shown_means(outcome, evaluation)
    return tuple(
        (arm, *(text(means[arm, mean]) if (arm, mean) in means else NONE for mean in shown))
        for arm in arms_of(outcome, evaluation)
    )


def _drawn(outcome: StudyOutcome) -> str:
    return "over seeds and items" if len(outcome.study.seeds) > 1 else "over items alone"


def _range_text(mean: ArmMean) -> str:
    digits = decimals(mean.macro_mean.measure)
    return f"{min(mean.per_seed):,.{digits}f} to {max(mean.per_seed):,.{digits}f}"


def _p_text(difference: ArmDifference | None) -> str:
    if difference is None:
        return NONE
    return "<.001" if difference.p_corrected < 0.001 else f"{difference.p_corrected:.3f}"


def _figure_text(value: float | None) -> str:
    if value is None:
        return NONE
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:.3f}"

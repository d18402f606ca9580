"""The figures of a study that take time, as they rest on intervals and tests: verdicts, means, differences, curves."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from equilingua.statistics.significance import holm
from equilingua.studies.claims import JudgedClaim, judge
from equilingua.studies.config import StudyConfig
from equilingua.studies.inference import Estimate, estimate
from equilingua.studies.results import MacroMean, StudyScores, Term, difference


@dataclass(frozen=True, slots=True)
class ArmMean:
    """A macro mean of one arm (its label), over seeds and items; and of each seed, the lowest seed first."""

    arm: str
    macro_mean: MacroMean
    estimate: Estimate
    per_seed: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ArmDifference:
    """One arm's mean less the baseline's; p is corrected by Holm's method over arms and settings of a measure."""

    arm: str
    macro_mean: MacroMean
    estimate: Estimate
    p_corrected: float


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One arm's mean at its place on the axis, of a query language or a group of them, ``all`` for all."""

    at: float
    group: str
    arm_mean: ArmMean


@dataclass(frozen=True, slots=True)
class StudyFigures:
    """What results say of a study: its claims in their order, every mean, every difference, the points of its curve."""

    claims: tuple[JudgedClaim, ...]
    means: tuple[ArmMean, ...]
    differences: tuple[ArmDifference, ...]
    curve: tuple[CurvePoint, ...]


def study_figures(study: StudyConfig, scores: StudyScores) -> StudyFigures:
    """The figures of a study, of the scores of its arms by their labels.

    Raises:
        InputError: if the study lacks an arm or a mean that a claim is about.
    """
    return StudyFigures(
        claims=judge(study, scores),
        means=tuple(_arm_mean(scores, arm, mean) for mean, arms in _macro_means(study, scores) for arm in arms),
        differences=tuple(_differences(study, scores)),
        curve=tuple(_curve(study, scores)),
    )


def _macro_means(study: StudyConfig, scores: StudyScores) -> Iterator[tuple[MacroMean, tuple[str, ...]]]:
    """Every mean that some result has, with the labels of the arms that have it."""
    for evaluation in study.evaluations:
        arms = tuple(study.label(arm) for arm in evaluation.arms or study.arms)
        for setting in evaluation.settings:
            for measure in evaluation.measures:
                if scores.has(evaluation.key, setting, measure):
                    yield MacroMean(evaluation.key, setting, measure), arms


def _arm_mean(scores: StudyScores, arm: str, mean: MacroMean) -> ArmMean:
    of_arms = scores.of(mean)
    per_seed = tuple(map(float, of_arms.means[of_arms.arms.index(arm)]))
    return ArmMean(arm, mean, estimate(scores, (Term(1.0, arm, mean),)), per_seed)


def _differences(study: StudyConfig, scores: StudyScores) -> Iterator[ArmDifference]:
    baseline = study.label(study.baseline)
    families: dict[tuple[str, str], list[tuple[str, MacroMean, Estimate]]] = defaultdict(list)
    for mean, arms in _macro_means(study, scores):
        for arm in arms if baseline in arms else ():
            if arm != baseline:
                compared = estimate(scores, difference(arm, baseline, mean))
                families[mean.evaluation, mean.measure].append((arm, mean, compared))
    for family in families.values():
        # A family is all arms and settings of one evaluation and measure: one question, asked several times.
        corrected = holm([compared.p for _, _, compared in family])
        yield from (ArmDifference(*one, p) for one, p in zip(family, corrected, strict=True))


def _curve(study: StudyConfig, scores: StudyScores) -> Iterator[CurvePoint]:
    """The macro mean and each language's, of every setting, in the order of the axis."""
    if study.curve is None:
        return
    evaluation = study.evaluation(study.curve.evaluation)
    placed = sorted(
        (at, study.label(name)) for name, at in study.places.items() if name in (evaluation.arms or study.arms)
    )
    for setting in evaluation.settings:
        if not scores.has(evaluation.key, setting, study.curve.measure):
            continue
        languages = scores.query_languages(evaluation.key, setting)
        groups = {"all": None} | {tag: (tag,) for tag in languages} | dict(study.curve.groups)
        for group, tags in groups.items():
            mean = MacroMean(evaluation.key, setting, study.curve.measure, tags)
            yield from (CurvePoint(at, group, _arm_mean(scores, label, mean)) for at, label in placed)

"""What a study has found: everything its page shows, computed from its ledger and the results it names."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from math import isnan
from pathlib import Path
from typing import Any

from equilingua.benchmarks.cards import Leak
from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.settings import MONOLINGUAL, MULTILINGUAL
from equilingua.statistics.significance import holm
from equilingua.studies.arms import (
    ArmCost,
    ArmSettings,
    LearningCurve,
    arm_costs,
    arm_settings,
    learning_curves,
    pairs_hashes,
)
from equilingua.studies.caveats import leaks, not_controlled
from equilingua.studies.claims import Claim, JudgedClaim, judge
from equilingua.studies.config import StudyConfig
from equilingua.studies.finished import FinishedStudy, Place, finished_study
from equilingua.studies.inference import Estimate, estimate
from equilingua.studies.invocation import Asked
from equilingua.studies.quantities import MacroMean, Quantity, Retention, Term, difference, mean_of
from equilingua.studies.scores import StudyScores
from equilingua.studies.tables import ClaimConfig


@dataclass(frozen=True, slots=True)
class ArmMean:
    """A macro mean of one arm, over seeds and items.

    Attributes:
        arm: its label.
        macro_mean: what was measured.
        estimate: with a 95 % interval.
        per_seed: of each seed, the lowest seed first.
    """

    arm: str
    macro_mean: MacroMean
    estimate: Estimate
    per_seed: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ArmDifference:
    """One arm's mean less the baseline's.

    Attributes:
        arm: its label.
        macro_mean: what was measured.
        estimate: with a 95 % interval.
        p_corrected: by Holm's method, over the arms and settings of one evaluation and measure.
    """

    arm: str
    macro_mean: MacroMean
    estimate: Estimate
    p_corrected: float


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One arm's mean at its place on the axis.

    Attributes:
        at: the place.
        group: of the query languages; ``all`` for the macro mean over all of them.
        arm_mean: of the arm there.
    """

    at: float
    group: str
    arm_mean: ArmMean


@dataclass(frozen=True, slots=True)
class StudyOutcome:
    """A study that is done.

    Attributes:
        study: its settings.
        languages: of each evaluation.
        claims: and what the results say of them, in their order.
        means: every arm, evaluation, setting and measure.
        differences: from the baseline, likewise.
        curve: points of the study's curve, in the order of their places; empty if it has none.
        heat: per arm and evaluation that takes mAP, the mean over seeds of the mAP of each language pair (``en-de``:
            English queries, German passages; ``en-*``: the mixed pool).
        arms: what every arm was trained on and how, or made of.
        learning: of every training.
        costs: of every arm that was trained.
        not_controlled: what the study says itself, and what its records show.
        leaks: of each evaluation whose benchmark has a card, the models known to have been trained on it.
        provenance: versions and hardware of its last line, the hashes of all benchmarks' files, and of the pairs that
            arms were trained on.
        asked: the command that began it.
        changed_claims: a sentence for each that was changed when results were there already; also not controlled.
    """

    study: StudyConfig
    languages: Mapping[str, tuple[str, ...]]
    claims: tuple[JudgedClaim, ...]
    means: tuple[ArmMean, ...]
    differences: tuple[ArmDifference, ...]
    curve: tuple[CurvePoint, ...]
    heat: Mapping[str, Mapping[str, Mapping[str, float]]]
    arms: tuple[ArmSettings, ...]
    learning: tuple[LearningCurve, ...]
    costs: tuple[ArmCost, ...]
    not_controlled: tuple[str, ...]
    leaks: Mapping[str, tuple[Leak, ...]]
    provenance: Mapping[str, Any]
    asked: Asked = field(default_factory=Asked)
    changed_claims: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain values: what is kept beside a page, small enough to be committed."""
        return {
            "study": self.study.model_dump(mode="json", exclude_unset=True),
            "languages": {name: list(tags) for name, tags in self.languages.items()},
            "judgements": [_plain_judgement(judgement) for judgement in self.claims],
            "means": [{**_plain(mean), "per_seed": list(mean.per_seed)} for mean in self.means],
            "differences": [{**_plain(found), "p_corrected": found.p_corrected} for found in self.differences],
            "curve": [{"at": point.at, "group": point.group, **_plain(point.arm_mean)} for point in self.curve],
            "costs": [asdict(cost) for cost in self.costs],
            "not_controlled": list(self.not_controlled),
            "provenance": dict(self.provenance),
            "asked": {"file": self.asked.file, "set": list(self.asked.changes)},
        }


def study_outcome(folder: Path) -> StudyOutcome:
    """The outcome of a study's folder, in a workspace that holds its results.

    Raises:
        InputError: if it is no study's folder, or the study is not finished.
    """
    found = finished_study(folder)
    study, results, records = found.study, found.results, found.records
    scores = StudyScores(results)
    return StudyOutcome(
        study=study,
        languages={key: result.languages for (_, _, key), result in results.items()},
        claims=judge([_claim(study, claim) for claim in study.claims], scores, titles=_titles(study)),
        means=tuple(_means(study, scores)),
        differences=tuple(_differences(study, scores)),
        curve=tuple(_curve(study, scores)),
        heat=_heat(study, results),
        arms=tuple(arm_settings(study, records)),
        learning=tuple(learning_curves(study, records)),
        costs=tuple(arm_costs(study, records)),
        not_controlled=(*study.not_controlled, *not_controlled(found)),
        leaks=leaks(study),
        provenance=_provenance(found),
        asked=found.asked,
        changed_claims=found.changed_claims,
    )


def _claim(study: StudyConfig, config: ClaimConfig) -> Claim:
    cell = MacroMean(config.evaluation, config.setting, config.measure, config.languages)
    quantity: Quantity
    if config.retained_from is not None:
        reference = MacroMean(config.retained_from, config.setting, config.measure, config.languages)
        quantity = Retention(study.label(str(config.arm)), cell, reference, study.label(str(config.against)))
    else:
        weights = {study.label(arm): weight for arm, weight in config.weighted(study.places).items()}
        quantity = tuple(Term(weight, label, cell) for label, weight in weights.items())
        if config.minus_languages is not None:
            other = MacroMean(config.evaluation, config.setting, config.measure, config.minus_languages)
            quantity += tuple(Term(-weight, label, other) for label, weight in weights.items())
    return Claim(config.says, config.test, quantity, config.margin, _called(study, config))


def _called(study: StudyConfig, config: ClaimConfig) -> str:
    """What a claim's quantity is, where it is not the plain difference of two arms."""
    if config.trend:
        called = f"Slope over {study.curve.axis if study.curve else 'the places of the arms'}"
    elif config.weights:
        terms = " ".join(f"{weight:+g} x {study.label(arm)}" for arm, weight in config.weights.items())
        called = f"Contrast ({terms})"
    else:
        called = f"Difference of {study.label(str(config.arm))} from {study.label(str(config.against))}"
    if config.minus_languages is None:
        return called
    first = f"in {', '.join(config.languages)}" if config.languages else "in all languages"
    return f"{called}, queries {first} less queries in {', '.join(config.minus_languages)}"


def _titles(study: StudyConfig) -> dict[str, str]:
    return {evaluation.key: evaluation.title or evaluation.key for evaluation in study.evaluations}


def _cells(study: StudyConfig, scores: StudyScores) -> Iterator[tuple[MacroMean, tuple[str, ...]]]:
    """Every cell that some result has, with the labels of the arms that have it."""
    for evaluation in study.evaluations:
        arms = evaluation.arms or tuple(study.arms)
        for setting in evaluation.settings:
            for measure in evaluation.measures:
                if scores.has(evaluation.key, setting, measure):
                    yield MacroMean(evaluation.key, setting, measure), tuple(study.label(arm) for arm in arms)


def _means(study: StudyConfig, scores: StudyScores) -> Iterator[ArmMean]:
    for cell, arms in _cells(study, scores):
        yield from (_mean(scores, arm, cell) for arm in arms)


def _mean(scores: StudyScores, arm: str, cell: MacroMean) -> ArmMean:
    found = scores.of(cell)
    per_seed = tuple(float(mean) for mean in found.means[found.arms.index(arm)])
    return ArmMean(arm, cell, estimate(scores, mean_of(arm, cell)), per_seed)


def _differences(study: StudyConfig, scores: StudyScores) -> Iterator[ArmDifference]:
    baseline = study.label(study.baseline)
    families: dict[tuple[str, str], list[tuple[str, MacroMean, Estimate]]] = defaultdict(list)
    for cell, arms in _cells(study, scores):
        if baseline in arms:
            for arm in arms:
                if arm != baseline:
                    found = estimate(scores, difference(arm, baseline, cell))
                    families[cell.evaluation, cell.measure].append((arm, cell, found))
    for family in families.values():
        corrected = holm([found.p for _, _, found in family])
        for (arm, cell, found), p in zip(family, corrected, strict=True):
            yield ArmDifference(arm, cell, found, p)


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
            cell = MacroMean(evaluation.key, setting, study.curve.measure, tags)
            yield from (CurvePoint(at, group, _mean(scores, label, cell)) for at, label in placed)


def _heat(study: StudyConfig, results: Mapping[Place, EvaluationResult]) -> dict[str, dict[str, dict[str, float]]]:
    """As ``StudyOutcome.heat``."""
    sums: dict[str, dict[str, dict[str, list[float]]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for (arm, _, evaluation), result in results.items():
        if "mAP" not in study.evaluation(evaluation).measures or len(result.languages) < 2:
            continue
        of_result = sums[arm][evaluation]
        for pair, means in result.per_pair.items():
            of_result[pair].append(means["mAP"])
        for setting, name in ((MONOLINGUAL, "{0}-{0}"), (MULTILINGUAL, "{0}-*")):
            for language, means in result.per_language.get(setting, {}).items():
                of_result[name.format(language)].append(means["mAP"])
    return {
        arm: {key: {pair: sum(found) / len(found) for pair, found in pairs.items()} for key, pairs in of_arm.items()}
        for arm, of_arm in sums.items()
    }


def _provenance(found: FinishedStudy) -> dict[str, Any]:
    last = list(found.entries.values())[-1]
    data = {key: dict(result.provenance.get("data", {})) for (_, _, key), result in found.results.items()}
    # The ledger has all of it; a page that is passed on needs no paths, nor the build of a system.
    hardware = {name: last.provenance["hardware"].get(name) for name in ("machine", "cpu", "gpu", "cores", "device")}
    pairs = pairs_hashes(found.study, found.records)
    return {"versions": last.provenance["versions"], "hardware": hardware, "data": data, "pairs": pairs}


def _plain(found: ArmMean | ArmDifference) -> dict[str, Any]:
    cell, numbers = found.macro_mean, found.estimate
    return {
        "arm": found.arm,
        "evaluation": cell.evaluation,
        "setting": cell.setting,
        "measure": cell.measure,
        **({"languages": list(cell.languages)} if cell.languages else {}),
        **_numbers(numbers),
    }


def _plain_judgement(judgement: JudgedClaim) -> dict[str, Any]:
    return {
        "says": judgement.claim.says,
        "verdict": judgement.verdict,
        "sentence": judgement.sentence,
        "test": judgement.claim.test,
        "margin": judgement.claim.margin,
        **_numbers(judgement.estimate),
        **_margin_interval(judgement),
        "p": _rounded(judgement.p),  # of the claim's own test, not of a difference from 0
        "p_corrected": _rounded(judgement.p_corrected),
        "p_opposite_corrected": _rounded(judgement.p_opposite_corrected),
    }


def _margin_interval(judgement: JudgedClaim) -> dict[str, Any]:
    """The interval that is told beside the test of a margin."""
    if judgement.claim.margin is None:
        return {}
    low, high = judgement.estimate.interval(judgement.claim.level)
    return {"low_90": _rounded(low), "high_90": _rounded(high)}


def _numbers(found: Estimate) -> dict[str, Any]:
    return {name: _rounded(getattr(found, name)) for name in ("value", "low", "high", "p")} | {
        "seeds": found.seeds,
        "items": found.items,
    }


def _rounded(value: float) -> float | None:
    """None for what is no number, as JSON has none."""
    return None if isnan(value) else float(f"{value:.6g}")

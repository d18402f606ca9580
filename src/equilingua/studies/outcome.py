"""What a study has found: everything its page shows, computed from its record and the results it names."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import isnan
from pathlib import Path
from typing import Any

from equilingua.benchmarks.cards import Leak
from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.settings import CROSS_LINGUAL, MONOLINGUAL, MULTILINGUAL
from equilingua.studies.arms import (
    ArmCost,
    ArmSetup,
    LearningCurve,
    arm_costs,
    arm_setups,
    leaks,
    learning_curves,
    not_controlled,
    pairs_hashes,
)
from equilingua.studies.claims import JudgedClaim
from equilingua.studies.config import StudyConfig
from equilingua.studies.contamination import told
from equilingua.studies.figures import ArmDifference, ArmMean, CurvePoint
from equilingua.studies.inference import Estimate
from equilingua.studies.kept_figures import figures_once
from equilingua.studies.record import FinishedStudy, Invocation, claim_changes, finished_study, plain_study
from equilingua.studies.results import ResultPlace

LanguagePair = tuple[str, str, str]
"""Setting, query language, and corpus language: ``*`` for the mixed pool."""


@dataclass(frozen=True, slots=True)
class StudyOutcome:
    """A study that is done.

    Attributes:
        study: as it was run.
        languages: of each evaluation.
        claims: and what the results say of them, in their order.
        means: every arm, evaluation, setting and measure.
        differences: from the baseline, likewise.
        curve: points of the study's curve, in the order of their places; empty if it has none.
        heat: by arm and evaluation in several languages that takes mAP, the mean over seeds of each pair's mAP.
        arms: what every arm was trained on and how, or made of.
        learning: of every training.
        costs: of every arm that was trained.
        not_controlled: what the study says itself, and what its records show.
        trained_on: what of the benchmarks the arms were trained on, in sentences: what was compared, what was
            found, and what could not be compared.
        leaks: of each evaluation whose benchmark has a card, the models known to have been trained on it.
        provenance: versions and hardware of its last result, the hashes of all benchmarks' files, and of the pairs that
            arms were trained on.
        invocation: how it was begun.
        changed_claims: a sentence for each that was changed when results were there already; also not controlled.
    """

    study: StudyConfig
    languages: Mapping[str, tuple[str, ...]]
    claims: tuple[JudgedClaim, ...]
    means: tuple[ArmMean, ...]
    differences: tuple[ArmDifference, ...]
    curve: tuple[CurvePoint, ...]
    heat: Mapping[tuple[str, str], Mapping[LanguagePair, float]]
    arms: tuple[ArmSetup, ...]
    learning: tuple[LearningCurve, ...]
    costs: tuple[ArmCost, ...]
    not_controlled: tuple[str, ...]
    trained_on: tuple[str, ...]
    leaks: Mapping[str, tuple[Leak, ...]]
    provenance: Mapping[str, Any]
    invocation: Invocation = field(default_factory=Invocation)
    changed_claims: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain values: what is kept beside a page, small enough to be committed."""
        return {
            "study": plain_study(self.study),
            "languages": {name: list(tags) for name, tags in self.languages.items()},
            "judgements": [_plain_claim(claim) for claim in self.claims],
            "means": [{**_plain(mean), "per_seed": list(mean.per_seed)} for mean in self.means],
            "differences": [{**_plain(one), "p_corrected": one.p_corrected} for one in self.differences],
            "curve": [{"at": point.at, "group": point.group, **_plain(point.arm_mean)} for point in self.curve],
            "costs": [asdict(cost) for cost in self.costs],
            "not_controlled": list(self.not_controlled),
            "trained_on": list(self.trained_on),
            "provenance": dict(self.provenance),
            "asked": self.invocation.as_json(),
        }


def study_outcome(folder: Path) -> StudyOutcome:
    """The outcome of a study's folder, in a workspace that holds its results.

    Verdicts, intervals and p-values are computed once, and kept in the folder.

    Raises:
        InputError: if it is no study's folder, or the study is not finished.
    """
    finished = finished_study(folder)
    record, results, trainings = finished.record, finished.results, finished.trainings
    study = record.study
    figures = figures_once(folder, study, results)
    changed_claims = claim_changes([*record.earlier_claims, plain_study(study).get("claims", [])])
    caveats = not_controlled(study, list(results.values()), list(trainings.values()))
    return StudyOutcome(
        study=study,
        languages={key: result.languages for (_, _, key), result in results.items()},
        claims=figures.claims,
        means=figures.means,
        differences=figures.differences,
        curve=figures.curve,
        heat=_heat(study, results),
        arms=tuple(arm_setups(study, trainings)),
        learning=tuple(learning_curves(study, trainings)),
        costs=tuple(arm_costs(study, trainings)),
        not_controlled=(*study.not_controlled, *changed_claims, *caveats),
        trained_on=tuple(told(study, record.contamination)),
        leaks=leaks(study),
        provenance=_provenance(finished),
        invocation=record.invocation,
        changed_claims=changed_claims,
    )


def _heat(
    study: StudyConfig, results: Mapping[ResultPlace, EvaluationResult]
) -> dict[tuple[str, str], dict[LanguagePair, float]]:
    """As ``StudyOutcome.heat``."""
    per_seed: dict[tuple[str, str], dict[LanguagePair, list[float]]] = defaultdict(lambda: defaultdict(list))
    for (arm, _, evaluation), result in results.items():
        if "mAP" in study.evaluation(evaluation).measures and len(result.languages) > 1:
            pairs = per_seed[arm, evaluation]
            for setting in (CROSS_LINGUAL, MONOLINGUAL, MULTILINGUAL):
                for pair in (one for one in result.scores if one.setting == setting):
                    place = (setting, pair.query_language, pair.corpus_language)
                    pairs[place].append(result.means_of(pair)["mAP"])
    return {key: {place: sum(seeds) / len(seeds) for place, seeds in pairs.items()} for key, pairs in per_seed.items()}


def _provenance(finished: FinishedStudy) -> dict[str, Any]:
    results = finished.results
    last = list(results.values())[-1].provenance
    # The results have all of it; a page that is passed on needs no paths, nor the build of a system.
    return {
        "versions": last["versions"],
        "hardware": {name: last["hardware"].get(name) for name in ("machine", "cpu", "gpu", "cores", "device")},
        "data": {key: dict(result.provenance.get("data", {})) for (_, _, key), result in results.items()},
        "pairs": pairs_hashes(finished.record.study, finished.trainings),
    }


def _plain(one: ArmMean | ArmDifference) -> dict[str, Any]:
    mean = one.macro_mean
    return {
        "arm": one.arm,
        "evaluation": mean.evaluation,
        "setting": mean.setting,
        "measure": mean.measure,
        **({"languages": list(mean.languages)} if mean.languages else {}),
        **_numbers(one.estimate),
    }


def _plain_claim(judged: JudgedClaim) -> dict[str, Any]:
    low, high = judged.interval
    return {
        "says": judged.claim.says,
        "verdict": judged.verdict,
        "sentence": judged.sentence,
        "test": judged.claim.test,
        "margin": judged.claim.margin,
        **_numbers(judged.estimate),
        **({} if judged.claim.margin is None else {"low_90": _rounded(low), "high_90": _rounded(high)}),
        "p": _rounded(judged.p),  # of the claim's own test, not of a difference from 0
        "p_corrected": _rounded(judged.p_corrected),
        "p_opposite_corrected": _rounded(judged.p_opposite_corrected),
    }


def _numbers(of: Estimate) -> dict[str, Any]:
    rounded = {name: _rounded(getattr(of, name)) for name in ("value", "low", "high", "p")}
    return {**rounded, "seeds": of.seeds, "items": of.items}


def _rounded(value: float) -> float | None:
    """None for what is no number, as JSON has none."""
    return None if isnan(value) else float(f"{value:.6g}")

"""``figures.json``: the figures of a study as they were computed when it ended, beside its record."""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import equilingua.evaluation
import equilingua.metrics
import equilingua.statistics
import equilingua.studies
from equilingua.evaluation.kept_comparison import code_hashes, result_digest
from equilingua.evaluation.result import EvaluationResult
from equilingua.files import whole_file
from equilingua.studies.claims import JudgedClaim, claim_quantity
from equilingua.studies.config import StudyConfig
from equilingua.studies.figures import ArmDifference, ArmMean, CurvePoint, StudyFigures, study_figures
from equilingua.studies.inference import Estimate, VariancePart
from equilingua.studies.record import plain_study
from equilingua.studies.results import MacroMean, ResultPlace, StudyScores

FIGURES_FILE = "figures.json"


def figures_once(folder: Path, study: StudyConfig, results: Mapping[ResultPlace, EvaluationResult]) -> StudyFigures:
    """The figures of a study, from its folder where they were computed of the same before, else computed and kept.

    They are the same by all that they depend on: the study with its claims, the results, the code that computes them.
    Where the folder cannot be written, they are computed each time.

    Raises:
        InputError: as ``study_figures`` does.
    """
    key, path = _key(study, results), folder / FIGURES_FILE
    if (kept := _kept(path, key, study)) is not None:
        return kept
    figures = study_figures(study, StudyScores(results))
    plain = _plain(figures)
    with suppress(OSError), whole_file(path) as work:
        content = {"of": key, "sha256": _hash(plain), "figures": plain}
        work.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    # Read back as they are kept: what is shown first has nothing that is not there later.
    return _read(plain, study)


def _key(study: StudyConfig, results: Mapping[ResultPlace, EvaluationResult]) -> str:
    code = code_hashes(equilingua.statistics, equilingua.metrics, equilingua.evaluation, equilingua.studies)
    return _hash([plain_study(study), [[*place, result_digest(one)] for place, one in results.items()], code])


def _hash(plain: Any) -> str:
    return hashlib.sha256(json.dumps(plain).encode()).hexdigest()


def _kept(path: Path, key: str, study: StudyConfig) -> StudyFigures | None:
    """The figures in a file; None where there is none, it is of something else, or it was damaged or changed."""
    try:
        content = json.loads(path.read_bytes())
        if content["of"] != key or content["sha256"] != _hash(content["figures"]):
            return None
        return _read(content["figures"], study)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _plain(figures: StudyFigures) -> dict[str, Any]:
    """Plain values: of claims not what the study says itself."""
    claims = [
        {
            "estimate": _plain_estimate(one.estimate),
            "p": one.p,
            "p_corrected": one.p_corrected,
            "p_opposite_corrected": one.p_opposite_corrected,
            "verdict": one.verdict,
            "sentence": one.sentence,
            "interval": list(one.interval),
        }
        for one in figures.claims
    ]
    differences = [{**_placed(one), "p_corrected": one.p_corrected} for one in figures.differences]
    curve = [{"at": one.at, "group": one.group, "arm_mean": _plain_mean(one.arm_mean)} for one in figures.curve]
    return {
        "claims": claims,
        "means": [_plain_mean(one) for one in figures.means],
        "differences": differences,
        "curve": curve,
    }


def _placed(one: ArmMean | ArmDifference) -> dict[str, Any]:
    return {"arm": one.arm, "macro_mean": asdict(one.macro_mean), "estimate": _plain_estimate(one.estimate)}


def _plain_mean(one: ArmMean) -> dict[str, Any]:
    return {**_placed(one), "per_seed": list(one.per_seed)}


def _plain_estimate(one: Estimate) -> dict[str, Any]:
    """Without its thousands of draws, which only intervals and tests are computed from."""
    plain = asdict(replace(one, unseen=None))
    del plain["unseen"]
    return plain


def _read(plain: Mapping[str, Any], study: StudyConfig) -> StudyFigures:
    claims = tuple(
        JudgedClaim(
            claim,
            claim_quantity(study, claim),
            **{**kept, "estimate": _estimate(kept["estimate"]), "interval": tuple(kept["interval"])},
        )
        for claim, kept in zip(study.claims, plain["claims"], strict=True)
    )
    return StudyFigures(
        claims=claims,
        means=tuple(map(_mean, plain["means"])),
        differences=tuple(ArmDifference(*_place(one), one["p_corrected"]) for one in plain["differences"]),
        curve=tuple(CurvePoint(one["at"], one["group"], _mean(one["arm_mean"])) for one in plain["curve"]),
    )


def _place(kept: Mapping[str, Any]) -> tuple[str, MacroMean, Estimate]:
    mean = kept["macro_mean"]
    languages = None if mean["languages"] is None else tuple(mean["languages"])
    return kept["arm"], MacroMean(**{**mean, "languages": languages}), _estimate(kept["estimate"])


def _mean(kept: Mapping[str, Any]) -> ArmMean:
    return ArmMean(*_place(kept), tuple(kept["per_seed"]))


def _estimate(kept: Mapping[str, Any]) -> Estimate:
    return Estimate(**{**kept, "parts": tuple(VariancePart(**part) for part in kept["parts"])})

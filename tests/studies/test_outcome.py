import json
import shutil
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from equilingua.errors import InputError
from equilingua.evaluation.result import EvaluationResult
from equilingua.studies.inference import Estimate, estimate
from equilingua.studies.outcome import StudyOutcome, study_outcome
from equilingua.studies.record import read_study
from equilingua.studies.results import MacroMean, Quantity, Retention, StudyScores, Term, difference
from equilingua.studies.workspace import Workspace

LABELS = {"mono": "mono", "cross": "cross", "merged": "Mono and cross", "centred": "centred"}
MONO, MIXED = MacroMean("facts", "monolingual", "mAP"), MacroMean("facts", "multilingual", "mAP")


@pytest.fixture(scope="module")
def outcome(finished: Any) -> StudyOutcome:
    return study_outcome(finished.folder)


def own_results(finished: Any) -> dict[tuple[str, int, str], EvaluationResult]:
    """The results that the study's folder names, by arm, seed and evaluation."""
    return {
        (own.arm, own.seed, own.evaluation): EvaluationResult.load(finished.workspace.result(own.result))
        for own in read_study(finished.folder).results
    }


@pytest.fixture(scope="module")
def scores(finished: Any) -> StudyScores:
    """The results read by their names, without the outcome."""
    results = {
        (LABELS[unit.arm], unit.seed, planned.config.key): EvaluationResult.load(finished.workspace.result(planned.key))
        for unit in finished.plan.units
        for planned in unit.evaluations
    }
    return StudyScores(results)


def test_claims_are_judged_by_the_quantities_they_name(outcome: StudyOutcome, scores: StudyScores) -> None:
    merged = tuple(Term(weight, arm, MONO) for weight, arm in ((1, "Mono and cross"), (-0.5, "mono"), (-0.5, "cross")))
    german, english = (replace(MONO, languages=(tag,)) for tag in ("de", "en"))
    quantities: tuple[Quantity, ...] = (
        difference("cross", "mono", MONO),
        (Term(-1.0, "mono", MIXED), Term(1.0, "cross", MIXED)),
        (*difference("cross", "mono", german), *difference("mono", "cross", english)),
        merged,
        Retention("cross", replace(english, evaluation="english"), english, "mono"),
    )
    for judgement, quantity in zip(outcome.claims, quantities, strict=True):
        expected = estimate(scores, quantity)
        found = judgement.estimate
        for name in ("value", "low", "high", "p", "standard_error"):
            assert getattr(found, name) == pytest.approx(getattr(expected, name), nan_ok=True), judgement.claim.says
        assert (found.seeds, found.items) == (expected.seeds, expected.items)


def test_differences_are_those_of_means_and_means_those_of_seeds(outcome: StudyOutcome) -> None:
    means = {(mean.arm, mean.macro_mean): mean for mean in outcome.means}
    for mean in outcome.means:
        assert mean.estimate.value == pytest.approx(np.mean(mean.per_seed))
    assert len(outcome.differences) == 3 * 4 + 1
    for found in outcome.differences:
        expected = means[found.arm, found.macro_mean].estimate.value - means["mono", found.macro_mean].estimate.value
        assert found.estimate.value == pytest.approx(expected, abs=1e-12)
        assert found.p_corrected >= found.estimate.p


def test_means_of_seeds_are_those_of_the_results(outcome: StudyOutcome, finished: Any) -> None:
    results = own_results(finished)
    for mean in outcome.means:
        arm = next(name for name, label in LABELS.items() if label == mean.arm)
        for seed, value in zip(outcome.study.seeds, mean.per_seed, strict=True):
            measures = results[arm, seed, mean.macro_mean.evaluation].measures
            assert value == pytest.approx(measures[mean.macro_mean.setting][mean.macro_mean.measure])


def test_the_curve_goes_along_its_axis_for_all_and_for_each_language(outcome: StudyOutcome) -> None:
    groups = {(point.arm_mean.macro_mean.setting, point.group) for point in outcome.curve}
    assert len(groups) == 3 * 4
    assert [point.at for point in outcome.curve] == [0, 1] * 12
    for setting in ("monolingual", "multilingual"):
        of_setting = [point for point in outcome.curve if (point.arm_mean.macro_mean.setting, point.at) == (setting, 0)]
        by_group = {point.group: point.arm_mean.estimate.value for point in of_setting}
        assert by_group["all"] == pytest.approx(np.mean([by_group[tag] for tag in ("de", "en", "es")]))


def test_heat_maps_hold_every_pair_as_a_mean_over_seeds(outcome: StudyOutcome, finished: Any) -> None:
    assert set(outcome.heat) == {(label, "facts") for label in LABELS.values()}
    cells, tags = outcome.heat["cross", "facts"], ("de", "en", "es")
    assert set(cells) == {
        *(("monolingual", tag, tag) for tag in tags),
        *(("cross-lingual", *pair) for pair in permutations(tags, 2)),
        *(("multilingual", tag, "*") for tag in tags),
    }
    results = own_results(finished)
    loaded = [results["cross", seed, "facts"] for seed in (0, 1)]
    assert cells["cross-lingual", "en", "de"] == pytest.approx(
        np.mean([result.per_pair["en-de"]["mAP"] for result in loaded])
    )
    assert cells["multilingual", "en", "*"] == pytest.approx(
        np.mean([result.per_language["multilingual"]["en"]["mAP"] for result in loaded])
    )


def test_trainings_tell_what_they_took(outcome: StudyOutcome) -> None:
    assert [(cost.arm, cost.steps, cost.rows, cost.pairs) for cost in outcome.costs] == [
        ("mono", 6, 96, 60),
        ("cross", 6, 96, 60),
    ]
    assert all(cost.training_seconds for cost in outcome.costs)
    assert [(arm.arm, arm.options.get("kind"), arm.pairs) for arm in outcome.arms] == [
        ("mono", "x-x-mono", ("train.jsonl",)),
        ("cross", "x-y", ("train.jsonl",)),
        ("Mono and cross", None, ()),
        ("centred", None, ()),
    ]
    assert outcome.arms[2].made_of == "weights interpolated, seed by seed: 0.5 x mono + 0.5 x cross"
    assert set(outcome.provenance["pairs"]) == {"train.jsonl"}
    assert {(curve.arm, curve.seed) for curve in outcome.learning} == {
        (a, s) for a in ("mono", "cross") for s in (0, 1)
    }
    assert all(curve.steps and len(curve.steps) == len(curve.losses) for curve in outcome.learning)
    assert any("2 seeds tell little" in note for note in outcome.not_controlled)


def test_the_outcome_is_small_json(outcome: StudyOutcome) -> None:
    text = json.dumps(outcome.as_json(), allow_nan=False)
    assert len(text) < 60_000
    back = json.loads(text)
    assert [row["verdict"] for row in back["judgements"]] == [row.verdict for row in outcome.claims]
    assert [row["p"] for row in back["judgements"]] == pytest.approx([row.p for row in outcome.claims], rel=1e-5)
    assert back["study"]["name"] == "small"
    assert set(back["provenance"]["data"]) == {"facts", "english"}
    assert all(name not in text for name in ("query_ids", "per_query"))


def test_sentences_tell_directions_units_and_the_interval_of_their_test(outcome: StudyOutcome) -> None:
    _, slope, less, contrast, retained = outcome.claims
    assert slope.sentence.startswith("Slope over share of rows across languages: ")
    assert "Difference of cross from mono, queries in de less queries in en: " in less.sentence
    assert "setting of facts, queries in de and in en, p" in less.sentence
    low, high = contrast.interval
    assert f"(margin 0.05): {contrast.estimate.value:+.3f} [90 %: {low:+.3f}, {high:+.3f}] mAP" in contrast.sentence
    assert contrast.estimate.low < low < high < contrast.estimate.high
    assert "In what is retained, cross is" in retained.sentence


@pytest.fixture
def copied(finished: Any, tmp_path: Path) -> Path:
    """The study's folder in a workspace of the test."""
    shutil.copytree(finished.workspace.folder, tmp_path / "copy")
    return tmp_path / "copy" / "small"


def test_an_unfinished_study_tells_what_is_missing(copied: Path) -> None:
    for own in read_study(copied).results[-2:]:
        (Workspace(copied.parent).result(own.result) / "result.json").unlink()
    with pytest.raises(
        InputError, match=r"2 of 12 evaluations are not done \(arm 'centred', seed 0, on 'facts', \.\.\."
    ):
        study_outcome(copied)


def test_what_is_no_study_is_told(copied: Path) -> None:
    with pytest.raises(InputError, match=r"holds no study.json: is it a folder that `equilingua study` wrote\?"):
        study_outcome(copied.parent)
    (copied / "study.json").write_text('{"name": "small"}')
    with pytest.raises(InputError, match=r"study.json: cannot be read: .*\. Give the command"):
        study_outcome(copied)


def test_a_single_item_gives_no_number_that_json_lacks(outcome: StudyOutcome) -> None:
    nowhere = Estimate(0.5, float("nan"), float("nan"), 1.0, 2, 1, ())
    mean = replace(outcome.means[0], estimate=nowhere)
    plain = replace(outcome, means=(mean,)).as_json()
    assert json.loads(json.dumps(plain, allow_nan=False))["means"][0]["low"] is None


def test_figures_are_computed_once_and_are_the_same_when_they_are_read(
    finished: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from equilingua.reports.study import StudyReport
    from equilingua.studies import kept_figures

    shutil.copytree(finished.workspace.folder, tmp_path / "copy")
    folder = tmp_path / "copy" / "small"
    (folder / "figures.json").unlink(missing_ok=True)
    first = study_outcome(folder)
    StudyReport(first).write(tmp_path / "page.md")
    kept = (folder / "figures.json").read_text()

    def computed_again(*_: object) -> None:
        raise AssertionError("intervals and tests were computed again")

    with monkeypatch.context() as patch:
        for module in ("claims", "figures"):
            patch.setattr(f"equilingua.studies.{module}.estimate", computed_again)
            patch.setattr(f"equilingua.studies.{module}.holm", computed_again)
        patch.setattr(kept_figures, "StudyScores", computed_again)
        second = study_outcome(folder)
    assert repr(second.claims) == repr(first.claims)
    assert repr((second.means, second.differences, second.curve)) == repr((first.means, first.differences, first.curve))
    (tmp_path / "again").mkdir()
    StudyReport(second).write(tmp_path / "again" / "page.md")
    for file in sorted((tmp_path / "again").iterdir()):
        assert file.read_bytes() == (tmp_path / file.name).read_bytes(), file.name

    damaged = {
        "cut": kept[: len(kept) // 2],
        "empty": "{}",
        "other": "[" * 5000,
        "verdict": kept.replace("not shown", "supported"),
    }
    damaged["number"] = kept.replace('"value": 0.', '"value": 1.', 1)
    for name, text in damaged.items():
        assert text != kept
        (folder / "figures.json").write_text(text)
        assert repr(study_outcome(folder).means) == repr(first.means), name
        assert (folder / "figures.json").read_text() == kept, name


def test_figures_of_other_claims_or_results_are_computed_anew(finished: Any, tmp_path: Path) -> None:
    shutil.copytree(finished.workspace.folder, tmp_path / "copy")
    folder = tmp_path / "copy" / "small"
    first = study_outcome(folder)
    plain = json.loads((folder / "study.json").read_text())
    plain["study"]["claims"][3]["margin"] = 0.9
    (folder / "study.json").write_text(json.dumps(plain))
    second = study_outcome(folder)
    assert second.claims[3].claim.margin == 0.9
    assert second.claims[3].p != first.claims[3].p
    assert "margin 0.9" in second.claims[3].sentence
    own = read_study(folder).results
    one, other = (Workspace(folder.parent).result(own[place].result) for place in (0, 2))
    shutil.rmtree(one)
    shutil.copytree(other, one)
    assert [mean.per_seed for mean in study_outcome(folder).means] != [mean.per_seed for mean in first.means]

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from equilingua.errors import InputError
from equilingua.evaluation.result import EvaluationResult
from equilingua.studies.config import StudyConfig
from equilingua.studies.outcome import study_outcome
from equilingua.studies.plan import plan_study
from equilingua.studies.record import read_study
from equilingua.studies.run import UnitsDone, run_study, units_left
from equilingua.studies.worker import UnitOutcome, perform
from equilingua.studies.workspace import Unit, Workspace

Load = Callable[..., StudyConfig]

pytestmark = pytest.mark.usefixtures("in_this_process")


class Runs:
    """Runs studies in one workspace, and keeps what each was told."""

    def __init__(self, data: Path, folder: Path) -> None:
        self.workspace = Workspace(folder)
        self.told: list[UnitsDone] = []
        self._data = data

    def run(self, study: StudyConfig) -> Path:
        self.told = []
        plan = plan_study(study, data=self._data)
        return run_study(plan, self.workspace, processes=1, on_done=self.told.append)

    @property
    def worked_on(self) -> list[str]:
        return [told.latest.unit.arm for told in self.told if told.latest]

    @property
    def trained(self) -> list[str]:
        """Arms whose models were trained by the last run."""
        return [told.latest.unit.arm for told in self.told if told.latest and told.latest.training_seconds]

    def times(self) -> dict[Path, int]:
        """When every file of models and results was written."""
        kinds = ("trainings/*/training.json", "trainings/*/*.safetensors", "evaluations/*/*.parquet")
        return {path: path.stat().st_mtime_ns for kind in kinds for path in self.workspace.folder.glob(kind)}


@pytest.fixture
def runs(data: Path, tmp_path: Path) -> Runs:
    return Runs(data, tmp_path / "workspace")


@pytest.mark.slow
def test_a_study_does_everything_once(small_study: Load, runs: Runs) -> None:
    study = small_study()
    folder = runs.run(study)
    assert [(told.done, told.total) for told in runs.told] == [(done, 8) for done in range(9)]
    assert runs.trained == ["mono", "mono", "cross", "cross"]
    results = read_study(folder).results
    assert len(set(results)) == 4 * 2 + 2 * 2
    told = {(told.latest.unit.arm, told.latest.unit.seed): told.latest.measures for told in runs.told if told.latest}
    for own in results:
        saved = EvaluationResult.load(runs.workspace.result(own.result))
        assert told[own.arm, own.seed][own.evaluation] == saved.measures
    assert {own.arm for own in results if own.evaluation == "english"} == {"mono", "cross"}

    before = runs.times(), (folder / "study.json").read_bytes()
    assert runs.run(study) == folder
    assert (runs.told, runs.times(), (folder / "study.json").read_bytes()) == ([UnitsDone(8, 8, None)], *before)


@pytest.mark.slow
def test_studies_that_share_a_workspace_share_what_is_the_same(small_study: Load, runs: Runs) -> None:
    runs.run(small_study())
    before = runs.times()
    folder = runs.run(small_study(name="second", overrides=("arms.cold.training.temperature=0.5",)))
    assert runs.trained == runs.worked_on == ["cold", "cold"]
    assert before.items() <= runs.times().items()
    assert {mean.arm for mean in study_outcome(folder).means} == {"mono", "cross", "cold", "Mono and cross", "centred"}


@pytest.mark.slow
def test_only_what_a_change_reaches_is_done_again(small_study: Load, runs: Runs) -> None:
    first = study_outcome(runs.run(small_study()))
    changed = small_study(overrides=("arms.cross.training.steps=12", "arms.cross.training.learning_rate=0.5"))
    folder = runs.run(changed)
    assert (runs.trained, runs.worked_on) == (["cross"] * 2, ["cross"] * 2 + ["merged"] * 2)
    assert len(list(runs.workspace.folder.glob("evaluations/*/result.json"))) > len(read_study(folder).results)
    second = study_outcome(folder)
    pairs = list(zip(first.means, second.means, strict=True))
    assert {one.arm for one, two in pairs if one.per_seed != two.per_seed} == {"cross", "Mono and cross"}
    assert {cost.arm: cost.steps for cost in second.costs} == {"mono": 6, "cross": 12}


@pytest.mark.slow
def test_fewer_seeds_leave_older_results_out(small_study: Load, runs: Runs) -> None:
    runs.run(small_study())
    outcome = study_outcome(runs.run(small_study(overrides=("seeds=[1]",))))
    assert runs.worked_on == []
    assert {len(mean.per_seed) for mean in outcome.means} == {1}
    assert {curve.seed for curve in outcome.learning} == {1}


@pytest.mark.slow
def test_a_changed_study_that_was_cut_off_is_not_taken_for_done(small_study: Load, runs: Runs) -> None:
    runs.run(small_study())

    def stop(progress: UnitsDone) -> None:
        if progress.latest is not None:
            raise KeyboardInterrupt

    plan = plan_study(small_study(overrides=("training.steps=4",)), data=runs._data)
    with pytest.raises(KeyboardInterrupt):
        run_study(plan, runs.workspace, processes=1, on_done=stop)
    with pytest.raises(InputError, match=r"10 of 12 evaluations are not done \(arm 'mono', seed 1, on 'facts'"):
        study_outcome(runs.workspace.study("small"))


@pytest.mark.slow
def test_an_arm_that_fails_stops_no_other(small_study: Load, runs: Runs) -> None:
    wild = "arms.cross.training.learning_rate=1e30"
    with pytest.raises(InputError) as error:
        runs.run(small_study(overrides=(wild,)))
    report = str(error.value)
    assert report.startswith("study 'small': units that failed: 4 problems\ncross, seed 0: training diverged")
    assert "merged, seed 1: a model that it is made from failed" in report
    assert runs.worked_on == ["mono", "mono", "centred", "centred"]
    with pytest.raises(InputError, match="6 of 12 evaluations are not done"):
        study_outcome(runs.workspace.study("small"))
    before = runs.times()
    runs.run(small_study())
    assert runs.worked_on == ["cross", "cross", "merged", "merged"]
    unchanged = {path: time for path, time in before.items() if path in runs.times() and "trainings" in str(path)}
    assert unchanged.items() <= runs.times().items()
    assert len(study_outcome(runs.workspace.study("small")).claims) == 5


@pytest.mark.slow
def test_an_arm_that_fails_unforeseen_stops_no_other(
    small_study: Load, runs: Runs, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def without_memory(unit: Unit, **options: Any) -> UnitOutcome:
        if unit.arm == "mono":
            raise MemoryError("no room for 9 GiB\nallocated by others: 70 GiB")
        return perform(unit, **options)

    monkeypatch.setattr("equilingua.studies.run.perform", without_memory)
    with pytest.raises(InputError) as error:
        runs.run(small_study())
    assert "\nmono, seed 0: MemoryError: no room for 9 GiB\n" in str(error.value)
    assert runs.worked_on == ["cross", "cross"]
    assert "mono, seed 0 failed" in caplog.text
    assert "without_memory" in caplog.text  # where it happened


@pytest.mark.slow
def test_models_that_others_are_made_from_are_trained_if_nothing_else_asks_for_them(
    small_study: Load, runs: Runs
) -> None:
    only_merged = ('name = "facts"', 'name = "facts"\narms = ["merged"]')
    curve = ('[curve]\naxis = "share of rows across languages"\nevaluation = "facts"\n', "")
    study = small_study(only_merged, curve, overrides=("claims=[]", "baseline=merged"))
    study = study.model_copy(update={"evaluations": study.evaluations[:1]})
    folder = runs.run(study)
    assert runs.worked_on == ["mono", "mono", "cross", "cross", "merged", "merged"]
    assert {own.arm for own in read_study(folder).results} == {"merged"}
    assert runs.run(study) == folder
    assert runs.worked_on == []


@pytest.mark.slow
def test_what_was_removed_from_a_workspace_is_made_again(small_study: Load, runs: Runs) -> None:
    study = small_study()
    folder = runs.run(study)
    own = read_study(folder).results[0]
    result = runs.workspace.result(own.result)
    measures = EvaluationResult.load(result).measures
    for file in result.iterdir():
        file.unlink()
    assert [unit.arm for unit in units_left(plan_study(study, data=runs._data), runs.workspace)] == [own.arm]
    runs.run(study)
    assert runs.trained == []
    assert json.loads((result / "result.json").read_text())["measures"] == measures


@pytest.mark.slow
def test_models_that_were_removed_are_not_trained_again_for_results_that_are_there(
    small_study: Load, runs: Runs
) -> None:
    runs.run(small_study())
    shutil.rmtree(runs.workspace.folder / "trainings")
    folder = runs.run(small_study(name="second"))
    assert runs.trained == []
    assert runs.worked_on == []
    assert len(read_study(folder).results) == 12
    assert not list(runs.workspace.folder.glob("trainings/*/training.json"))

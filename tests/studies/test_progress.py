from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from equilingua.studies.config import StudyConfig
from equilingua.studies.plan import plan_study
from equilingua.studies.record import Invocation
from equilingua.studies.run import Working, run_study, working_on
from equilingua.studies.workspace import Workspace
from equilingua.training.record import read_record


def test_how_far_a_unit_is_can_be_told_from_its_files(finished: Any, tmp_path: Path) -> None:
    unit = finished.plan.units[0]
    workspace = Workspace(tmp_path)
    assert working_on(unit, workspace, steps=6) == Working(unit, "reading pairs and model", 0, 6)
    record = read_record(finished.workspace.training(unit.key))
    assert record is not None
    folder = workspace.training(unit.key)
    replace(record, status="running").write(folder)
    assert working_on(unit, workspace, steps=6).doing == "training, past step 0 of 6"
    for step in (2, 4):
        (folder / "checkpoints" / f"checkpoint-{step}").mkdir(parents=True)
    assert working_on(unit, workspace, steps=6) == Working(unit, "training, past step 4 of 6", 4, 6)
    record.write(folder)
    assert working_on(unit, workspace, steps=6) == Working(unit, "evaluating on facts")
    assert working_on(unit, finished.workspace, steps=6).doing == "finishing"


@pytest.mark.slow
@pytest.mark.usefixtures("in_this_process")
def test_what_is_worked_on_is_told_while_it_runs_and_what_was_asked_is_kept(
    small_study: Callable[..., StudyConfig], data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("equilingua.studies.run._LOOK_EVERY", 0.001)
    seen: list[Working] = []
    plan = plan_study(small_study(overrides=("seeds=[0]",)), data=data)
    invocation = Invocation("small.toml", ("seeds=[0]",))
    folder = run_study(plan, Workspace(tmp_path / "w"), processes=1, on_work=seen.extend, invocation=invocation)
    assert {one.unit.arm for one in seen} == {"mono", "cross", "merged", "centred"}
    assert "evaluating on facts" in {one.doing for one in seen}
    assert (
        '"asked": {\n  "file": "small.toml",\n  "set": [\n   "seeds=[0]"\n  ]\n }'
        in (folder / "study.json").read_text()
    )

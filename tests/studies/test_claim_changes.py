import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from equilingua.reports.study_tables import outcome_text
from equilingua.studies.config import StudyConfig
from equilingua.studies.outcome import study_outcome
from equilingua.studies.plan import plan_study
from equilingua.studies.record import claim_changes, earlier_claims
from equilingua.studies.run import UnitsDone, run_study
from equilingua.studies.workspace import Workspace

CLAIM: dict[str, Any] = {
    "says": "It gains",
    "test": "better",
    "arm": "a",
    "against": "b",
    "evaluation": "e",
    "setting": "multilingual",
}
CHANGED = "Claims were changed when results were there already. Before: "
ADDED = "Claims were added when results were there already: "


@pytest.fixture
def told_by_run(
    small_study: Callable[..., StudyConfig], data: Path, tmp_path: Path, in_this_process: None
) -> Callable[..., tuple[Path, tuple[str, ...]]]:
    """Runs the small study with texts replaced; gives its folder and what is told of its claims."""
    assert in_this_process is None

    def run(*replaced: tuple[str, str]) -> tuple[Path, tuple[str, ...]]:
        plan = plan_study(small_study(*replaced, overrides=("seeds=[0]",)), data=data)
        folder = run_study(plan, Workspace(tmp_path / "workspace"), processes=1)
        return folder, study_outcome(folder).changed_claims

    return run


def test_claims_changed_after_results_leave_a_trace_and_others_do_not(
    told_by_run: Callable[..., tuple[Path, tuple[str, ...]]],
) -> None:
    folder, told = told_by_run()
    first = json.loads((folder / "study.json").read_text())
    assert (told, "earlier_claims" in first) == ((), False)

    wider = ("margin = 0.05", "margin = 0.2")
    margin = f"{CHANGED}'Merged lies between' (not-worse, margin 0.05)."
    assert told_by_run(wider)[1] == (margin,)
    assert told_by_run(wider)[1] == (margin,)  # given again as it is, nothing is added
    lists = json.loads((folder / "study.json").read_text())["earlier_claims"]
    assert lists == [first["study"]["claims"]]

    words = f"{CHANGED}'English is retained' (not-worse, margin 0.1)."
    assert told_by_run(wider, ('"English is retained"', '"English is kept"'))[1] == (margin, words)
    outcome = study_outcome(folder)
    assert outcome.not_controlled[:2] == (margin, words)
    assert f"{margin}\n{words}" in outcome_text(outcome)
    assert len(outcome.claims) == 5


def test_claims_may_be_changed_before_there_are_results(
    small_study: Callable[..., StudyConfig], data: Path, tmp_path: Path, in_this_process: None
) -> None:
    assert in_this_process is None
    workspace = Workspace(tmp_path / "workspace")

    def stop(_: UnitsDone) -> None:
        raise KeyboardInterrupt

    for margin in (0.05, 0.2):
        plan = plan_study(small_study(("margin = 0.05", f"margin = {margin}")), data=data)
        with pytest.raises(KeyboardInterrupt):
            run_study(plan, workspace, processes=1, on_done=stop)
    settings = json.loads((workspace.study("small") / "study.json").read_text())
    assert "earlier_claims" not in settings
    assert not (workspace.folder / "evaluations").exists()


def test_pure_additions_are_told_as_such() -> None:
    new = CLAIM | {"says": "It costs nothing", "test": "not-worse", "margin": 0.01, "setting": "monolingual"}
    assert claim_changes([[CLAIM], [CLAIM, new]]) == (f"{ADDED}'It costs nothing' (not-worse, margin 0.01).",)
    reworded = CLAIM | {"says": "It gains much"}
    assert claim_changes([[CLAIM], [reworded, new]]) == (
        f"{CHANGED}'It gains' (better).",
        f"{ADDED}'It costs nothing' (not-worse, margin 0.01).",
    )
    taken = "A claim was taken out when results were there already: 'It costs nothing' (not-worse, margin 0.01)."
    assert claim_changes([[CLAIM, new], [CLAIM]]) == (taken,)


def test_one_claim_gives_way_to_one_and_every_other_is_told_as_added() -> None:
    reworded, other = CLAIM | {"says": "It gains much"}, CLAIM | {"says": "It gains little"}
    assert claim_changes([[CLAIM], [reworded, other]]) == (
        f"{CHANGED}'It gains' (better).",
        f"{ADDED}'It gains little' (better).",
    )


def test_results_of_other_settings_do_not_count(small_study: Callable[..., StudyConfig], tmp_path: Path) -> None:
    workspace, study = Workspace(tmp_path), small_study()
    settings = workspace.study("small") / "study.json"
    settings.parent.mkdir()
    settings.write_text(json.dumps({"study": {"claims": [CLAIM]}, "results": [{"result": "k1"}]}))
    for key, earlier in (("k2", ()), ("k1", ([CLAIM],))):
        workspace.result(key).mkdir(parents=True)
        (workspace.result(key) / "result.json").touch()
        assert earlier_claims(workspace, study) == earlier
    settings.write_text("{")
    assert earlier_claims(workspace, study) == ()


def test_the_same_words_of_something_else_tell_what_they_were_of() -> None:
    elsewhere = CLAIM | {"setting": "cross-lingual", "languages": ["en"]}
    assert claim_changes([[CLAIM], [elsewhere]]) == (
        f"{CHANGED}'It gains' (better, setting \"multilingual\", languages not given).",
    )


def test_the_order_of_claims_and_defaults_that_are_written_out_are_no_change() -> None:
    other = CLAIM | {"says": "It loses"}
    written = CLAIM | {"measure": "mAP", "weights": {}, "margin": None}
    assert claim_changes([[CLAIM, other], [other, written]]) == ()

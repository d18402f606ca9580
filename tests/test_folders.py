"""Folders are told by what they hold, and commands that fit them are proposed as they can be run."""

import json
from pathlib import Path

import pytest

from equilingua.errors import InputError
from equilingua.folders import command, folder_kind, free, no_model, no_result
from equilingua.training.models import load_model


def made(folder: Path, *files: str) -> Path:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps({"model": "the model"}))
    return folder


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        (["result.json", "per_query.parquet"], "result"),
        (["audit.json", "result/result.json"], "audit"),
        (["study.json"], "study"),
        (["one/study.json", "models/a/x"], "studies"),
        (["modules.json"], "model"),
        (["config.json"], "model"),
        (["adapter_config.json"], "model"),
        (["model/config.json", "result/result.json"], "arm"),
        (["corpus.jsonl"], None),
    ],
)
def test_kinds_of_folders(tmp_path: Path, files: list[str], kind: str | None) -> None:
    assert folder_kind(made(tmp_path / "x", *files)) == kind


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (["result.json"], r"is a result, not a model. It is of 'the model'. To look at it: equilingua report "),
        (["audit.json"], r"is an audit, not a model. It is of 'the model'. To look at it: equilingua report "),
        (["study.json"], r"is a study, not a model. To look at it: equilingua report "),
        (["one/study.json"], r"is a folder of studies, not a model. To look at it: equilingua report .*one "),
        (["model/config.json", "result/result.json"], r"is an arm of the demo, which holds a model: give .*/model"),
        (["corpus.jsonl"], r"holds no model \(none of modules.json, config.json, adapter_config.json\)"),
    ],
)
def test_what_is_no_model_is_told_by_what_it_is(tmp_path: Path, files: list[str], told: str) -> None:
    folder = made(tmp_path / "x", *files)
    with pytest.raises(InputError, match=told) as error:
        load_model(folder)
    assert "model_type" not in str(error.value)


def test_results_are_not_refused(tmp_path: Path) -> None:
    for number, files in enumerate((["result.json"], ["audit.json", "result/result.json"])):
        assert no_result(made(tmp_path / str(number), *files)) == ""
    assert "without judgements" in no_result(made(tmp_path / "unjudged", "audit.json"))
    assert no_model(made(tmp_path / "model", "config.json")) == ""


def test_a_place_that_is_taken_is_not_proposed(tmp_path: Path) -> None:
    page = tmp_path / "audit.html"
    assert free(page) == page
    page.touch()
    (tmp_path / "audit-2.html").touch()
    assert free(page) == tmp_path / "audit-3.html"
    assert command("report", "a b") == "equilingua report 'a b'"

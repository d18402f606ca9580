"""``equilingua report`` on the folder of a study."""

import json
import shlex
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from equilingua.cli.report import report_command
from equilingua.errors import InputError


def run(*arguments: object) -> Result:
    app = typer.Typer()
    app.command()(report_command)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_a_study_that_is_not_finished_says_how_to_go_on(tmp_path: Path) -> None:
    settings = {
        "name": "s",
        "title": "T",
        "question": "Q",
        "hypothesis": "H",
        "baseline": "a",
        "model": "m",
        "pairs": ["p.jsonl"],
        "arms": {"a": {}},
        "evaluations": [{"benchmark": "facts"}],
    }
    result = {"arm": "a", "seed": 0, "evaluation": "facts", "training": "t", "result": "r"}
    nothing_asked = {"file": None, "set": []}
    content = json.dumps({"study": settings, "results": [result], "asked": nothing_asked})
    (tmp_path / "study.json").write_text(content, encoding="utf-8")
    done = run(tmp_path, "--output", tmp_path / "page.html")
    assert isinstance(done.exception, InputError)
    told = str(done.exception)
    assert "1 of 1 evaluations are not done (arm 'a', seed 0, on 'facts', ...)" in told
    begun = f"--data DATA --output {shlex.quote(tmp_path.parent.as_posix())}"
    assert told.endswith(f": equilingua study s.toml {begun}")
    asked = {"file": "studies/s.toml", "set": ["seeds=[0]", "training.steps=5"]}
    content = json.dumps({"study": settings, "results": [result], "asked": asked})
    (tmp_path / "study.json").write_text(content, encoding="utf-8")
    told = str(run(tmp_path, "--output", tmp_path / "page.html").exception)
    assert told.endswith(f'equilingua study studies/s.toml --set "seeds=[0]" --set "training.steps=5" {begun}')
    assert not (tmp_path / "page.html").exists()


@pytest.mark.parametrize("suffix", ["html", "md"])
def test_texts_are_refused_for_a_study(tmp_path: Path, suffix: str) -> None:
    (tmp_path / "study.json").write_text("{}", encoding="utf-8")
    done = run(tmp_path, "--texts", "xquad-r", "--output", tmp_path / f"page.{suffix}")
    assert isinstance(done.exception, InputError)
    assert str(done.exception) == f"{tmp_path}: is a study, whose page has no use for --texts. Leave that out"


def test_options_of_results_are_refused_for_a_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "study.json").write_text("{}", encoding="utf-8")
    given = ("--measure", "nDCG@10", "--no-comparison", "--hardest", "20")
    told = str(run(tmp_path, *given, "--output", tmp_path / "page.md").exception)
    assert "no use for --measure and --comparison/--no-comparison and --hardest. Leave" in told
    assert "--data" in str(run(tmp_path, "--data", tmp_path, "--output", tmp_path / "page.md").exception)
    monkeypatch.setenv("EQUILINGUA_DATA", str(tmp_path))
    assert "cannot be read" in str(run(tmp_path, "--output", tmp_path / "page.md").exception)  # as far as it comes


def test_a_workspace_names_its_studies(tmp_path: Path) -> None:
    for name in ("second", "first"):
        (tmp_path / "w" / name).mkdir(parents=True)
        (tmp_path / "w" / name / "study.json").write_text("{}", encoding="utf-8")
    first, second = (tmp_path / "w" / name for name in ("first", "second"))
    told = str(run(tmp_path / "w", "--output", tmp_path / "page.md").exception)
    assert told == f"{tmp_path / 'w'}: holds studies, each with a report of its own. Name one: {first}, {second}"
    several = str(run(first, second, "--output", tmp_path / "page.md").exception)
    assert (
        several
        == f"{first}: is a study, not a result. To look at it: equilingua report {first} --output {first.name}.html"
    )

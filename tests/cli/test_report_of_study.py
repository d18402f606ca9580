"""``equilingua report`` on the folder of a study."""

import json
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
    content = json.dumps({"study": settings, "results": [result]})
    (tmp_path / "study.json").write_text(content, encoding="utf-8")
    done = run(tmp_path, "--output", tmp_path / "page.html")
    assert isinstance(done.exception, InputError)
    assert "1 of 1 evaluations are not done (arm 'a', seed 0, on 'facts', ...)" in str(done.exception)
    assert not (tmp_path / "page.html").exists()


@pytest.mark.parametrize("suffix", ["html", "md"])
def test_texts_are_refused_for_a_study(tmp_path: Path, suffix: str) -> None:
    (tmp_path / "study.json").write_text("{}", encoding="utf-8")
    done = run(tmp_path, "--texts", "xquad-r", "--output", tmp_path / f"page.{suffix}")
    assert isinstance(done.exception, InputError)
    assert "texts" in str(done.exception)

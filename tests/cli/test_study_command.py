import json
import os
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from equilingua.cli.study import study_command
from equilingua.errors import InputError
from equilingua.pairs.facts import facts_pairs

STUDY = """
name = "tiny"
title = "A tiny study"
question = "Does anything work?"
hypothesis = "Yes."
seeds = [0, 1]
baseline = "a"
pairs = ["train.jsonl"]
encoder = { from_scratch = "static", dimension = 8, vocabulary = 300 }
training = { steps = 2, batch_size = 8 }

[arms.a]
training.kind = "x-x-mono"

[arms.b]
training.kind = "x-y"

[[evaluations]]
benchmark = "test.jsonl"
measures = ["mAP"]

[[claims]]
says = "b differs"
test = "different"
arm = "b"
against = "a"
evaluation = "test.jsonl"
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    for split, count in (("train", 30), ("test", 10)):
        lines = [
            {
                "id": pair.id,
                "queries": {tag: pair.queries[tag] for tag in ("en", "es")},
                "passages": {tag: pair.passages[tag] for tag in ("en", "es")},
            }
            for pair in islice(facts_pairs(split), count)
        ]
        (folder / f"{split}.jsonl").write_text("\n".join(map(json.dumps, lines)))
    path = folder / "tiny.toml"
    path.write_text(STUDY)
    return path


def run(*arguments: str | Path) -> Result:
    app = typer.Typer()
    app.command()(study_command)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def refused(*arguments: str | Path) -> str:
    result = run(*arguments)
    assert isinstance(result.exception, InputError), result.output
    return str(result.exception)


@pytest.mark.slow
def test_a_study_is_checked_run_and_found_done(study: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    checked = run(study, "--output", workspace, "--check", "--json", "--processes", "1")
    assert checked.exit_code == 0, checked.exception
    estimate = json.loads(checked.stdout)
    assert (estimate["study"], estimate["pairs"], estimate["units"]) == ("tiny", {"a": 30, "b": 30}, 4)
    assert estimate["seconds"] > 0
    assert not workspace.exists()

    done = run(study, "--output", workspace, "--processes", "2")
    assert done.exit_code == 0, done.exception
    assert "A tiny study" in done.stdout
    assert f"Next: equilingua report {workspace / 'tiny'}" in done.stdout
    for line in ("a, seed 0: model", "b, seed 1: model"):
        assert line in done.stderr
    assert "4/4" in done.stderr

    again = run(study, "--output", workspace, "--json")
    outcome = json.loads(again.stdout)
    assert [row["says"] for row in outcome["judgements"]] == ["b differs"]
    assert {row["arm"] for row in outcome["means"]} == {"a", "b"}
    checked = run(study, "--output", workspace, "--check")
    assert checked.exit_code == 0
    assert "Everything is done." in checked.stdout
    assert "Arms: a (30 pairs), b (30 pairs)" in checked.stdout
    assert "Evaluation: test.jsonl, 28 texts in en, es" in checked.stdout


@pytest.mark.slow
def test_wrong_use_and_failed_arms_end_with_2(study: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "equilingua", "study", str(study), "--output", str(tmp_path / "w")]
    environment = {**os.environ, "COLUMNS": "200"}
    wrong = subprocess.run(
        [*command, "--set", "baseline=c"], capture_output=True, text=True, env=environment, check=False
    )
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "--set baseline=c: baseline: no 'c'. Allowed: a, b." in wrong.stderr
    wild = [*command, "--set", "arms.b.training.learning_rate=1e30", "--set", "training.steps=20", "--set", "seeds=[0]"]
    failed = subprocess.run(wild, capture_output=True, text=True, env=environment, check=False)
    assert failed.returncode == 2
    assert "1/2 a, seed 0" in failed.stderr
    assert "study 'tiny': units that failed: 1 problem\nb, seed 0: training diverged" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_mistakes_are_told_before_anything_is_written(study: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    assert "no such folder" in refused(study, "--output", workspace, "--data", tmp_path / "none")
    assert "no such file. Did you mean" in refused(study.parent / "tinny.toml", "--output", workspace)
    report = refused(study, "--output", workspace, "--set", "training.stpes=2", "--check")
    assert "arms.a: training settings: 1 problem" in report
    assert "arms.b: training settings: 1 problem" in report
    assert "write key=value" in refused(study, "--output", workspace, "--set", "seeds")
    assert not workspace.exists()

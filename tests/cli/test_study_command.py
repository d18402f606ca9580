import json
import os
import re
import signal
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path

import pytest
import typer
from click.testing import Result
from rich.console import Console
from typer.testing import CliRunner

from equilingua.cli.study import StudyBar, study_command
from equilingua.errors import InputError
from equilingua.facts import facts_pairs
from equilingua.studies.config import StudyConfig
from equilingua.studies.run import Working
from equilingua.studies.workspace import Trained, Unit
from equilingua.training.config import TrainingConfig
from equilingua.training.encoders import StaticSpec

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
    [power] = estimate["power"].values()
    # Ten pairs, each with its translation.
    assert (power["items"], power["smallest"]) == (10, None)
    assert "Timed a: " in checked.stderr
    assert not workspace.exists()
    in_words = run(study, "--output", workspace, "--check", "--processes", "1")
    assert "10 queries (translations count once): too few items to tell any difference" in in_words.stdout

    done = run(study, "--output", workspace, "--processes", "2")
    assert done.exit_code == 0, done.exception
    assert "A tiny study" in done.stdout
    assert f"Next: equilingua report {workspace / 'tiny'}" in done.stdout
    for line in ("Reading pairs: train.jsonl", "Reading benchmark: test.jsonl", "a, seed 0: model", "b, seed 1: model"):
        assert line in done.stderr
    assert "4/4" in done.stderr

    settings = json.loads((workspace / "tiny" / "study.json").read_text())
    assert settings["asked"] == {"file": "tiny.toml", "set": []}

    again = run(study, "--output", workspace, "--json")
    outcome = json.loads(again.stdout)
    assert [row["says"] for row in outcome["judgements"]] == ["b differs"]
    assert {row["arm"] for row in outcome["means"]} == {"a", "b"}
    checked = run(study, "--output", workspace, "--check")
    assert checked.exit_code == 0
    assert "Everything is done." in checked.stdout
    assert "Arms: a (30 pairs), b (30 pairs)" in checked.stdout
    assert "Evaluation: test.jsonl, 28 texts in en, es" in checked.stdout
    assert "queries (translations count once): too few items to tell any difference" in checked.stdout


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
    assert report.splitlines() == [
        f"{study}: 1 problem",
        "--set training.stpes=2: unknown option 'training.stpes'. Did you mean 'training.steps'?",
    ]
    assert "write key=value" in refused(study, "--output", workspace, "--set", "seeds")
    assert not workspace.exists()


def test_a_file_is_checked_before_torch_is_imported(study: Path) -> None:
    study.write_text("name = = 3")
    code = (
        "import sys; from pathlib import Path; from equilingua.cli.study import study_command\n"
        f"try: study_command(Path({str(study)!r}), Path('w'))\n"
        "except ValueError as error: print(error, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "tiny.toml: not TOML: " in done.stdout
    assert done.stdout.endswith(" False\n")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="ends by POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_study_says_so_and_ends_cleanly(study: Path, tmp_path: Path, number: signal.Signals) -> None:
    workspace = tmp_path / "w"
    long = ["--set", "training.steps=1000000", "--set", "training.checkpoint_steps=10", "--processes", "2"]
    command = [sys.executable, "-m", "equilingua", "study", str(study), "--output", str(workspace), *long]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    while running.poll() is None and len(list(workspace.glob("trainings/*/checkpoints/*/trainer_state.json"))) < 2:
        time.sleep(0.05)
    if number == signal.SIGINT:
        os.killpg(running.pid, number)  # as a terminal does
    else:
        running.send_signal(number)
    _, told = running.communicate(timeout=600)  # its workers hold its standard error open as long as they live
    assert running.returncode == 128 + number
    assert "Interrupted; the same command goes on where it was" in told
    assert "Traceback" not in told
    assert "leaked" not in told


def test_what_workers_are_at_is_said_in_lines_that_are_not_too_many(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = iter([0.0, 5.0, 11.0, 30.0])
    monkeypatch.setattr("equilingua.cli.study.time.monotonic", lambda: next(now))
    trained = StaticSpec(), (), TrainingConfig()
    unit = Unit("a", 0, "0" * 20, Trained(*trained), ())
    bar = StudyBar(StudyConfig.model_construct())
    bar._console = Console(stderr=True, force_terminal=False)
    for step in (0, 10, 20, 20):
        bar.show_work([Working(unit, f"training, past step {step} of 90", step, 90)])
    assert capsys.readouterr().err.splitlines() == [
        "a, seed 0: training, past step 0 of 90",
        "a, seed 0: training, past step 20 of 90",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("own", [True, False])
def test_what_a_study_is_trained_on_is_told_by_its_check_its_end_and_its_page(
    own: bool, study: Path, tmp_path: Path
) -> None:
    from equilingua.cli.report import report_command

    data = study.parent
    # The questions that it is judged by, under other ids; or what shares no word with them.
    rows = [json.loads(line) for line in (data / "test.jsonl").read_text().splitlines()]
    if not own:
        texts = [{tag: f"{tag}{n} lorem{n} ipsum{n} dolor{n}" for tag in ("en", "es")} for n in range(10)]
        rows = [{"id": str(n), "queries": of, "passages": of} for n, of in enumerate(texts)]
    (data / "train.jsonl").write_text("\n".join(json.dumps({**row, "id": f"own {row['id']}"}) for row in rows))
    report = typer.Typer()
    report.command()(report_command)
    told = [
        run(study, "--output", tmp_path / "runs", "--check").stdout,
        run(study, "--output", tmp_path / "runs").stdout,
    ]
    for name in ("page.md", "page.html"):
        page = tmp_path / name
        written = CliRunner().invoke(report, [str(tmp_path / "runs" / "tiny"), "--output", str(page)])
        assert written.exit_code == 0, written.exception
        told.append(page.read_text(encoding="utf-8"))
    for text in told:
        assert "was compared with" in text
        assert ("TRAINED ON WHAT IT IS JUDGED BY" in text) is own
        assert ("Found of its queries none of" in text) is not own
        assert not re.search(r"\bclean\b|uncontaminated", text)

"""A study that is killed again and again ends as one that never was."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from equilingua.evaluation.result import EvaluationResult
from equilingua.studies.outcome import study_outcome
from equilingua.studies.record import read_study
from equilingua.training.record import read_record

KILLS = 5  # every start imports torch in three processes
PATIENCE = 600.0  # a busy machine takes minutes to import torch in three processes


def begin(file: Path, workspace: Path) -> subprocess.Popen[bytes]:
    """The command, in a process group of its own."""
    command = [sys.executable, "-m", "equilingua", "study", str(file), "--output", str(workspace), "--processes", "2"]
    # Its workers hold its standard error open as long as they live.
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)


def written(workspace: Path) -> int:
    """Files there are; a measure of how far a study is that does not depend on the clock."""
    return sum(len(files) for _, _, files in os.walk(workspace))


def finished_trainings(workspace: Path) -> dict[Path, int]:
    """When the records of finished trainings were written."""
    found = {}
    for folder in (workspace / "trainings").glob("*"):
        record = read_record(folder)
        if record is not None and record.status == "finished":
            path = folder / "training.json"
            found[path] = path.stat().st_mtime_ns
    return found


def kill_after(running: subprocess.Popen[bytes], workspace: Path, files: int, *, group: bool) -> None:
    """Kill the command, alone or with its workers, once so many more files are there; or find that it ended."""
    goal, last = written(workspace) + files, time.monotonic() + PATIENCE
    while running.poll() is None and written(workspace) < goal:
        assert time.monotonic() < last
        time.sleep(0.002)
    with contextlib.suppress(ProcessLookupError):
        (os.killpg if group else os.kill)(running.pid, signal.SIGKILL)
    running.wait()
    assert running.stderr is not None
    os.set_blocking(running.stderr.fileno(), True)
    running.stderr.read()  # ends when the last worker has ended


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kills by POSIX signals")
@pytest.mark.parametrize("seed", [0])
def test_a_study_killed_at_random_moments_ends_as_one_that_never_was(
    study_file: Callable[..., Path], tmp_path: Path, seed: int
) -> None:
    text = study_file().read_text(encoding="utf-8")
    english = text[text.index('[[evaluations]]\nbenchmark = "test.jsonl"\nname = "english"') : text.index("[curve]")]
    retained = text[text.index('[[claims]]\nsays = "English is retained"') :]
    file = study_file(("seeds = [0, 1]", "seeds = [0]"), ("steps = 6", "steps = 30"), (english, ""), (retained, ""))
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    rng = random.Random(seed)
    done: dict[Path, int] = {}
    for kill in range(KILLS):
        kill_after(begin(file, killed), killed, rng.randint(1, 25), group=kill % 3 == 2)
        before, done = done, finished_trainings(killed)
        assert before.items() <= done.items()
    for workspace in (killed, whole):
        running = begin(file, workspace)
        _, told = running.communicate(timeout=PATIENCE)
        assert running.returncode == 0, told.decode()
    assert done.items() <= finished_trainings(killed).items()

    assert read_study(killed / "small") == read_study(whole / "small")
    assert len(list(killed.glob("evaluations/*/result.json"))) == len(read_study(whole / "small").results)
    for own in read_study(whole / "small").results:
        one, two = (EvaluationResult.load(path / "evaluations" / own.result) for path in (killed, whole))
        assert one.measures == two.measures
        assert [pair.values["mAP"].tolist() for pair in one.scores] == [
            pair.values["mAP"].tolist() for pair in two.scores
        ]
    weights = sorted(path.relative_to(whole) for path in whole.glob("trainings/*/**/model.safetensors"))
    assert len(weights) == 2
    for path in weights:
        assert (killed / path).read_bytes() == (whole / path).read_bytes()
    ends = [study_outcome(workspace / "small") for workspace in (killed, whole)]
    assert ends[0].means == ends[1].means
    assert ends[0].claims == ends[1].claims

import json
import subprocess
import sys
from pathlib import Path

import pytest
from transformers import TrainerControl, TrainerState, TrainingArguments

from equilingua.errors import InputError
from equilingua.training.callbacks import Clock, MarkComplete
from equilingua.training.run_folder import Checkpoint, RunFolder


def newest_complete(folder: Path) -> Checkpoint | None:
    return RunFolder(folder).newest_checkpoint()


def write(folder: Path, step: int, *, max_steps: int = 100, marked: bool = True) -> Path:
    checkpoint = folder / "checkpoints" / f"checkpoint-{step}"
    (checkpoint / "sub").mkdir(parents=True)
    (checkpoint / "model.safetensors").write_bytes(b"x" * step)
    (checkpoint / "sub" / "config.json").write_text("{}")
    if marked:
        arguments = TrainingArguments(output_dir=str(folder / "checkpoints"), use_cpu=True, report_to="none")
        state = TrainerState(global_step=step, max_steps=max_steps, is_world_process_zero=True)
        MarkComplete(Clock(examples_per_step=8, seconds=1.5)).on_save(arguments, state, TrainerControl())
    return checkpoint


def test_newest_is_the_one_with_most_steps_not_the_last_by_name(tmp_path: Path) -> None:
    for step in (9, 10, 100):
        write(tmp_path, step)
    found = newest_complete(tmp_path)
    assert found is not None
    assert (found.folder.name, found.step, found.seconds, found.finished) == ("checkpoint-100", 100, 1.5, True)


def test_checkpoint_without_its_mark_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, 10)
    write(tmp_path, 20, marked=False)
    found = newest_complete(tmp_path)
    assert found is not None
    assert (found.step, found.finished) == (10, False)


def test_checkpoint_with_a_cut_or_missing_file_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, 10)
    (write(tmp_path, 20) / "model.safetensors").write_bytes(b"x" * 19)
    (write(tmp_path, 30) / "sub" / "config.json").unlink()
    found = newest_complete(tmp_path)
    assert found is not None
    assert found.step == 10


def test_only_half_written_checkpoints_are_removed(tmp_path: Path) -> None:
    write(tmp_path, 10)
    write(tmp_path, 20, marked=False)
    (tmp_path / "checkpoints" / "notes.txt").write_text("kept")
    newest_complete(tmp_path)
    assert sorted(path.name for path in (tmp_path / "checkpoints").iterdir()) == ["checkpoint-10", "notes.txt"]


def test_no_folder_has_no_checkpoint(tmp_path: Path) -> None:
    assert newest_complete(tmp_path / "none") is None


def test_mark_lists_what_was_written_before_it(tmp_path: Path) -> None:
    mark = json.loads((write(tmp_path, 10) / "complete.json").read_text())
    assert mark["files"] == {"model.safetensors": 10, "sub/config.json": 2}


LOCKED = """
import os, sys
from pathlib import Path
from equilingua.training.run_folder import RunFolder
with RunFolder(Path(sys.argv[1])).alone():
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.mark.slow
def test_a_second_training_is_refused_while_the_first_lives_and_not_after_it_was_killed(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    with subprocess.Popen(
        [sys.executable, "-c", LOCKED, str(folder.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with pytest.raises(InputError, match="another training is at work in it"), folder.alone():
            pass
        first.kill()
        first.wait()
    with folder.alone():
        assert folder.path.is_dir()
    assert not folder.path.exists()


def test_a_lock_does_not_hide_foreign_files_and_leaves_none(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with RunFolder(tmp_path).alone():
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    with pytest.raises(InputError, match="is a file, not a folder"), RunFolder(tmp_path / "mine.txt").alone():
        pass


def test_what_no_training_wrote_stays_when_checkpoints_are_removed(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    whole = folder.checkpoints / "checkpoint-2"
    whole.mkdir(parents=True)
    (whole / "model.safetensors").write_text("x")
    Checkpoint(whole, 2, 1.0, finished=False).mark()
    half = folder.checkpoints / "checkpoint-3"
    half.mkdir()
    (half / "optimizer.pt").write_text("x")
    for name in ("notes.txt", "checkpoint-2/notes.txt", "checkpoint-best/notes.txt"):
        (folder.checkpoints / name).parent.mkdir(exist_ok=True)
        (folder.checkpoints / name).write_text("mine")
    folder.remove_checkpoints()
    left = sorted(str(path.relative_to(folder.checkpoints)) for path in tmp_path.rglob("*") if path.is_file())
    assert left == ["checkpoint-2/notes.txt", "checkpoint-best/notes.txt", "notes.txt"]

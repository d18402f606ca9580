import json
from pathlib import Path

from transformers import TrainerControl, TrainerState, TrainingArguments

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

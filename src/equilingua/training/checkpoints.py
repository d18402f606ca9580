"""Checkpoints that are either whole or not there, whenever the process dies."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from equilingua.files import whole_file
from equilingua.training.callbacks import Clock

_MARK = "complete.json"
_PREFIX = "checkpoint-"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A whole checkpoint.

    Attributes:
        folder: where it lies.
        step: optimizer steps done.
        seconds: training time until then, over all resumptions.
        finished: whether nothing is left to train.
    """

    folder: Path
    step: int
    seconds: float
    finished: bool


class MarkComplete(TrainerCallback):
    """Writes, once everything else of a checkpoint is written, what it consists of.

    Args:
        clock: what measures the training time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Called by the trainer after it wrote a checkpoint and removed old ones."""
        if not state.is_world_process_zero:
            return
        folder = Path(str(args.output_dir)) / f"{_PREFIX}{state.global_step}"
        mark = {
            "step": state.global_step,
            "seconds": self._clock.seconds,
            "finished": control.should_training_stop or state.global_step >= state.max_steps,
            "files": _sizes(folder),
        }
        with whole_file(folder / _MARK) as work:
            work.write_text(json.dumps(mark))


def newest_complete(folder: Path) -> Checkpoint | None:
    """The checkpoint with the most steps whose every file is there in full; None if there is none."""
    found = [checkpoint for path in folder.glob(f"{_PREFIX}*") if (checkpoint := _read(path)) is not None]
    return max(found, key=lambda checkpoint: checkpoint.step, default=None)


def remove_incomplete(folder: Path) -> None:
    """Remove what a killed process left half-written."""
    for path in folder.glob(f"{_PREFIX}*"):
        if _read(path) is None:
            shutil.rmtree(path)


def trainer_state(checkpoint: Checkpoint) -> TrainerState:
    """What the trainer knew at a checkpoint: losses so far, the best step."""
    state: TrainerState = TrainerState.load_from_json(str(checkpoint.folder / "trainer_state.json"))
    return state


def best_folder(checkpoint: Checkpoint, state: TrainerState) -> Path:
    """The folder of the best model, which is the checkpoint itself where there was no validation."""
    best = checkpoint.folder.parent / f"{_PREFIX}{state.best_global_step}"
    return best if state.best_global_step and _read(best) is not None else checkpoint.folder


def _read(folder: Path) -> Checkpoint | None:
    mark = folder / _MARK
    if not mark.is_file():
        return None
    content = json.loads(mark.read_text())
    sizes = _sizes(folder)
    whole = all(sizes.get(name) == size for name, size in content["files"].items())
    return Checkpoint(folder, content["step"], content["seconds"], content["finished"]) if whole else None


def _sizes(folder: Path) -> dict[str, int]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != _MARK)
    return {str(path.relative_to(folder)): path.stat().st_size for path in files}

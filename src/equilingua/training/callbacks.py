"""Callbacks of the trainer: the pace, progress on the terminal, an end where the loss diverges, whole checkpoints.

The trainer calls each method with its arguments, its state and its control, and more by name.
"""

import math
import time
from pathlib import Path
from typing import Any

from rich.progress import Progress, TaskID
from torch import Tensor
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from equilingua.errors import InputError
from equilingua.progress import ProgressLines, progress_bar
from equilingua.training.losses import ParallelInfoNCELoss
from equilingua.training.run_folder import CHECKPOINT, Checkpoint


class Clock(TrainerCallback):
    """Measures training time, without validation and saving, and writes the pace into the log.

    The trainer's own samples per second count examples of the virtual dataset, and validation as training. Examples of
    a step are those of all processes; ``seconds`` of training may lie before this process took over.
    """

    def __init__(self, *, examples_per_step: int, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self._examples_per_step = examples_per_step
        self._since = 0.0

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        """Start counting; also where validation or saving ended, whose time is left out."""
        self._since = time.perf_counter()

    # The trainer validates and saves after on_step_end, so the clock is set anew behind both.
    on_evaluate = on_save = on_train_begin

    def on_step_end(self, *_: Any, **__: Any) -> None:
        """Count the step, with the time to fetch its batch."""
        now = time.perf_counter()
        self.seconds += now - self._since
        self._since = now

    def on_log(self, *event: Any, **keys: Any) -> None:
        """Add the pace to an entry of the training loss."""
        state: TrainerState = event[1]
        logs: dict[str, float] = keys["logs"]
        if "loss" in logs:
            examples = state.global_step * self._examples_per_step
            logs["pairs_per_second"] = round(examples / self.seconds, 1) if self.seconds else 0.0


class StopOnDivergence(TrainerCallback):
    """Ends a training at the first loss that is no number, before the broken weights are saved."""

    def __init__(self, loss: ParallelInfoNCELoss) -> None:
        self._loss = loss

    def on_step_end(self, *event: Any, **keys: Any) -> None:
        """Look at the loss of the step; an ``InputError`` if it is not finite."""
        args: TrainingArguments = event[0]
        state: TrainerState = event[1]
        # The trainer itself never looks: it would go on, and write checkpoints of what is broken.
        latest = self._loss.latest
        if isinstance(latest, Tensor) and not math.isfinite(latest.item()):
            rate, peak = keys["lr_scheduler"].get_last_lr()[0], args.learning_rate
            raise InputError(
                f"training diverged: the loss of step {state.global_step} is {latest.item()} at a learning "
                f"rate of {rate:.2g} (peak {peak:.2g}). Lower learning_rate or raise warmup; earlier checkpoints are "
                "kept."
            )


class MarkComplete(TrainerCallback):
    """Marks a checkpoint as whole once everything else of it is written."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Called by the trainer after it wrote a checkpoint and removed old ones."""
        if state.is_world_process_zero:
            finished = control.should_training_stop or state.global_step >= state.max_steps
            folder = Path(str(args.output_dir)) / f"{CHECKPOINT}{state.global_step}"
            Checkpoint(folder, state.global_step, self._clock.seconds, finished).mark()


class TrainingBar(TrainerCallback):
    """A bar with the time left, and a line for each log entry, all on standard error.

    The stock callbacks print their entries on standard output, which belongs to results.
    """

    def __init__(self) -> None:
        self._bar: Progress | None = None
        self._lines: ProgressLines | None = None
        self._task = TaskID(0)

    def on_train_begin(self, *event: Any, **_: Any) -> None:
        """Open the bar; where standard error is no terminal, only lines are shown."""
        state: TrainerState = event[1]
        if state.is_world_process_zero:
            self._bar = progress_bar()
            self._task = self._bar.add_task("training", total=state.max_steps, completed=state.global_step)
            self._bar.start()
            if self._bar.disable:
                self._lines = ProgressLines("training", state.max_steps, done=state.global_step)

    def on_step_end(self, *event: Any, **_: Any) -> None:
        """Move the bar."""
        state: TrainerState = event[1]
        if self._bar is not None:
            self._bar.update(self._task, completed=state.global_step)
        if self._lines is not None:
            self._lines.advance(state.global_step)

    def on_log(self, *event: Any, **keys: Any) -> None:
        """Print an entry that has a loss."""
        state: TrainerState = event[1]
        if self._bar is not None and (line := _line(keys["logs"])):
            step = f"step {state.global_step:,}/{state.max_steps:,}"
            self._bar.console.print(f"{step}: {line}", highlight=False, soft_wrap=True)

    def close(self) -> None:
        """Take the bar away, however training ended."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def _line(logs: dict[str, float]) -> str:
    if "loss" in logs:
        pace = f"{logs['pairs_per_second']:,.0f} pairs/s"
        return f"loss {logs['loss']:.4f}, learning rate {logs['learning_rate']:.2e}, {pace}"
    return f"validation loss {logs['eval_loss']:.4f}" if "eval_loss" in logs else ""

"""The training proper: from a loaded encoder, or the checkpoint of one, to its last step."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from equilingua.batching.dataset import TrainingExamples
from equilingua.processes import is_main_process
from equilingua.training.callbacks import Clock, Progress, StopOnDivergence
from equilingua.training.checkpoints import (
    Checkpoint,
    MarkComplete,
    best_folder,
    newest_complete,
    remove_incomplete,
    trainer_state,
)
from equilingua.training.config import ResolvedConfig
from equilingua.training.losses import ParallelInfoNCELoss
from equilingua.training.models import prompts_of
from equilingua.training.record import Outcome
from equilingua.training.trainer import build_trainer, training_arguments
from equilingua.training.validation import TrainingBatches

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from transformers import TrainerState


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be trained on, and how.

    Attributes:
        config: with every value chosen.
        batches: the training examples and their batches.
        validation: examples to stop by; None for none.
        checkpoints: the folder of the checkpoints.
    """

    config: ResolvedConfig
    batches: TrainingBatches
    validation: TrainingExamples | None
    checkpoints: Path


def fit(job: Job, encoder: "SentenceTransformer", checkpoint: Checkpoint | None) -> Outcome:
    """Train the encoder in place, and leave it as it was at its best step by validation, else at its last.

    Args:
        job: what to train on, and how.
        encoder: the model, with its prompts set.
        checkpoint: where to go on; None to begin.

    Raises:
        InputError: if the loss diverges.
    """
    if checkpoint is not None and checkpoint.finished:
        # The trainer would take one more step before it saw that none is left.
        state = trainer_state(checkpoint)
        restore(encoder, best_folder(checkpoint, state))
        return _outcome(job, state, checkpoint.seconds)
    clock = Clock(examples_per_step=job.batches.examples_per_step, seconds=checkpoint.seconds if checkpoint else 0.0)
    state = _train(job, encoder, checkpoint, clock)
    return _outcome(job, state, clock.seconds)


def checkpoint_to_resume(checkpoints: Path) -> Checkpoint | None:
    """The newest whole checkpoint of a folder, half-written ones being removed; None if there is none."""
    if is_main_process():
        remove_incomplete(checkpoints)
    return newest_complete(checkpoints)


def _train(job: Job, encoder: "SentenceTransformer", checkpoint: Checkpoint | None, clock: Clock) -> "TrainerState":
    config = job.config
    loss = ParallelInfoNCELoss(
        encoder,
        config.temperature,
        directions=config.directions,
        hard_negatives=config.hard_negatives > 0,
        margin=config.margin,
        token_dropout=config.token_dropout,
    )
    progress = Progress()
    trainer = build_trainer(
        encoder,
        training_arguments(config, job.batches, prompts=prompts_of(encoder), checkpoints=job.checkpoints),
        loss,
        examples=job.batches.examples,
        validation=job.validation,
        callbacks=[StopOnDivergence(loss), clock, MarkComplete(clock), *([progress] if config.progress else [])],
        patience=config.patience,
    )
    try:
        trainer.train(resume_from_checkpoint=str(checkpoint.folder) if checkpoint else None)
    finally:
        progress.close()
    # The model would go on encoding in the training's precision, and differ from the one that is saved.
    trainer.accelerator.unwrap_model(trainer.model_wrapped, keep_fp32_wrapper=False)
    return trainer.state


def restore(encoder: "SentenceTransformer", folder: Path) -> None:
    """Give an encoder the weights of a model folder."""
    from sentence_transformers import SentenceTransformer

    encoder.load_state_dict(SentenceTransformer(str(folder), device="cpu").state_dict())


def _outcome(job: Job, state: "TrainerState", seconds: float) -> Outcome:
    pairs = state.global_step * job.batches.examples_per_step
    validated = job.validation is not None
    kept = ("step", "epoch", "loss", "learning_rate", "grad_norm", "eval_loss")
    history = [entry for entry in state.log_history if "loss" in entry or "eval_loss" in entry]
    return Outcome(
        steps=state.global_step,
        pairs=pairs,
        seconds=round(seconds, 3),
        pairs_per_second=round(pairs / seconds, 1),
        stopped_early=state.global_step < job.batches.total_steps,
        best_step=state.best_global_step if validated else None,
        best_validation_loss=state.best_metric if validated else None,
        history=tuple({name: entry[name] for name in kept if name in entry} for entry in history),
    )

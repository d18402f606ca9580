"""The training proper: the stock trainer of sentence-transformers, told what a job says, from first step to last."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer
from sentence_transformers import SentenceTransformerTrainingArguments as Arguments
from transformers import EarlyStoppingCallback, TrainerCallback, TrainerState

from equilingua.batching.dataset import HybridBatchSampler, TrainingExamples
from equilingua.batching.plan import batch_options
from equilingua.training.callbacks import Clock, MarkComplete, StopOnDivergence, TrainingBar
from equilingua.training.config import ResolvedConfig
from equilingua.training.losses import ParallelInfoNCELoss
from equilingua.training.prompts import RolePrompts, role_prompts
from equilingua.training.record import Outcome
from equilingua.training.run_folder import CHECKPOINT, Checkpoint, read_checkpoint
from equilingua.training.tokens import TokenCache, is_static
from equilingua.training.validation import FixedBatches

_CALLBACKS_ON_STANDARD_OUTPUT = ("ProgressCallback", "PrinterCallback")
_OF_HISTORY = ("step", "epoch", "loss", "learning_rate", "grad_norm", "eval_loss")


@dataclass(frozen=True)
class Job:
    """What is to be trained on, and how: the ``config`` has every value chosen.

    ``examples_per_step`` counts a batch over all processes; ``validation`` is what to stop by, in its own batches.
    """

    config: ResolvedConfig
    examples: TrainingExamples
    examples_per_step: int
    validation: TrainingExamples | None = None
    validation_batches: FixedBatches | None = None

    def sampler(
        self,
        dataset: TrainingExamples,
        batch_size: int,
        drop_last: bool,
        valid_label_columns: list[str] | None = None,
        generator: Any = None,
        seed: int = 0,
    ) -> HybridBatchSampler | FixedBatches:
        """The batches of a dataset, asked for by the trainer; fixed ones for any but the training examples."""
        # The stock trainer takes one sampler for both datasets, and tells them apart by nothing but themselves.
        if dataset is not self.examples and self.validation_batches is not None:
            return self.validation_batches
        options = batch_options(self.config)
        # The sampler sees an epoch only; an alpha schedule runs over the whole training.
        steps = self.config.steps
        return HybridBatchSampler(
            dataset, batch_size, drop_last, valid_label_columns, generator, seed, total_steps=steps, **options
        )


def fit(job: Job, encoder: SentenceTransformer, checkpoints: Path, start: Checkpoint | None) -> Outcome:
    """Train the encoder in place, and leave it as it was at its best step by validation, else at its last.

    Its prompts are set before; ``start`` is where to go on. Raises ``InputError`` if the loss diverges.
    """
    if job.config.steps == 0:
        return _outcome(job, TrainerState(), 0.0)
    if start is None or not start.finished:
        clock = Clock(examples_per_step=job.examples_per_step, seconds=start.seconds if start else 0.0)
        state = _trained(job, encoder, checkpoints, start, clock)
        return _outcome(job, state, clock.seconds)
    # The trainer would take one more step before it saw that none is left.
    state = TrainerState.load_from_json(str(start.folder / "trainer_state.json"))
    best = read_checkpoint(start.folder.with_name(f"{CHECKPOINT}{state.best_global_step}"))
    restore(encoder, (best or start).folder)
    return _outcome(job, state, start.seconds)


def restore(encoder: SentenceTransformer, folder: Path) -> None:
    """Give an encoder the weights of a model folder."""
    encoder.load_state_dict(SentenceTransformer(str(folder), device="cpu").state_dict())


def _trained(
    job: Job, encoder: SentenceTransformer, checkpoints: Path, start: Checkpoint | None, clock: Clock
) -> TrainerState:
    config = job.config
    loss = ParallelInfoNCELoss(
        encoder,
        config.temperature,
        directions=config.directions,
        hard_negatives=config.hard_negatives > 0,
        margin=config.margin,
        token_dropout=config.token_dropout,
    )
    callbacks: list[TrainerCallback] = [StopOnDivergence(loss), clock, MarkComplete(clock)]
    bar = TrainingBar()
    if config.progress:
        callbacks.append(bar)
    if job.validation is not None:
        callbacks.append(EarlyStoppingCallback(early_stopping_patience=config.patience))
    trainer = SentenceTransformerTrainer(
        model=encoder,
        args=_arguments(job, role_prompts(encoder), checkpoints),
        train_dataset=job.examples,
        eval_dataset=job.validation,
        loss=loss,
        callbacks=callbacks,
    )
    # The stock collator would cut every text into tokens each time it is drawn.
    if is_static(encoder):
        trainer.data_collator.preprocess_fn = TokenCache(encoder)
    for callback in list(trainer.callback_handler.callbacks):
        if type(callback).__name__ in _CALLBACKS_ON_STANDARD_OUTPUT:
            trainer.remove_callback(callback)
    _describe_on_card(encoder, job.examples)
    try:
        trainer.train(resume_from_checkpoint=str(start.folder) if start else None)
    finally:
        bar.close()
    # The model would go on encoding in the training's precision, and differ from the one that is saved.
    trainer.accelerator.unwrap_model(trainer.model_wrapped, keep_fp32_wrapper=False)
    return trainer.state


def _arguments(job: Job, prompts: RolePrompts, checkpoints: Path) -> Arguments:
    """What the stock trainer is told; passages' prompt stands before hard negatives too."""
    config = job.config
    negatives = (f"negative_{number + 1}" for number in range(config.hard_negatives))
    columns = {"query": prompts.query} | dict.fromkeys(("passage", *negatives), prompts.document)
    best = {"load_best_model_at_end": True, "metric_for_best_model": "eval_loss", "greater_is_better": False}
    validated: dict[str, Any] = {"eval_strategy": "steps", "eval_steps": config.validation_steps, **best}
    return Arguments(
        output_dir=str(checkpoints),
        batch_sampler=job.sampler,
        prompts={column: prompt for column, prompt in columns.items() if prompt} or None,
        per_device_train_batch_size=config.batch_size,
        per_device_eval_batch_size=config.batch_size,
        max_steps=config.steps,
        learning_rate=config.learning_rate,
        weight_decay=config.weight_decay,
        lr_scheduler_type="constant_with_warmup" if config.schedule == "constant" else config.schedule,
        warmup_steps=round(config.warmup * config.steps),
        max_grad_norm=config.max_gradient_norm,
        bf16=config.precision == "bf16",
        use_cpu=not torch.accelerator.is_available(),
        seed=config.seed,
        dataloader_drop_last=True,
        dataloader_num_workers=config.workers,
        dataloader_pin_memory=torch.cuda.is_available(),
        disable_tqdm=True,
        report_to=config.report_to,
        logging_steps=config.log_steps,
        # The filter would write the last good loss over one that is no number.
        logging_nan_inf_filter=False,
        save_strategy="steps",
        save_steps=config.checkpoint_steps,
        save_total_limit=config.checkpoints_kept,
        # The count of validations without a new best must outlive the process.
        restore_callback_states_from_checkpoint=True,
        **(validated if job.validation is not None else {}),
    )


def _describe_on_card(model: SentenceTransformer, examples: TrainingExamples) -> None:
    """Put the number of pairs on the model card, where the trainer put that of the examples they can serve as."""
    card, pairs = model.model_card_data, examples.pairs
    card.tags = [*(tag for tag in card.tags if not tag.startswith("dataset_size:")), f"dataset_size:{len(pairs)}"]
    card.set_language(list(pairs.languages))
    described: list[dict[str, Any]] = card.train_datasets
    for dataset in described:
        dataset.update(name=", ".join(pairs.sources), size=len(pairs))


def _outcome(job: Job, state: TrainerState, seconds: float) -> Outcome:
    # The trainer's own counts are of the virtual dataset: every language pair of every pair.
    pairs = state.global_step * job.examples_per_step
    validated = job.validation is not None
    history = [entry for entry in state.log_history if "loss" in entry or "eval_loss" in entry]
    return Outcome(
        steps=state.global_step,
        pairs=pairs,
        seconds=round(seconds, 3),
        pairs_per_second=round(pairs / seconds, 1) if pairs else 0.0,
        # Nothing else ends a training before its last step without an error.
        stopped_early=state.global_step < job.config.steps,
        best_step=state.best_global_step if validated else None,
        best_validation_loss=state.best_metric if validated else None,
        history=tuple({name: entry[name] for name in _OF_HISTORY if name in entry} for entry in history),
    )

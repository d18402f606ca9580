"""The stock trainer of sentence-transformers, told what a configuration says."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from equilingua.training.config import ResolvedConfig
from equilingua.training.token_cache import TokenCache, is_static
from equilingua.training.validation import TrainingBatches

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer
    from sentence_transformers import SentenceTransformerTrainingArguments as Arguments
    from transformers import TrainerCallback

    from equilingua.batching.dataset import TrainingExamples
    from equilingua.training.losses import ParallelInfoNCELoss

_CALLBACKS_ON_STANDARD_OUTPUT = ("ProgressCallback", "PrinterCallback")


def training_arguments(
    config: ResolvedConfig, batches: TrainingBatches, *, prompts: dict[str, str], checkpoints: Path
) -> "Arguments":
    """The arguments of the stock trainer.

    Args:
        config: the settings.
        batches: what the trainer asks for its samplers.
        prompts: before queries (``query``) and passages (``document``).
        checkpoints: the folder they are written to.
    """
    import torch
    from sentence_transformers import SentenceTransformerTrainingArguments as Arguments

    return Arguments(
        output_dir=str(checkpoints),
        batch_sampler=batches,
        prompts=_column_prompts(config, prompts) or None,
        per_device_train_batch_size=config.batch_size,
        per_device_eval_batch_size=config.batch_size,
        max_steps=batches.total_steps,
        learning_rate=config.learning_rate,
        weight_decay=config.weight_decay,
        lr_scheduler_type="constant_with_warmup" if config.schedule == "constant" else config.schedule,
        warmup_steps=round(config.warmup * batches.total_steps),
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
        restore_callback_states_from_checkpoint=True,
        **(_validation_arguments(config) if batches.validation is not None else {}),
    )


def build_trainer(
    model: "SentenceTransformer",
    arguments: "Arguments",
    loss: "ParallelInfoNCELoss",
    *,
    examples: "TrainingExamples",
    validation: "TrainingExamples | None",
    callbacks: "list[TrainerCallback]",
    patience: int,
) -> "SentenceTransformerTrainer":
    """The stock trainer, which prints nothing itself and stops early where there is validation."""
    from sentence_transformers import SentenceTransformerTrainer
    from transformers import EarlyStoppingCallback

    stopping = [EarlyStoppingCallback(early_stopping_patience=patience)] if validation is not None else []
    trainer = SentenceTransformerTrainer(
        model=model,
        args=arguments,
        train_dataset=examples,
        eval_dataset=validation,
        loss=loss,
        callbacks=[*callbacks, *stopping],
    )
    if is_static(model):
        trainer.data_collator.preprocess_fn = TokenCache(model)
    for callback in list(trainer.callback_handler.callbacks):
        if type(callback).__name__ in _CALLBACKS_ON_STANDARD_OUTPUT:
            trainer.remove_callback(callback)
    _describe_on_card(model, examples)
    return trainer


def _column_prompts(config: ResolvedConfig, prompts: dict[str, str]) -> dict[str, str]:
    negatives = (f"negative_{number + 1}" for number in range(config.hard_negatives))
    columns = {"query": prompts["query"]} | dict.fromkeys(("passage", *negatives), prompts["document"])
    return {column: prompt for column, prompt in columns.items() if prompt}


def _validation_arguments(config: ResolvedConfig) -> dict[str, Any]:
    return {
        "eval_strategy": "steps",
        "eval_steps": config.validation_steps,
        "load_best_model_at_end": True,
        "metric_for_best_model": "eval_loss",
        "greater_is_better": False,
    }


def _describe_on_card(model: "SentenceTransformer", examples: "TrainingExamples") -> None:
    """Put the number of pairs on the model card, where the trainer put that of the examples they can serve as."""
    card, pairs = model.model_card_data, examples.pairs
    tags = [tag for tag in card.tags if not tag.startswith("dataset_size:")]
    card.tags = [*tags, f"dataset_size:{len(pairs)}"]
    card.set_language(list(pairs.languages))
    for dataset in card.train_datasets:
        described: dict[str, Any] = dataset
        described.update(name=", ".join(pairs.sources), size=len(pairs))

"""``train``: fine-tune an encoder on parallel pairs with the stock trainer of sentence-transformers."""

import logging
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from equilingua.batching.dataset import TrainingExamples
from equilingua.batching.stream import BatchStream
from equilingua.errors import InputError
from equilingua.overlap.compare import Overlap, Target, find_overlap, overlap_sentences
from equilingua.pairs.store import ParallelPairs
from equilingua.precision import best_precision
from equilingua.runtime import check_one_gpu, hardware, is_main_process, process_count, versions
from equilingua.training.adapters import make_trainable
from equilingua.training.archetypes import check_trainable
from equilingua.training.config import TrainingConfig
from equilingua.training.encoders import EncoderSpec, build_encoder, give_unit_length
from equilingua.training.load import load_config, selected_pairs
from equilingua.training.models import describe_source, encoder_family, load_model, model_names, model_notes
from equilingua.training.prompts import missing_prompts, role_prompts, set_prompts
from equilingua.training.record import DataRecord, TrainingRecord, identity
from equilingua.training.run_folder import RunFolder
from equilingua.training.tokens import balanced_texts
from equilingua.training.trainer import Job, fit, restore
from equilingua.training.validation import validation_batches

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_LOG = logging.getLogger(__name__)

_EXAMPLE: dict[str, Any] = {
    "source_sentence": "What is the capital of Finland?",
    "sentences": ["Helsinki is the capital of Finland.", "Suomen pääkaupunki on Helsinki.", "Oslo ist eine Stadt."],
}


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """A training that is done.

    Attributes:
        model: the trained model.
        output_dir: the folder that holds it; ``SentenceTransformer(output_dir)`` loads it.
        record: what ``training.json`` says there.
    """

    model: "SentenceTransformer"
    output_dir: Path
    record: TrainingRecord


def train(
    model: "SentenceTransformer | EncoderSpec | str | Path",
    pairs: ParallelPairs,
    *,
    output_dir: str | Path,
    validation: ParallelPairs | str | Path | Sequence[str | Path] | None = None,
    config: TrainingConfig | None = None,
    resume: bool = False,
    overwrite: bool = False,
    **options: Any,
) -> TrainingRun:
    """Fine-tune a model on parallel pairs and save it, with a record of everything that shaped it.

    The output folder gets the model, ``training.json``, and, while training, ``checkpoints/``. A killed training that
    is resumed ends in the same weights as one that was never killed, on the same machine with the same versions.

    Args:
        model: a sentence-transformers model, which is trained in place; the name of a model on the hub or its folder;
            or a ``StaticSpec`` or ``TransformerSpec`` to build one from scratch.
        pairs: what to train on.
        output_dir: the folder to write; must not hold another model or training.
        validation: pairs or files to stop by, see ``TrainingConfig.validation``, which they replace.
        config: options; by default those of the paper, or such as fit the encoder.
        resume: go on from the newest whole checkpoint in ``output_dir``, or begin if there is none; a finished training
            is given back as it is.
        overwrite: remove the training that lies in ``output_dir``.
        options: any field of ``TrainingConfig`` by name, such as ``alpha=0.5``; it wins over ``config``.

    Returns:
        The trained model (the best by validation loss, where there is validation), its folder and its record.

    Raises:
        InputError: for options that are unknown or out of range, pairs that the batches cannot be formed from, an
            output folder in use or at which another training is at work, a training to be resumed that differs, several
            GPUs without a process for each, or a loss that diverges. Options and pairs are checked before the model is
            loaded.
    """
    if resume and overwrite:
        raise InputError(
            f"{output_dir}: resume and overwrite were both given. Choose one: resume goes on with the training in the "
            "folder, overwrite removes it"
        )
    check_one_gpu()
    if isinstance(validation, ParallelPairs):
        config = load_config(base=config, validation=(), **options)
        config.check_validated()
    else:
        config = load_config(base=config, **options | ({} if validation is None else {"validation": validation}))
        validation = _read_validation(config)
    job = _job(model, pairs, config, validation)
    folder = RunFolder(Path(output_dir))
    with folder.alone():
        earlier = folder.earlier(_record(model, job, validation), resume=resume, overwrite=overwrite)
        if earlier is None or earlier.status != "finished":
            run = _fitted(model, job, validation, folder, begun=earlier is not None)
        else:
            run = TrainingRun(_encoder(model, job, folder.path), folder.path, earlier)
            # A model that was passed in is trained in place: the caller holds it, so it becomes the finished one.
            if run.model is model:
                restore(run.model, folder.path)
        if not job.config.keep_checkpoints:
            folder.remove_checkpoints()
    return run


def _fitted(
    model: "SentenceTransformer | EncoderSpec | str | Path",
    job: Job,
    validation: ParallelPairs | None,
    folder: RunFolder,
    *,
    begun: bool,
) -> TrainingRun:
    """The training of a folder, from its newest checkpoint where it was ``begun``, to its end."""
    start = folder.newest_checkpoint() if begun else None
    # Before the model is loaded, which can take long.
    overlap = _validation_overlap(job, validation)
    encoder = _encoder(model, job, start.folder if start else None)
    record = replace(
        _record(model, job, validation),
        prompts=asdict(role_prompts(encoder)),
        device=hardware() | {"processes": process_count()},
        validation_overlap=overlap,
    )
    folder.write(record)
    if job.config.progress and is_main_process():
        _tell_notes(encoder)
    outcome = fit(job, encoder, folder.checkpoints, start)
    if isinstance(model, EncoderSpec):
        give_unit_length(encoder)
    record = folder.finish(encoder, record, outcome)
    encoder.model_card_data.model_id = str(folder.path)  # what results of this model are labelled with
    return TrainingRun(encoder, folder.path, record)


def training_identity(
    model: "EncoderSpec | str | Path", pairs: ParallelPairs, *, config: TrainingConfig
) -> dict[str, Any]:
    """All that determines the weights ``train`` would end with, save versions and hardware, as plain values.

    Trainings are the same if these are equal. Nothing is loaded or written; what ``train`` would refuse of options and
    pairs raises ``InputError`` here.
    """
    return identity(_record(model, _job(model, pairs, config), _read_validation(config)))


def _validation_overlap(job: Job, validation: ParallelPairs | None) -> Overlap | None:
    """What of the validation pairs is trained on, which is said where it is much: they would not tell when to stop."""
    if validation is None or not is_main_process():
        return None
    target = Target.of_pairs(validation, f"validation ({', '.join(file.name for file in validation.files)})")
    overlap = find_overlap(job.examples.pairs, target, progress=job.config.progress)
    if overlap.is_serious:
        _LOG.warning("%s. Validation cannot tell when to stop.", ". ".join(overlap_sentences(overlap)))
    return overlap


def _read_validation(config: TrainingConfig) -> ParallelPairs | None:
    if not config.validation:
        return None
    shown = config.progress and is_main_process()
    return ParallelPairs.read(
        *config.validation, language=config.squad_language, columns=config.columns, progress=shown
    )


def _job(
    model: "SentenceTransformer | EncoderSpec | str | Path",
    pairs: ParallelPairs,
    config: TrainingConfig,
    validation: ParallelPairs | None = None,
) -> Job:
    """What is done in how many steps; an ``InputError`` if the batches cannot be formed from the pairs."""
    pairs = selected_pairs(pairs, config)
    family = encoder_family(model, revision=config.revision)
    if config.token_dropout and family != "static":
        raise InputError(
            f"token_dropout: {config.token_dropout:g} was given, but only a static encoder's tokens are left out; a "
            "transformer has dropout of its own. Leave it out"
        )
    examples_per_step = config.examples_per_batch(family) * process_count()
    stream = BatchStream(pairs.index, config.plan(), batch_size=examples_per_step, seed=config.seed)
    # The record says what "auto" came to, so that a resumed training on another machine is told apart.
    precision = best_precision(static=family == "static")
    resolved = config.resolved(family, steps_per_epoch=stream.steps_per_epoch, precision=precision)
    job = Job(resolved, TrainingExamples(pairs, resolved.hard_negatives), examples_per_step)
    if validation is None:
        return job
    batches = validation_batches(validation, batch_size=resolved.batch_size, most=resolved.validation_batches)
    return replace(job, validation=TrainingExamples(validation), validation_batches=batches)


def _record(
    model: "SentenceTransformer | EncoderSpec | str | Path", job: Job, validation: ParallelPairs | None
) -> TrainingRecord:
    """The record of a training that is about to begin."""
    config = job.config
    return TrainingRecord(
        status="running",
        model=describe_source(model, revision=config.revision),
        config=config.model_dump(mode="json"),
        prompts={},
        batches=config.plan().describe() | {"rows": job.examples_per_step, "steps": config.steps},
        data=DataRecord.of(job.examples.pairs),
        validation=DataRecord.of(validation) if validation is not None else None,
        device={},
        versions=versions(),
    )


def _encoder(
    source: "SentenceTransformer | EncoderSpec | str | Path", job: Job, checkpoint: Path | None
) -> "SentenceTransformer":
    """The model to train, with its prompts; a checkpoint stands in for a name or a specification."""
    config = job.config
    if isinstance(source, EncoderSpec | str | Path):
        start = checkpoint or source
        if isinstance(start, EncoderSpec):
            texts = balanced_texts(job.examples.pairs, seed=config.seed, progress=config.progress and is_main_process())
            model = build_encoder(start, texts, seed=config.seed)
        else:
            model = load_model(start, revision=config.revision, trust_remote_code=config.trust_remote_code)
    else:
        model = source
    if config.max_length is not None:
        _limit_length(model, config.max_length)
    _set_use(model, config)
    check_trainable(model)
    make_trainable(model)
    card = model.model_card_data
    # Without an example the trainer would draw some from the training pairs, which may not be for publication, and
    # would take its time for it; the other setting only spares it the similarities of those that it has.
    card.widget = card.widget or [_EXAMPLE]
    card.generate_widget_examples = False
    return model


def _tell_notes(encoder: "SentenceTransformer") -> None:
    """Say, before hours of work, what is to be known of a model: how it pools, prompts that it lacks."""
    missing = missing_prompts(model_names(encoder), role_prompts(encoder))
    for note in (*model_notes(encoder), *([missing] if missing else [])):
        sys.stderr.write(f"Note: {note}.\n")


def _limit_length(model: "SentenceTransformer", tokens: int) -> None:
    most = model.max_seq_length
    if encoder_family(model) == "static":
        raise InputError(f"max_length: {tokens} was given, but a static encoder reads whole texts: leave it out")
    if most is not None and tokens > most:
        raise InputError(f"max_length: {tokens} is more than the model's {most} tokens")
    model.max_seq_length = tokens


def _set_use(model: "SentenceTransformer", config: TrainingConfig) -> None:
    """Prompts, width and similarity: with what the model is trained and evaluated, and saved to be used with."""
    set_prompts(model, role_prompts(model, query=config.prompts.query, passage=config.prompts.passage))
    if config.similarity is not None:
        model.similarity_fn_name = config.similarity
    width = model.get_embedding_dimension()
    if config.truncate_dim is not None and width is not None and config.truncate_dim > width:
        raise InputError(f"truncate_dim: {config.truncate_dim} is more than the model's {width} dimensions")
    model.truncate_dim = config.truncate_dim or model.truncate_dim

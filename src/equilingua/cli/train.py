"""``equilingua train``: fine-tune a model, or build and train one from scratch."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from equilingua.cli import options
from equilingua.cli.console import command_again, echo, print_json
from equilingua.errors import InputError
from equilingua.folders import command, free

if TYPE_CHECKING:
    from equilingua.pairs.store import ParallelPairs
    from equilingua.training.encoders import EncoderSpec
    from equilingua.training.load import TrainingSetup
    from equilingua.training.train import TrainingRun

_ACROSS = ("x-y", "hybrid")
"""Kinds of batches that cannot be formed without translations."""

_OPTIONS = (
    *options.BATCH_OPTIONS, "epochs", "batch_size", "learning_rate", "validation", "revision", "trust_remote_code",
    "truncate_dim", "similarity",
)  # fmt: skip
_SHAPE = ("from_scratch", "dimension", "vocabulary", "layers", "width", "heads", "max_length")


def train_command(
    ctx: typer.Context,
    model_and_pairs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[MODEL] [PAIRS]...",
            help="The model (a name on the hub or a folder; left out with --from-scratch), then the pairs files, "
            "which a recipe or a configuration file may name instead.",
            show_default=False,
        ),
    ] = None,
    *,
    output: Annotated[Path, typer.Option("--output", help="Folder for the model and its record.", show_default=False)],
    from_scratch: Annotated[
        str | None,
        typer.Option("--from-scratch", help="Build the model from the pairs instead: static or transformer."),
    ] = None,
    kind: options.Kind = None,
    alpha: options.Alpha = None,
    pair_drawing: options.PairDrawing = None,
    language_temperature: options.LanguageTemperature = None,
    source_temperature: options.SourceTemperature = None,
    short: options.Short = None,
    steps: Annotated[int | None, typer.Option("--steps", help="Optimizer steps.", show_default="one epoch")] = None,
    epochs: Annotated[float | None, typer.Option("--epochs", help="Epochs, instead of steps.")] = None,
    batch_size: Annotated[
        int | None, typer.Option("--batch-size", help="Rows in a batch.", show_default="100; static 512")
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option(
            "--learning-rate", help="At its peak.", show_default="3e-5; static 1e-2; transformer from scratch 5e-4"
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", help="Of batches, dropout and initial weights.", show_default="0")
    ] = None,
    languages: options.Languages = None,
    sources: options.Sources = None,
    where: options.Where = None,
    max_characters: options.MaxCharacters = None,
    validation: Annotated[
        list[str] | None,
        typer.Option(
            "--validation",
            help="Stop early and keep the best model by the loss on this file: SQuAD format or pairs, best in all "
            "languages; repeatable.",
        ),
    ] = None,
    squad_language: options.SquadLanguage = None,
    query_column: options.QueryColumn = None,
    passage_column: options.PassageColumn = None,
    language_column: options.LanguageColumn = None,
    id_column: options.IdColumn = None,
    dimension: Annotated[
        int | None, typer.Option("--dimension", help="Static from scratch: size of the vectors.", show_default="256")
    ] = None,
    vocabulary: Annotated[
        int | None,
        typer.Option("--vocabulary", help="From scratch: tokens.", show_default="64000; transformer 32000"),
    ] = None,
    layers: Annotated[
        int | None, typer.Option("--layers", help="Transformer from scratch: layers.", show_default="4")
    ] = None,
    width: Annotated[
        int | None, typer.Option("--width", help="Transformer from scratch: size of the vectors.", show_default="256")
    ] = None,
    heads: Annotated[
        int | None, typer.Option("--heads", help="Transformer from scratch: attention heads.", show_default="4")
    ] = None,
    max_length: Annotated[
        int | None,
        typer.Option(
            "--max-length", help="Tokens read of a text.", show_default="the model's; transformer from scratch 128"
        ),
    ] = None,
    query_prompt: options.QueryPrompt = None,
    passage_prompt: options.PassagePrompt = None,
    truncate_dim: options.TruncateDim = None,
    similarity: options.Similarity = None,
    revision: options.Revision = None,
    trust_remote_code: options.TrustRemoteCode = False,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", help="TOML file with options, and the encoder to build in [encoder]; options win over it."
        ),
    ] = None,
    recipe: Annotated[
        str | None,
        typer.Option("--recipe", help="A configuration that comes with the package: small-11. Options win over it."),
    ] = None,
    data: options.Data = None,
    overrides: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="Any option, as in the file: temperature=0.02, prompts.query='Q: ', encoder.width=128."
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a training that was cut off in the output folder.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Remove the training that lies in the output folder.")
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Fine-tune a model on parallel pairs, with batches in one language and across languages as asked.

    The output folder is a model that sentence-transformers loads; `training.json` in it says how it was made.

    ```
    equilingua train FacebookAI/xlm-roberta-base squad.train.jsonl.gz --output runs/hybrid --where "fi_match>=0.75"
    equilingua train --from-scratch static squad.train.jsonl.gz --output runs/static --validation squad.dev.jsonl.gz
    equilingua train --recipe small-11 --data data --output runs/small-11
    ```
    """
    shape, changes = options.given_options(locals(), _SHAPE), options.given_options(locals(), _OPTIONS)
    prompts = {"prompts.query": query_prompt, "prompts.passage": passage_prompt}
    changes |= {name: prompt for name, prompt in prompts.items() if prompt is not None}
    from equilingua.runtime import is_main_process, leave_process_group
    from equilingua.training.load import load_training, recipe_file

    if recipe is not None and config is not None:
        raise InputError("--recipe and --config were both given: a recipe is a configuration; change it with --set")
    training = load_training(recipe_file(recipe) if recipe else config, overrides or (), shape=shape, **changes)
    checked = training.config
    source, files = _source(model_and_pairs or [], training)
    pairs = options.training_pairs(training, files, data)
    _check_languages(training, pairs, ctx)

    from equilingua.training.train import train

    run = train(source, pairs, output_dir=output, config=checked, resume=resume, overwrite=overwrite)
    leave_process_group()
    if not is_main_process():
        return
    if as_json:
        print_json(run.record.as_json())
    else:
        _print_run(run)


def _check_languages(training: "TrainingSetup", pairs: "ParallelPairs", ctx: typer.Context) -> None:
    """Refuse, before the imports that take seconds, pairs in one language each where batches need translations.

    Raises:
        InputError: with the command that trains on them in one language at a time, if that can be.
    """
    from equilingua.batching.plan import BatchPlan
    from equilingua.batching.stream import BatchStream
    from equilingua.training.load import selected_pairs

    config = training.config
    index = selected_pairs(pairs, config).index
    profiles = list(zip(index.profiles, index.counts.tolist(), strict=True))
    if config.kind not in _ACROSS or any(q != p for profile, _ in profiles for q, p in profile.language_pairs()):
        return
    counts = Counter[str]()
    for profile, count in profiles:
        counts.update({query: count for query, _ in profile.language_pairs()})
    wanted = config.batch_size or (512 if training.encoder is not None else 100)
    enough = [count for count in counts.values() if count > 1]
    said = (
        f"{config.kind} batches need pairs with a query in one language and a passage in another, and no pair has "
        f"them: all are in one language ({', '.join(f'{tag} {count:,}' for tag, count in sorted(counts.items()))})."
        " Add translations"
    )
    if not enough:
        raise InputError(f"{said}, and more pairs: a batch takes at least 2 examples of a language")
    size = min(wanted, *enough)
    BatchStream(index, BatchPlan(kind="x-x-mono", short="skip"), batch_size=size, seed=config.seed)
    changes: dict[str, object] = {"kind": "x-x-mono", "alpha": None}
    changes |= {"batch_size": size} if size < wanted else {}
    changes |= {"short": "skip"} if len(enough) < len(counts) else {}
    raise InputError(f"{said}, or train in one language at a time: {command_again('train', ctx, changes)}")


def _source(arguments: list[str], training: "TrainingSetup") -> tuple["str | EncoderSpec", list[str]]:
    """The model to start from and the pairs files.

    Raises:
        InputError: if one of them is missing, or a model is named where one is built.
    """
    from equilingua.pairs.reading import default_format

    first = arguments[0] if arguments else None
    is_file = first is not None and (
        default_format(first) is not None or Path(first).is_file() or _is_data_folder(Path(first))
    )
    if training.encoder is not None:
        if first is not None and not is_file and (len(arguments) > 1 or training.entries):
            raise InputError(
                f"model {first!r} and an encoder to build from scratch were both given: leave out the model, or "
                "--from-scratch and the table [encoder]"
            )
        return training.encoder, arguments
    if first is None:
        raise InputError("no model given: name one before the pairs files, or give --from-scratch static")
    if is_file:
        raise InputError(
            f"{first!r} stands where the model should: name the model before the pairs files, or give "
            "--from-scratch static"
        )
    if len(arguments) < 2 and not training.entries:
        raise InputError(f"no pairs file given after the model {first!r}")
    return first, arguments[1:]


def _is_data_folder(path: Path) -> bool:
    """Whether a folder holds data, not a model."""
    return path.is_dir() and not any((path / name).exists() for name in ("modules.json", "config.json"))


def _print_run(run: "TrainingRun") -> None:
    from equilingua.overlap.compare import overlap_sentences

    outcome = run.record.outcome
    echo(f"Model: {run.output_dir}")
    if outcome is not None:
        echo(f"Trained {outcome.steps:,} steps, {outcome.pairs_per_second:,.0f} pairs/s")
    if outcome is not None and outcome.best_validation_loss is not None:
        echo(f"Best validation loss {outcome.best_validation_loss:.4f} at step {outcome.best_step:,}")
    if (overlap := run.record.validation_overlap) is not None:
        for sentence in overlap_sentences(overlap):
            echo(sentence)
    results = free(Path("results") / run.output_dir.name)
    echo(f"Next: {command('evaluate', run.output_dir, '--benchmark', 'facts', '--output', results)}")

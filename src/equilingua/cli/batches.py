"""``equilingua batches``: look at a batch stream without a model."""

from pathlib import Path
from typing import Annotated

import typer

from equilingua.cli.console import print_json
from equilingua.cli.options import (
    Alpha,
    AsJson,
    Kind,
    Languages,
    LanguageTemperature,
    MaxCharacters,
    PairDrawing,
    Short,
    Sources,
    SourceTemperature,
    SquadLanguage,
    Where,
    given_settings,
    split_names,
)
from equilingua.cli.pairs import Data, asked_pairs

# Rows shown of each batch: enough to see its languages.
_SHOWN_ROWS = 4


def batches_command(
    pairs: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Pairs files (.jsonl) or SQuAD-format files (.json), each plain or .gz, .xz, .zst; or Parquet. A "
            "settings file may name them instead.",
            show_default=False,
        ),
    ] = None,
    *,
    kind: Kind = None,
    alpha: Alpha = None,
    batches: Annotated[int, typer.Option("-n", "--batches", min=1, help="Batches to show.")] = 5,
    batch_size: Annotated[
        int | None, typer.Option("--batch-size", min=1, help="Rows in a batch.", show_default="100; static 512")
    ] = None,
    statistics_over: Annotated[
        int, typer.Option("--statistics-over", min=1, help="Batches the statistics are taken over.")
    ] = 200,
    steps: Annotated[
        int | None,
        typer.Option(
            "--steps",
            min=1,
            help="Steps of the training, over which an alpha schedule runs.",
            show_default="the batches of --statistics-over",
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Seed of the stream.", show_default="0")] = None,
    pair_drawing: PairDrawing = None,
    language_temperature: LanguageTemperature = None,
    source_temperature: SourceTemperature = None,
    short: Short = None,
    languages: Languages = None,
    sources: Sources = None,
    where: Where = None,
    max_characters: MaxCharacters = None,
    squad_language: SquadLanguage = None,
    config: Annotated[
        Path | None, typer.Option("--config", help="TOML file with settings of a training; options win over it.")
    ] = None,
    data: Data = None,
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", help="Any setting of a training: source_weights.tatoeba=0.8, alpha.en=0.3."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the first batches of a stream, and what the stream is: kinds, languages, pairs, sources, shortcut score.

    No model is loaded. The batches are those that training with the same options, steps, batch size and seed sees.

    ```
    equilingua batches squad.train.jsonl.gz --kind hybrid --alpha 0.5 --languages en,fi -n 3
    ```
    """
    from rich.console import Console

    from equilingua.batching.statistics import describe_stream
    from equilingua.batching.stream import BatchStream
    from equilingua.cli.batch_tables import print_stream, sample_rows, stream_as_json
    from equilingua.training.load import load_training
    from equilingua.training.models import encoder_family

    settings = given_settings(
        kind=kind,
        alpha=alpha,
        steps=steps,
        seed=seed,
        pair_drawing=pair_drawing,
        language_temperature=language_temperature,
        source_temperature=source_temperature,
        short=short,
        languages=split_names(languages),
        sources=sources,
        where=where,
        max_characters=max_characters,
        squad_language=squad_language,
    )
    training = load_training(config, overrides or (), **settings)
    asked = training.config
    found = asked_pairs(training, pairs or [], data).select(
        languages=asked.languages, sources=asked.sources, where=asked.where, max_characters=asked.max_characters
    )
    plan, steps = asked.plan(), asked.steps
    stream = BatchStream(
        found.index,
        plan,
        batch_size=batch_size
        or asked.examples_per_batch(encoder_family(training.encoder) if training.encoder else "pretrained"),
        seed=asked.seed,
        total_steps=steps or statistics_over,
    )
    statistics_over = min(statistics_over, steps or statistics_over)
    wanted = range(max(batches, statistics_over))
    drawn = [stream.batch(*divmod(step, stream.steps_per_epoch)) for step in wanted]
    statistics = describe_stream(stream, drawn[:statistics_over])
    samples = [sample_rows(found, stream.numbering.unpack(batch.examples[:_SHOWN_ROWS])) for batch in drawn[:batches]]
    if as_json:
        print_json(stream_as_json(plan, statistics, drawn, samples))
    else:
        print_stream(Console(), statistics, drawn, samples)

"""``equilingua batches``: look at a batch stream without a model."""

from typing import Annotated, Any, cast

import typer

from equilingua.cli.console import print_json
from equilingua.cli.options import (
    AsJson,
    Languages,
    MaxCharacters,
    PairsFiles,
    Sources,
    SquadLanguage,
    Where,
    split_names,
)

# Rows shown of each batch: enough to see its languages.
_SHOWN_ROWS = 4


def batches_command(
    pairs: PairsFiles,
    kind: Annotated[str, typer.Option("--kind", help="en-en, x-x, x-x-mono, x-y, hybrid or within-batch.")] = "hybrid",
    alpha: Annotated[
        str,
        typer.Option("--alpha", help="Share of monolingual batches: 0.5, linear:1:0.3, steps:1@0,0.3@0.5."),
    ] = "0.5",
    batches: Annotated[int, typer.Option("-n", "--batches", min=1, help="Batches to show.")] = 5,
    batch_size: Annotated[int, typer.Option("--batch-size", help="Rows in a batch.")] = 100,
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
    seed: Annotated[int, typer.Option("--seed", help="Seed of the stream.")] = 0,
    pair_drawing: Annotated[str, typer.Option("--pair-drawing", help="uniform or by-item.")] = "uniform",
    language_temperature: Annotated[float, typer.Option("--language-temperature", help="0 uniform, 1 by size.")] = 0.0,
    source_temperature: Annotated[float, typer.Option("--source-temperature", help="0 uniform, 1 by size.")] = 1.0,
    short: Annotated[
        str, typer.Option("--short", help="Languages too small for a batch of their own: error or skip.")
    ] = "error",
    languages: Languages = None,
    sources: Sources = None,
    where: Where = None,
    max_characters: MaxCharacters = None,
    squad_language: SquadLanguage = "en",
    as_json: AsJson = False,
) -> None:
    """Show the first batches of a stream, and what the stream is: kinds, languages, pairs, sources, shortcut score.

    No model is loaded. The batches are those that training with the same options, steps and seed sees.

    ```
    equilingua batches squad.train.jsonl.gz --kind hybrid --alpha 0.5 --languages en,fi -n 3
    ```
    """
    from rich.console import Console

    from equilingua.batching.plan import BatchPlan
    from equilingua.batching.schedules import AlphaSchedule
    from equilingua.batching.statistics import describe_stream
    from equilingua.batching.stream import BatchStream
    from equilingua.cli.batch_tables import print_stream, sample_rows, stream_as_json
    from equilingua.pairs.store import ParallelPairs

    found = ParallelPairs.read(*pairs, language=squad_language).select(
        languages=split_names(languages), sources=sources, where=where or (), max_characters=max_characters
    )
    plan = BatchPlan(
        kind=cast(Any, kind),
        alpha=AlphaSchedule.parse(alpha),
        pair_drawing=cast(Any, pair_drawing),
        language_temperature=language_temperature,
        source_temperature=source_temperature,
        short=cast(Any, short),
    )
    stream = BatchStream(found.index, plan, batch_size=batch_size, seed=seed, total_steps=steps or statistics_over)
    statistics_over = min(statistics_over, steps or statistics_over)
    wanted = range(max(batches, statistics_over))
    drawn = [stream.batch(*divmod(step, stream.steps_per_epoch)) for step in wanted]
    statistics = describe_stream(stream, drawn[:statistics_over])
    samples = [sample_rows(found, stream.space.unpack(batch.rows[:_SHOWN_ROWS])) for batch in drawn[:batches]]
    if as_json:
        print_json(stream_as_json(plan, statistics, drawn, samples))
    else:
        print_stream(Console(), statistics, drawn, samples)

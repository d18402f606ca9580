"""``equilingua batches``: look at a batch stream without a model."""

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from equilingua.cli import options
from equilingua.cli.console import markup, print_json

if TYPE_CHECKING:
    from rich.table import Table

    from equilingua.batching.statistics import StreamPreview, StreamStatistics

# Shares listed of each kind: pairs of 11 languages are 121, which no screen holds.
_MOST_SHARES = 24


def batches_command(
    pairs: Annotated[
        list[Path] | None,
        typer.Argument(
            help=f"{options.PAIRS_HELP} A configuration file may name them instead.",
            show_default=False,
        ),
    ] = None,
    *,
    kind: options.Kind = None,
    alpha: options.Alpha = None,
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
    pair_drawing: options.PairDrawing = None,
    language_temperature: options.LanguageTemperature = None,
    source_temperature: options.SourceTemperature = None,
    short: options.Short = None,
    languages: options.Languages = None,
    sources: options.Sources = None,
    where: options.Where = None,
    max_characters: options.MaxCharacters = None,
    squad_language: options.SquadLanguage = None,
    query_column: options.QueryColumn = None,
    passage_column: options.PassageColumn = None,
    language_column: options.LanguageColumn = None,
    id_column: options.IdColumn = None,
    config: Annotated[
        Path | None, typer.Option("--config", help="TOML file with options of a training; options win over it.")
    ] = None,
    data: options.Data = None,
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", help="Any option of a training: source_weights.tatoeba=0.8, alpha.en=0.3."),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Show the first batches of a stream, and what the stream is: kinds, languages, pairs, sources, shortcut score.

    No model is loaded. The batches are those that training with the same options, steps, batch size and seed sees.

    ```
    equilingua batches squad.train.jsonl.gz --kind hybrid --alpha 0.5 --languages en,fi -n 3
    ```
    """
    changes = options.given_options(locals(), options.BATCH_OPTIONS)

    from equilingua.batching.statistics import preview_stream
    from equilingua.batching.stream import BatchStream
    from equilingua.training.load import load_training, selected_pairs
    from equilingua.training.models import encoder_family

    training = load_training(config, overrides or (), **changes)
    chosen = training.config
    store = selected_pairs(options.training_pairs(training, pairs or [], data), chosen)
    stream = BatchStream(
        store.index,
        chosen.plan(),
        batch_size=batch_size
        or chosen.examples_per_batch(encoder_family(training.encoder) if training.encoder else "pretrained"),
        seed=chosen.seed,
        total_steps=chosen.steps or statistics_over,
    )
    preview = preview_stream(store, stream, batches=batches, statistics_over=statistics_over)
    if as_json:
        print_json(preview.as_json())
    else:
        _print_preview(preview)


def _print_preview(preview: "StreamPreview") -> None:
    from rich.console import Console
    from rich.table import Table

    console, statistics = Console(), preview.statistics
    for number, batch in enumerate(preview.batches):
        kind = f"{batch.kind} ({batch.language})" if batch.language else batch.kind
        title = f"batch {number}: {kind}, first {len(batch.rows)} rows"
        table = Table("query", "", "passage", "", title=title, expand=True)
        for row in batch.rows:
            query, passage = markup(_short(row.query)), markup(_short(row.passage))
            table.add_row(row.query_language, query, row.passage_language, passage)
        console.print(table)
    console.print(_shares(statistics))
    console.print(
        f"language shortcut {statistics.shortcut:.3f}: the share of a row's candidates that language alone rules out "
        "(0 is best; mixed same-language batches come near 1 and teach the encoder to encode language)",
        highlight=False,
    )


def _shares(statistics: "StreamStatistics") -> "Table":
    from rich.table import Table

    table = Table("share of", "", title=f"{statistics.batches:,} batches, {statistics.examples:,} rows")
    for what, shares in (
        ("batches by kind", statistics.kinds),
        ("query languages", statistics.query_languages),
        ("passage languages", statistics.passage_languages),
        ("language pairs", {" to ".join(pair): share for pair, share in statistics.language_pairs.items()}),
        ("sources", statistics.sources),
        ("distinct items", {"": statistics.distinct_items}),
    ):
        listed = ", ".join(f"{name} {share:.1%}".strip() for name, share in islice(shares.items(), _MOST_SHARES))
        rest = len(shares) - _MOST_SHARES
        table.add_row(what, markup(f"{listed} and {rest} more" if rest > 0 else listed))
    return table


def _short(text: str, *, characters: int = 90) -> str:
    line = " ".join(text.split())
    return line if len(line) <= characters else line[: characters - 1] + "…"

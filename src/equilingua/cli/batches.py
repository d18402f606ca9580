"""``equilingua batches``: look at a batch stream without a model."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from equilingua.cli.console import print_json
from equilingua.cli.options import (
    BATCH_SETTINGS,
    Alpha,
    AsJson,
    Data,
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
    training_pairs,
)

if TYPE_CHECKING:
    from rich.table import Table

    from equilingua.batching.candidates import TrainingExample
    from equilingua.batching.plan import BatchPlan
    from equilingua.batching.statistics import StreamStatistics
    from equilingua.batching.stream import Batch
    from equilingua.pairs.store import ParallelPairs

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
    settings = given_settings(locals(), BATCH_SETTINGS)

    from equilingua.batching.statistics import describe_stream
    from equilingua.batching.stream import BatchStream
    from equilingua.training.load import load_training, selected_pairs
    from equilingua.training.models import encoder_family

    training = load_training(config, overrides or (), **settings)
    chosen = training.config
    store = selected_pairs(training_pairs(training, pairs or [], data), chosen)
    plan, steps = chosen.plan(), chosen.steps
    stream = BatchStream(
        store.index,
        plan,
        batch_size=batch_size
        or chosen.examples_per_batch(encoder_family(training.encoder) if training.encoder else "pretrained"),
        seed=chosen.seed,
        total_steps=steps or statistics_over,
    )
    statistics_over = min(statistics_over, steps or statistics_over)
    wanted = range(max(batches, statistics_over))
    drawn = [stream.batch(*divmod(step, stream.steps_per_epoch)) for step in wanted]
    statistics = describe_stream(stream, drawn[:statistics_over])
    samples = [_with_texts(store, stream.numbering.unpack(batch.examples[:_SHOWN_ROWS])) for batch in drawn[:batches]]
    if as_json:
        print_json(_stream_as_json(plan, statistics, drawn, samples))
    else:
        _print_stream(statistics, drawn, samples)


@dataclass(frozen=True, slots=True)
class ExampleTexts:
    """A training example with its texts."""

    id: str
    query_language: str
    passage_language: str
    query: str
    passage: str


def _with_texts(pairs: "ParallelPairs", rows: "Sequence[TrainingExample]") -> list[ExampleTexts]:
    samples = []
    for row in rows:
        pair = pairs[row.position]
        query, passage = row.query_language, row.passage_language
        samples.append(ExampleTexts(pair.id, query, passage, pair.queries[query], pair.passages[passage]))
    return samples


def _stream_as_json(
    plan: "BatchPlan",
    statistics: "StreamStatistics",
    drawn: "Sequence[Batch]",
    samples: Sequence[Sequence[ExampleTexts]],
) -> dict[str, Any]:
    """The plan, the statistics and the shown batches as plain values."""
    described = asdict(statistics)
    described = {"batches": described.pop("batches"), "rows": described.pop("examples"), **described}
    described["language_pairs"] = {"-".join(pair): share for pair, share in statistics.language_pairs.items()}
    batches = [
        {"kind": batch.kind, "language": batch.language, "rows": [asdict(row) for row in rows]}
        for batch, rows in zip(drawn, samples, strict=False)
    ]
    return {"plan": plan.describe(), "statistics": described, "batches": batches}


def _print_stream(
    statistics: "StreamStatistics", drawn: "Sequence[Batch]", samples: Sequence[Sequence[ExampleTexts]]
) -> None:
    """Print the first rows of each shown batch, then the statistics of the stream."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console()
    for number, (batch, rows) in enumerate(zip(drawn, samples, strict=False)):
        kind = f"{batch.kind} ({batch.language})" if batch.language else batch.kind
        table = Table("query", "", "passage", "", title=f"batch {number}: {kind}, first {len(rows)} rows", expand=True)
        for row in rows:
            query, passage = escape(_short(row.query)), escape(_short(row.passage))
            table.add_row(row.query_language, query, row.passage_language, passage)
        console.print(table)
    console.print(_shares(statistics))
    console.print(
        f"language shortcut {statistics.shortcut:.3f}: the share of a row's candidates that language alone rules out "
        "(0 is best; mixed same-language batches come near 1 and teach the encoder to encode language)",
        highlight=False,
    )


def _shares(statistics: "StreamStatistics") -> "Table":
    from rich.markup import escape
    from rich.table import Table

    table = Table("share of", "", title=f"{statistics.batches:,} batches, {statistics.examples:,} rows")
    pairs = {" to ".join(pair): share for pair, share in statistics.language_pairs.items()}
    for what, shares in (
        ("batches by kind", statistics.kinds),
        ("query languages", statistics.query_languages),
        ("passage languages", statistics.passage_languages),
        ("language pairs", pairs),
        ("sources", statistics.sources),
        ("distinct items", {"": statistics.distinct_items}),
    ):
        table.add_row(what, escape(_listed(shares)))
    return table


def _listed(shares: Mapping[str, float], *, most: int = 24) -> str:
    listed = [f"{name} {share:.1%}".strip() for name, share in list(shares.items())[:most]]
    rest = len(shares) - most
    return ", ".join(listed) + (f" and {rest} more" if rest > 0 else "")


def _short(text: str, *, characters: int = 90) -> str:
    line = " ".join(text.split())
    return line if len(line) <= characters else line[: characters - 1] + "…"

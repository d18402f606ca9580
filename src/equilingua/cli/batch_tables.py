"""What ``batches`` prints of a stream."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from equilingua.batching.examples import TrainingExample
from equilingua.batching.plan import BatchPlan
from equilingua.batching.statistics import StreamStatistics
from equilingua.batching.stream import Batch
from equilingua.pairs.store import ParallelPairs


@dataclass(frozen=True, slots=True)
class SampleRow:
    """A row with its texts."""

    id: str
    query_language: str
    passage_language: str
    query: str
    passage: str


def sample_rows(pairs: ParallelPairs, rows: Sequence[TrainingExample]) -> list[SampleRow]:
    """The rows with their texts."""
    samples = []
    for row in rows:
        pair = pairs[row.position]
        query, passage = row.query_language, row.passage_language
        samples.append(SampleRow(pair.id, query, passage, pair.queries[query], pair.passages[passage]))
    return samples


def stream_as_json(
    plan: BatchPlan, statistics: StreamStatistics, drawn: Sequence[Batch], samples: Sequence[Sequence[SampleRow]]
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


def print_stream(
    console: Console, statistics: StreamStatistics, drawn: Sequence[Batch], samples: Sequence[Sequence[SampleRow]]
) -> None:
    """Print the first rows of each shown batch, then the statistics of the stream."""
    for number, (batch, rows) in enumerate(zip(drawn, samples, strict=False)):
        kind = f"{batch.kind} ({batch.language})" if batch.language else batch.kind
        table = Table("query", "", "passage", "", title=f"batch {number}: {kind}, first {len(rows)} rows", expand=True)
        for row in rows:
            table.add_row(
                row.query_language, escape(_short(row.query)), row.passage_language, escape(_short(row.passage))
            )
        console.print(table)
    console.print(_shares(statistics))
    console.print(
        f"language shortcut {statistics.shortcut:.3f}: the share of a row's candidates that language alone rules out "
        "(0 is best; mixed same-language batches come near 1 and teach the encoder to encode language)",
        highlight=False,
    )


def _shares(statistics: StreamStatistics) -> Table:
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

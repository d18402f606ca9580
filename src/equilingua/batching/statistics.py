"""What a batch stream is: its first batches with their texts, shares of kinds and languages, the language shortcut."""

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, TypeVar

import numpy as np

from equilingua.batching.candidates import LanguagePair, TrainingExample
from equilingua.batching.stream import Batch, BatchStream
from equilingua.pairs.store import ParallelPairs

Item = TypeVar("Item", bound=Hashable)

# Examples shown of a batch: enough to see its languages.
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class StreamStatistics:
    """Shares over some batches of a stream; each mapping sums to 1, largest share first.

    Attributes:
        batches: how many batches were looked at.
        examples: how many examples they have together.
        kinds: share of batches of each kind.
        query_languages: share of examples by query language.
        passage_languages: share of examples by passage language.
        language_pairs: share of examples by (query language, passage language).
        sources: share of examples by source.
        distinct_items: share of examples whose item stood in no earlier example.
        shortcut: see ``language_shortcut``.
    """

    batches: int
    examples: int
    kinds: dict[str, float]
    query_languages: dict[str, float]
    passage_languages: dict[str, float]
    language_pairs: dict[tuple[str, str], float]
    sources: dict[str, float]
    distinct_items: float
    shortcut: float


@dataclass(frozen=True, slots=True)
class ExampleTexts:
    """A training example with its texts."""

    id: str
    query_language: str
    passage_language: str
    query: str
    passage: str


@dataclass(frozen=True, slots=True)
class ShownBatch:
    """The first examples of a batch, as its ``rows``; its kind and language are those of ``Batch``."""

    kind: str
    language: str | None
    rows: tuple[ExampleTexts, ...]


@dataclass(frozen=True, slots=True)
class StreamPreview:
    """The first batches of a stream, its plan in words, and statistics over these and perhaps more."""

    plan: dict[str, Any]
    statistics: StreamStatistics
    batches: tuple[ShownBatch, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values, pairs of languages as ``en-de``."""
        described = asdict(self.statistics)
        # The document says rows where the package says examples: scripts read it by that name.
        described = {"batches": described.pop("batches"), "rows": described.pop("examples"), **described}
        described["language_pairs"] = {"-".join(pair): share for pair, share in described["language_pairs"].items()}
        return {"plan": self.plan, "statistics": described, "batches": [asdict(batch) for batch in self.batches]}


def preview_stream(pairs: ParallelPairs, stream: BatchStream, *, batches: int, statistics_over: int) -> StreamPreview:
    """The first batches of a stream of these pairs with their texts, and the statistics of so many.

    Where the whole training has fewer batches, the statistics are over all of them.
    """
    statistics_over = min(statistics_over, stream.total_steps)
    drawn = list(islice(stream.batches(), max(batches, statistics_over)))
    shown = []
    for batch in drawn[:batches]:
        examples = stream.numbering.unpack(batch.examples[:_SHOWN])
        rows = tuple(_with_texts(pairs, example) for example in examples)
        shown.append(ShownBatch(batch.kind, batch.language, rows))
    return StreamPreview(stream.plan.describe(), describe_stream(stream, drawn[:statistics_over]), tuple(shown))


def describe_stream(stream: BatchStream, batches: Sequence[Batch]) -> StreamStatistics:
    """The statistics of some batches of a stream."""
    unpacked = [stream.numbering.unpack(batch.examples) for batch in batches]
    examples = [example for batch in unpacked for example in batch]
    offsets, profiles = stream.numbering.index.offsets, stream.numbering.index.profiles
    # Positions are ordered by profile, so the source of an item is found without looking at its texts.
    codes = np.searchsorted(offsets, [example.position for example in examples], side="right") - 1
    return StreamStatistics(
        batches=len(batches),
        examples=len(examples),
        kinds=_shares(batch.kind for batch in batches),
        query_languages=_shares(example.query_language for example in examples),
        passage_languages=_shares(example.passage_language for example in examples),
        language_pairs=_shares((example.query_language, example.passage_language) for example in examples),
        sources=_shares(profiles[code].source for code in codes),
        distinct_items=len({example.position for example in examples}) / max(1, len(examples)),
        shortcut=language_shortcut(unpacked),
    )


def language_shortcut(batches: Sequence[Sequence[TrainingExample]]) -> float:
    """How far language alone tells the positive from its in-batch negatives, 0 (not at all) up to below 1.

    A scorer that sees the two languages only, and knows how often each pairing is a positive, would bring the InfoNCE
    loss of a batch of B examples from log B down to some mean L. The score is 1 - exp(L) / B: the share of candidates
    that language alone rules out. It is 0 for monolingual batches and about (n - 1) / n for examples in the same
    language mixed over n languages, which pay the encoder for encoding language.

    Source: the argument of LAReQA (Roy et al. 2020, arXiv 2004.05484, section 4) against mixed same-language batches,
    as a number; the optimal critic of InfoNCE is the density ratio (van den Oord et al. 2018, arXiv 1807.03748, eq. 5).

    >>> a, b = TrainingExample(0, "en", "en"), TrainingExample(1, "en", "en")
    >>> c, d = TrainingExample(2, "de", "de"), TrainingExample(3, "de", "de")
    >>> language_shortcut([[a, b], [c, d]]), language_shortcut([[a, c], [b, d]])
    (0.0, 0.5)
    """
    positive, present = Counter[LanguagePair](), Counter[LanguagePair]()
    counted: list[tuple[Counter[LanguagePair], Counter[str]]] = []
    for batch in batches:
        pairs = Counter((example.query_language, example.passage_language) for example in batch)
        passages = Counter(example.passage_language for example in batch)
        counted.append((pairs, passages))
        positive.update(pairs)
        for query, count in Counter(example.query_language for example in batch).items():
            present.update({(query, passage): count * number for passage, number in passages.items()})
    # What the best critic that sees languages alone would score: how often a pairing is right where it can be chosen.
    ratio = {pair: positive[pair] / present[pair] for pair in present}
    logs, examples = 0.0, positive.total()
    for pairs, passages in counted:
        for (query, passage), count in pairs.items():
            total = sum(number * ratio[query, other] for other, number in passages.items())
            logs += count * math.log(total / (pairs.total() * ratio[query, passage]))
    return max(0.0, round(1 - math.exp(logs / examples), 12)) if examples else 0.0


def _with_texts(pairs: ParallelPairs, example: TrainingExample) -> ExampleTexts:
    pair, query, passage = pairs[example.position], example.query_language, example.passage_language
    return ExampleTexts(pair.id, query, passage, pair.queries[query], pair.passages[passage])


def _shares(items: Iterable[Item]) -> dict[Item, float]:
    counts = Counter(items)
    total = sum(counts.values())
    return {item: count / total for item, count in counts.most_common()}

"""What a batch stream is: shares of kinds, languages, pairs and sources, and the language shortcut."""

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from equilingua.batching.examples import Row
from equilingua.batching.stream import Batch, BatchStream

Item = TypeVar("Item", bound=Hashable)


@dataclass(frozen=True, slots=True)
class StreamStatistics:
    """Shares over some batches of a stream; each mapping sums to 1, largest share first.

    Attributes:
        batches: how many batches were looked at.
        rows: how many rows they have together.
        kinds: share of batches of each kind.
        query_languages: share of rows by query language.
        passage_languages: share of rows by passage language.
        language_pairs: share of rows by (query language, passage language).
        sources: share of rows by source.
        distinct_items: share of rows whose item stood in no earlier row.
        shortcut: see ``language_shortcut``.
    """

    batches: int
    rows: int
    kinds: dict[str, float]
    query_languages: dict[str, float]
    passage_languages: dict[str, float]
    language_pairs: dict[tuple[str, str], float]
    sources: dict[str, float]
    distinct_items: float
    shortcut: float


def describe_stream(stream: BatchStream, batches: Sequence[Batch]) -> StreamStatistics:
    """The statistics of some batches of a stream."""
    unpacked = [stream.space.unpack(batch.rows) for batch in batches]
    rows = [row for batch in unpacked for row in batch]
    offsets, profiles = stream.space.index.offsets, stream.space.index.profiles
    codes = np.searchsorted(offsets, [row.position for row in rows], side="right") - 1
    return StreamStatistics(
        batches=len(batches),
        rows=len(rows),
        kinds=_shares(batch.kind for batch in batches),
        query_languages=_shares(row.query_language for row in rows),
        passage_languages=_shares(row.passage_language for row in rows),
        language_pairs=_shares((row.query_language, row.passage_language) for row in rows),
        sources=_shares(profiles[code].source for code in codes),
        distinct_items=len({row.position for row in rows}) / max(1, len(rows)),
        shortcut=language_shortcut(unpacked),
    )


def language_shortcut(batches: Sequence[Sequence[Row]]) -> float:
    """How far language alone tells the positive from its in-batch negatives, 0 (not at all) up to below 1.

    A scorer that sees the two languages only, and knows how often each pairing is a positive, would bring the InfoNCE
    loss of a batch of B rows from log B down to some mean L. The score is 1 - exp(L) / B: the share of candidates that
    language alone rules out. It is 0 for monolingual batches and about (n - 1) / n for rows in the same language mixed
    over n languages, which pay the encoder for encoding language.

    Args:
        batches: the rows of each batch.

    Source: the argument of LAReQA (Roy et al. 2020, arXiv 2004.05484, section 4) against mixed same-language batches,
    as a number; the optimal critic of InfoNCE is the density ratio (van den Oord et al. 2018, arXiv 1807.03748, eq. 5).

    >>> mono = [[Row(0, "en", "en"), Row(1, "en", "en")], [Row(2, "de", "de"), Row(3, "de", "de")]]
    >>> mixed = [[Row(0, "en", "en"), Row(1, "de", "de")], [Row(2, "de", "de"), Row(3, "en", "en")]]
    >>> language_shortcut(mono), language_shortcut(mixed)
    (0.0, 0.5)
    """
    positive: Counter[tuple[str, str]] = Counter()
    present: Counter[tuple[str, str]] = Counter()
    for batch in batches:
        positive.update((row.query_language, row.passage_language) for row in batch)
        passages = Counter(row.passage_language for row in batch)
        for query, count in Counter(row.query_language for row in batch).items():
            present.update({(query, passage): count * number for passage, number in passages.items()})
    ratio = {pair: positive[pair] / present[pair] for pair in present}
    logs, rows = 0.0, 0
    for batch in batches:
        passages = Counter(row.passage_language for row in batch)
        for (query, passage), count in Counter((row.query_language, row.passage_language) for row in batch).items():
            total = sum(number * ratio[query, other] for other, number in passages.items())
            logs += count * math.log(total / (len(batch) * ratio[query, passage]))
            rows += count
    return max(0.0, round(1 - math.exp(logs / rows), 12)) if rows else 0.0


def _shares(items: Iterable[Item]) -> dict[Item, float]:
    counts = Counter(items)
    total = sum(counts.values())
    return {item: count / total for item, count in counts.most_common()}

"""What a set of parallel pairs holds: counts, gaps, duplicates, and languages that do not look right."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from equilingua.language_comparison import LOOKED_AT, Doubt, compare_languages
from equilingua.pairs.store import ParallelPairs
from equilingua.progress import track


@dataclass(frozen=True, slots=True)
class NumericColumn:
    """A numeric column: how many pairs have it and how many do not, from where to where it reaches, and the mean."""

    name: str
    pairs: int
    missing: int
    low: float
    mean: float
    high: float


@dataclass(frozen=True, slots=True)
class Inspection:
    """Counts over a set of pairs.

    Attributes:
        pairs: how many pairs there are.
        sources: pairs of each source.
        queries: pairs with a query in each language.
        passages: pairs with a passage in each language.
        language_pairs: pairs that can serve as each (query language, passage language), same language included.
        missing: pairs without a query or without a passage in each language that some other pair has; parallel
            sentences, which never serve inside one language, are left out of it.
        numbers: the numeric columns, by which pairs can be selected.
        repeated_ids: pairs whose id an earlier pair has.
        repeated_passages: pairs whose passage (in whatever language) an earlier pair has; their passages are never
            each other's negatives, so they are no fault.
        repeated_rows: pairs whose passage and whose queries all stand in an earlier pair.
        doubts: languages of which some hundred texts, drawn at random, look like another; of queries and of passages.
        unchecked: languages that the detector does not know.
    """

    pairs: int
    sources: dict[str, int]
    queries: dict[str, int]
    passages: dict[str, int]
    language_pairs: dict[tuple[str, str], int]
    missing: dict[str, int]
    numbers: tuple[NumericColumn, ...]
    repeated_ids: int
    repeated_passages: int
    repeated_rows: int
    doubts: dict[Literal["queries", "passages"], tuple[Doubt, ...]]
    unchecked: tuple[str, ...]


def inspect_pairs(pairs: ParallelPairs, *, progress: bool = True) -> Inspection:
    """The counts of a set of pairs; reads every query once, to find duplicates.

    Languages are compared with up to 200 texts of each, as ``compare_languages`` does.
    """
    sources: Counter[str] = Counter()
    queries: Counter[str] = Counter()
    passages: Counter[str] = Counter()
    both: Counter[str] = Counter()
    questions = 0
    language_pairs: Counter[tuple[str, str]] = Counter()
    for profile, count in zip(pairs.index.profiles, pairs.index.counts.tolist(), strict=True):
        sources[profile.source] += count
        queries.update(dict.fromkeys(profile.query_languages, count))
        passages.update(dict.fromkeys(profile.passage_languages, count))
        if not profile.sentences:
            questions += count
            both.update(dict.fromkeys(set(profile.query_languages) & set(profile.passage_languages), count))
        language_pairs.update(dict.fromkeys(profile.language_pairs(), count))
    repeated_ids, repeated_passages, repeated_rows = _repeats(pairs, progress=progress)
    asked, answers = (compare_languages(_drawn_texts(pairs, side)) for side in ("query", "passage"))
    return Inspection(
        pairs=len(pairs),
        sources=dict(sources.most_common()),
        queries=dict(queries.most_common()),
        passages=dict(passages.most_common()),
        language_pairs=dict(sorted(language_pairs.items())),
        missing={tag: questions - both[tag] for tag in pairs.languages},
        numbers=tuple(_numeric_columns(pairs)),
        repeated_ids=repeated_ids,
        repeated_passages=repeated_passages,
        repeated_rows=repeated_rows,
        doubts={"queries": asked.doubts, "passages": answers.doubts},
        unchecked=tuple(sorted({*asked.unchecked, *answers.unchecked})),
    )


def _drawn_texts(pairs: ParallelPairs, side: Literal["query", "passage"]) -> dict[str, list[str]]:
    """Texts of a side in every language, of up to so many pairs drawn at random: twice as many as are compared.

    Short ones among them are passed over.
    """
    index, rng = pairs.index, np.random.default_rng([0])
    texts: dict[str, list[str]] = {}
    for tag in pairs.languages:
        having = [tag in getattr(profile, f"{side}_languages") for profile in index.profiles]
        # Of the pairs that have it: where each profile's begin among these, and in the store.
        ends = np.cumsum(np.where(having, index.counts, 0))
        if len(ends) and ends[-1]:
            drawn = np.sort(rng.choice(int(ends[-1]), min(2 * LOOKED_AT, int(ends[-1])), replace=False))
            profiles = np.searchsorted(ends, drawn, side="right")
            positions = index.offsets[profiles + 1] - (ends[profiles] - drawn)
            texts[tag] = [part.text(side, tag, row) for part, row in pairs.locate(positions.tolist())]
    return texts


def _numeric_columns(pairs: ParallelPairs) -> Iterator[NumericColumn]:
    for name in pairs.number_columns:
        values = pairs.numbers(name)
        values = values[np.isfinite(values)]
        if len(values):
            low, mean, high = float(values.min()), float(values.mean()), float(values.max())
            yield NumericColumn(name, len(values), len(pairs) - len(values), low, mean, high)


def _repeats(pairs: ParallelPairs, *, progress: bool) -> tuple[int, int, int]:
    """How many pairs repeat an earlier one's id, its passage, and its passage with its queries."""
    ids: set[int] = set()
    rows: set[int] = set()
    passages = pairs.answers.passages[pairs.index.rows]
    for position, passage in enumerate(track(passages.tolist(), "looking for duplicates", show=progress)):
        [(part, row)] = pairs.locate([position])
        ids.add(part.id_key(row))
        # Hashes, since texts of millions of pairs would fill the memory.
        rows.add(hash((passage, *sorted(part.pair(row).queries.items()))))
    return len(pairs) - len(ids), len(pairs) - len(np.unique(passages)), len(pairs) - len(rows)

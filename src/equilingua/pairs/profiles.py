"""Profiles: which languages a pair has on which side. All pairs of a profile are interchangeable to a batch."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from equilingua.pairs.pair import ParallelPair


@dataclass(frozen=True, slots=True, order=True)
class Profile:
    """What batches need to know of a pair to draw it.

    Attributes:
        source: the data set the pair comes from.
        query_languages: languages with a query, sorted.
        passage_languages: languages with a passage, sorted.
        sentences: True for parallel sentences, used only across languages.
    """

    source: str
    query_languages: tuple[str, ...]
    passage_languages: tuple[str, ...]
    sentences: bool = False

    @classmethod
    def of(cls, pair: ParallelPair) -> "Profile":
        """The profile of a pair."""
        return cls(pair.source, tuple(sorted(pair.queries)), tuple(sorted(pair.passages)), pair.sentences)

    def keeping(self, keep: Callable[[str, str], bool]) -> "Profile":
        """The profile with only those texts of which ``keep`` holds, asked for a side and a language."""
        return replace(
            self,
            query_languages=tuple(tag for tag in self.query_languages if keep("query", tag)),
            passage_languages=tuple(tag for tag in self.passage_languages if keep("passage", tag)),
        )

    def language_pairs(self) -> tuple[tuple[str, str], ...]:
        """Every (query language, passage language) such a pair can serve as, sorted."""
        return tuple(
            (query, passage)
            for query in self.query_languages
            for passage in self.passage_languages
            if not (self.sentences and query == passage)
        )


@dataclass(frozen=True, slots=True)
class ProfileIndex:
    """The pairs of a store ordered by profile, so that a profile's pairs are a contiguous range of positions.

    A store of many millions of pairs has at most some thousands of profiles: every count a batch, a weight or a report
    needs is a sum over profiles, and drawing a pair that has given languages never scans the pairs.

    Attributes:
        profiles: the distinct profiles, sorted.
        offsets: (len(profiles) + 1,) int64: profile k holds positions ``offsets[k]`` to ``offsets[k + 1]``.
        rows: (pairs,) uint32 or int64: the store row at each position, ascending inside a profile.
    """

    profiles: tuple[Profile, ...]
    offsets: NDArray[np.int64]
    rows: NDArray[np.uint32] | NDArray[np.int64]

    @property
    def counts(self) -> NDArray[np.int64]:
        """Pairs of each profile, (len(profiles),)."""
        return np.diff(self.offsets)

    def language_counts(self) -> tuple[Counter[str], int]:
        """Pairs that have a query and a passage in a language, by language; and those that have them across two."""
        same, cross = Counter[str](), 0
        for profile, count in zip(self.profiles, self.counts.tolist(), strict=True):
            language_pairs = profile.language_pairs()
            same.update({query: count for query, passage in language_pairs if query == passage})
            cross += count if any(query != passage for query, passage in language_pairs) else 0
        return same, cross


@dataclass(frozen=True, slots=True)
class CodedPart:
    """The profile of each pair of one part of a store.

    Attributes:
        profiles: the distinct profiles of the part.
        codes: (rows,) int32, the profile of each row as an index into ``profiles``; -1 for rows left out.
    """

    profiles: tuple[Profile, ...]
    codes: NDArray[np.int32]


def build_index(parts: Sequence[CodedPart]) -> ProfileIndex:
    """The rows of all parts, numbered one part after another, ordered by profile; rows no batch could use left out."""
    counts: Counter[Profile] = Counter()
    for part in parts:
        histogram = np.bincount(part.codes[part.codes >= 0], minlength=len(part.profiles))
        counts.update(dict(zip(part.profiles, histogram.tolist(), strict=True)))
    profiles = tuple(sorted(profile for profile, count in counts.items() if count and profile.language_pairs()))
    offsets = np.cumsum([0, *(counts[profile] for profile in profiles)], dtype=np.int64)
    # 32 bits while they suffice: this array is what an open store costs in memory.
    size, total = int(offsets[-1]), sum(len(part.codes) for part in parts)
    rows = np.empty(size, dtype=np.uint32) if total < 2**32 else np.empty(size, dtype=np.int64)
    filled = dict(zip(profiles, offsets[:-1].tolist(), strict=True))
    first_row = 0
    for part in parts:
        # Stable: inside a profile, rows keep the order of the input, which positions are promised to have.
        by_profile = np.argsort(part.codes, kind="stable")
        ends = np.searchsorted(part.codes, np.arange(len(part.profiles) + 1), sorter=by_profile)
        for profile, begin, end in zip(part.profiles, ends[:-1], ends[1:], strict=True):
            if profile in filled:
                place = filled[profile]
                filled[profile] = place + int(end - begin)
                rows[place : filled[profile]] = by_profile[begin:end] + first_row
        first_row += len(part.codes)
    return ProfileIndex(profiles, offsets, rows)

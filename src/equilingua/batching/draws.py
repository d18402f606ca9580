"""Drawing distinct items that have asked-for languages, in time that does not depend on how many items there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from equilingua.batching.examples import ExampleNumbering

# Rounds in which an example whose item was taken already draws another from the same candidate.
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class ProfileChoice:
    """A profile that can serve a candidate.

    Attributes:
        profile: its number in the index.
        choice: which of the profile's language pairs the candidate takes.
        weight: weight of each of the profile's items, above 0; comparable inside one candidate.
    """

    profile: int
    choice: int
    weight: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """Examples drawn for one batch.

    Attributes:
        examples: (size,) int64 example numbers.
        positions: (size,) int64 positions of their pairs, all different.
    """

    examples: NDArray[np.int64]
    positions: NDArray[np.int64]

    def __add__(self, other: "Drawn") -> "Drawn":
        return Drawn(np.concatenate([self.examples, other.examples]), np.concatenate([self.positions, other.positions]))


class CandidateTable:
    """Candidates (a language, an ordered language pair) and the profiles whose items can serve them.

    All candidates' cumulative weights lie end to end in one array, candidate c in (c, c + 1], so that a whole batch of
    mixed candidates is drawn by one binary search.
    """

    def __init__(
        self, numbering: ExampleNumbering, candidates: Mapping[tuple[str, str], Sequence[ProfileChoice]]
    ) -> None:
        self._numbering = numbering
        self.names = tuple(candidates)
        entries = [entry for name in self.names for entry in candidates[name]]
        self._profiles = np.array([entry.profile for entry in entries], dtype=np.int64)
        self._choices = np.array([entry.choice for entry in entries], dtype=np.int64)
        self._owners = np.repeat(np.arange(len(self.names)), [len(candidates[name]) for name in self.names])
        self._counts = numbering.index.counts[self._profiles]
        self._cumulative = self._lay_end_to_end(np.array([entry.weight for entry in entries]) * self._counts)

    def _lay_end_to_end(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        cumulative = np.empty(len(weights))
        for owner in range(len(self.names)):
            own = self._owners == owner
            shares = np.cumsum(weights[own]) / weights[own].sum()
            shares[-1] = 1.0  # against rounding: the last entry must reach its candidate's end
            cumulative[own] = owner + shares
        return cumulative

    def items(self, candidates: Sequence[int]) -> int:
        """How many different items can serve at least one of these candidates."""
        profiles = np.unique(self._profiles[np.isin(self._owners, candidates)])
        return int(self._numbering.index.counts[profiles].sum())

    def draw(self, candidates: NDArray[np.int64], rng: np.random.Generator, taken: NDArray[np.int64]) -> Drawn:
        """One example for each candidate number that still has an item: no item twice, none of those ``taken``.

        An item is drawn with probability proportional to its weight among its candidate's items not yet drawn. A
        candidate whose items are nearly used up may come back short.
        """
        examples = np.empty(len(candidates), dtype=np.int64)
        positions = np.full(len(candidates), -1, dtype=np.int64)
        open_examples = np.arange(len(candidates))
        for _ in range(_ROUNDS):
            drawn, items = self._draw_once(candidates[open_examples], rng)
            fresh = _first_of_each(items) & ~np.isin(items, taken)
            examples[open_examples[fresh]], positions[open_examples[fresh]] = drawn[fresh], items[fresh]
            taken = np.concatenate([taken, items[fresh]])
            open_examples = open_examples[~fresh]
            if not len(open_examples):
                break
        done = positions >= 0
        return Drawn(examples[done], positions[done])

    def _draw_once(
        self, candidates: NDArray[np.int64], rng: np.random.Generator
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        # 1 - random() lies in (0, 1], as the cumulative shares do.
        entries = np.searchsorted(self._cumulative, candidates + (1 - rng.random(len(candidates))))
        offsets = rng.integers(self._counts[entries])
        profiles = self._profiles[entries]
        examples = self._numbering.pack(profiles, offsets, self._choices[entries])
        return examples, self._numbering.index.offsets[profiles] + offsets

    def draw_any(
        self, size: int, candidates: NDArray[np.int64], rng: np.random.Generator, taken: NDArray[np.int64]
    ) -> Drawn:
        """Examples from unused items of any of these candidates, every such item alike; may be fewer than asked.

        It looks at every item, so it serves only where nearly all are used up.
        """
        entries = np.flatnonzero(np.isin(self._owners, candidates))
        counts = self._counts[entries]
        entry = np.repeat(entries, counts)
        offsets = np.arange(len(entry)) - np.repeat(np.cumsum(counts) - counts, counts)
        items = self._numbering.index.offsets[self._profiles[entry]] + offsets
        order = rng.permutation(len(items))
        order = order[~np.isin(items[order], taken)]
        order = order[_first_of_each(items[order])][:size]
        examples = self._numbering.pack(self._profiles[entry[order]], offsets[order], self._choices[entry[order]])
        return Drawn(examples, items[order])


def _first_of_each(items: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each item stands at its first place."""
    first = np.zeros(len(items), dtype=bool)
    first[np.unique(items, return_index=True)[1]] = True
    return first

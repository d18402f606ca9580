"""Training examples as numbers, and how they are drawn: for a language pair, its candidate, with no item drawn twice.

The candidates here are language pairs of query and passage; those of a loss are the passages of a batch.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from equilingua.batching.alpha import LanguageAlphas
from equilingua.batching.plan import BatchPlan
from equilingua.pairs.profiles import ProfileIndex

# A language pair (query language, passage language); a monolingual example's has the same language twice.
LanguagePair = tuple[str, str]

# The one candidate of x-y examples drawn by item: any two different languages that the item has.
ANY_PAIR: LanguagePair = ("*", "*")

# Rounds in which an example whose item was taken already draws another from the same candidate.
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class TrainingExample:
    """One training example.

    Attributes:
        position: the pair's position in the ``ParallelPairs``.
        query_language: the language the query is taken in.
        passage_language: the language the passage is taken in.
    """

    position: int
    query_language: str
    passage_language: str


class ExampleNumbering:
    """Numbers every example that the pairs can serve as: 0 to ``len(self) - 1``, each number an example that exists.

    A profile of n pairs with c language pairs takes n * c consecutive numbers, so packing and unpacking are arithmetic,
    and n pairs in L languages cost no memory for their n * L ** 2 examples.
    """

    def __init__(self, index: ProfileIndex) -> None:
        self.index = index
        self.language_pairs = tuple(profile.language_pairs() for profile in index.profiles)
        self.widths = np.array([len(pairs) for pairs in self.language_pairs], dtype=np.int64)
        self._bases = np.concatenate([[0], np.cumsum(index.counts * self.widths)]).astype(np.int64)

    def __len__(self) -> int:
        return int(self._bases[-1])

    def pack(
        self, profiles: NDArray[np.int64], offsets: NDArray[np.int64], choices: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """The example numbers of pairs by profile, offset inside the profile and choice among its language pairs."""
        examples: NDArray[np.int64] = self._bases[profiles] + offsets * self.widths[profiles] + choices
        return examples

    def unpack(self, examples: Sequence[int] | NDArray[np.int64]) -> list[TrainingExample]:
        """The examples that numbers stand for; raises ``IndexError`` for a number below 0 or past the end."""
        numbers = np.asarray(examples, dtype=np.int64)
        if len(numbers) and not (numbers.min() >= 0 and numbers.max() < len(self)):
            raise IndexError(
                f"example numbers run from 0 to {len(self) - 1:,}, got {numbers.min():,} to {numbers.max():,}"
            )
        profiles = np.searchsorted(self._bases, numbers, side="right") - 1
        offsets, choices = np.divmod(numbers - self._bases[profiles], self.widths[profiles])
        positions = self.index.offsets[profiles] + offsets
        return [
            TrainingExample(position, *self.language_pairs[profile][choice])
            for position, profile, choice in zip(positions.tolist(), profiles.tolist(), choices.tolist(), strict=True)
        ]


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


Candidates = Mapping[LanguagePair, Sequence[ProfileChoice]]


def candidates(numbering: ExampleNumbering, plan: BatchPlan) -> tuple[Candidates, Candidates]:
    """The monolingual and the cross-lingual candidates that the plan can ever use, each sorted by language pair.

    Raises ``InputError`` if alpha names languages that the data lacks, or lacks one that it has.
    """
    same: Candidates = {}
    cross: Candidates = {}
    alphas = plan.alpha if plan.mixes and isinstance(plan.alpha, LanguageAlphas) else None
    # A table of alphas is checked against all languages of the data, even where no alpha in it is above 0.
    if plan.needs_monolingual or alphas:
        same = _candidates(numbering, plan, monolingual=True)
    if alphas:
        alphas.check([language for language, _ in same])
    if plan.kind == "en-en":
        same = {pair: choices for pair, choices in same.items() if pair == ("en", "en")}
    if plan.needs_cross_lingual:
        cross = _candidates(numbering, plan, monolingual=False)
        if plan.pair_drawing == "by-item":
            cross = _by_item(numbering, plan, cross)
    return same, cross


def _candidates(numbering: ExampleNumbering, plan: BatchPlan, *, monolingual: bool) -> Candidates:
    having: dict[LanguagePair, list[tuple[int, int]]] = {}
    for profile, pairs in enumerate(numbering.language_pairs):
        if plan.serves(numbering.index.profiles[profile].source, monolingual=monolingual):
            for choice, pair in enumerate(pairs):
                if (pair[0] == pair[1]) == monolingual:
                    having.setdefault(pair, []).append((profile, choice))
    served = {}
    for pair in sorted(having):
        weights = _item_weights(numbering, plan, [profile for profile, _ in having[pair]])
        served[pair] = [ProfileChoice(profile, choice, weights[profile]) for profile, choice in having[pair]]
    return served


def _by_item(numbering: ExampleNumbering, plan: BatchPlan, pairs: Candidates) -> Candidates:
    """All pairs as one candidate, in which an item is drawn first, then one of its own pairs, every one alike."""
    choices = [choice for of_pair in pairs.values() for choice in of_pair]
    number = Counter(choice.profile for choice in choices)
    weights = _item_weights(numbering, plan, sorted(number))
    shared = [ProfileChoice(c.profile, c.choice, weights[c.profile] / number[c.profile]) for c in choices]
    return {ANY_PAIR: shared} if shared else {}


def _item_weights(numbering: ExampleNumbering, plan: BatchPlan, profiles: Sequence[int]) -> dict[int, float]:
    """Weight of one item of each profile: its source's own divided by its items, or their number ** (tau - 1)."""
    source = {profile: numbering.index.profiles[profile].source for profile in profiles}
    sizes: Counter[str] = Counter()
    for profile in profiles:
        sizes[source[profile]] += int(numbering.index.counts[profile])
    if plan.source_weights:
        weights = {name: plan.source_weights[name] / size for name, size in sizes.items()}
    else:
        weights = {name: float(size) ** (plan.source_temperature - 1) for name, size in sizes.items()}
    return {profile: weights[source[profile]] for profile in profiles}


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
        return Drawn(np.append(self.examples, other.examples), np.append(self.positions, other.positions))


class CandidateTable:
    """Candidates by number, with the profiles whose items can serve them.

    All candidates' cumulative weights lie end to end in one array, candidate c in (c, c + 1], so that a whole batch of
    mixed candidates is drawn by one binary search, in time that does not depend on how many items there are.
    """

    def __init__(self, numbering: ExampleNumbering, candidates: Candidates) -> None:
        self._numbering = numbering
        self.names = tuple(candidates)
        choices = [choice for name in self.names for choice in candidates[name]]
        self._profiles = np.array([choice.profile for choice in choices], dtype=np.int64)
        self._choices = np.array([choice.choice for choice in choices], dtype=np.int64)
        self._owners = np.repeat(np.arange(len(self.names)), [len(candidates[name]) for name in self.names])
        self._counts = numbering.index.counts[self._profiles]
        # A profile weighs as much as its items together: one is drawn first, then any of them alike.
        weights = np.array([choice.weight for choice in choices]) * self._counts
        self._cumulative = np.empty(len(weights))
        for owner in range(len(self.names)):
            own = self._owners == owner
            shares = np.cumsum(weights[own]) / weights[own].sum()
            shares[-1] = 1.0  # against rounding: the last profile must reach its candidate's end
            self._cumulative[own] = owner + shares

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
        missing = np.arange(len(candidates))
        for _ in range(_ROUNDS):
            # 1 - random() lies in (0, 1], as the cumulative shares do.
            places = np.searchsorted(self._cumulative, candidates[missing] + (1 - rng.random(len(missing))))
            # Drawn anew from the same candidates, so that languages keep the shares they were picked with.
            drawn = self._examples(places, rng.integers(self._counts[places]))
            fresh = _first_of_each(drawn.positions) & ~np.isin(drawn.positions, taken)
            examples[missing[fresh]], positions[missing[fresh]] = drawn.examples[fresh], drawn.positions[fresh]
            taken = np.append(taken, drawn.positions[fresh])
            missing = missing[~fresh]
            if not len(missing):
                break
        done = positions >= 0
        return Drawn(examples[done], positions[done])

    def draw_any(
        self, size: int, candidates: NDArray[np.int64], rng: np.random.Generator, taken: NDArray[np.int64]
    ) -> Drawn:
        """Examples from unused items of any of these candidates, every such item alike; may be fewer than wanted.

        It looks at every item, so it serves only where nearly all are used up.
        """
        places = np.flatnonzero(np.isin(self._owners, candidates))
        counts = self._counts[places]
        offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        every = self._examples(np.repeat(places, counts), offsets)
        order = rng.permutation(len(every.positions))
        order = order[~np.isin(every.positions[order], taken)]
        order = order[_first_of_each(every.positions[order])][:size]
        return Drawn(every.examples[order], every.positions[order])

    def _examples(self, places: NDArray[np.int64], offsets: NDArray[np.int64]) -> Drawn:
        """The example at each place of the table, of the item at each offset in the place's profile."""
        profiles = self._profiles[places]
        examples = self._numbering.pack(profiles, offsets, self._choices[places])
        return Drawn(examples, self._numbering.index.offsets[profiles] + offsets)


def _first_of_each(items: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each item stands at its first place."""
    first = np.zeros(len(items), dtype=bool)
    first[np.unique(items, return_index=True)[1]] = True
    return first

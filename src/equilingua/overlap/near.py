"""Near-duplicates: which of some texts stand among many others, word for word or with a few words changed.

The few are indexed, the many pass by once, so that time and memory are those of the few but for cutting texts into
tokens: about half a minute for a million questions and sentences, on one core.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from equilingua.overlap.tokens import of_characters, runs_of, tokens_of

LEAST_TOKENS = 8
"""Texts of fewer tokens are found word for word only: a word changed makes another question of a short one."""

LEAST_PART, LEAST_PART_CHARACTERS = 13, 40
"""Tokens of a text that is found inside a longer one, as in the tests of large models' training data."""

# One token in so many may be another one, rounded up. A word of a script without spaces is several characters.
_CHANGED_WORDS, _CHANGED_CHARACTERS = 8, 6
_LONGER = 1.25  # a text that is longer by more contains the other, or is none of it

# Runs that stand in more of the few texts are of a template ("What is the name of"), and tell nothing.
_MOST_TEXTS = 5
_LEAST_SHARED = 2

_CHUNK = 20_000
_VERIFIED = 3  # most likely texts looked at for each that passes by

_SLOTS = 1 << 24


def allowed_changes(tokens: int, *, characters: bool = False) -> int:
    """Tokens of a near-duplicate of so many that may be changed, put in or left out; more where they are characters.

    >>> [allowed_changes(count) for count in (7, 8, 10, 24, 40)]
    [0, 1, 2, 3, 5]
    """
    return -(-tokens // (_CHANGED_CHARACTERS if characters else _CHANGED_WORDS)) if tokens >= LEAST_TOKENS else 0


@dataclass(frozen=True, slots=True)
class Match:
    """A text that was found: its place among the few, the text that it was found as, whether word for word."""

    place: int
    text: str
    same: bool


class NearDuplicates:
    """Some texts, to be found among others.

    Two texts are the same if their tokens are (``tokens_of``), and near if at most one word in eight is changed, put in
    or left out (``allowed_changes``; a number for another number counts twice, as it makes another fact); a text of at
    least ``LEAST_PART`` tokens is near also to one that contains it so. Near texts share two runs of tokens that few of
    the texts have, and texts with too small a share of such runs (``least_own``) are found word for word only: so those
    of one template are not taken for one another.
    """

    def __init__(self, texts: Sequence[str], *, least_own: float = 0.4) -> None:
        self._tokens = [tuple(tokens_of(text)) for text in texts]
        self._places: dict[tuple[str, ...], list[int]] = {}
        for place, tokens in enumerate(self._tokens):
            self._places.setdefault(tokens, []).append(place)
        self._places.pop((), None)  # of signs alone: equal to nothing
        self._distinct = list(self._places)
        runs, numbers = runs_of(self._distinct)
        # Each run of a text once.
        runs, numbers = np.unique(np.stack([runs, numbers]), axis=1)
        _, inverse, counts = np.unique(runs, return_inverse=True, return_counts=True)
        own = counts[inverse] <= _MOST_TEXTS
        # A text most of whose runs are a template's differs from others of the template by a word or two.
        size = len(self._distinct)
        shares = np.bincount(numbers, own, size) / np.maximum(np.bincount(numbers, minlength=size), 1)
        kept = own & (shares[numbers] >= least_own)
        self._runs, self._numbers = runs[kept], numbers[kept]
        self._maybe = np.zeros(_SLOTS, dtype=bool)
        self._maybe[self._runs & (_SLOTS - 1)] = True

    def matches(self, others: Iterable[str]) -> Iterator[Match]:
        """The texts found among others, each at most once word for word and once near."""
        same: set[int] = set()
        near: set[int] = set()
        seen: set[int] = set()
        others = iter(others)
        while chunk := list(islice(others, _CHUNK)):
            fresh = _first(chunk, seen)
            tokens = [tuple(tokens_of(text)) for text in fresh]
            for text, words in zip(fresh, tokens, strict=True):
                places = self._places.get(words)
                if places is not None and places[0] not in same:
                    same.update(places)
                    yield from (Match(place, text, same=True) for place in places)
            for number, row in self._candidates(tokens):
                places = self._places[self._distinct[number]]
                if not near.union(same).issuperset(places[:1]) and _is_near(self._distinct[number], tokens[row]):
                    near.update(places)
                    yield from (Match(place, fresh[row], same=False) for place in places)

    def _candidates(self, others: Sequence[tuple[str, ...]]) -> Iterator[tuple[int, int]]:
        """Distinct texts, and others (both by number) that share enough runs with them to be looked at."""
        runs, rows = runs_of(others)
        hit = self._maybe[runs & (_SLOTS - 1)]
        runs, rows = runs[hit], rows[hit]
        begins, ends = (np.searchsorted(self._runs, runs, side) for side in ("left", "right"))
        counts = ends - begins
        rows, begins, counts = (part[counts > 0] for part in (rows, begins, counts))
        steps = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
        shared = np.stack([np.repeat(rows, counts), self._numbers[np.repeat(begins, counts) + steps]])
        (rows, numbers), times = np.unique(shared, axis=1, return_counts=True)
        rows, numbers, times = (part[times >= _LEAST_SHARED] for part in (rows, numbers, times))
        order = np.lexsort((-times, rows))
        of_row: Counter[int] = Counter()
        for row, number in zip(rows[order].tolist(), numbers[order].tolist(), strict=True):
            of_row[row] += 1
            if of_row[row] <= _VERIFIED or len(others[row]) > _LONGER * len(self._distinct[number]):
                yield number, row


def _first(texts: Iterable[str], seen: set[int]) -> list[str]:
    """The texts that have not passed by before, which are noted by their hash."""
    fresh = []
    for text in texts:
        key = hash(text)
        if key not in seen:
            seen.add(key)
            fresh.append(text)
    return fresh


def _is_near(one: Sequence[str], other: Sequence[str]) -> bool:
    short, long = sorted((one, other), key=len)
    part = len(long) > _LONGER * len(short)
    characters = of_characters(one)
    least_part = LEAST_PART_CHARACTERS if characters else LEAST_PART
    if len(short) < (least_part if part else LEAST_TOKENS) or of_characters(other) != characters:
        return False
    allowed = allowed_changes(len(short) if part else len(long), characters=characters)
    # Most are told apart by this already, which takes a hundredth of the time.
    return len(set(short).difference(long)) <= allowed and changes(short, long, inside=part) <= allowed


def changes(short: Sequence[str], long: Sequence[str], *, inside: bool) -> int:
    """Tokens changed, put in or left out between two texts; ``inside``: between the first and a part of the second.

    >>> changes("who was the first king".split(), "who is the first king".split(), inside=False)
    1
    >>> changes("the first king".split(), "who was the last king then".split(), inside=True)
    1
    """
    numbers = {token: number for number, token in enumerate(dict.fromkeys((*short, *long)))}
    figures = np.array([token.isnumeric() for token in numbers])
    columns = np.array([numbers[token] for token in long], dtype=np.int64)
    steps = np.arange(len(long) + 1)
    row: NDArray[np.int64] = np.zeros_like(steps) if inside else steps
    for token in short:
        number = numbers[token]
        cost = (columns != number) * (1 + (figures[columns] & figures[number]))
        above = np.minimum(row[1:] + 1, row[:-1] + cost)
        # What is put in costs one a token: a running minimum, once the place is taken off.
        row = np.minimum.accumulate(np.concatenate([[row[0] + 1], above]) - steps) + steps
    return int(row.min() if inside else row[-1])

"""Translations of words, learned from texts that are parallel."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from equilingua.pairs.store import ParallelPairs

# Words of a source and words of a target, as numbers from 1; 0 is the empty word.
NumberedPair = tuple[Sequence[int], Sequence[int]]


class Vocabulary:
    """Words by number, from 1, whatever their case; 0 is the empty word."""

    def __init__(self) -> None:
        self.names = [""]
        self._numbers = {"": 0}
        self._spellings: list[Counter[str]] = [Counter()]

    def numbers(self, words: Iterable[str]) -> list[int]:
        """The numbers of the words, new ones for new words."""
        found = []
        for word in words:
            number = self._numbers.setdefault(word.lower(), len(self.names))
            if number == len(self.names):
                self.names.append(word.lower())
                self._spellings.append(Counter())
            self._spellings[number][word] += 1
            found.append(number)
        return found

    def spelling(self, number: int) -> str:
        """The most frequent spelling; of equally frequent ones the first in code point order."""
        return min(self._spellings[number].items(), key=lambda item: (-item[1], item[0]))[0]


@dataclass(frozen=True, slots=True)
class Translations:
    """Each source word with each target word that stands in a translation of it, ordered by both.

    Attributes:
        sources: (links,) int64 word numbers, 0 for the empty word.
        targets: (links,) int64 word numbers.
        probabilities: (links,) of the target, given the source; they sum to 1 for each source.
    """

    sources: NDArray[np.int64]
    targets: NDArray[np.int64]
    probabilities: NDArray[np.float64]


def translations(pairs: Iterable[NumberedPair], *, rounds: int) -> Translations:
    """Probabilities of words as translations of words, by IBM model 1 with an empty word on the source side.

    Args:
        pairs: the words of texts and of their translations; pairs with nothing on a side teach nothing.
        rounds: of expectation maximisation, from equal probabilities.

    Source: Brown et al. 1993, The Mathematics of Statistical Machine Translation, section 4.2 (model 1).
    """
    pairs = [pair for pair in pairs if pair[0] and pair[1]]
    if not pairs:
        nothing = np.zeros(0)
        return Translations(nothing.astype(np.int64), nothing.astype(np.int64), nothing)
    # One link for each source word (the empty one too) and each target word of a pair of sentences; a slot is one place
    # of a target word, whose probability is shared among its links.
    sources = np.concatenate([np.tile([0, *source], len(target)) for source, target in pairs])
    targets = np.concatenate([np.repeat(target, len(source) + 1) for source, target in pairs])
    widths = np.concatenate([np.full(len(target), len(source) + 1) for source, target in pairs])
    slots = np.repeat(np.arange(len(widths)), widths)
    base = int(targets.max()) + 1
    keys, inverse = np.unique(sources.astype(np.int64) * base + targets, return_inverse=True)
    sources, targets = keys // base, keys % base
    probabilities = np.ones(len(keys))
    for _ in range(rounds):
        weights = probabilities[inverse]
        shares = weights / np.bincount(slots, weights)[slots]
        counts = np.bincount(inverse, shares, minlength=len(keys))
        probabilities = np.asarray(counts / np.bincount(sources, counts)[sources])
    return Translations(sources, targets, probabilities)


def parallel_texts(
    files: Sequence[ParallelPairs], source: str, target: str, *, sentences_only: bool = False
) -> Iterator[tuple[str, str]]:
    """Every text of the files that has both languages, as (source, target): sentences, queries, passages.

    Args:
        files: whole stores.
        source: language of the first text.
        target: language of the second.
        sentences_only: leave out pairs of queries and passages.
    """
    for pairs in files:
        index = pairs.index
        for profile, begin, end in zip(index.profiles, index.offsets[:-1], index.offsets[1:], strict=True):
            if sentences_only and not profile.sentences:
                continue
            languages = {"query": profile.query_languages, "passage": profile.passage_languages}
            if profile.sentences:
                del languages["passage"]
            sides = [side for side, tags in languages.items() if {source, target} <= set(tags)]
            for part, row in pairs.locate(range(begin, end)) if sides else ():
                for side in sides:
                    yield part.text(side, source, row), part.text(side, target, row)

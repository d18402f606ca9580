"""A bilingual lexicon induced from parallel sentences."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Written without a space between words, so that a word cannot be told by its letters.
_UNSEGMENTED = frozenset({"zh", "ja", "th", "lo", "km", "my", "yue", "wuu"})

_WORD = re.compile(r"\w+")


def unsegmented(language: str) -> bool:
    """Whether a language (a canonical tag) is written without a space between words.

    >>> unsegmented("zh-Hant"), unsegmented("ko")
    (True, False)
    """
    return language.split("-")[0] in _UNSEGMENTED


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Translations of words; ``words`` holds them by the word in lower case."""

    words: Mapping[str, str]

    def switched(self, text: str, share: float, rng: np.random.Generator) -> str:
        """The text with each of its words that the lexicon has replaced with probability ``share``."""

        def replaced(match: re.Match[str]) -> str:
            word = self.words.get(match[0].lower())
            return word if word is not None and rng.random() < share else match[0]

        return _WORD.sub(replaced, text)


def induce_lexicon(sentences: Iterable[tuple[str, str]], *, rounds: int = 5) -> Lexicon:
    """The words that are each other's most probable translation, by IBM model 1 in both directions.

    Each direction is trained alone, with an empty word on its source side; a pair of words stays where it is the most
    probable one from both sides and stands in at least two pairs of sentences. Words are runs of letters and digits, in
    lower case; a translation is given in its most frequent spelling.

    Args:
        sentences: pairs (source, target).
        rounds: of expectation maximisation, the same in each direction.

    Source: Brown et al. 1993, The Mathematics of Statistical Machine Translation, section 4.2 (model 1); intersection
    of both directions: Och and Ney 2003, A Systematic Comparison of Various Statistical Alignment Models, section 3.1.

    >>> pairs = [("the house", "das Haus"), ("the book", "das Buch"), ("a book", "ein Buch"), ("a house", "ein Haus")]
    >>> sorted(induce_lexicon(pairs).words.items())
    [('a', 'ein'), ('book', 'Buch'), ('house', 'Haus'), ('the', 'das')]
    """
    sources, targets = _Vocabulary(), _Vocabulary()
    pairs = [(sources.numbers(source), targets.numbers(target)) for source, target in sentences]
    forward = _best(pairs, rounds)
    backward = _best([(target, source) for source, target in pairs], rounds)
    together = Counter((s, t) for source, target in pairs for s in set(source) if (t := forward.get(s)) in set(target))
    return Lexicon(
        {
            sources.names[source]: targets.spelling(target)
            for source, target in sorted(forward.items())
            if backward.get(target) == source and together[source, target] >= 2
        }
    )


class _Vocabulary:
    """Words by number, from 1; 0 is the empty word."""

    def __init__(self) -> None:
        self.names = [""]
        self._numbers = {"": 0}
        self._spellings: list[Counter[str]] = [Counter()]

    def numbers(self, text: str) -> list[int]:
        found = []
        for word in _WORD.findall(text):
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


def _best(pairs: list[tuple[list[int], list[int]]], rounds: int) -> dict[int, int]:
    """The most probable target word of each source word, ties by the lower number; the empty word's is left out."""
    pairs = [pair for pair in pairs if pair[0] and pair[1]]
    if not pairs:
        return {}
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
        probabilities = _round(probabilities, inverse, slots, sources)
    order = np.lexsort((targets, -probabilities, sources))
    firsts = order[np.unique(sources[order], return_index=True)[1]]
    return {s: t for s, t in zip(sources[firsts].tolist(), targets[firsts].tolist(), strict=True) if s}


def _round(
    probabilities: NDArray[np.float64], links: NDArray[np.int64], slots: NDArray[np.int64], sources: NDArray[np.int64]
) -> NDArray[np.float64]:
    """One round of expectation maximisation: p(target | source) for each pair of words."""
    weights = probabilities[links]
    shares = weights / np.bincount(slots, weights)[slots]
    counts = np.bincount(links, shares, minlength=len(probabilities))
    return np.asarray(counts / np.bincount(sources, counts)[sources])

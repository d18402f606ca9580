"""A glossary induced from parallel texts: several translations a word, each with its probability."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations

import numpy as np
import regex

from equilingua.mixtures.word_alignment import NumberedPair, Translations, Vocabulary, translations
from equilingua.mixtures.word_units import (
    WORD,
    in_parts,
    joined,
    unit_splitter,
    unsegmented,
    without_needless_spaces,
    words,
)

# Below it a translation is as likely wrong as right; below the second, a word's own ones are mixed with those of words
# of the same stem, which stand in more sentences.
_LEAST_SCORE = 0.05
_SURE_SCORE = 0.1

# Of a word's translations those are kept that score at least this share of the best.
_OF_BEST = 0.25
_MOST = 6

# Of a word in several units, those are its parts that are at least this share as probable as the most probable one.
_PART_OF_BEST = 0.3
_MOST_PARTS = 4

# Longer texts have too many possible links to learn from.
_LONGEST = 120

_SUFFIXES = (
    "ations",
    "ation",
    "ments",
    "ment",
    "ings",
    "ing",
    "ers",
    "ies",
    "ied",
    "ed",
    "es",
    "er",
    "ly",
    "al",
    "s",
    "e",
    "y",
)
_POSSESSIVE = regex.compile(r"['’]s\b", regex.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Choice:
    """Translations of a word, and what divides a draw from [0, 1) among them: one bound less than texts, ascending."""

    texts: tuple[str, ...]
    bounds: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Glossary:
    """Translations of words from one language into another.

    Attributes:
        source: language of the words.
        target: language of their translations.
        words: by the word in lower case.
        stems: by the stem of words (see ``stem``), for words that are not in ``words``.
    """

    source: str
    target: str
    words: Mapping[str, Choice]
    stems: Mapping[str, Choice]

    def found(self, word: str) -> Choice | None:
        """The translations of a word; None for an unknown one, and for a number, which says the same everywhere."""
        lower = word.lower()
        if lower.isdigit():
            return None
        return self.words.get(lower) or self.stems.get(stem(lower, self.source))

    def gloss(self, text: str, rng: np.random.Generator) -> str:
        """The text, each of its words replaced by a translation, drawn in proportion to the scores.

        Unknown words, numbers and all that is no word stay as they are. So does the order of words.
        """

        def replaced(match: regex.Match[str]) -> str:
            word = str(match[0])
            choice = self.found(word)
            if choice is None:
                return word
            # Nothing is drawn where there is nothing to choose.
            return choice.texts[bisect_right(choice.bounds, rng.random()) if choice.bounds else 0]

        glossed = str(WORD.sub(replaced, _plain(text, self.source)))
        return without_needless_spaces(glossed) if unsegmented(self.target) else glossed


def stem(word: str, language: str) -> str:
    """An English word without a common ending, crudely; a word of another language as it is.

    >>> stem("nations", "en"), stem("national", "en"), stem("red", "en"), stem("national", "de")
    ('nation', 'nation', 'red', 'national')
    """
    if language.split("-")[0] == "en":
        for suffix in _SUFFIXES:
            if word.endswith(suffix) and len(word) - len(suffix) >= 4:
                return word[: -len(suffix)]
    return word


def induce_glossary(texts: Iterable[tuple[str, str]], *, source: str, target: str, rounds: int = 8) -> Glossary:
    """The probable translations of each word, by IBM model 1 in both directions.

    A translation scores the geometric mean of its probabilities in both directions. A language whose words are several
    units (see ``units.in_parts``) has one translation a word: the units that the word most probably stands for, in the
    order in which they mostly follow one another.

    Args:
        texts: pairs (source, target); one that stands twice counts once.
        source: language of the words, a canonical tag, with spaces between words.
        target: language of the translations.
        rounds: of expectation maximisation, the same in each direction.

    Source: Brown et al. 1993, The Mathematics of Statistical Machine Translation, section 4.2 (model 1).

    >>> pairs = [("the house", "das Haus"), ("the book", "das Buch"), ("a book", "ein Buch"), ("a house", "ein Haus")]
    >>> glossary = induce_glossary(pairs, source="en", target="de")
    >>> glossary.gloss("The book of 1973?", np.random.default_rng([0]))
    'das Buch of 1973?'
    """
    distinct = dict.fromkeys(texts)
    split = unit_splitter(target, (text for _, text in distinct))
    sources, targets = Vocabulary(), Vocabulary()
    pairs: list[NumberedPair] = []
    for left, right in distinct:
        found, units = words(_plain(left, source)), split(right)
        if len(found) <= _LONGEST and len(units) <= _LONGEST:
            pairs.append((sources.numbers(found), targets.numbers(units)))
    forward = translations(pairs, rounds=rounds)
    backward = translations(((there, here) for here, there in pairs), rounds=rounds)
    by_word: dict[str, list[_Candidate]] = defaultdict(list)
    for number, candidate in _candidates(forward, backward):
        by_word[sources.names[number]].append(candidate)
    by_stem: dict[str, list[_Candidate]] = defaultdict(list)
    for word, candidates in by_word.items():
        by_stem[stem(word, source)] += candidates

    follows = Counter(link for _, units in pairs for link in pairwise(units)) if in_parts(target) else None

    def choices(found: Mapping[str, list[_Candidate]], least: float) -> dict[str, Choice]:
        best = {word: _best(candidates) for word, candidates in found.items()}
        kept = {word: candidates for word, candidates in best.items() if candidates[0].score >= least}
        if follows is None:
            return {word: _one_of(candidates, targets) for word, candidates in kept.items()}
        return {
            word: Choice((joined(map(targets.spelling, _parts(candidates, follows)), target),))
            for word, candidates in kept.items()
        }

    return Glossary(source, target, choices(by_word, _SURE_SCORE), choices(by_stem, _LEAST_SCORE))


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A target word, its score, and its probability given the source word."""

    target: int
    score: float
    probability: float


def _candidates(forward: Translations, backward: Translations) -> Iterator[tuple[int, _Candidate]]:
    """The candidates of each source word, where both directions have them and neither word is empty."""
    base = 1 + max([0, *forward.targets.tolist(), *backward.sources.tolist()])
    there, back = forward.sources * base + forward.targets, backward.targets * base + backward.sources
    _, left, right = np.intersect1d(there, back, assume_unique=True, return_indices=True)
    scores = np.sqrt(forward.probabilities[left] * backward.probabilities[right])
    kept = (scores >= _LEAST_SCORE) & (forward.sources[left] > 0) & (forward.targets[left] > 0)
    columns = (forward.sources[left], forward.targets[left], scores, forward.probabilities[left])
    for word, target, score, probability in zip(*(column[kept].tolist() for column in columns), strict=True):
        yield word, _Candidate(target, score, probability)


def _best(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """One candidate a target word, the highest score first, ties by the lower number."""
    best: dict[int, _Candidate] = {}
    for candidate in sorted(candidates, key=lambda candidate: (-candidate.score, candidate.target)):
        best.setdefault(candidate.target, candidate)
    return list(best.values())


def _one_of(candidates: Sequence[_Candidate], vocabulary: Vocabulary) -> Choice:
    kept = [c for c in candidates[:_MOST] if c.score >= _OF_BEST * candidates[0].score]
    sums = np.cumsum([candidate.score for candidate in kept])
    return Choice(tuple(vocabulary.spelling(c.target) for c in kept), tuple((sums[:-1] / sums[-1]).tolist()))


def _parts(candidates: Sequence[_Candidate], follows: Mapping[tuple[int, int], int]) -> tuple[int, ...]:
    """The units of a word, at least one; of orders in which they follow one another as often, the first by score."""
    most = max(candidate.probability for candidate in candidates)
    parts = [c.target for c in candidates[:_MOST] if c.probability >= _PART_OF_BEST * most][:_MOST_PARTS]
    parts = parts or [candidates[0].target]  # the most probable may be none of the first by score
    return max(permutations(parts), key=lambda order: sum(follows.get(link, 0) for link in pairwise(order)))


def _plain(text: str, language: str) -> str:
    """The text without the English possessive, which would read as a word 's'."""
    return str(_POSSESSIVE.sub("", text)) if language.split("-")[0] == "en" else text

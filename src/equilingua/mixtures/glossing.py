"""Glossed copies of pairs: their texts word by word in other languages, by glossaries induced from parallel texts."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations

import numpy as np
import regex

from equilingua.errors import InputError
from equilingua.mixtures.back_translation import with_texts
from equilingua.mixtures.word_alignment import (
    WORD,
    Translations,
    Vocabulary,
    align,
    in_parts,
    joined,
    parallel_texts,
    unit_splitter,
    unsegmented,
    without_needless_spaces,
    words,
)
from equilingua.pairs.pair import ParallelPair, integer_key
from equilingua.pairs.store import ParallelPairs
from equilingua.progress import track

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

_ENDING = regex.compile(r"(?<=.{4})(?:ations?|ments?|ings?|ers?|ie[sd]|e[sd]|ly|al|[sey])$")
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

    def translations(self, word: str) -> Choice | None:
        """The translations of a word; None for an unknown one, and for a number, which says the same everywhere."""
        lower = word.lower()
        return None if lower.isdigit() else self.words.get(lower) or self.stems.get(stem(lower, self.source))

    def gloss(self, text: str, rng: np.random.Generator) -> str:
        """The text, each of its words replaced by a translation, drawn in proportion to the scores.

        Unknown words, numbers and all that is no word stay as they are. So does the order of words.
        """

        def replaced(match: regex.Match[str]) -> str:
            if (choice := self.translations(match[0])) is None:
                return str(match[0])
            # Nothing is drawn where there is nothing to choose.
            return choice.texts[bisect_right(choice.bounds, rng.random()) if choice.bounds else 0]

        glossed = str(WORD.sub(replaced, _plain(text, self.source)))
        return without_needless_spaces(glossed) if unsegmented(self.target) else glossed


def stem(word: str, language: str) -> str:
    """An English word without a common ending, crudely; a word of another language as it is.

    >>> stem("nations", "en"), stem("national", "en"), stem("red", "en"), stem("national", "de")
    ('nation', 'nation', 'red', 'national')
    """
    return str(_ENDING.sub("", word)) if language.split("-")[0] == "en" else word


def induce_glossary(texts: Iterable[tuple[str, str]], *, source: str, target: str, rounds: int = 8) -> Glossary:
    """The probable translations of each word, by IBM model 1 in both directions.

    A translation scores the geometric mean of its probabilities in both directions. A language whose words are several
    units (see ``in_parts``) has one translation a word: the units that the word most probably stands for, in the
    order in which they mostly follow one another.

    Args:
        texts: pairs (source, target); one that stands twice counts once.
        source: a canonical tag of a language with spaces between words.
        target: a canonical tag.
        rounds: of expectation maximisation, the same in each direction.

    Source: Brown et al. 1993, The Mathematics of Statistical Machine Translation, section 4.2 (model 1).

    >>> pairs = [("the house", "das Haus"), ("the book", "das Buch"), ("a book", "ein Buch"), ("a house", "ein Haus")]
    >>> glossary = induce_glossary(pairs, source="en", target="de")
    >>> glossary.gloss("The book of 1973?", np.random.default_rng([0]))
    'das Buch of 1973?'
    """
    distinct = dict.fromkeys(texts)
    split = unit_splitter(target, (text for _, text in distinct))
    split_texts = ((words(_plain(text, source)), split(translated)) for text, translated in distinct)
    aligned = align((both for both in split_texts if max(map(len, both)) <= _LONGEST), rounds=rounds)
    by_word: dict[str, list[_Candidate]] = defaultdict(list)
    by_stem: dict[str, list[_Candidate]] = defaultdict(list)
    for number, candidate in _candidates(aligned.forward, aligned.backward):
        by_word[aligned.sources.names[number]].append(candidate)
    for word, candidates in by_word.items():
        # Candidates of all words of a stem compete there, so that a rare form has the translations of a frequent one.
        by_stem[stem(word, source)] += candidates
    follows = Counter(link for _, units in aligned.pairs for link in pairwise(units))

    def choice(candidates: Sequence[_Candidate]) -> Choice:
        if not in_parts(target):
            return _one_of(candidates, aligned.targets)
        return Choice((joined(map(aligned.targets.spelling, _parts(candidates, follows)), target),))

    def choices(candidates: Mapping[str, list[_Candidate]], least: float) -> dict[str, Choice]:
        best = {word: _best(of_word) for word, of_word in candidates.items()}
        return {word: choice(of_word) for word, of_word in best.items() if of_word[0].score >= least}

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


Glossaries = Mapping[str, Glossary]
"""By the language they lead to."""


def glossed(
    pair: ParallelPair,
    glossaries: Glossaries,
    *,
    language: str,
    seed: int,
    per_pair: int | None = None,
    source: str | None = None,
) -> ParallelPair | None:
    """The copy of a pair that has glosses beside the original texts; None where there is nothing to gloss.

    A pair with query and passage in the language gets a gloss of both in each language that it has on neither side. It
    keeps its id, so that it is the same item, and its glosses have the provenance ``glossed``; its source is ``<source>
    glossed`` by default. With ``per_pair``, so many of the languages are drawn. What is drawn depends on the seed and
    the pair's id alone.
    """
    wanted = [tag for tag in sorted(glossaries) if tag not in pair.queries and tag not in pair.passages]
    if not wanted or language not in pair.queries or language not in pair.passages:
        return None
    rng = np.random.default_rng([seed, integer_key(pair.id)])
    if per_pair is not None and per_pair < len(wanted):
        wanted = [wanted[number] for number in sorted(rng.permutation(len(wanted))[:per_pair].tolist())]
    queries = {tag: glossaries[tag].gloss(pair.queries[language], rng) for tag in wanted}
    # The passage of parallel sentences is their query.
    of_passage = [] if pair.sentences else wanted
    passages = {tag: glossaries[tag].gloss(pair.passages[language], rng) for tag in of_passage}
    return with_texts(pair, queries, passages, source=source, kind="glossed")


def glossaries_from(
    files: Sequence[ParallelPairs], language: str, *, targets: Sequence[str], progress: bool = True
) -> Glossaries:
    """A glossary from a language, with spaces between its words, to each target, induced from texts that have both.

    Raises:
        InputError: for targets that no texts lead to (all in one report).
    """
    glossaries = {}
    for target in track(targets, "inducing glossaries", show=progress):
        glossaries[target] = induce_glossary(parallel_texts(files, language, target), source=language, target=target)
    missing = [target for target, glossary in glossaries.items() if not glossary.stems]
    if missing:
        raise InputError(
            f"no parallel texts lead from {language!r} to {', '.join(map(repr, missing))}: add a file that has them to "
            "'glossed', or take the language out of 'languages'"
        )
    return glossaries

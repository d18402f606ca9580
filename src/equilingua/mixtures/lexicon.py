"""A lexicon induced from parallel sentences: one translation a word, where both directions agree on it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import regex

from equilingua.mixtures.word_alignment import NumberedPair, Vocabulary, translations
from equilingua.mixtures.word_units import WORD, words


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Translations of words; ``words`` holds them by the word in lower case."""

    words: Mapping[str, str]

    def switched(self, text: str, share: float, rng: np.random.Generator) -> str:
        """The text with each of its words that the lexicon has replaced with probability ``share``."""

        def replaced(match: regex.Match[str]) -> str:
            word = self.words.get(match[0].lower())
            return word if word is not None and rng.random() < share else match[0]

        return str(WORD.sub(replaced, text))


def induce_lexicon(sentences: Iterable[tuple[str, str]], *, rounds: int = 5) -> Lexicon:
    """The words that are each other's most probable translation, by IBM model 1 in both directions.

    Each direction is trained alone, with an empty word on its source side; a pair of words stays where it is the most
    probable one from both sides and stands in at least two pairs of sentences. Words are runs of letters, marks and
    digits, in lower case; a translation is given in its most frequent spelling.

    Args:
        sentences: pairs (source, target).
        rounds: of expectation maximisation, the same in each direction.

    Source: Brown et al. 1993, The Mathematics of Statistical Machine Translation, section 4.2 (model 1); intersection
    of both directions: Och and Ney 2003, A Systematic Comparison of Various Statistical Alignment Models, section 3.1.

    >>> pairs = [("the house", "das Haus"), ("the book", "das Buch"), ("a book", "ein Buch"), ("a house", "ein Haus")]
    >>> sorted(induce_lexicon(pairs).words.items())
    [('a', 'ein'), ('book', 'Buch'), ('house', 'Haus'), ('the', 'das')]
    """
    sources, targets = Vocabulary(), Vocabulary()
    pairs: list[NumberedPair] = [
        (sources.numbers(words(source)), targets.numbers(words(target))) for source, target in sentences
    ]
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


def _best(pairs: list[NumberedPair], rounds: int) -> dict[int, int]:
    """The most probable target word of each source word, ties by the lower number; the empty word's is left out."""
    found = translations(pairs, rounds=rounds)
    order = np.lexsort((found.targets, -found.probabilities, found.sources))
    firsts = order[np.unique(found.sources[order], return_index=True)[1]]
    best = zip(found.sources[firsts].tolist(), found.targets[firsts].tolist(), strict=True)
    return {source: target for source, target in best if source}

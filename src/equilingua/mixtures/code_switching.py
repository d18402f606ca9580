"""Code-switched copies of pairs: some of their words in another language, by lexicons of parallel sentences."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import regex

from equilingua.errors import InputError
from equilingua.mixtures.back_translation import Sides, with_texts
from equilingua.mixtures.word_alignment import WORD, Translations, align, parallel_texts, unsegmented, words
from equilingua.pairs.pair import ParallelPair, integer_key
from equilingua.pairs.store import ParallelPairs
from equilingua.progress import track


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
    digits, in lower case; a translation is given in its most frequent spelling. ``sentences`` are pairs (source,
    target); each direction has so many rounds of expectation maximisation.

    Source: Brown et al. 1993, The Mathematics of Statistical Machine Translation, section 4.2 (model 1); intersection
    of both directions: Och and Ney 2003, A Systematic Comparison of Various Statistical Alignment Models, section 3.1.

    >>> pairs = [("the house", "das Haus"), ("the book", "das Buch"), ("a book", "ein Buch"), ("a house", "ein Haus")]
    >>> sorted(induce_lexicon(pairs).words.items())
    [('a', 'ein'), ('book', 'Buch'), ('house', 'Haus'), ('the', 'das')]
    """
    aligned = align(((words(source), words(target)) for source, target in sentences), rounds=rounds)
    forward, backward = _most_probable(aligned.forward), _most_probable(aligned.backward)
    together = Counter(
        (s, t) for source, target in aligned.pairs for s in set(source) if (t := forward.get(s)) in set(target)
    )
    return Lexicon(
        {
            aligned.sources.names[source]: aligned.targets.spelling(target)
            for source, target in sorted(forward.items())
            if backward.get(target) == source and together[source, target] >= 2
        }
    )


def _most_probable(links: Translations) -> dict[int, int]:
    """The most probable target word of each source word, ties by the lower number; the empty word's is left out."""
    order = np.lexsort((links.targets, -links.probabilities, links.sources))
    firsts = order[np.unique(links.sources[order], return_index=True)[1]]
    pairs = zip(links.sources[firsts].tolist(), links.targets[firsts].tolist(), strict=True)
    return {source: target for source, target in pairs if source}


Lexicons = Mapping[tuple[str, str], Lexicon]
"""By language of the text and language of the words put in."""


def code_switched(
    pair: ParallelPair, lexicons: Lexicons, *, side: Sides, share: float, seed: int, source: str | None = None
) -> ParallelPair | None:
    """The copy of a pair in which words are replaced by their translations; None where no word was replaced.

    One language is drawn for the pair, among those that a lexicon leads to from one of its texts. Each text of the side
    in a language with a lexicon to it is switched, and stays a text of its own language. The copy keeps its id, so that
    it is the same item; its source is ``<source> code-switched`` by default. What is drawn depends on the seed and the
    pair's id alone.

    Source: Litschko et al. 2023 (arXiv 2305.05295), who train cross-lingual rankers on English whose words are
    replaced by entries of bilingual lexicons; theirs come from word vectors and titles.
    """
    rng = np.random.default_rng([seed, integer_key(pair.id)])
    queries = pair.queries if side != "passages" else {}
    # Of parallel sentences one text is both, and is switched once.
    passages = pair.passages if side != "queries" and not pair.sentences else {}
    targets = sorted({target for own, target in lexicons if own in queries or own in passages})
    if not targets:
        return None
    target = targets[rng.integers(len(targets))]
    leading = {tag: lexicon for (tag, other), lexicon in lexicons.items() if other == target}
    switched = [
        {tag: leading[tag].switched(text, share, rng) for tag, text in texts.items() if tag in leading}
        for texts in (queries, passages)
    ]
    return with_texts(pair, *switched, source=source, kind="code-switched")


def lexicons_between(
    files: Sequence[ParallelPairs], *, languages: Iterable[str], targets: Sequence[str], progress: bool = True
) -> Lexicons:
    """A lexicon from each language to each target for which there are parallel sentences; none inside a language.

    Languages without spaces between words have no lexicon; the targets have such spaces.

    Raises:
        InputError: for a target that no sentences lead to from any of the languages.
    """
    # Where no space parts words, IBM model 1 has no words to align.
    own = [tag for tag in sorted(languages) if not unsegmented(tag)]
    wanted = [(tag, target) for tag in own for target in targets if tag != target]
    lexicons = {}
    for tag, target in track(wanted, "inducing lexicons", show=progress):
        lexicon = induce_lexicon(parallel_texts(files, tag, target, sentences_only=True))
        if lexicon.words:
            lexicons[tag, target] = lexicon
    for target in targets:
        if not any(reached == target for _, reached in lexicons):
            raise InputError(
                f"no parallel sentences lead from {', '.join(own) or 'a language with spaces between words'} to "
                f"{target!r}: add a file that has them to 'code_switched', or take {target!r} out of 'languages'"
            )
    return lexicons

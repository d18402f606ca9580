"""Code-switched copies of pairs: some of their words in another language."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from equilingua.errors import InputError
from equilingua.mixtures.back_translation import Sides, with_texts
from equilingua.mixtures.lexicon import Lexicon, induce_lexicon
from equilingua.mixtures.word_alignment import parallel_texts
from equilingua.mixtures.word_units import unsegmented
from equilingua.pairs.pair import ParallelPair, integer_key
from equilingua.pairs.store import ParallelPairs
from equilingua.progress import track

Lexicons = Mapping[tuple[str, str], Lexicon]


def code_switched_copies(
    pairs: Iterable[ParallelPair],
    lexicons: Lexicons,
    *,
    side: Sides,
    share: float,
    seed: int,
    source: str | None = None,
) -> Iterator[tuple[ParallelPair, ParallelPair | None]]:
    """Each pair with its copy, in which words are replaced by their translations; None where no word was replaced.

    One language is drawn for a pair, among those that a lexicon leads to from one of its texts. Each text of the side
    in a language with a lexicon to it is switched, and stays a text of its own language. The copy keeps its id, so that
    it is the same item. What is drawn depends on the seed and the pair's id alone.

    Args:
        pairs: the originals.
        lexicons: by (language of the text, language of the words put in).
        side: the texts that are switched.
        share: probability of each word that the lexicon has, above 0, at most 1.
        seed: not negative.
        source: of the copies; ``<source> code-switched`` by default.

    Source: Litschko et al. 2023 (arXiv 2305.05295), who train cross-lingual rankers on English whose words are
    replaced by entries of bilingual lexicons; theirs come from word vectors and titles.
    """
    for pair in pairs:
        rng = np.random.default_rng([seed, integer_key(pair.id)])
        queries = pair.queries if side != "passages" else {}
        passages = pair.passages if side != "queries" and not pair.sentences else {}
        targets = sorted({target for own, target in lexicons if own in queries or own in passages})
        if not targets:
            yield pair, None
            continue
        target = targets[rng.integers(len(targets))]
        switched = [
            {
                tag: lexicons[tag, target].switched(text, share, rng)
                for tag, text in texts.items()
                if (tag, target) in lexicons
            }
            for texts in (queries, passages)
        ]
        yield pair, with_texts(pair, *switched, source=source, kind="code-switched")


def lexicons_between(
    files: Sequence[ParallelPairs], *, languages: Iterable[str], targets: Sequence[str], progress: bool = True
) -> Lexicons:
    """A lexicon from each language to each target for which there are parallel sentences; none inside a language.

    Args:
        files: stores of parallel sentences.
        languages: of the texts; those without spaces between words have no lexicon.
        targets: languages that words are taken from, with spaces between words.
        progress: whether to show a bar.

    Raises:
        InputError: for a target that no sentences lead to from any of the languages.
    """
    own = [tag for tag in sorted(languages) if not unsegmented(tag)]
    wanted = [(tag, target) for tag in own for target in targets if tag != target]
    found = {}
    for tag, target in track(wanted, "inducing lexicons") if progress else wanted:
        lexicon = induce_lexicon(parallel_texts(files, tag, target, sentences_only=True))
        if lexicon.words:
            found[tag, target] = lexicon
    for target in targets:
        if not any(reached == target for _, reached in found):
            raise InputError(
                f"no parallel sentences lead from {', '.join(own) or 'a language with spaces between words'} to "
                f"{target!r}: add a file that has them to 'code_switched', or take {target!r} out of 'languages'"
            )
    return found

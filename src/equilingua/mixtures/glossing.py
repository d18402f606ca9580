"""Glossed copies of pairs: their texts word by word in languages that they are not written in."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from equilingua.errors import InputError
from equilingua.mixtures.back_translation import with_texts
from equilingua.mixtures.glossary import Glossary, induce_glossary
from equilingua.mixtures.word_alignment import parallel_texts
from equilingua.pairs.pair import ParallelPair, integer_key
from equilingua.pairs.store import ParallelPairs
from equilingua.progress import track

Glossaries = Mapping[str, Glossary]


def glossed_copies(
    pairs: Iterable[ParallelPair],
    glossaries: Glossaries,
    *,
    language: str,
    seed: int,
    per_pair: int | None = None,
    source: str | None = None,
) -> Iterator[tuple[ParallelPair, ParallelPair | None]]:
    """Each pair with its copy, which has glosses beside the original texts; None where there is nothing to gloss.

    A pair with query and passage in the language gets a gloss of both in each language that it has on neither side. It
    keeps its id, so that it is the same item, and its glosses have the provenance ``glossed``. What is drawn depends on
    the seed and the pair's id alone.

    Args:
        pairs: the originals.
        glossaries: by the language they lead to.
        language: of the texts that are glossed.
        seed: not negative.
        per_pair: draw so many of the languages for each pair; all of them by default.
        source: of the copies; ``<source> glossed`` by default.
    """
    languages = sorted(glossaries)
    for pair in pairs:
        wanted = [tag for tag in languages if tag not in pair.queries and tag not in pair.passages]
        if not wanted or language not in pair.queries or language not in pair.passages:
            yield pair, None
            continue
        rng = np.random.default_rng([seed, integer_key(pair.id)])
        if per_pair is not None and per_pair < len(wanted):
            wanted = [wanted[number] for number in sorted(rng.permutation(len(wanted))[:per_pair].tolist())]
        queries = {tag: glossaries[tag].gloss(pair.queries[language], rng) for tag in wanted}
        passages = (
            {} if pair.sentences else {tag: glossaries[tag].gloss(pair.passages[language], rng) for tag in wanted}
        )
        yield pair, with_texts(pair, queries, passages, source=source, kind="glossed")


def glossaries_from(
    files: Sequence[ParallelPairs], language: str, *, targets: Sequence[str], progress: bool = True
) -> Glossaries:
    """A glossary from a language to each target, induced from all texts that have both.

    Args:
        files: whole stores of parallel sentences, or of other pairs with translations.
        language: of the words, with spaces between them.
        targets: languages of the translations.
        progress: whether to show a bar.

    Raises:
        InputError: for targets that no texts lead to (all in one report).
    """
    found = {}
    for target in track(targets, "inducing glossaries") if progress else targets:
        found[target] = induce_glossary(parallel_texts(files, language, target), source=language, target=target)
    missing = [target for target, glossary in found.items() if not glossary.stems]
    if missing:
        raise InputError(
            f"no parallel texts lead from {language!r} to {', '.join(map(repr, missing))}: add a file that has them to "
            "'glossed', or take the language out of 'languages'"
        )
    return found

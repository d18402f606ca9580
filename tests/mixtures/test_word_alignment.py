from collections import defaultdict

import numpy as np
import pytest

from equilingua.mixtures.word_alignment import Vocabulary, parallel_texts, translations
from equilingua.pairs.pair import ParallelPair
from equilingua.pairs.store import ParallelPairs


def naive(pairs: list[tuple[list[int], list[int]]], rounds: int) -> dict[tuple[int, int], float]:
    """IBM model 1 as its authors write it down: expected counts, sentence by sentence."""
    probabilities: dict[tuple[int, int], float] = defaultdict(lambda: 1.0)
    for _ in range(rounds):
        counts: dict[tuple[int, int], float] = defaultdict(float)
        for source, target in pairs:
            for there in target:
                total = sum(probabilities[here, there] for here in [0, *source])
                for here in [0, *source]:
                    counts[here, there] += probabilities[here, there] / total
        sums: dict[int, float] = defaultdict(float)
        for (here, _), count in counts.items():
            sums[here] += count
        probabilities = defaultdict(float, {link: count / sums[link[0]] for link, count in counts.items()})
    return probabilities


@pytest.mark.parametrize("rounds", [1, 4])
def test_probabilities_are_those_of_a_naive_loop(rounds: int) -> None:
    rng = np.random.default_rng([5])
    pairs = [(rng.integers(1, 9, 5).tolist(), rng.integers(1, 7, 4).tolist()) for _ in range(30)]
    found = translations([*pairs, ([], [3]), ([2], [])], rounds=rounds)
    links = list(zip(found.sources.tolist(), found.targets.tolist(), strict=True))
    assert links == sorted(links)
    assert dict(zip(links, found.probabilities.tolist(), strict=True)) == pytest.approx(naive(pairs, rounds))


def test_nothing_is_learned_from_nothing() -> None:
    assert len(translations([([1], [])], rounds=3).probabilities) == 0


def test_a_word_has_one_number_whatever_its_case_and_its_most_frequent_spelling() -> None:
    vocabulary = Vocabulary()
    assert vocabulary.numbers(["Haus", "HAUS", "und", "Haus"]) == [1, 1, 2, 1]
    assert (vocabulary.names, vocabulary.spelling(1)) == (["", "haus", "und"], "Haus")


def test_sentences_queries_and_passages_are_parallel_texts() -> None:
    sentence = ParallelPair("a", "s", {"en": "one", "de": "eins"}, {"en": "one", "de": "eins"}, sentences=True)
    question = ParallelPair("b", "q", {"en": "who", "de": "wer"}, {"en": "she", "de": "sie", "fi": "hän"})
    half = ParallelPair("c", "q", {"en": "where"}, {"en": "here", "de": "hier"})
    store = ParallelPairs.from_pairs([sentence, question, half])
    expected = {("one", "eins"), ("who", "wer"), ("she", "sie"), ("here", "hier")}
    assert set(parallel_texts([store], "en", "de")) == expected
    assert len(list(parallel_texts([store], "en", "de"))) == len(expected)
    assert list(parallel_texts([store], "de", "en", sentences_only=True)) == [("eins", "one")]
    assert list(parallel_texts([store], "en", "fi")) == [("she", "hän")]

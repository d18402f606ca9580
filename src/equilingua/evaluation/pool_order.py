"""The order of the pool of all passages: corpus by corpus, languages sorted; and that of passages of one score."""

from collections.abc import Collection, Iterator

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.retrieval.ties import Positions, corpus_digest, tie_order


def pool_ids(benchmark: Benchmark) -> Iterator[str]:
    """Ids of all passages, in the order of the pool."""
    return (id_ for language in benchmark.passage_languages for id_ in benchmark.corpora[language].ids)


def pool_positions(benchmark: Benchmark, named: Collection[str]) -> dict[str, int]:
    """Where in the pool these passages stand."""
    return {id_: position for position, id_ in enumerate(pool_ids(benchmark)) if id_ in named}


def passage_order(benchmark: Benchmark) -> Positions:
    """The place of every passage of the pool, by which passages of one score rank, the lowest first: see ``ties``.

    Ids may begin with the language. So equal texts of two languages are told apart by what else these languages hold.
    """
    corpora = [benchmark.corpora[language] for language in benchmark.passage_languages]
    texts = [text for corpus in corpora for text in corpus.texts]
    of_corpus = [digest for corpus in corpora for digest in [corpus_digest(corpus.texts)] * len(corpus.ids)]
    return tie_order(texts, list(pool_ids(benchmark)), of_corpus)

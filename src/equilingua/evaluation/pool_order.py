"""The order of the pool of all passages: corpus by corpus, languages sorted."""

from collections.abc import Collection, Iterator

from equilingua.benchmarks.benchmark import Benchmark


def pool_ids(benchmark: Benchmark) -> Iterator[str]:
    """Ids of all passages, in the order of the pool."""
    return (id_ for language in benchmark.passage_languages for id_ in benchmark.corpora[language].ids)


def pool_positions(benchmark: Benchmark, named: Collection[str]) -> dict[str, int]:
    """Where in the pool these passages stand."""
    return {id_: position for position, id_ in enumerate(pool_ids(benchmark)) if id_ in named}

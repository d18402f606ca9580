from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from equilingua.benchmarks.benchmark import Benchmark, Corpus, Queries
from equilingua.errors import InputError
from equilingua.evaluation.rankings import without_excluded
from equilingua.retrieval.pool import Pool
from equilingua.retrieval.ranking import relevant_ranks
from equilingua.retrieval.vectors import Vectors


@pytest.fixture
def benchmark() -> Benchmark:
    """Query b is its own best passage de_1; a excludes nothing."""
    return Benchmark(
        "own",
        {"en": Queries(("a", "b"), ("one", "two"))},
        {"de": Corpus(("de_0", "de_1"), ("x", "y")), "en": Corpus(("en_0",), ("z",))},
        {"en": {"a": {"de_0": 1}, "b": {"de_0": 1, "en_0": 1}}},
        excluded={"en": {"b": ("de_1",)}},
    )


def test_an_excluded_passage_is_passed_over_for_its_query_only(benchmark: Benchmark) -> None:
    pool = Pool.of([np.float32([[0.5, 0], [0.9, 0]]), np.float32([[0.1, 0]])])
    queries, relevant = np.float32([[1, 0], [1, 0]]), np.array([[0, -1], [0, 2]])
    as_it_stands = relevant_ranks(queries, pool, relevant)
    assert as_it_stands.pool.rank.tolist() == [[2, 0], [2, 3]]
    ranks = relevant_ranks(queries, without_excluded(pool, benchmark, "en"), relevant, depth=2)
    assert ranks.pool.rank.tolist() == [[2, 0], [1, 2]]
    assert ranks.corpus.rank.tolist() == [[2, 0], [1, 1]]
    assert ranks.top.best.tolist() == [[1, 0], [0, 2]]


@dataclass(frozen=True, eq=False)
class KeptScores(Pool):
    """A pool whose scores were made once, and are handed out for every query language."""

    kept: Vectors

    def blocks(self, queries: Any) -> Iterator[tuple[slice, Vectors]]:
        yield slice(0, len(queries)), self.kept


def test_scores_that_a_pool_keeps_are_not_changed(benchmark: Benchmark) -> None:
    pool = KeptScores(np.zeros((3, 1), np.float32), None, np.array([0, 2, 3]), np.float32([[1, 2, 3], [4, 5, 6]]))
    for _ in range(2):
        ((_, seen),) = without_excluded(pool, benchmark, "en").blocks(["one", "two"])
        assert seen.tolist() == [[1, 2, 3], [4, -np.inf, 6]]
        assert pool.kept.tolist() == [[1, 2, 3], [4, 5, 6]]


def test_a_pool_without_exclusions_stays_as_it_is(benchmark: Benchmark) -> None:
    pool = Pool.of([np.float32([[0.5, 0], [0.9, 0]]), np.float32([[0.1, 0]])])
    assert without_excluded(pool, replace(benchmark, excluded={}), "en") is pool


def test_only_keeps_exclusions_of_the_languages_asked_for(benchmark: Benchmark) -> None:
    reduced = benchmark.only(["en"])
    assert {query: list(ids) for query, ids in reduced.excluded["en"].items()} == {"b": []}


def test_exclusions_have_to_be_there_and_not_relevant(benchmark: Benchmark) -> None:
    with pytest.raises(InputError) as told:
        replace(benchmark, excluded={"en": {"b": ("nowhere", "en_0"), "c": ()}})
    message = str(told.value)
    assert "exclusions of 'en', query 'b', name passage 'nowhere', which is in no corpus" in message
    assert "exclusions of 'en' name query 'c', which is not among its queries" in message
    assert "query 'b' of 'en': passage 'en_0' is both relevant and excluded" in message

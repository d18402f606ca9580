"""Metrics that compare languages, where passages tie: means over all orders of a tie, told by averaging over them."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equilingua.metrics.language_bias import (
    complete,
    language_oracle_gap,
    language_preference,
    max_rank_norm,
    rank_distance,
    recall_of,
    worst_rank,
)
from equilingua.metrics.peer import expected_places, peer
from equilingua.metrics.preference import exposure_shares, friedman, top_list_correlation
from equilingua.metrics.reach import alone_gains
from equilingua.retrieval.ranking import TopLists, relevant_ranks
from equilingua.retrieval.tied import TiedRanks

LANGUAGES = ("de", "de", "en", "fr")
SIZE = 6


@dataclass(frozen=True)
class Given:
    """A pool with fixed scores, each passage in a corpus of its own or the first two in one."""

    scores: np.ndarray

    @property
    def bounds(self) -> np.ndarray:
        return np.array([0, 2, 4, SIZE])

    def blocks(self, queries: Sequence[int]):  # type: ignore[no-untyped-def]
        yield slice(0, len(queries)), self.scores


@dataclass(frozen=True)
class Case:
    """One query: scores of six passages in three languages, and which are relevant (slots 0 to 3 are two of each)."""

    scores: tuple[float, ...]
    relevant: tuple[int, ...]

    def ranks(self) -> tuple[TiedRanks, TiedRanks, TopLists]:
        found = relevant_ranks(
            [0], Given(np.float32([self.scores])), np.array([self.relevant]), order=np.arange(SIZE)[::-1], depth=3
        )
        return found.pool, found.corpus, found.top

    def orders(self) -> list[list[int]]:
        """Every order of the passages in which a higher score stands before a lower one."""
        levels = sorted(set(self.scores), reverse=True)
        groups = [[place for place in range(SIZE) if self.scores[place] == level] for level in levels]
        return [list(chain(*parts)) for parts in product(*(permutations(group) for group in groups))]

    def found(self, place: int) -> bool:
        return self.scores[place] > -math.inf

    def mean(self, metric: Callable[[list[int]], float]) -> float:
        return float(np.mean([metric(order) for order in self.orders()]))


NOT = -math.inf
cases = st.builds(
    Case,
    st.tuples(*[st.sampled_from([NOT, 0.0, 1.0, 2.0])] * SIZE),
    st.lists(st.integers(0, SIZE - 1), min_size=1, max_size=4, unique=True).map(lambda rows: tuple(sorted(rows))),
)


def language(place: int) -> str:
    return ("de", "en", "fr")[place // 2]


@settings(max_examples=60)
@given(case=cases, k=st.integers(1, SIZE))
def test_every_metric_is_its_mean_over_the_orders_of_ties(case: Case, k: int) -> None:
    pool, corpus, _ = case.ranks()
    named = tuple(map(language, case.relevant))

    def ranked(order: list[int]) -> list[int]:
        return [order.index(place) + 1 for place in case.relevant]

    def within(order: list[int], place: int) -> bool:
        return case.found(place) and order.index(place) < k

    def recalled(order: list[int], *, own: bool) -> float:
        chosen = [place for place in case.relevant if (language(place) == "de") == own]
        return float(np.mean([within(order, place) for place in chosen])) if chosen else math.nan

    def preferred(order: list[int]) -> float:
        first = min(case.relevant, key=order.index)
        return float(language(first) == "de") if len({tag == "de" for tag in named}) == 2 else math.nan

    def alone(order: list[int], place: int) -> int:
        return 1 + sum(other not in case.relevant for other in order[: order.index(place)])

    def gap(order: list[int]) -> float:
        gaps = []
        for place in case.relevant:
            of_language = [other for other in order if language(other) == language(place)]
            gaps.append(1 / alone(of_language, place) - 1 / alone(order, place) if case.found(place) else 0.0)
        return float(np.mean(gaps))

    def gains(order: list[int]) -> float:
        alone_at = [(alone(order, place), case.found(place)) for place in case.relevant]
        return float(np.mean([1 / math.log2(1 + rank) if found and rank <= k else 0.0 for rank, found in alone_at]))

    def norm(order: list[int]) -> float:
        span = math.log(SIZE) - math.log(len(case.relevant))
        return 100 * (math.log(SIZE) - math.log(max(ranked(order)))) / span if span else 100.0

    own = [tag == "de" for tag in named]
    for value, metric in (
        (rank_distance(pool), lambda order: max(ranked(order)) - min(ranked(order))),
        (worst_rank(pool), lambda order: max(ranked(order))),
        (max_rank_norm(pool, SIZE), norm),
        (complete(pool, k=k), lambda order: float(all(within(order, place) for place in case.relevant))),
        (recall_of(pool, own, k=k), lambda order: recalled(order, own=True)),
        (recall_of(pool, [not mine for mine in own], k=k), lambda order: recalled(order, own=False)),
        (language_preference(pool, own), preferred),
        (language_oracle_gap(pool, corpus, named), gap),
        (alone_gains(pool, k=k).mean(axis=1), gains),
    ):
        assert value[0] == pytest.approx(case.mean(metric), nan_ok=True)


@settings(max_examples=60)
@given(case=cases, k=st.integers(1, 3))
def test_exposure_is_its_mean_over_the_orders_of_ties(case: Case, k: int) -> None:
    _, _, top = case.ranks()
    places = np.where(top.best < 0, -1, top.best // 2)
    shares = exposure_shares(places, 3, k=k, above=top.above, last_tied=top.last_tied)[0]
    shown = min(k, sum(map(case.found, range(SIZE))))
    for tag in range(3):
        if shown:
            expected = case.mean(lambda order: sum(place // 2 == tag for place in order[:shown]) / shown)  # noqa: B023
            assert shares[tag] == pytest.approx(expected)
        else:
            assert math.isnan(shares[tag])


@settings(max_examples=60)
@given(case=cases, k=st.integers(1, SIZE))
def test_places_in_peer_are_their_means_over_the_orders_of_ties(case: Case, k: int) -> None:
    pool, _, _ = case.ranks()
    places = expected_places(pool, k)[0]

    def place_of(order: list[int], wanted: int) -> float:
        inside = [
            place for place in sorted(case.relevant, key=order.index) if case.found(place) and order.index(place) < k
        ]
        if wanted in inside:
            return inside.index(wanted) + 1.0
        return (len(inside) + 1 + len(case.relevant)) / 2

    for slot, wanted in enumerate(case.relevant):
        assert places[slot] == pytest.approx(case.mean(lambda order: place_of(order, wanted)))  # noqa: B023


def test_larger_ties_are_those_of_random_orders() -> None:
    rng = np.random.default_rng(0)
    scores = rng.integers(0, 4, 300).astype(np.float32)
    relevant = np.array([rng.choice(300, 5, replace=False)])
    above = np.array([[np.count_nonzero(scores > scores[place]) for place in relevant[0]]])
    tied = np.array([[np.count_nonzero(scores == scores[place]) for place in relevant[0]]])
    ranks = TiedRanks(above + 1, above, tied)
    drawn = []
    for _ in range(4000):
        order = np.lexsort((rng.random(300), -scores))
        drawn.append(np.argsort(order)[relevant[0]] + 1)
    for metric in (rank_distance, worst_rank, lambda given: max_rank_norm(given, 300)):
        values = metric(np.array(drawn))
        error = values.std() / math.sqrt(len(drawn))
        assert abs(metric(ranks)[0] - values.mean()) < 4 * error


def test_one_tie_of_everything_shows_no_preference() -> None:
    queries, languages = 40, 4
    ranks = TiedRanks(*(np.full((queries, languages), number) for number in (1, 0, 1000)))
    assert language_preference(ranks, [True, False, False, False]).tolist() == [0.25] * queries
    same, cross = recall_of(ranks, [True, False, False, False], k=10), recall_of(ranks, [False, True, True, True], k=10)
    assert same.tolist() == cross.tolist() == [0.01] * queries
    test = friedman(ranks.above)
    assert test is not None
    assert (test.p, test.chi_square, test.kendall_w) == (1, 0, 0)
    assert (
        peer(ranks, gains=np.ones((queries, languages), int), languages=("a", "a", "b", "b"), k=10).tolist()
        == [1] * queries
    )


def test_lists_of_different_lengths_are_compared_over_what_stands_in_either() -> None:
    values = top_list_correlation([[4, 7, -1], [4, -1, -1], [-1, -1, -1]], [[4, 7, 9], [9, -1, -1], [4, 7, -1]])
    # Places 1, 2 and 3 against 1, 2 and 3; 1 and 2 against 2 and 1; nothing to compare.
    assert values[:2].tolist() == [1, -1]
    assert math.isnan(values[2])

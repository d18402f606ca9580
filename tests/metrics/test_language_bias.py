import math

import numpy as np
import pytest
from hypothesis import given
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
from equilingua.metrics.retrieval import recall

POOL = 50
queries = st.lists(st.lists(st.integers(0, POOL), min_size=4, max_size=4).filter(any), min_size=1, max_size=6)


@given(ranks=queries)
def test_rank_distance_is_the_largest_gap_between_any_two_relevant_passages(ranks: list[list[int]]) -> None:
    expected = []
    for row in ranks:
        widest = 0
        for one in row:
            for two in row:
                if one > 0 and two > 0:
                    widest = max(widest, one - two)
        expected.append(widest)
    assert rank_distance(ranks).tolist() == expected


@given(ranks=queries)
def test_max_rank_norm_follows_its_formula(ranks: list[list[int]]) -> None:
    for row, value in zip(ranks, max_rank_norm(ranks, pool_size=POOL), strict=True):
        relevant = sum(rank > 0 for rank in row)
        expected = 100 * (math.log(POOL) - math.log(max(row))) / (math.log(POOL) - math.log(relevant))
        assert value == pytest.approx(expected)


def test_max_rank_norm_is_100_for_relevant_passages_first_of_all_and_0_for_one_last() -> None:
    assert max_rank_norm([[2, 1, 3], [1, 2, POOL]], pool_size=POOL).tolist() == [pytest.approx(100), pytest.approx(0)]


def test_max_rank_norm_of_a_pool_of_relevant_passages_alone_is_100() -> None:
    assert max_rank_norm([[1, 2]], pool_size=2).tolist() == [100]


def test_a_rank_beyond_the_pool_is_refused() -> None:
    with pytest.raises(ValueError, match="rank 51 lies beyond a pool of 50 passages"):
        max_rank_norm([[51]], pool_size=50)


@given(ranks=queries, k=st.integers(1, POOL))
def test_complete_says_whether_all_are_within_k(ranks: list[list[int]], k: int) -> None:
    assert complete(ranks, k=k).tolist() == [float(all(rank <= k for rank in row)) for row in ranks]


@given(ranks=queries)
def test_the_worst_rank_is_where_the_ranking_is_complete(ranks: list[list[int]]) -> None:
    for row, value in zip(ranks, worst_rank(ranks), strict=True):
        assert complete([row], k=int(value)) == 1
        assert complete([row], k=int(value) - 1) == 0


@given(ranks=queries, own=st.lists(st.booleans(), min_size=4, max_size=4), k=st.integers(1, POOL))
def test_recall_of_both_kinds_is_that_of_loops_and_adds_up_to_recall(
    ranks: list[list[int]], own: list[bool], k: int
) -> None:
    same, cross = recall_of(ranks, own, k=k), recall_of(ranks, [not mine for mine in own], k=k)
    for row, in_own, in_other, overall in zip(ranks, same, cross, recall(ranks, k=k), strict=True):
        sides = {side: [rank for rank, mine in zip(row, own, strict=True) if rank and mine == side] for side in (1, 0)}
        for found, value in ((sides[1], in_own), (sides[0], in_other)):
            expected = sum(rank <= k for rank in found) / len(found) if found else math.nan
            assert value == pytest.approx(expected, nan_ok=True)
        weighted = sum(len(found) * value for found, value in ((sides[1], in_own), (sides[0], in_other)) if found)
        assert weighted / (len(sides[1]) + len(sides[0])) == pytest.approx(overall)


@given(data=st.data(), own=st.lists(st.booleans(), min_size=4, max_size=4))
def test_language_preference_asks_whose_passage_comes_first(data: st.DataObject, own: list[bool]) -> None:
    row = data.draw(st.permutations([1, 5, 9, 0]))
    best = {side: [rank for rank, mine in zip(row, own, strict=True) if rank and mine == side] for side in (1, 0)}
    expected = float(min(best[1]) < min(best[0])) if best[1] and best[0] else math.nan
    assert language_preference([row], own)[0] == pytest.approx(expected, nan_ok=True)


pools = st.permutations([("en", 1), ("en", 1), ("de", 1), ("th", 1), ("en", 0), ("en", 0), ("de", 0), ("th", 0)])


@given(ranking=pools, order=st.permutations(range(4)))
def test_the_oracle_gap_is_that_of_rankings_with_one_relevant_passage_each(
    ranking: list[tuple[str, int]], order: list[int]
) -> None:
    found = [place for place, (_, relevant) in enumerate(ranking) if relevant]
    gaps = []
    for place in found:
        language = ranking[place][0]
        above = [passage for passage in ranking[:place] if not passage[1]]
        gaps.append(1 / (1 + sum(of == language for of, _ in above)) - 1 / (1 + len(above)))
    pool = [place + 1 for place in found]
    corpus = [1 + sum(of == ranking[place][0] for of, _ in ranking[:place]) for place in found]
    slots = [(pool[slot], corpus[slot], ranking[found[slot]][0]) for slot in order] + [(0, 0, "el")]
    in_pool, in_corpus, languages = zip(*slots, strict=True)
    value = language_oracle_gap([in_pool], [in_corpus], languages)[0]
    assert value == pytest.approx(np.mean(gaps))
    assert 0 <= value < 1


def test_translations_above_a_passage_are_no_gap() -> None:
    assert language_oracle_gap([[1, 2, 3]], [[1, 1, 1]], ["de", "en", "th"]).tolist() == [0]
    assert language_oracle_gap([[1, 2, 3]], [[1, 2, 3]], ["de", "de", "de"]).tolist() == [0]


def test_rank_distance_of_a_single_relevant_passage_is_0() -> None:
    assert rank_distance(np.array([[9, 0, 0]])).tolist() == [0]

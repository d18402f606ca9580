import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equilingua.evaluation.language_bias import complete, max_rank_norm, rank_distance

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


def test_rank_distance_of_a_single_relevant_passage_is_0() -> None:
    assert rank_distance(np.array([[9, 0, 0]])).tolist() == [0]

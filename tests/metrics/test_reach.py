"""A relevant passage taken by itself, beside an oracle that takes the others out of the ranking."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equilingua.metrics.reach import alone_gains, gains_by_language


@given(st.lists(st.integers(1, 40), min_size=1, max_size=6, unique=True), st.integers(1, 12))
def test_gains_are_those_of_a_ranking_without_the_other_relevant_passages(ranks: list[int], k: int) -> None:
    gains = alone_gains([ranks], k=k)[0]
    for rank, gain in zip(ranks, gains, strict=True):
        others = set(ranks) - {rank}
        ranking = [place for place in range(1, 41) if place not in others]
        alone = ranking.index(rank) + 1
        assert gain == pytest.approx(1 / math.log2(1 + alone) if alone <= k else 0)


def test_right_passages_first_lose_nothing_in_any_order() -> None:
    assert alone_gains([[3, 1, 2], [1, 2, 3]], k=10).tolist() == [[1, 1, 1], [1, 1, 1]]
    assert alone_gains([[3, 1, 2]], k=1).tolist() == [[1, 1, 1]]


def test_empty_slots_have_no_gain_and_a_language_without_passages_none() -> None:
    gains = alone_gains([[1, 0], [0, 5]], k=10)
    assert np.isnan(gains).tolist() == [[False, True], [True, False]]
    means = gains_by_language(gains, ("de", "en"), "en")
    assert np.isnan(means[0])
    assert means[1] == pytest.approx(1 / math.log2(6))
    assert np.isnan(gains_by_language(gains, ("de", "en"), "fr")).all()

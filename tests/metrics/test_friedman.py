import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, friedmanchisquare

from equilingua.metrics.preference import friedman

blocks = st.lists(st.lists(st.integers(1, 6), min_size=4, max_size=4), min_size=2, max_size=8)


@given(ranks=blocks)
def test_the_statistic_is_that_of_scipy_with_ties(ranks: list[list[int]]) -> None:
    test = friedman(ranks)
    assert test is not None
    if all(len(set(row)) == 1 for row in ranks):
        # scipy divides by 0: no order that the blocks could agree on is no preference at all.
        assert (test.chi_square, test.p, test.kendall_w) == (0, 1, 0)
        return
    expected = friedmanchisquare(*np.array(ranks).T)
    assert test.chi_square == pytest.approx(expected.statistic)
    assert test.p == pytest.approx(expected.pvalue)
    assert test.blocks == len(ranks)
    assert -1e-12 <= test.kendall_w <= 1 + 1e-12


@given(ranks=blocks, order=st.permutations(range(4)))
def test_the_order_of_languages_and_queries_does_not_count(ranks: list[list[int]], order: list[int]) -> None:
    one, two = friedman(ranks), friedman(np.array(ranks)[::-1, order])
    assert (one is None) == (two is None)
    if one is not None and two is not None:
        assert one.chi_square == pytest.approx(two.chi_square)


def test_queries_that_all_agree_have_a_concordance_of_1() -> None:
    ranks = np.random.default_rng(0).integers(1, 100, (20, 1)) + np.array([0, 7, 9, 30])
    test = friedman(ranks)
    assert test is not None
    assert test.kendall_w == pytest.approx(1)
    assert test.p < 1e-9


def test_random_rankings_are_told_apart_at_the_level_of_the_test() -> None:
    rng = np.random.default_rng(1)
    p = [friedman(rng.permuted(np.tile(np.arange(5), (60, 1)), axis=1)).p for _ in range(400)]  # type: ignore[union-attr]
    low, high = binom.interval(0.999, 400, 0.05)
    assert low <= sum(value < 0.05 for value in p) <= high


def test_concordance_without_preference_is_1_over_the_blocks() -> None:
    rng = np.random.default_rng(2)
    found = [friedman(rng.permuted(np.tile(np.arange(5), (10, 1)), axis=1)) for _ in range(1000)]
    assert np.mean([test.kendall_w for test in found if test]) == pytest.approx(1 / 10, abs=0.006)


def test_two_languages_are_a_sign_test() -> None:
    test = friedman([[1, 2]] * 9 + [[2, 1]] * 3)
    assert test is not None
    assert test.chi_square == pytest.approx((9 - 3) ** 2 / 12)


@pytest.mark.parametrize("ranks", [np.empty((0, 3)), [[1], [2]]])
def test_nothing_to_compare_has_no_test(ranks: object) -> None:
    assert friedman(ranks) is None  # type: ignore[arg-type]

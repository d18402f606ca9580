import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from equilingua.statistics.significance import item_shares, standardized_effect


def test_the_effect_is_the_paired_t_statistic_free_of_the_number_of_items() -> None:
    differences = np.random.default_rng(0).normal(0.2, 1, (50, 4))
    t = stats.ttest_1samp(differences.mean(axis=1), 0).statistic
    assert standardized_effect(differences) == pytest.approx(t / np.sqrt(50))


def test_translations_do_not_change_the_effect() -> None:
    column = np.random.default_rng(0).normal(0.2, 1, (50, 1))
    assert standardized_effect(np.repeat(column, 11, axis=1)) == pytest.approx(standardized_effect(column))


def test_items_without_any_value_do_not_count() -> None:
    differences = np.array([[0.1], [0.3], [np.nan], [0.2]])
    assert standardized_effect(differences) == pytest.approx(2.0)
    assert item_shares(differences).won == 1


@pytest.mark.parametrize(("differences", "effect"), [([[0.0], [0.0]], 0), ([[0.1], [0.1]], np.nan), ([[0.1]], np.nan)])
def test_without_spread_there_is_no_effect_to_standardize(differences: list[list[float]], effect: float) -> None:
    assert standardized_effect(np.array(differences)) == pytest.approx(effect, nan_ok=True)


@given(differences=arrays(np.float64, (7, 2), elements=st.sampled_from([-1.0, 0.0, 0.5, 1.0])))
def test_shares_are_counts_of_items_and_swap_where_lower_is_better(differences: np.ndarray) -> None:
    means = differences.mean(axis=1)
    shares = item_shares(differences)
    expected = [sum(means > 0) / 7, sum(means == 0) / 7, sum(means < 0) / 7]
    assert [shares.won, shares.tied, shares.lost] == pytest.approx(expected)
    swapped = item_shares(differences, lower_is_better=True)
    assert (swapped.won, swapped.tied, swapped.lost) == (shares.lost, shares.tied, shares.won)

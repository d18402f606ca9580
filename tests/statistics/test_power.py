import numpy as np
import pytest
from scipy import stats

from equilingua.statistics.power import assumed_difference, smallest_difference


def test_the_smallest_difference_is_shown_in_four_of_five_samples() -> None:
    items, spread = 60, 0.3
    found = smallest_difference(spread / np.sqrt(items), items=items)
    assert found is not None
    samples = np.random.default_rng(0).normal(found, spread, size=(4000, items))
    shown = stats.ttest_1samp(samples, 0, axis=1).pvalue < 0.05
    assert shown.mean() == pytest.approx(0.8, abs=0.02)


def test_more_tests_need_a_larger_difference_and_more_items_a_smaller_one() -> None:
    alone, corrected = (smallest_difference(0.01, items=200, tests=tests) for tests in (1, 5))
    assert None not in (alone, corrected)
    assert alone < corrected
    few, many = assumed_difference(100), assumed_difference(1000)
    assert None not in (few, many)
    assert many < few


def test_without_spread_it_is_what_unseen_items_could_hide() -> None:
    assert smallest_difference(0.0, items=100, reach=1.0) == pytest.approx(1 - 0.025 ** (1 / 100))


@pytest.mark.parametrize(("error", "items"), [(0.1, 19), (float("nan"), 100), (0.1, 0)])
def test_too_few_items_show_nothing(error: float, items: int) -> None:
    assert smallest_difference(error, items=items) is None
    assert items or assumed_difference(items) is None

from collections.abc import Callable

import numpy as np
import pytest

from equilingua.statistics.groups import lower_groups_p


def apart(values: np.ndarray) -> np.ndarray:
    """Each column's values in rows of their own."""
    rows, groups = values.shape
    spread = np.full((rows * groups, groups), np.nan)
    for group in range(groups):
        spread[group * rows : (group + 1) * rows, group] = values[:, group]
    return spread


@pytest.mark.parametrize("layout", [apart, lambda values: values], ids=["each its own", "parallel"])
def test_equal_groups_are_seldom_called_lower(layout: Callable[[np.ndarray], np.ndarray]) -> None:
    alarms = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        hits = (rng.random((30, 5)) < 0.95) * 1.0
        alarms += min(lower_groups_p(layout(hits), resamples=199, seed=seed)) < 0.05
    # At most 5 %; three Monte-Carlo standard errors at 300 repetitions are 3.8 points.
    assert alarms / 300 <= 0.05 + 0.038


@pytest.mark.parametrize("layout", [apart, lambda values: values], ids=["each its own", "parallel"])
def test_a_lower_group_is_found_and_no_other(layout: Callable[[np.ndarray], np.ndarray]) -> None:
    values = np.random.default_rng(0).random((60, 4))
    values[:, 2] -= 0.4
    p = lower_groups_p(layout(values), resamples=999, seed=0)
    assert p[2] == 0.001
    assert min(p[:2] + p[3:]) > 0.5


def test_p_values_are_those_of_all_shufflings() -> None:
    rng = np.random.default_rng(1)
    values = rng.random((5, 2))
    values[:, 0] -= 0.2
    behind = values.mean(axis=0) - values.mean()
    lowest = []
    for swaps in range(2**5):
        swapped = np.array([row[::-1] if swaps >> number & 1 else row for number, row in enumerate(values)])
        lowest.append((swapped.mean(axis=0) - swapped.mean()).min())
    exact = [np.mean(np.array(lowest) <= one + 1e-12) for one in behind]
    assert lower_groups_p(values, resamples=20_000, seed=0) == pytest.approx(exact, abs=0.01)


def test_groups_without_any_difference_are_not_lower() -> None:
    assert lower_groups_p(apart(np.full((30, 3), 0.1)), resamples=99, seed=0) == [1, 1, 1]

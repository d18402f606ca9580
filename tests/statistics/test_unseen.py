import numpy as np
import pytest
from scipy import stats

from equilingua.statistics.unseen import UNBOUNDED, Bounds, unseen_items

SHARE = Bounds(0.0, 1.0)


@pytest.mark.parametrize(("hits", "queries"), [(100, 100), (0, 30), (97, 100), (5, 12), (1, 1)])
def test_of_hits_and_misses_it_is_the_exact_interval(hits: int, queries: int) -> None:
    values = np.r_[np.ones(hits), np.zeros(queries - hits)][:, None]
    [(low, high)] = unseen_items([values], [SHARE], resamples=40_000, seed=0).intervals()
    exact = stats.binomtest(hits, queries).proportion_ci(method="exact")
    assert (low, high) == pytest.approx((exact.low, exact.high), abs=0.01)


def test_parallel_languages_are_one_observation_an_item() -> None:
    values = np.random.default_rng(0).random((40, 1))
    one, many = (
        unseen_items([matrix], [SHARE], resamples=500, seed=1).intervals()[0]
        for matrix in (values, np.repeat(values, 9, axis=1))
    )
    assert many == pytest.approx(one)


def test_every_language_is_weighed_by_its_own_items() -> None:
    values = np.full((50, 2), 0.5)
    values[3:, 1] = np.nan
    [(low, high)] = unseen_items([values], [SHARE], resamples=20_000, seed=0).intervals()
    [(alone, _)] = unseen_items([values[:, :1]], [SHARE], resamples=20_000, seed=0).intervals()
    # Of three queries, half or more of all others may be of a kind that none of them is.
    assert low < 0.4 < alone < 0.5 < high


def test_p_values_are_the_levels_at_which_the_interval_ends_on_the_bound() -> None:
    found = unseen_items([np.random.default_rng(2).random((40, 1))], [SHARE], resamples=4000, seed=0)
    [(low, high)] = found.intervals(0.9)
    assert found.p_at_most(low)[0] == pytest.approx(0.05, abs=0.001)
    assert found.p_at_least(high)[0] == pytest.approx(0.05, abs=0.001)


def test_without_bounds_nothing_is_ruled_out() -> None:
    found = unseen_items([np.ones((40, 1))], [UNBOUNDED], resamples=100, seed=0)
    assert found.p_at_most(-1e9)[0] == found.p_at_least(1e9)[0] == 1


def test_draws_do_not_depend_on_what_else_is_asked() -> None:
    one, other = np.random.default_rng(0).random((2, 30, 2))
    both = unseen_items([one, other], [SHARE, Bounds(-1.0, 1.0)], resamples=50, seed=0).intervals()
    assert unseen_items([other], [Bounds(-1.0, 1.0)], resamples=50, seed=0).intervals()[0] == pytest.approx(both[1])

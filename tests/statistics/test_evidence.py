import numpy as np
import pytest

from equilingua.statistics.evidence import effective_items, expansion, likely_bounds, tail_index, too_few, vary_little
from equilingua.statistics.unseen import UNBOUNDED, Bounds

DIFFERENCE = Bounds(-1.0, 1.0)


def column(values: np.ndarray) -> np.ndarray:
    return values[:, None]


@pytest.mark.parametrize("items", [50, 500])
@pytest.mark.parametrize("shift", [0.0, 20.0])
def test_tails_as_heavy_as_the_exponential_of_a_normal_of_3_are_refused(items: int, shift: float) -> None:
    rng = np.random.default_rng(items)
    means = [too_few(column(shift + np.exp(3 * rng.normal(size=items))), UNBOUNDED) for _ in range(60)]
    apart = [
        too_few(column(shift + np.exp(3 * rng.normal(size=items)) - np.exp(3 * rng.normal(size=items))), UNBOUNDED)
        for _ in range(60)
    ]
    assert sum(reason is None for reason in (*means, *apart)) <= 4
    assert any("items decide the mean, which is worth" in str(reason) for reason in means)


def test_ordinary_spreads_are_not_refused() -> None:
    rng = np.random.default_rng(0)
    for draw in (rng.normal, rng.exponential, rng.random, rng.logistic):
        refused = [too_few(column(draw(size=200)), UNBOUNDED) for _ in range(40)]
        assert sum(reason is not None for reason in refused) <= 3


@pytest.mark.parametrize(("differing", "told"), [(0, "0"), (5, "5"), (19, "19")])
def test_few_items_that_differ_are_refused_whatever_the_others_all_are(differing: int, told: str) -> None:
    for common in (0.0, 0.3):
        values = np.full(100, common)
        values[:differing] += np.linspace(0.1, 0.5, differing)
        assert too_few(column(values), DIFFERENCE) == f"{told} of 100 items differ from the others; 20 are needed"
    values[:20] = np.linspace(0.4, 0.6, 20)
    assert too_few(column(values), DIFFERENCE) is None


def test_few_items_of_one_language_are_refused() -> None:
    values = np.random.default_rng(0).random((100, 2))
    values[19:, 1] = np.nan
    assert too_few(values, DIFFERENCE) == "19 items of one language; 20 are needed"
    assert too_few(values[:, :1], DIFFERENCE) is None
    assert too_few(values[:1, :1], DIFFERENCE) == "1 item; 20 are needed"


def test_small_gains_without_a_loss_do_not_show_that_there_is_none() -> None:
    rng = np.random.default_rng(0)
    gains = column(0.05 + 0.01 * rng.random(30))
    assert vary_little(gains, DIFFERENCE)
    assert not vary_little(gains, UNBOUNDED)
    assert not vary_little(column(rng.normal(0, 0.3, 200)), DIFFERENCE)


def test_intervals_grow_as_fewer_items_hold_the_spread_and_not_where_many_do() -> None:
    rng = np.random.default_rng(0)
    assert expansion(column(rng.normal(size=1000))) == 1
    few = np.zeros(1000)
    few[:15] = rng.choice([-1.0, 1.0], 15)
    assert 1.05 < expansion(column(few)) < expansion(column(few * (np.arange(1000) < 8)))


def test_items_are_worth_no_more_than_they_are_and_location_and_scale_do_not_matter() -> None:
    rng = np.random.default_rng(1)
    values = rng.standard_t(3, size=300)
    assert effective_items(values - values.mean()) < 300
    assert tail_index(values) == pytest.approx(tail_index(7 - 40 * values))


def test_bounds_are_told_from_the_values() -> None:
    assert likely_bounds(np.array([[0.0, np.nan], [1.0, 0.5]])) == (0, 1)
    assert likely_bounds(np.array([-0.2, 0.5])) == (-1, 1)
    assert likely_bounds(np.array([0.0, 1.5])) == UNBOUNDED

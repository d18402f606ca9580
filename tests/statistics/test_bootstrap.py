import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from equilingua.statistics.bootstrap import (
    Bootstrap,
    bootstrap,
    contributions,
    influences,
    macro_mean,
)
from equilingua.statistics.intervals import grouped_intervals, mean_intervals


def uneven(items: int = 40, pairs: int = 3) -> np.ndarray:
    rng = np.random.default_rng(5)
    values = rng.random((items, pairs))
    values[rng.random((items, pairs)) < 0.4] = np.nan
    return values


def naive_studentised(values: np.ndarray, *, resamples: int, seed: int) -> tuple[float, float]:
    """Resample by resample, for one number an item: t-statistics of the resampled means, turned into an interval."""
    rng = np.random.default_rng(seed)
    items = len(values)
    pivots = []
    for counts in rng.multinomial(items, np.full(items, 1 / items), size=resamples):
        drawn = np.repeat(values, counts)
        pivots.append((drawn.mean() - values.mean()) / (drawn.std(ddof=1) / np.sqrt(items)))
    error = values.std(ddof=1) / np.sqrt(items)
    return tuple(values.mean() - np.quantile(pivots, level) * error for level in (0.975, 0.025))


def test_the_interval_is_that_of_the_textbook() -> None:
    values = np.random.default_rng(0).exponential(size=30)
    found = bootstrap({"one": values[:, None]}, resamples=500, seed=3).intervals()[0]
    assert found == pytest.approx(naive_studentised(values, resamples=500, seed=3))


def test_parallel_queries_count_as_their_mean() -> None:
    values = np.random.default_rng(0).random((30, 4))
    whole = bootstrap({"pairs": values, "items": values.mean(axis=1, keepdims=True)}, resamples=300, seed=0)
    first, second = whole.intervals()
    assert first == pytest.approx(second)


def test_translations_are_no_independent_evidence() -> None:
    # Eleven copies of a column are one observation an item: the interval must not shrink by the root of eleven.
    column = np.random.default_rng(0).random((200, 1))
    one, eleven = (mean_intervals({0: v}, resamples=400, seed=1)[0] for v in (column, np.repeat(column, 11, axis=1)))
    assert eleven == pytest.approx(one)


@given(values=arrays(np.float64, (6, 3), elements=st.floats(-10, 10)), missing=arrays(np.bool_, (6, 3)))
def test_contributions_sum_to_the_macro_mean_and_influences_to_nothing(values: np.ndarray, missing: np.ndarray) -> None:
    values = np.where(missing, np.nan, values)
    columns = [column[~np.isnan(column)] for column in values.T]
    expected = np.mean([column.mean() for column in columns if column.size] or [np.nan])
    assert macro_mean(values) == pytest.approx(expected, abs=1e-9, nan_ok=True)
    assert influences(values).sum() == pytest.approx(0, abs=1e-8)
    if columns and any(column.size for column in columns):
        assert contributions(values).sum() == pytest.approx(expected, abs=1e-9)


def test_influences_tell_how_the_macro_mean_moves_when_an_item_weighs_a_little_more() -> None:
    values = uneven()
    step = 1e-6
    weights = np.ones(len(values))
    weights[7] += step
    present = ~np.isnan(values)
    moved = ((weights @ np.where(present, values, 0)) / (weights @ present)).mean()
    assert (moved - macro_mean(values)) / step == pytest.approx(influences(values)[7] / len(values), abs=1e-4)


def test_resampling_items_that_are_missing_in_some_pairs_agrees_with_drawing_them_anew() -> None:
    values = uneven(items=200)
    rng = np.random.default_rng(0)
    redrawn = [macro_mean(values[rng.integers(0, 200, 200)]) for _ in range(1000)]
    assert bootstrap({0: values}, resamples=10, seed=0).errors[0] == pytest.approx(np.std(redrawn), rel=0.1)


def test_draws_do_not_depend_on_how_many_fit_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    values = uneven()
    whole = bootstrap({"mAP": values}, resamples=20, seed=0).pivots
    monkeypatch.setattr("equilingua.statistics.bootstrap.CHUNK_BYTES", 8 * 40 * 3)
    np.testing.assert_allclose(bootstrap({"mAP": values}, resamples=20, seed=0).pivots, whole)


@pytest.mark.parametrize("resamples_a_chunk", [3, 1000])
def test_groups_share_their_resamples_however_many_fit_in_memory(
    monkeypatch: pytest.MonkeyPatch, resamples_a_chunk: int
) -> None:
    monkeypatch.setattr("equilingua.statistics.bootstrap.CHUNK_BYTES", 8 * 40 * resamples_a_chunk)
    groups = [{"mAP": uneven()}, {"R@1": uneven()[:, :1], "R@10": uneven()[:, 1:]}]
    apart = {key: ends for group in groups for key, ends in mean_intervals(group, resamples=20, seed=0).items()}
    assert grouped_intervals(iter(groups), resamples=20, seed=0) == apart


def test_one_sided_p_values_are_the_levels_at_which_the_interval_ends_on_the_bound() -> None:
    values = np.random.default_rng(2).exponential(size=(40, 1))
    drawn = bootstrap({0: values}, resamples=4000, seed=0)
    low, high = drawn.intervals(0.9)[0]
    assert drawn.p_at_most(np.array([low]))[0] == pytest.approx(0.05, abs=0.001)
    assert drawn.p_at_least(np.array([high]))[0] == pytest.approx(0.05, abs=0.001)
    assert drawn.p_at_most(np.array([low - 0.05]))[0] < 0.05 < drawn.p_at_most(np.array([low + 0.05]))[0]


def skewed_differences(rng: np.random.Generator, items: int) -> np.ndarray:
    """Log-normal, the same in three languages to a large part; the true mean is 1."""
    shared, own = rng.normal(size=(items, 1)), rng.normal(size=(items, 3))
    return np.exp(0.7 * shared + 0.3 * own - (0.49 + 0.09) / 2)


def test_intervals_cover_the_truth_about_as_often_as_they_say_though_items_are_few_and_skewed() -> None:
    rng = np.random.default_rng(0)
    repetitions = 400
    covered = percentile = 0
    for seed in range(repetitions):
        values = skewed_differences(rng, 30)
        (low, high), *_ = bootstrap({0: values}, resamples=400, seed=seed).intervals()
        covered += low <= 1 <= high
        draws = values.mean(axis=1)[rng.integers(0, 30, size=(400, 30))].mean(axis=1)
        low, high = np.percentile(draws, [2.5, 97.5])
        percentile += low <= 1 <= high
    # Three Monte-Carlo standard errors at 400 repetitions are 3.3 points; percentile intervals fall short of that.
    assert covered / repetitions == pytest.approx(0.95, abs=0.033)
    assert percentile < covered


def test_few_items_that_differ_do_not_stretch_the_interval_without_end() -> None:
    values = np.zeros((50, 1))
    values[:2] = 1
    (low, high), *_ = bootstrap({0: values}, resamples=2000, seed=0).intervals()
    exact = stats.binomtest(2, 50).proportion_ci()
    assert -0.05 < low < 0.04
    assert exact.high * 0.75 < high < exact.high * 2


def test_one_item_has_no_interval_and_equal_items_one_without_width() -> None:
    single = bootstrap({0: np.array([[0.3, 0.5]])}, resamples=50, seed=0)
    assert np.isnan(single.intervals()[0]).all()
    assert single.p_at_most(np.array([-1.0])) == single.p_at_least(np.array([1.0])) == 1
    equal = bootstrap({0: np.full((20, 3), 0.1)}, resamples=50, seed=0)
    assert equal.intervals()[0] == pytest.approx((0.1, 0.1), abs=1e-15)
    assert equal.p_at_most(np.array([0.05]))[0] == 1 / 51
    assert equal.p_at_most(np.array([0.2]))[0] == 1


def test_a_mean_without_spread_on_the_bound_itself_shows_nothing() -> None:
    drawn = Bootstrap(np.array([0.5]), np.array([0.0]), np.zeros((9, 1)))
    assert drawn.p_at_most(np.array([0.5]))[0] == drawn.p_at_least(np.array([0.5]))[0] == 1


def disjoint(values: np.ndarray, items: int) -> np.ndarray:
    """Each column has items of its own, as many as there are rows; the rest of the items are in none."""
    own, columns = values.shape
    spread = np.full((items, columns), np.nan)
    for column in range(columns):
        spread[column * own : (column + 1) * own, column] = values[:, column]
    return spread


@pytest.mark.parametrize("columns", [1, 2])
def test_intervals_cover_means_of_few_of_the_items(columns: int) -> None:
    rng = np.random.default_rng(1)
    repetitions = 400
    covered = 0
    for seed in range(repetitions):
        values = disjoint(rng.normal(size=(10, columns)), 200)
        (low, high), *_ = bootstrap({0: values}, resamples=500, seed=seed).intervals()
        covered += low <= 0 <= high
    # Three Monte-Carlo standard errors; with items that are missing drawn as zeros it is 88 to 90 % of one column.
    assert covered / repetitions == pytest.approx(0.95, abs=0.033)


def naive_pivot(values: np.ndarray, counts: np.ndarray) -> float:
    """By how many of its own standard errors the macro mean of one resample misses, column by column, item by item."""
    error = np.zeros(counts.sum())
    missed = 0.0
    redrawn = np.repeat(values, counts, axis=0)
    for column, before in zip(redrawn.T, values.T, strict=True):
        held = ~np.isnan(column)
        count = held.sum()
        missed += (column[held].mean() - np.nanmean(before)) / values.shape[1]
        error += np.where(held, column - column[held].mean(), 0) / np.sqrt(count * (count - 1)) / values.shape[1]
    # What is drawn more than once stands in as many rows, each with the same deviation.
    return float(missed / np.sqrt((error**2).sum()))


def test_a_resample_counts_the_items_it_drew_of_every_column() -> None:
    values = uneven(items=60)
    counts = np.random.default_rng(7).multinomial(60, np.full(60, 1 / 60), size=30)
    expected = [naive_pivot(values, row) for row in counts]
    assert bootstrap({0: values}, resamples=30, seed=7).pivots[:, 0] == pytest.approx(np.array(expected))


def test_a_mean_is_resampled_alike_alone_and_beside_others() -> None:
    columns = {"all": np.random.default_rng(3).random((40, 2)), "some": uneven(), "few": uneven()[:, :1]}
    beside = bootstrap(columns, resamples=50, seed=0).intervals()
    alone = [bootstrap({0: values}, resamples=50, seed=0).intervals()[0] for values in columns.values()]
    np.testing.assert_allclose(beside, alone)


def test_intervals_of_shares_stay_within_0_and_1_and_others_that_are_never_negative_above_0() -> None:
    shares = np.ones((90, 2))
    shares[:30] = 0
    found = mean_intervals({"R@1": shares, "ranks": 900 * (1 - shares), "signed": shares - 1}, resamples=500, seed=0)
    assert 0 < found["R@1"][0] < 2 / 3 < found["R@1"][1] < 1
    assert 0 < found["ranks"][0] < 300 < found["ranks"][1]
    assert found["signed"][1] < 0


def test_intervals_reach_beyond_the_values_observed() -> None:
    values = np.array([[0.4], [0.5], [0.6]])
    low, high = mean_intervals({"mAP": values}, resamples=500, seed=0)["mAP"]
    assert 0 <= low < 0.4
    assert 0.6 < high <= 1


def test_means_without_an_interval_are_left_out() -> None:
    single, none = np.full((30, 1), np.nan), np.full((30, 1), np.nan)
    single[4] = 0.5
    assert list(mean_intervals({0: np.eye(30), 1: single, 2: none}, resamples=20, seed=0)) == [0]


def test_macro_mean_is_not_the_pooled_mean() -> None:
    assert macro_mean(np.array([[1.0, 0.0], [1.0, np.nan], [1.0, np.nan]])) == 0.5

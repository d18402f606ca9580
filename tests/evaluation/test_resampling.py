import numpy as np
import pytest

from equilingua.evaluation.resampling import interval, macro_mean, resampled


def naive_resamples(values: np.ndarray, *, resamples: int, seed: int) -> list[float]:
    """Item by item: repeat each item as often as drawn, mean per pair, mean over pairs."""
    rng = np.random.default_rng(seed)
    items = len(values)
    found = []
    for counts in rng.multinomial(items, np.full(items, 1 / items), size=resamples):
        drawn = [values[item] for item, count in enumerate(counts) for _ in range(count)]
        columns = [[row[column] for row in drawn if not np.isnan(row[column])] for column in range(values.shape[1])]
        found.append(float(np.mean([np.mean(column) for column in columns if column])))
    return found


def uneven(items: int = 9, pairs: int = 3) -> np.ndarray:
    rng = np.random.default_rng(5)
    values = rng.random((items, pairs))
    values[rng.random((items, pairs)) < 0.4] = np.nan
    return values


def test_resamples_are_macro_means_of_items_drawn_with_all_their_translations() -> None:
    values = uneven()
    found = resampled({"mAP": values}, resamples=50, seed=3)["mAP"]
    np.testing.assert_allclose(found, naive_resamples(values, resamples=50, seed=3))


def test_all_matrices_see_the_same_draws() -> None:
    values = uneven()
    found = resampled({"one": values, "shifted": values + 1}, resamples=20, seed=0)
    np.testing.assert_allclose(found["shifted"], found["one"] + 1)


def test_draws_do_not_depend_on_how_many_fit_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    values = uneven()
    whole = resampled({"mAP": values}, resamples=20, seed=0)["mAP"]
    monkeypatch.setattr("equilingua.evaluation.resampling.CHUNK_BYTES", 8 * 9 * 3)
    np.testing.assert_allclose(resampled({"mAP": values}, resamples=20, seed=0)["mAP"], whole)


def test_translations_are_no_independent_evidence() -> None:
    # Eleven copies of a column are one observation an item: the interval must not shrink by the root of eleven.
    column = np.random.default_rng(0).random((200, 1))
    one, eleven = (
        interval(resampled({0: v}, resamples=400, seed=1)[0]) for v in (column, np.repeat(column, 11, axis=1))
    )
    assert eleven == pytest.approx(one)


def test_the_interval_covers_the_true_mean_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    covered = 0
    for seed in range(200):
        low, high = interval(resampled({0: rng.random((60, 2))}, resamples=300, seed=seed)[0])
        covered += low <= 0.5 <= high
    assert 180 <= covered <= 199


def test_macro_mean_is_not_the_pooled_mean() -> None:
    assert macro_mean(np.array([[1.0, 0.0], [1.0, np.nan], [1.0, np.nan]])) == 0.5

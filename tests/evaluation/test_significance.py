import itertools
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from equilingua.errors import InputError
from equilingua.evaluation.benchmark import Benchmark
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.significance import compare, holm, permutation_p

Vectors = Callable[..., object]


@pytest.fixture
def results(small_benchmark: Benchmark, vectors_for: Vectors) -> tuple[EvaluationResult, ...]:
    """A weak, a strong and a second weak model."""
    return tuple(
        evaluate(vectors_for(small_benchmark, seed=1, pull=pull), small_benchmark, model_name=name, resamples=0)
        for name, pull in (("weak", 0.2), ("strong", 0.9), ("weak2", 0.21))
    )


def test_differences_are_those_of_the_macro_means(results: tuple[EvaluationResult, ...]) -> None:
    weak, strong, _ = results
    comparison = compare(weak, strong, resamples=500)
    assert (comparison.benchmark, comparison.baseline) == ("small", "weak")
    found = {(row.setting, row.measure): row for row in comparison.differences}
    assert set(found) == {(setting, measure) for setting, means in weak.measures.items() for measure in means}
    for (setting, measure), row in found.items():
        assert row.baseline == pytest.approx(weak.measures[setting][measure])
        assert row.value == pytest.approx(strong.measures[setting][measure])
        assert row.low <= row.difference + 1e-12
        assert row.difference <= row.high + 1e-12
    assert found["multilingual", "mAP"].significant
    assert found["multilingual", "rank_distance"].difference < 0


def test_a_result_does_not_differ_from_itself(results: tuple[EvaluationResult, ...]) -> None:
    for row in compare(results[0], results[0], resamples=200).differences:
        assert (row.difference, row.low, row.high, row.p_corrected) == (0, 0, 0, 1)
        assert not row.significant


def test_p_values_are_those_of_all_swaps_of_items() -> None:
    rng = np.random.default_rng(0)
    deltas = rng.normal(0.3, 0.5, (8, 3))
    deltas[2, 1] = deltas[5, 0] = np.nan
    observed = abs(np.nanmean(deltas, axis=0).mean())
    swapped = [
        abs(np.nanmean(deltas * np.array(signs)[:, None], axis=0).mean())
        for signs in itertools.product([1, -1], repeat=len(deltas))
    ]
    exact = np.mean([value >= observed - 1e-12 for value in swapped])
    assert permutation_p(deltas, resamples=20_000, seed=0) == pytest.approx(exact, abs=0.01)


def test_p_values_agree_with_scipy() -> None:
    rng = np.random.default_rng(1)
    one, two = rng.normal(0, 1, 40), rng.normal(0.4, 1, 40)
    expected = stats.permutation_test(
        (two, one), lambda x, y, axis: (x - y).mean(axis=axis), permutation_type="samples",
        vectorized=True, n_resamples=20_000, rng=np.random.default_rng(0),
    ).pvalue  # fmt: skip
    assert permutation_p((two - one)[:, None], resamples=20_000, seed=0) == pytest.approx(expected, abs=0.01)


def test_p_values_of_equal_models_are_uniform() -> None:
    rng = np.random.default_rng(0)
    p_values = [permutation_p(rng.normal(0, 1, (30, 2)), resamples=199, seed=seed) for seed in range(300)]
    assert stats.kstest(p_values, "uniform").pvalue > 0.01


@given(p_values=st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holms_correction_is_its_step_down_definition(p_values: list[float]) -> None:
    ordered = sorted(p_values)
    stepped = [
        max(min(1.0, (len(ordered) - j) * ordered[j]) for j in range(place + 1)) for place in range(len(ordered))
    ]
    for p, corrected in zip(p_values, holm(p_values), strict=True):
        assert corrected == pytest.approx(stepped[ordered.index(p)]) or corrected == pytest.approx(
            stepped[len(ordered) - 1 - ordered[::-1].index(p)]
        )
        assert corrected >= p


def test_correction_is_over_settings_and_results_of_one_measure(results: tuple[EvaluationResult, ...]) -> None:
    comparison = compare(*results, measures=["mAP", "rank_distance"], resamples=300)
    for measure, tests in (("mAP", 6), ("rank_distance", 2)):
        family = [row for row in comparison.differences if row.measure == measure]
        assert len(family) == tests
        assert [row.p_corrected for row in family] == holm([row.p for row in family])


def test_not_worse_asks_whether_the_interval_excludes_a_loss_of_the_margin(
    results: tuple[EvaluationResult, ...],
) -> None:
    weak, strong, _ = results
    for row in compare(weak, strong, margin=0.05, resamples=300).differences:
        expected = None if row.measure in ("rank_distance", "Max@R_norm") else row.low > -0.05
        assert row.not_worse == expected
    lost = [row for row in compare(strong, weak, margin=0.05, resamples=300).differences if row.measure == "mAP"]
    assert [row.not_worse for row in lost] == [False, False, False]
    assert compare(weak, strong, resamples=10).differences[0].not_worse is None


def test_printing_gives_one_row_a_setting_and_measure(results: tuple[EvaluationResult, ...]) -> None:
    weak, strong, _ = results
    text = str(compare(weak, strong, measures=["mAP"], margin=0.01, resamples=500))
    header, *rows = text.splitlines()[2:]
    assert text.startswith("small: differences from weak")
    assert header.split()[-2:] == ["not", "worse"]
    assert [row.split()[:3] for row in rows] == [
        ["strong", setting, "mAP"] for setting in ("monolingual", "cross-lingual", "multilingual")
    ]
    assert all("*" in row and row.endswith("yes") for row in rows)


def test_results_that_are_not_of_the_same_queries_are_refused(
    small_benchmark: Benchmark, vectors_for: Vectors, results: tuple[EvaluationResult, ...]
) -> None:
    weak = results[0]
    fewer = small_benchmark.only(["de", "en"])
    other_languages = evaluate(vectors_for(fewer), fewer, resamples=0, model_name="two")
    with pytest.raises(
        InputError, match=r"'weak' and 'two' cannot be compared: one covers the languages de, en, th, the"
    ):
        compare(weak, other_languages)
    with pytest.raises(InputError, match=r"one is on 'small', the other on 'big'"):
        compare(weak, replace(weak, benchmark="big"))
    with pytest.raises(InputError, match=r"the files of 'small' were not the same"):
        compare(weak, replace(weak, provenance={"data": {"small.json": "1" * 64}}))
    renamed = tuple(replace(pair, query_ids=pair.query_ids[::-1]) for pair in weak.scores)
    with pytest.raises(InputError, match=r"their queries differ in the \S+ setting"):
        compare(weak, replace(weak, scores=renamed))


def test_nothing_to_compare_is_told(results: tuple[EvaluationResult, ...]) -> None:
    with pytest.raises(InputError, match="give at least two results, the baseline first"):
        compare(results[0])
    with pytest.raises(InputError, match="unknown measure 'MAP'"):
        compare(*results, measures=["MAP"])
    with pytest.raises(InputError, match="cannot be compared: they share no setting and measure"):
        compare(*results, measures=["nDCG@7"])


def test_settings_that_only_one_result_has_are_left_out(
    small_benchmark: Benchmark, vectors_for: Vectors, results: tuple[EvaluationResult, ...]
) -> None:
    partial = evaluate(vectors_for(small_benchmark), small_benchmark, settings=["multilingual"], resamples=0)
    assert {row.setting for row in compare(results[0], partial, resamples=50).differences} == {"multilingual"}

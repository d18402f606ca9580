import itertools
import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.errors import InputError
from equilingua.evaluation.compare import compare
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.scores import PairScores, all_items, item_matrix
from equilingua.evaluation.settings import COMPARED_MEASURES
from equilingua.statistics.significance import holm, item_shares, permutation_p, standardized_effect

Vectors = Callable[..., object]
WITHOUT_BOUNDS = {"rank_distance", "Max@R_norm"}


@pytest.fixture
def results(small_benchmark: Benchmark, vectors_for: Vectors) -> tuple[EvaluationResult, ...]:
    """A weak, a strong and a second weak model."""
    return tuple(
        evaluate(vectors_for(small_benchmark, seed=1, pull=pull), small_benchmark, model_name=name, resamples=0)
        for name, pull in (("weak", 0.2), ("strong", 0.9), ("weak2", 0.21))
    )


def test_differences_are_those_of_the_macro_means(results: tuple[EvaluationResult, ...]) -> None:
    weak, strong, _ = results
    comparison = compare(weak, strong, measures=None, resamples=500)
    assert (comparison.benchmark, comparison.baseline) == ("small", "weak")
    found = {(row.setting, row.measure): row for row in comparison.differences}
    assert set(found) == {(setting, measure) for setting, means in weak.measures.items() for measure in means}
    for (setting, measure), row in found.items():
        assert row.baseline == pytest.approx(weak.measures[setting][measure])
        assert row.value == pytest.approx(strong.measures[setting][measure])
        if measure in WITHOUT_BOUNDS:  # twelve items are too few for its mean
            assert np.isnan([row.low, row.high]).all()
            continue
        assert row.low <= row.difference + 1e-12
        assert row.difference <= row.high + 1e-12
    assert found["multilingual", "mAP"].p_corrected < 0.05
    assert found["multilingual", "rank_distance"].difference < 0


def test_a_few_measures_are_compared_unless_others_are_asked_for(results: tuple[EvaluationResult, ...]) -> None:
    weak, strong, _ = results
    found = dict.fromkeys(row.measure for row in compare(weak, strong, resamples=20).differences)
    assert tuple(found) == COMPARED_MEASURES
    without = replace(strong, scores=tuple(_without(pair, "nDCG@10") for pair in strong.scores))
    found = dict.fromkeys(row.measure for row in compare(weak, without, resamples=20).differences)
    assert tuple(found) == tuple(name for name in COMPARED_MEASURES if name != "nDCG@10")


def _without(pair: PairScores, measure: str) -> PairScores:
    return replace(pair, values={name: values for name, values in pair.values.items() if name != measure})


def test_a_result_does_not_differ_from_itself(results: tuple[EvaluationResult, ...]) -> None:
    for row in compare(results[0], results[0], resamples=200).differences:
        assert (row.difference, row.p_corrected, row.significant) == (0, 1, False)
        # Twelve items of which none differs do not show that none would.
        assert np.isnan(row.low) if row.measure in WITHOUT_BOUNDS else row.low < -0.2 < 0.2 < row.high


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
    assert permutation_p([deltas], resamples=20_000, seed=0) == [pytest.approx(exact, abs=0.01)]


def test_p_values_agree_with_scipy() -> None:
    rng = np.random.default_rng(1)
    one, two = rng.normal(0, 1, 40), rng.normal(0.4, 1, 40)
    expected = stats.permutation_test(
        (two, one), lambda x, y, axis: (x - y).mean(axis=axis), permutation_type="samples",
        vectorized=True, n_resamples=20_000, rng=np.random.default_rng(0),
    ).pvalue  # fmt: skip
    assert permutation_p([(two - one)[:, None]], resamples=20_000, seed=0) == [pytest.approx(expected, abs=0.01)]


def test_p_values_of_equal_models_are_uniform() -> None:
    rng = np.random.default_rng(0)
    p_values = permutation_p([rng.normal(0, 1, (30, 2)) for _ in range(300)], resamples=199, seed=0)
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


def test_every_two_results_are_compared_each_with_those_before_it(results: tuple[EvaluationResult, ...]) -> None:
    comparison = compare(*results, measures=["mAP"], pairwise=True, resamples=300)
    settings = ["monolingual", "cross-lingual", "multilingual"]
    assert [(row.against, row.model, row.setting) for row in comparison.differences] == [
        (*pair, setting)
        for pair in (("weak", "strong"), ("weak", "weak2"), ("strong", "weak2"))
        for setting in settings
    ]
    assert [row.p_corrected for row in comparison.differences] == holm([row.p for row in comparison.differences])
    first = compare(*results[:2], measures=["mAP"], resamples=300).differences[0]
    alone = {"p_corrected": first.p_corrected, "p_unseen_corrected": first.p_unseen_corrected}
    assert replace(comparison.differences[0], **alone, smallest=first.smallest) == first


def test_margins_give_corrected_one_sided_p_values(results: tuple[EvaluationResult, ...]) -> None:
    weak, strong, _ = results
    margins = {"shares": 0.3, "rank_distance": 1000.0}
    comparison = compare(strong, weak, margin=margins, resamples=300)
    assert comparison.margins["rank_distance"] == 1000
    assert comparison.margins["mAP"] == 0.3
    assert "Max@R_norm" not in comparison.margins
    for measure in {row.measure for row in comparison.differences}:
        family = [row for row in comparison.differences if row.measure == measure]
        if measure not in comparison.margins:
            assert all(row.tests is row.not_worse is row.equivalent is None for row in family)
            continue
        tests = [row.tests for row in family]
        assert [test.p_equivalent_corrected for test in tests] == holm([test.p_equivalent for test in tests])
        if measure == "language_preference":
            assert tests[0].p_not_worse is family[0].not_worse is None
        else:
            assert [test.p_not_worse_corrected for test in tests] == holm([test.p_not_worse for test in tests])
    [distance] = [row for row in comparison.differences if row.measure == "rank_distance"]
    assert (distance.equivalent, distance.not_worse, distance.verdict) == (False, False, "too few items to tell")


def test_verdicts_honour_measures_where_lower_is_better() -> None:
    rng = np.random.default_rng(3)
    noise = rng.uniform(0, 0.1, (2, 60))
    weak, strong = (
        in_settings(name, {"mAP": level + noise[n], "rank_distance": 400 * (1 - level - noise[n])})
        for n, (name, level) in enumerate([("weak", 0.2), ("strong", 0.7)])
    )
    for pair, said in (((weak, strong), "better"), ((strong, weak), "worse")):
        found = {row.measure: row for row in compare(*pair, resamples=500).differences if row.setting == "multilingual"}
        assert found["rank_distance"].verdict == found["mAP"].verdict == said
        assert (found["rank_distance"].difference < 0) == (found["mAP"].difference > 0) == (said == "better")
        assert (found["rank_distance"].shares.won > found["rank_distance"].shares.lost) == (said == "better")


def test_effects_and_item_shares_are_those_of_the_differences(results: tuple[EvaluationResult, ...]) -> None:
    weak, strong, _ = results
    row = compare(weak, strong, measures=["mAP"], resamples=50).differences[-1]
    pairs = [[pair for pair in result.scores if pair.setting == "multilingual"] for result in (weak, strong)]
    items = all_items(weak.scores)
    deltas = item_matrix(pairs[1], "mAP", items) - item_matrix(pairs[0], "mAP", items)
    assert (row.effect, row.shares, row.items) == (standardized_effect(deltas), item_shares(deltas), 12)


def test_the_summary_groups_what_is_not_distinguishable() -> None:
    noise = np.random.default_rng(0).uniform(0, 0.1, (3, 40))
    weak, strong, weak2 = (
        one_pair(name, value + noise[n])
        for n, (name, value) in enumerate([("weak", 0.2), ("strong", 0.7), ("weak2", 0.2)])
    )
    comparison = compare(weak, strong, weak2, pairwise=True, resamples=500)
    first, second, third = comparison.summary().split("; ")
    assert first.startswith("mAP, monolingual: strong better than weak (+0.")
    assert second.startswith("weak2 worse than strong (-0.")
    assert third == "weak and weak2 not distinguishable"
    assert str(comparison).endswith(comparison.summary())
    assert "every two results" in str(comparison)


def test_models_that_were_not_compared_are_not_grouped() -> None:
    values = np.random.default_rng(1).random(30)
    copies = [one_pair(name, values, measure="R@1") for name in ("one", "two", "three")]
    alone, every = (
        compare(*copies, measures=["R@1"], pairwise=pairwise, resamples=50).summary().splitlines()[0]
        for pairwise in (False, True)
    )
    assert alone == "R@1, monolingual: one and two not distinguishable; one and three not distinguishable"
    assert every == "R@1, monolingual: one, two and three not distinguishable"


def test_printing_gives_one_row_a_setting_and_measure() -> None:
    noise = np.random.default_rng(4).uniform(0, 0.1, (2, 60))
    weak, strong = (in_settings(name, {"mAP": level + noise[n]}) for n, (name, level) in enumerate(
        [("weak", 0.2), ("strong", 0.7)]
    ))  # fmt: skip
    text = str(compare(weak, strong, measures=["mAP"], margin=0.01, resamples=500))
    header, *rows = text.splitlines()[2:6]
    assert text.startswith("b: differences from weak")
    assert header.split()[-5:] == ["not", "worse", "p", "equivalent", "verdict"]
    assert "difference [95 %]  could show  p (Holm)" in header
    assert [row.split()[:3] for row in rows] == [
        ["strong", setting, "mAP"] for setting in ("cross-lingual", "monolingual", "multilingual")
    ]
    assert all("*" in row and row.endswith("better") for row in rows)


def test_everything_is_in_the_document_and_json_can_hold_it(results: tuple[EvaluationResult, ...]) -> None:
    comparison = compare(results[0], results[1], margin={"mAP": 0.01}, resamples=200, seed=3)
    document = json.loads(json.dumps(comparison.to_dict(), allow_nan=False))
    assert (document["margins"], document["resamples"], document["seed"]) == ({"mAP": 0.01}, 200, 3)
    assert document["summary"] == comparison.summary().splitlines()
    first = document["differences"][0]
    assert first["tests"]["margin"] == 0.01
    assert first["too_few"] == "8 items of one language; 20 are needed"
    assert document["differences"][-1]["ratio"]["low"] is None


def test_identical_results_are_equivalent_only_when_a_margin_says_what_matters() -> None:
    values = np.random.default_rng(2).random(400)
    same = one_pair("a", values), one_pair("b", values)
    for margin, said in ((None, "not distinguishable"), (0.01, "equivalent"), (0.005, "not distinguishable")):
        [row] = compare(*same, measures=["mAP"], margin=margin, resamples=2000).differences
        assert (row.p, row.effect, row.verdict) == (1, 0, said)
        # The rule of three, on both sides: 1 - .025 ** (1 / 400).
        assert (row.low, row.high) == pytest.approx((-0.0092, 0.0092), abs=0.0015)


def test_a_second_result_of_the_same_model_is_told_from_the_first(results: tuple[EvaluationResult, ...]) -> None:
    row = compare(results[0], results[0], measures=["mAP"], resamples=20).differences[0]
    assert (row.against, row.model) == ("weak", "weak (2)")


def one_pair(name: str, values: Sequence[float], *, measure: str = "mAP") -> EvaluationResult:
    """A result of English queries alone."""
    ids = tuple(f"q{number}" for number in range(len(values)))
    scores = PairScores(
        "monolingual", "en", "en", ids, np.ones((len(ids), 1), dtype=np.int64), {measure: np.array(values)}
    )
    return EvaluationResult(name, "b", ("en",), {}, {}, {}, {}, {}, {}, {}, (scores,))


def in_settings(name: str, measures: dict[str, Sequence[float]]) -> EvaluationResult:
    """A result of English queries, with the same values in all three settings."""
    scores = tuple(
        replace(pair, setting=setting, corpus_language=corpus, values={key: np.array(v) for key, v in measures.items()})
        for pair in one_pair(name, next(iter(measures.values()))).scores
        for setting, corpus in (("cross-lingual", "de"), ("monolingual", "en"), ("multilingual", "*"))
    )
    return EvaluationResult(name, "b", ("en",), {}, {}, {}, {}, {}, {}, {}, scores)


def test_a_measure_without_better_and_worse_is_only_higher_or_lower() -> None:
    first, second = (
        one_pair(name, [value] * 20, measure="language_preference") for name, value in (("a", 0.2), ("b", 0.7))
    )
    [row] = compare(first, second, measures=None, margin=0.1, resamples=200).differences
    assert (row.verdict, row.not_worse, row.equivalent) == ("higher", None, False)
    assert (
        compare(first, second, measures=None, resamples=200)
        .summary()
        .startswith("language_preference, monolingual: b higher than a (")
    )


def test_one_item_shows_nothing() -> None:
    comparison = compare(one_pair("a", [0.1]), one_pair("b", [0.9]), margin=0.9, resamples=50)
    [row] = comparison.differences
    assert (row.p, row.tests.p_equivalent, row.verdict) == (1, 1, "too few items to tell")
    assert np.isnan([row.low, row.high, row.effect]).all()
    assert "+0.800 [-, -]" in str(comparison)
    assert comparison.to_dict()["differences"][0]["low"] is None


def test_a_constant_gain_is_not_certain() -> None:
    [row] = compare(one_pair("a", [0.25] * 20), one_pair("b", [0.5] * 20), margin=0.3, resamples=2000).differences
    # All of twenty gain; of the next, one in six may lose all that there is to lose.
    assert 0 < row.low < 0.1
    assert 0.3 < row.high < 0.5
    assert (row.significant, row.verdict) == (True, "better")
    assert row.shares.won == 1


def test_queries_without_a_value_in_either_result_are_left_out_of_both() -> None:
    first, second = one_pair("a", [0.2, np.nan, 0.4, 0.6]), one_pair("b", [0.3, 0.9, np.nan, 0.6])
    [row] = compare(first, second, resamples=50).differences
    assert (row.items, row.baseline, row.value) == (2, pytest.approx(0.4), pytest.approx(0.45))
    nothing = one_pair("b", [np.nan, 0.5, np.nan, np.nan])
    with pytest.raises(InputError, match="they share no setting and measure"):
        compare(first, nothing)


def test_equal_models_are_hardly_ever_told_apart() -> None:
    rng = np.random.default_rng(0)
    alarms = 0
    for seed in range(200):
        easy = rng.normal(size=40)
        results = [one_pair(str(n), 1 / np.ceil(np.exp(np.clip(easy + rng.normal(size=40), 0, 5)))) for n in range(3)]
        found = compare(*results, pairwise=True, resamples=199, seed=seed).differences
        alarms += any(row.significant for row in found)
    # At most 5 % are allowed; three Monte-Carlo standard errors at 200 repetitions are 4.6 points.
    assert alarms / 200 <= 0.05 + 0.046


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
    with pytest.raises(
        InputError, match=r"share no setting and measure \(looked for: nDCG@7\)\. Name others, or all: measures=None"
    ):
        compare(*results, measures=["nDCG@7"])


def test_settings_that_only_one_result_has_are_left_out(
    small_benchmark: Benchmark, vectors_for: Vectors, results: tuple[EvaluationResult, ...]
) -> None:
    partial = evaluate(vectors_for(small_benchmark), small_benchmark, settings=["multilingual"], resamples=0)
    assert {row.setting for row in compare(results[0], partial, resamples=50).differences} == {"multilingual"}

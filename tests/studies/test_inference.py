from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats

from equilingua.benchmarks.benchmark import Benchmark, Corpus, Queries
from equilingua.errors import InputError
from equilingua.evaluation.compare import compare
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.scores import PairScores
from equilingua.evaluation.settings import Setting
from equilingua.retrieval.precomputed import PrecomputedVectors
from equilingua.studies.claims import JudgedClaim, judge
from equilingua.studies.config import ClaimConfig, StudyConfig
from equilingua.studies.inference import Estimate, crossed_estimate, estimate
from equilingua.studies.results import MacroMean, ResultPlace, Retention, StudyScores, Term, difference
from equilingua.studies.tables import slope_weights

CELL = MacroMean("e", "monolingual", "mAP")
REPETITIONS = 1000
MONTE_CARLO = 2 * np.sqrt(0.05 * 0.95 / REPETITIONS)


def result(
    values: np.ndarray, *, name: str = "e", measure: str = "mAP", setting: Setting = "monolingual"
) -> EvaluationResult:
    """One language whose queries have these values."""
    ids = tuple(f"q{n}" for n in range(len(values)))
    pair = PairScores(setting, "en", "en", ids, np.ones((len(values), 1), dtype=np.int64), {measure: values})
    return EvaluationResult("m", name, ("en",), {}, {}, {}, {}, {}, {}, {}, (pair,))


def study(
    values: dict[str, np.ndarray], *, name: str = "e", measure: str = "mAP", setting: Setting = "monolingual"
) -> dict[ResultPlace, EvaluationResult]:
    """Values of every arm, shape (seeds, items)."""
    return {
        (arm, seed, name): result(row, name=name, measure=measure, setting=setting)
        for arm, rows in values.items()
        for seed, row in enumerate(rows)
    }


def judged(results: dict[ResultPlace, EvaluationResult], *claims: dict[str, object]) -> tuple[JudgedClaim, ...]:
    """Claims of a study of these results, which are in the monolingual setting of ``e`` unless they say otherwise."""
    measures = {name: ["mAP", "rank_distance"] for _, _, name in results}
    study = StudyConfig.model_validate(
        {
            **dict.fromkeys(("name", "title", "question", "hypothesis"), "s"),
            "model": "some/model",
            "pairs": ["train.jsonl"],
            "arms": {arm: {} for arm, _, _ in results},
            "baseline": next(arm for arm, _, _ in results),
            "evaluations": [{"benchmark": name, "measures": taken} for name, taken in measures.items()],
            "claims": [{"evaluation": "e", **claim} for claim in claims],
        }
    )
    return judge(study, StudyScores(results))


def crossed(values: np.ndarray) -> Estimate:
    means = values.mean(axis=1)
    return crossed_estimate(float(means.mean()), means, [values - means[:, None]])


def drawn(
    rng: np.random.Generator, ratio: float, residual: float = 0.5, *, seeds: int = 3, items: int = 200
) -> np.ndarray:
    of_seed = np.sqrt(ratio * seeds / items) * rng.normal(size=(seeds, 1))
    return of_seed + rng.normal(size=items) + np.sqrt(residual) * rng.normal(size=(seeds, items))


@pytest.mark.slow
@pytest.mark.parametrize("ratio", [0.0, 0.3, 1.0, 3.0, 30.0])
def test_no_effect_is_seldom_claimed_and_intervals_cover_it(ratio: float) -> None:
    rng = np.random.default_rng([7, round(10 * ratio)])
    found = [crossed(drawn(rng, ratio)) for _ in range(REPETITIONS)]
    assert np.mean([one.p < 0.05 for one in found]) <= 0.05 + MONTE_CARLO
    assert np.mean([one.low <= 0 <= one.high for one in found]) >= 0.93
    for one in found:
        assert (one.p < 0.05) == (not one.low <= 0 <= one.high)


@pytest.mark.slow
@pytest.mark.parametrize("ratio", [0.0, 1.0, 10.0])
def test_a_set_of_false_claims_is_seldom_supported(ratio: float) -> None:
    claims: list[dict[str, object]] = [
        {"says": f"{arm} {test}", "test": test, "arm": arm, "against": "base"}
        for arm in "ab"
        for test in ("better", "different")
    ]
    alarms = 0
    for repetition in range(REPETITIONS):
        rng = np.random.default_rng([8, round(10 * ratio), repetition])
        items = rng.normal(size=50)
        scores = study({arm: items + drawn(rng, ratio, items=50) for arm in ("base", "a", "b")})
        alarms += any(row.verdict == "supported" for row in judged(scores, *claims))
    assert alarms / REPETITIONS <= 0.05 + MONTE_CARLO


def test_one_seed_is_a_t_test_over_items() -> None:
    rng = np.random.default_rng(0)
    one, two = rng.random((2, 1, 40))
    found = estimate(StudyScores(study({"a": one, "b": two})), difference("a", "b", CELL))
    expected = stats.ttest_rel(one[0], two[0])
    assert (found.seeds, found.items, [part.degrees_of_freedom for part in found.parts]) == (1, 40, [39])
    assert found.p == pytest.approx(expected.pvalue)
    assert (found.low, found.high) == pytest.approx(tuple(expected.confidence_interval()))
    greater = stats.ttest_1samp(one[0] - two[0], -0.1, alternative="greater").pvalue
    assert found.p_at_most(-0.1) == pytest.approx(greater)


def test_the_variance_is_that_of_an_analysis_of_variance() -> None:
    values = drawn(np.random.default_rng(1), 1.0, items=30)
    seeds, items = values.shape
    grand = values.mean()
    squares = {"seed": 0.0, "item": 0.0, "residual": 0.0}
    for s in range(seeds):
        squares["seed"] += items * (values[s].mean() - grand) ** 2 / (seeds - 1)
        for i in range(items):
            rest = values[s, i] - values[s].mean() - values[:, i].mean() + grand
            squares["residual"] += rest**2 / ((seeds - 1) * (items - 1))
    for i in range(items):
        squares["item"] += seeds * (values[:, i].mean() - grand) ** 2 / (items - 1)
    found = crossed(values)
    total = squares["seed"] + squares["item"] - squares["residual"]
    assert found.standard_error**2 == pytest.approx(total / (seeds * items))
    of_seeds, of_items = squares["seed"] / values.size, (squares["item"] - squares["residual"]) / values.size
    half = np.sqrt(stats.t.ppf(0.975, seeds - 1) ** 2 * of_seeds + stats.t.ppf(0.975, items - 1) ** 2 * of_items)
    assert (found.low, found.high) == pytest.approx((grand - half, grand + half))


@pytest.mark.parametrize("gain", [0.01, 0.1, 0.5, 2.0])
def test_the_interval_of_a_p_values_own_level_ends_on_the_bound(gain: float) -> None:
    found = crossed(gain + drawn(np.random.default_rng(2), 1.0, items=30))
    assert len(found.parts) == 2
    low, high = found.interval(1 - found.p)
    assert min(abs(low), abs(high)) == pytest.approx(0, abs=1e-9)
    low, _ = found.interval(1 - 2 * found.p_at_most(found.value - gain))
    assert low == pytest.approx(found.value - gain, abs=1e-9)


def small_benchmark() -> Benchmark:
    """Eight queries in English, six of them in German, a passage each."""
    sizes = {"de": 6, "en": 8}
    texts = {language: tuple(f"{language} {n}" for n in range(size)) for language, size in sizes.items()}
    queries = {
        language: Queries(tuple(f"q{n}" for n in range(size)), texts[language]) for language, size in sizes.items()
    }
    corpora = {
        language: Corpus(tuple(f"{language}_{n}" for n in range(size)), texts[language])
        for language, size in sizes.items()
    }
    judged = {f"q{n}": {f"{language}_{n}": 1 for language, size in sizes.items() if n < size} for n in range(8)}
    qrels = {language: {query: judged[query] for query in queries[language].ids} for language in sizes}
    return Benchmark("small", queries, corpora, qrels, {"small.json": "0" * 64})


def vectors(benchmark: Benchmark, seed: int) -> PrecomputedVectors:
    rng = np.random.default_rng(seed)
    sizes = {language: len(rows.ids) for language, rows in benchmark.queries.items()}
    return PrecomputedVectors(*({name: rng.normal(size=(n, 4)) for name, n in sizes.items()} for _ in range(2)))


def test_values_are_those_of_compare() -> None:
    benchmark = small_benchmark()
    weak, strong = (
        evaluate(vectors(benchmark, seed), benchmark, model_name=name, resamples=0)
        for seed, name in enumerate(("weak", "strong"))
    )
    scores = StudyScores({("weak", 0, "small"): weak, ("strong", 0, "small"): strong})
    for row in compare(weak, strong, resamples=100).differences:
        found = estimate(scores, difference("strong", "weak", MacroMean("small", row.setting, row.measure)))
        assert (found.value, found.items) == (row.difference, row.items)
    german = MacroMean("small", "cross-lingual", "mAP", ("de",))
    assert estimate(scores, (Term(1.0, "weak", german),)).value == pytest.approx(
        weak.per_language["cross-lingual"]["de"]["mAP"]
    )


def test_retention_is_as_uncertain_as_its_bootstrap_over_seeds_and_items() -> None:
    rng = np.random.default_rng(3)
    skills = 0.1 * rng.normal(size=(8, 1))
    reference, shifted = 2 + skills + 0.5 * rng.normal(size=(8, 150)), 1 + skills + 0.5 * rng.normal(size=(8, 100))
    scores = StudyScores(study({"a": reference}) | study({"a": shifted}, name="far"))
    found = estimate(scores, Retention("a", replace(CELL, evaluation="far"), CELL))
    assert (found.value, found.items) == (pytest.approx(shifted.mean() / reference.mean()), 250)
    resampled = []
    for _ in range(4000):
        seeds, near, far = (rng.integers(0, n, n) for n in (8, 150, 100))
        resampled.append(shifted[seeds][:, far].mean() / reference[seeds][:, near].mean())
    assert found.standard_error == pytest.approx(np.std(resampled), rel=0.15)
    scores = StudyScores(study({"a": reference, "b": reference}) | study({"a": shifted, "b": shifted}, name="far"))
    none = estimate(scores, Retention("a", replace(CELL, evaluation="far"), CELL, against="b"))
    assert (none.value, none.p) == (0, 1)
    # No item differs between these two, which does not show that none would.
    assert none.low < 0 < none.high


@given(seed=st.integers(0, 10**6), seeds=st.integers(1, 4), items=st.integers(2, 12))
def test_order_and_sign_do_not_matter(seed: int, seeds: int, items: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(0.3, 1, (seeds, items))
    found = crossed(values)
    for other in (values[rng.permutation(seeds)], values[:, rng.permutation(items)], -values):
        same = crossed(other)
        assert abs(same.value) == pytest.approx(abs(found.value))
        assert (same.standard_error, same.p) == pytest.approx((found.standard_error, found.p))
    flipped = crossed(-values)
    assert (flipped.low, flipped.high) == pytest.approx((-found.high, -found.low))


def test_interactions_and_trends_are_sums_of_means() -> None:
    rng = np.random.default_rng(4)
    values = {arm: rng.random((3, 20)) for arm in "abc"}
    scores = StudyScores(study(values) | study({arm: rows / 2 for arm, rows in values.items()}, name="half"))
    half = replace(CELL, evaluation="half")
    lead = values["a"].mean() - values["b"].mean()
    assert estimate(scores, (*difference("a", "b", CELL), *difference("b", "a", half))).value == pytest.approx(lead / 2)
    line = np.polyfit([0, 0.5, 1], [values[arm].mean() for arm in "abc"], 1)[0]
    weights = slope_weights({"a": 0, "b": 0.5, "c": 1})
    slope = tuple(Term(weight, arm, CELL) for arm, weight in weights.items())
    assert estimate(scores, slope).value == pytest.approx(line)


def planted(test: str, gain: float, *, margin: float | None = None, measure: str = "mAP") -> JudgedClaim:
    rng = np.random.default_rng(5)
    base = rng.random((3, 100))
    setting = "multilingual" if measure == "rank_distance" else "monolingual"
    results = study(
        {"base": base, "new": base + gain + 0.01 * rng.normal(size=base.shape)}, measure=measure, setting=setting
    )
    claim = {"says": "new wins", "test": test, "arm": "new", "against": "base", "measure": measure, "margin": margin}
    return judged(results, claim | {"setting": setting})[0]


def test_planted_effects_are_found() -> None:
    found = [
        planted("better", 0.1), planted("better", -0.1), planted("better", 0.0), planted("different", -0.1),
        planted("better", -50, measure="rank_distance"), planted("not-worse", -0.01, margin=0.05),
        planted("not-worse", -0.1, margin=0.05), planted("not-worse", 50, margin=20, measure="rank_distance"),
        planted("equivalent", 0.0, margin=0.05), planted("equivalent", 0.1, margin=0.05),
    ]  # fmt: skip
    assert [row.verdict for row in found] == [
        "supported", "contradicted", "not shown", "supported", "supported", "supported", "contradicted",
        "contradicted", "supported", "contradicted",
    ]  # fmt: skip
    better, worse = found[0], found[1]
    assert better.sentence.startswith("new is better than base: higher by 0.1")
    assert better.sentence.endswith("mAP in the monolingual setting of e, p < 0.001.")
    assert worse.sentence.startswith("new is worse than base: lower by 0.1")
    assert "is not shown to be better than" in found[2].sentence
    assert found[4].sentence.startswith("new is better than base: lower by 50 [50, 50] ranks (rank distance)")


def test_what_is_not_shown_never_bears_a_small_p_value() -> None:
    rng = np.random.default_rng(11)
    base = rng.random((3, 100))
    noise = {arm: 0.01 * rng.normal(size=base.shape) for arm in "abc"}
    gains = {"a": 0.1, "b": 0.1, "c": -0.0011}
    results = study({"base": base} | {arm: base + gain + noise[arm] for arm, gain in gains.items()})
    *_, row = judged(results, *({"says": arm, "test": "better", "arm": arm, "against": "base"} for arm in gains))
    assert row.p_corrected < 0.05 < row.p_opposite_corrected
    assert row.verdict == "not shown"
    assert f"p = {row.p_opposite_corrected:.3f}" in row.sentence


def test_a_sentence_on_retention_does_not_say_that_an_arm_is_better() -> None:
    rng = np.random.default_rng(12)
    near = {arm: 1 + 0.01 * rng.random((3, 50)) for arm in ("a", "b")}
    far = {arm: share + 0.01 * rng.random((3, 50)) for arm, share in (("a", 0.5), ("b", 0.8))}
    claim = {"says": "a retains more", "test": "better", "arm": "a", "against": "b", "retained_from": "e"}
    [row] = judged(study(near) | study(far, name="far"), claim | {"evaluation": "far"})
    assert row.sentence.startswith("In what is retained, a is worse than b: lower by 0.")
    place = "of the mAP in the monolingual setting of far as a share of that in the monolingual setting of e, p "
    assert place in row.sentence


def test_missing_trainings_and_unequal_queries_are_named() -> None:
    values = np.random.default_rng(6).random((2, 10))
    results = study({"a": values, "b": values})
    del results["b", 1, "e"]
    with pytest.raises(InputError, match=r"arm 'b' lacks seed 1 of 'e'"):
        StudyScores(results)
    with pytest.raises(InputError, match=r"arm 'b', seed 1, on 'e' and arm 'a', seed 0, on 'e': queries differ"):
        StudyScores(results | {("b", 1, "e"): result(values[0, :9])})
    scores = StudyScores(study({"a": values}))
    with pytest.raises(InputError, match=r"arm 'z' has no result on 'e'. Allowed: a"):
        estimate(scores, (Term(1.0, "z", CELL),))
    with pytest.raises(InputError, match=r"has no 'MRR'"):
        estimate(scores, (Term(1.0, "a", replace(CELL, measure="MRR")),))


@pytest.mark.parametrize(
    ("claim", "problem"),
    [
        ({"test": "not-worse"}, "the test 'not-worse' needs one"),
        ({"test": "better", "margin": 0.1}, "the test 'better' has no use for one"),
        ({"test": "better", "measure": "language_preference"}, "language_preference has no better end"),
        ({"test": "equivalent", "margin": float("inf")}, "margin"),
        ({"test": "worse"}, "test"),
    ],
)
def test_claims_that_cannot_be_tested_are_refused(claim: dict[str, object], problem: str) -> None:
    setting = "multilingual" if "measure" in claim else "monolingual"
    with pytest.raises(ValidationError, match=problem):
        ClaimConfig.model_validate(
            {"says": "c", "arm": "a", "against": "b", "evaluation": "e", "setting": setting, **claim}
        )

import numpy as np
import pytest

from equilingua.errors import InputError
from equilingua.statistics.bootstrap import bootstrap
from equilingua.statistics.significance import Margins, margin_p_values, margins_by_measure, out_of_reach

MEASURES = {
    "mAP": [np.array([0.2, np.nan])],
    "rank_distance": [np.array([0.0, 1.0])],
    "Max@R_norm": [np.array([0.5])],
    "language_oracle_gap": [np.array([0.1])],
}


def test_a_bare_number_is_for_measures_between_0_and_1() -> None:
    assert margins_by_measure(0.01, MEASURES) == {"mAP": 0.01}
    assert margins_by_measure(None, MEASURES) == {}


def test_other_measures_have_a_margin_only_by_name() -> None:
    assert margins_by_measure({"rank_distance": 20}, MEASURES) == {"rank_distance": 20}
    assert margins_by_measure({"shares": 0.01, "mAP": 0.02, "Max@R_norm": 1}, MEASURES) == {
        "mAP": 0.02,
        "Max@R_norm": 1,
    }


@pytest.mark.parametrize("margin", [0.01, {"shares": 0.01, "rank_distance": 20}])
def test_a_bare_number_where_no_measure_is_a_share_is_refused(margin: Margins) -> None:
    measures = {name: MEASURES[name] for name in ("rank_distance", "Max@R_norm")}
    with pytest.raises(InputError, match=r"margin 0\.01: .* none is compared \(rank_distance, Max@R_norm\)\. Name the"):
        margins_by_measure(margin, measures)


@pytest.mark.parametrize("margin", [0, -0.1, float("nan"), float("inf")])
def test_a_margin_that_is_no_positive_number_is_refused(margin: float) -> None:
    with pytest.raises(InputError, match=r"a margin is the difference from which on it matters, above 0"):
        margins_by_measure({"mAP": margin}, MEASURES)


@pytest.mark.parametrize("margin", [20, {"mAP": 20}, {"language_oracle_gap": 1}])
def test_a_margin_that_no_difference_can_reach_is_refused(margin: Margins) -> None:
    with pytest.raises(InputError, match=r"margin \d+: measures between 0 and 1 cannot differ by more; one point is"):
        margins_by_measure(margin, MEASURES)


def test_a_weighted_sum_has_a_reach_of_its_own() -> None:
    assert out_of_reach(1.9, most=2) is None
    told = out_of_reach(0.3, most=0.25)
    assert told is not None
    assert "cannot differ by more than 0.25, weighted as here" in told


def test_a_margin_for_a_measure_that_is_not_compared_is_refused() -> None:
    with pytest.raises(
        InputError, match=r"margin for 'rank_distanc': it is not compared. Did you mean 'rank_distance'"
    ):
        margins_by_measure({"rank_distanc": 20}, MEASURES)


def test_equivalence_is_the_90_percent_interval_within_the_margin() -> None:
    rng = np.random.default_rng(0)
    differences = {seed: rng.exponential(size=(40, 2)) - 1 + rng.normal(0, 0.3) for seed in range(60)}
    drawn = bootstrap(differences, resamples=2000, seed=0)
    margins = np.full(60, 0.4)
    not_worse, equivalent = margin_p_values(drawn, margins, lower_is_better=[False] * 60)
    for (low, high), loss, either in zip(drawn.intervals(0.9), not_worse, equivalent, strict=True):
        if min(abs(low + 0.4), abs(high - 0.4)) > 0.003:  # within a resample of the margin either may hold
            assert (either < 0.05) == (low > -0.4 and high < 0.4)
            assert (loss < 0.05) == (low > -0.4)
    assert 5 < np.count_nonzero(equivalent < 0.05) < 55


def test_where_lower_is_better_a_rise_is_the_loss() -> None:
    drawn = bootstrap({0: np.random.default_rng(0).normal(-1, 0.1, (50, 1))}, resamples=500, seed=0)
    lower, higher = (
        margin_p_values(drawn, np.array([0.5]), lower_is_better=[is_better])[0][0] for is_better in (True, False)
    )
    assert lower < 0.01 < 0.99 < higher

"""False claims where items are few, tied, heavy-tailed or without spread: a short form of ``interval_coverage``."""

from collections.abc import Callable

import numpy as np
import pytest

from equilingua.evaluation.compare import compare
from equilingua.evaluation.comparison import Difference
from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.scores import PairScores

REPETITIONS = 120
# At most 5 % may be false; three Monte-Carlo standard errors are 6 points.
MOST = 0.05 + 0.06
Draw = Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray]]


def one_pair(name: str, values: np.ndarray, measure: str) -> EvaluationResult:
    ids = tuple(f"q{number}" for number in range(len(values)))
    scores = PairScores("monolingual", "en", "en", ids, np.ones((len(ids), 1), dtype=np.int64), {measure: values})
    return EvaluationResult(name, "b", ("en",), {}, {}, {}, {}, {}, {}, {}, (scores,))


def compared(draw: Draw, *, measure: str = "mAP", margin: float = 0.01) -> list[Difference]:
    rows = []
    for seed in range(REPETITIONS):
        first, second = draw(np.random.default_rng([13, seed]))
        pair = one_pair("a", first, measure), one_pair("b", second, measure)
        rows += compare(*pair, measures=[measure], margin={measure: margin}, resamples=200, seed=seed).differences
    return rows


def share(rows: list[Difference], says: Callable[[Difference], object]) -> float:
    return sum(bool(says(row)) for row in rows) / len(rows)


def test_hits_lost_at_the_margin_are_not_called_not_worse() -> None:
    rows = compared(lambda rng: (np.ones(100), 1.0 - (rng.random(100) < 0.01)), measure="R@1")
    assert share(rows, lambda row: row.not_worse or row.equivalent) <= MOST
    # A hundred hits of which none is lost do not show that none would be.
    assert all(row.low < -0.02 < 0.02 < row.high for row in rows if not row.difference)


def test_a_loss_of_exactly_the_margin_is_not_called_not_worse() -> None:
    rng = np.random.default_rng(0)
    for first, rank_like in ((0.01 + 0.98 * rng.random(100), False), (100 + 5 * rng.random(100), True)):
        measure, margin = ("rank_distance", 20.0) if rank_like else ("mAP", 0.01)
        second = first + 20 if rank_like else first - 0.01
        [row] = compare(
            one_pair("a", first, measure), one_pair("b", second, measure), measures=[measure],
            margin={measure: margin}, resamples=500,
        ).differences  # fmt: skip
        assert row.tests is not None
        assert row.tests.p_not_worse == 1


@pytest.mark.parametrize("items", [10, 50])
def test_few_items_that_are_not_tied_show_neither_equivalence_nor_no_loss(items: int) -> None:
    def draw(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        steps = np.clip(rng.normal(-0.1, 0.25, items), -0.5, 0.5) * (rng.random(items) < 0.1)
        return np.full(items, 0.5), 0.5 + steps

    rows = compared(draw)
    assert share(rows, lambda row: row.not_worse or row.equivalent) <= MOST
    assert share(rows, lambda row: row.low <= -0.01 <= row.high) >= 0.95 - 0.06


@pytest.mark.parametrize("items", [10, 30])
def test_small_gains_do_not_make_better_where_rare_losses_were_not_drawn(items: int) -> None:
    def draw(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        lost = rng.random(items) < 1 / items
        return np.full(items, 0.8), np.where(lost, 0.0, 0.8 + 0.8 / (items - 1) + 0.001 * rng.random(items))

    rows = compared(draw)
    assert share(rows, lambda row: row.verdict == "better") <= MOST
    assert any(row.p_corrected < 0.05 and row.verdict == "too few items to tell" for row in rows)


@pytest.mark.parametrize("items", [50, 200])
def test_heavy_tails_have_no_interval_of_the_mean_but_a_ratio_that_holds(items: int) -> None:
    rows = compared(lambda rng: tuple(np.exp(3 * rng.normal(size=(2, items)))), measure="rank_distance", margin=20)
    assert share(rows, lambda row: np.isnan(row.low)) >= 0.95
    assert share(rows, lambda row: row.not_worse or row.equivalent) <= MOST
    assert share(rows, lambda row: row.verdict in ("better", "worse")) <= MOST
    assert share(rows, lambda row: row.ratio and row.ratio.low <= 1 <= row.ratio.high) >= 0.95 - 0.06


def test_a_heavy_tail_does_not_hide_what_most_items_do() -> None:
    rng = np.random.default_rng(5)
    ranks = np.exp(3 * rng.normal(size=300))
    halved = ranks * np.exp(0.3 * rng.normal(size=300) - np.log(2))
    [row] = compare(one_pair("a", ranks, "rank_distance"), one_pair("b", halved, "rank_distance")).differences
    assert (row.verdict, row.by_ratio) == ("better", True)
    assert row.ratio is not None
    assert row.ratio.low < row.ratio.ratio < row.ratio.high < 1
    assert "(geometric mean)" in compare(
        one_pair("a", ranks, "rank_distance"), one_pair("b", halved, "rank_distance"), resamples=200
    ).summary()  # fmt: skip


def test_a_language_with_a_few_of_the_items_is_said_to_be_too_few() -> None:
    rng = np.random.default_rng(6)
    base = rng.random((60, 2))
    results = []
    for name, values in (("a", base), ("b", np.clip(base + 0.02 * rng.normal(size=base.shape), 0, 1))):
        scores = tuple(
            PairScores("multilingual", tag, "*", ids, np.ones((len(ids), 1), dtype=np.int64), {"mAP": column})
            for tag, ids, column in (
                ("de", tuple(f"q{n:02}" for n in range(60)), values[:, 0]),
                ("fi", tuple(f"q{n:02}" for n in range(12)), values[:12, 1]),
            )
        )
        results.append(EvaluationResult(name, "b", ("de", "fi"), {}, {}, {}, {}, {}, {}, {}, scores))
    comparison = compare(*results, resamples=200)
    assert comparison.summary() == (
        "mAP, multilingual: b and a: too few items to tell (12 items of one language; 20 are needed)"
    )
    assert comparison.differences[0].smallest is not None

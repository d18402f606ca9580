import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.evaluation.comparison import Comparison, Difference, MarginTests
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.result import EvaluationResult
from equilingua.reports.numbers import CSV_HEADER, results_csv
from equilingua.reports.tables import (
    ALL,
    Cell,
    cells,
    comparison_table,
    interval_text,
    results_table,
    settings_table,
)
from equilingua.statistics.significance import ItemShares

Results = tuple[tuple[str, EvaluationResult], ...]


def make_result(model: str, measures: Mapping[str, Mapping[str, float]]) -> EvaluationResult:
    """A result with the numbers given and intervals of one hundredth (ten ranks) around them."""
    return EvaluationResult(
        model=model,
        benchmark="xquad-r",
        languages=("en", "th"),
        measures=measures,
        per_language={},
        per_pair={},
        intervals={
            setting: {name: (v - (10 if v > 1 else 0.01), v + (10 if v > 1 else 0.01)) for name, v in of.items()}
            for setting, of in measures.items()
        },
        pair_intervals={},
        counts={"queries": {"en": 1190, "th": 1190}, "pool": 2032},
        provenance={},
        scores=(),
    )


@pytest.fixture
def hybrid() -> EvaluationResult:
    return make_result(
        "runs/hybrid",
        {
            "monolingual": {"mAP": 0.798, "R@1": 0.7, "R@10": 0.9},
            "cross-lingual": {"mAP": 0.705, "R@1": 0.6, "R@10": 0.8},
            "multilingual": {"mAP": 0.593, "R@1": 0.08, "R@10": 0.55, "rank_distance": 1287.4},
        },
    )


@pytest.fixture
def comparison() -> Comparison:
    of_map = Difference(
        model="hybrid",
        against="x-x-mono",
        setting="multilingual",
        measure="mAP",
        items=1190,
        baseline=0.547,
        value=0.593,
        low=0.04,
        high=0.052,
        p=0.0001,
        p_corrected=0.0003,
        effect=0.412,
        shares=ItemShares(0.61, 0.2, 0.19),
        tests=MarginTests(0.01, 0.0001, 0.99, 0.0002, 1.0),
        smallest=0.0084,
    )
    of_distance = replace(
        of_map,
        measure="rank_distance",
        baseline=410.2,
        value=287.1,
        low=-130.6,
        high=2.2,
        p_corrected=0.4,
        tests=None,
        smallest=None,
    )
    return Comparison("xquad-r", "x-x-mono", (of_map, of_distance), margins={"mAP": 0.01})


def test_the_papers_columns_come_with_cut_offs_and_intervals(hybrid: EvaluationResult) -> None:
    table = results_table([("Hybrid", hybrid)])
    assert table.header == ("", "mAP Mo", "mAP Cr", "mAP Mul", "R@1 Mo", "R@1 Cr", "R@10 Mul", "rank distance")
    assert table.rows == (
        (
            "Hybrid",
            "0.798 [0.788, 0.808]",
            "0.705 [0.695, 0.715]",
            "0.593 [0.583, 0.603]",
            "0.700 [0.690, 0.710]",
            "0.600 [0.590, 0.610]",
            "0.550 [0.540, 0.560]",
            "1,287 [1,277, 1,297]",
        ),
    )
    assert table.title == "xquad-r, 2 languages"
    assert "mAP without cut-off" in table.note


def test_settings_that_were_not_evaluated_are_a_dash() -> None:
    partial = make_result("m", {"monolingual": {"mAP": 0.5}})
    assert results_table([("m", partial)]).rows[0] == ("m", "0.500 [0.490, 0.510]", "-", "-", "-", "-", "-", "-")


def test_markdown_is_a_table_of_the_same_cells(hybrid: EvaluationResult) -> None:
    lines = results_table([("a|b", hybrid)]).markdown().splitlines()
    assert lines[0] == "xquad-r, 2 languages"
    assert lines[2].startswith("|  | mAP Mo | mAP Cr |")
    assert lines[3] == "| --- | --: | --: | --: | --: | --: | --: | --: |"
    assert lines[4].startswith("| a\\|b | 0.798 [0.788, 0.808] | 0.705 [0.695, 0.715] |")


def test_one_result_is_told_setting_by_setting(hybrid: EvaluationResult) -> None:
    table = settings_table(hybrid)
    assert table.header == ("setting", "mAP [95 %]", "R@1", "R@10", "rank_distance [95 %]")
    assert [row[0] for row in table.rows] == ["monolingual", "cross-lingual", "multilingual"]
    assert table.rows[0][-1] == "-"
    assert table.rows[2][-1] == "1,287 [1,277, 1,297]"
    assert "2 languages (en, th), 1,190 queries a language, pool of 2,032 passages" in str(table)


def test_a_comparison_tells_differences_tests_and_verdicts(comparison: Comparison) -> None:
    table = comparison_table(comparison)
    assert table.header[-5:] == ("d_z", "won/tied/lost %", "p not worse", "p equivalent", "verdict")
    of_map = (
        "hybrid",
        "multilingual",
        "mAP",
        "0.547",
        "0.593",
        "+0.046 [+0.040, +0.052]",
        "0.008",
        "0.0003*",
        "+0.41",
        "61/20/19",
    )
    of_distance = ("hybrid", "multilingual", "rank_distance", "410", "287", "-123 [-131, +2]", "-", "0.4000 ")
    assert table.rows == (
        (*of_map, "0.0002", "1.0000", "better"),
        (*of_distance, "+0.41", "61/20/19", "-", "-", "not distinguishable"),
    )
    assert "of the margin (mAP 0.01)." in table.note
    assert table.note.splitlines()[-2:] == [
        "- mAP, multilingual: hybrid better than x-x-mono (+0.046 [+0.040, +0.052])",
        "- rank_distance, multilingual: x-x-mono and hybrid not distinguishable",
    ]


def test_what_is_shown_without_a_terminal_is_plain_and_whole(
    hybrid: EvaluationResult, capsys: pytest.CaptureFixture[str]
) -> None:
    table = results_table([("a very long label of a model that would have to be folded " * 3, hybrid)])
    table.show()
    assert capsys.readouterr().out == f"\n{table}\n"


def test_cells_hold_the_results_own_means_and_intervals(results: Results) -> None:
    result = results[0][1]
    by_place = {(c.setting, c.query_language, c.corpus_language, c.measure): c for c in cells(result)}
    macro = by_place["multilingual", ALL, ALL, "mAP"]
    assert macro.value == result.measures["multilingual"]["mAP"]
    assert (macro.low, macro.high) == result.intervals["multilingual"]["mAP"]
    for pair, means in result.per_pair.items():
        cell = by_place["cross-lingual", *pair.split("-"), "mAP"]
        assert cell.value == pytest.approx(means["mAP"])
        assert cell.low is not None
        assert cell.high is not None
        assert cell.low < cell.value < cell.high
    for language, means in result.per_language["monolingual"].items():
        assert by_place["monolingual", language, language, "R@10"].value == pytest.approx(means["R@10"])
    for language, means in result.per_language["multilingual"].items():
        assert by_place["multilingual", language, "*", "rank_distance"].value == pytest.approx(means["rank_distance"])


def test_only_the_measures_asked_for_are_given(results: Results) -> None:
    found = cells(results[0][1], ["mAP"])
    assert {cell.measure for cell in found} == {"mAP"}
    assert len(found) == 3 + 3 + 6 + 3


def test_a_result_without_resamples_has_no_intervals(results: Results) -> None:
    result = results[0][1]
    plain = replace(result, intervals={}, pair_intervals={})
    assert {(cell.low, cell.high) for cell in cells(plain)} == {(None, None)}


def test_a_language_with_a_single_query_has_no_interval(
    small_benchmark: Benchmark, vectors_for: Callable[..., Any]
) -> None:
    german = small_benchmark.qrels["de"]
    one = {query: judged if query == next(iter(german)) else {} for query, judged in german.items()}
    benchmark = replace(small_benchmark, qrels={**small_benchmark.qrels, "de": one})
    result = evaluate(vectors_for(benchmark), benchmark, settings=["monolingual"], resamples=50)
    cell, *others = [cell for cell in cells(result, ["mAP"]) if cell.query_language]
    assert (cell.query_language, cell.low, cell.high) == ("de", None, None)
    assert all(other.low is not None for other in others)
    assert interval_text(cell, 3) == f"{cell.value:.3f}"


def test_an_interval_is_left_out_where_there_is_none() -> None:
    assert interval_text(Cell("monolingual", "en", "en", "mAP", 0.51234), 3) == "0.512"
    assert interval_text(Cell("multilingual", "en", "*", "rank_distance", 1234.6, 900, 2000.4), 0) == (
        "1,235 [900, 2,000]"
    )


def test_csv_reads_back_as_the_cells_of_every_result(results: Results) -> None:
    rows = list(csv.DictReader(io.StringIO(results_csv(results))))
    assert tuple(rows[0]) == CSV_HEADER
    expected = [(label, "small", cell) for label, result in results for cell in cells(result)]
    assert len(rows) == len(expected)
    for row, (label, benchmark, cell) in zip(rows, expected, strict=True):
        assert (row["model"], row["benchmark"]) == (label, benchmark)
        place = row["setting"], row["query_language"], row["corpus_language"], row["measure"]
        assert place == (cell.setting, cell.query_language, cell.corpus_language, cell.measure)
        told = float(row["value"]), *(float(row[end]) if row[end] else None for end in ("low", "high"))
        assert told == (cell.value, cell.low, cell.high)

import csv
import dataclasses
import io
from collections.abc import Callable
from typing import Any

import pytest

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.result import EvaluationResult
from equilingua.reports.cells import ALL, Cell, cells, interval_text
from equilingua.reports.numbers import CSV_HEADER, results_csv

Results = tuple[tuple[str, EvaluationResult], ...]


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
    plain = dataclasses.replace(result, intervals={}, pair_intervals={})
    assert {(cell.low, cell.high) for cell in cells(plain)} == {(None, None)}


def test_a_language_with_a_single_query_has_no_interval(
    small_benchmark: Benchmark, vectors_for: Callable[..., Any]
) -> None:
    german = small_benchmark.qrels["de"]
    one = {query: judged if query == next(iter(german)) else {} for query, judged in german.items()}
    benchmark = dataclasses.replace(small_benchmark, qrels={**small_benchmark.qrels, "de": one})
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

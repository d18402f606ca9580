import csv
import dataclasses
import io

import pytest

from equilingua.evaluation.result import EvaluationResult
from equilingua.reports.cells import ALL, CSV_HEADER, Cell, cells, csv_text, interval_text

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
    plain = dataclasses.replace(result, intervals={}, provenance={**result.provenance, "resamples": 0})
    assert {(cell.low, cell.high) for cell in cells(plain)} == {(None, None)}


def test_a_language_with_a_single_query_has_no_interval(results: Results) -> None:
    result = results[0][1]
    one = next(pair for pair in result.scores if pair.setting == "monolingual")
    single = dataclasses.replace(
        one,
        query_ids=one.query_ids[:1],
        ranks=one.ranks[:1],
        values={name: values[:1] for name, values in one.values.items()},
    )
    scores = tuple(single if pair is one else pair for pair in result.scores)
    place = one.setting, one.query_language, one.corpus_language
    found = [
        cell
        for cell in cells(dataclasses.replace(result, scores=scores), ["mAP"])
        if (cell.setting, cell.query_language, cell.corpus_language) == place
    ]
    assert [(cell.low, cell.high) for cell in found] == [(None, None)]
    assert "nan" not in interval_text(found[0], 3)


def test_an_interval_is_left_out_where_there_is_none() -> None:
    assert interval_text(Cell("monolingual", "en", "en", "mAP", 0.51234), 3) == "0.512"
    assert interval_text(Cell("multilingual", "en", "*", "rank_distance", 1234.6, 900, 2000.4), 0) == (
        "1,235 [900, 2,000]"
    )


def test_csv_reads_back_as_the_cells_of_every_result(results: Results) -> None:
    rows = list(csv.DictReader(io.StringIO(csv_text(results))))
    assert tuple(rows[0]) == CSV_HEADER
    expected = [(label, "small", cell) for label, result in results for cell in cells(result)]
    assert len(rows) == len(expected)
    for row, (label, benchmark, cell) in zip(rows, expected, strict=True):
        assert (row["model"], row["benchmark"]) == (label, benchmark)
        place = row["setting"], row["query_language"], row["corpus_language"], row["measure"]
        assert place == (cell.setting, cell.query_language, cell.corpus_language, cell.measure)
        told = float(row["value"]), *(float(row[end]) if row[end] else None for end in ("low", "high"))
        assert told == (cell.value, cell.low, cell.high)

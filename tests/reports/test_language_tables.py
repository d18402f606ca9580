from dataclasses import replace

import numpy as np

from equilingua.evaluation.rank_spread import rank_spreads
from equilingua.evaluation.result import EvaluationResult
from equilingua.reports.language_tables import language_table, shared_measures, spread_table
from equilingua.reports.tables import cells

Results = tuple[tuple[str, EvaluationResult], ...]


def test_the_diagonal_is_monolingual_and_the_pool_stands_last(results: Results) -> None:
    result = results[0][1]
    table = language_table("weak", cells(result), "mAP")
    assert table.header == ("queries", "ar", "en", "zh", "mixed pool")
    values = {row[0]: [cell.split()[0] for cell in row[1:]] for row in table.rows}
    mono, mixed = result.per_language["monolingual"], result.per_language["multilingual"]
    assert values["en"] == [
        f"{result.per_pair['en-ar']['mAP']:.3f}",
        f"{mono['en']['mAP']:.3f}",
        f"{result.per_pair['en-zh']['mAP']:.3f}",
        f"{mixed['en']['mAP']:.3f}",
    ]
    assert all("[" in cell for row in table.rows for cell in row[1:])


def test_pairs_that_were_not_evaluated_are_a_dash(one_language: EvaluationResult) -> None:
    table = language_table("weak", cells(one_language), "mAP")
    assert table.header == ("queries", "ar", "en", "zh")
    assert table.rows[0][2:] == ("-", "-")


def test_rank_spreads_are_the_measure_rank_distance(results: Results) -> None:
    result = results[0][1]
    found = {spread.language: spread for spread in rank_spreads(result)}
    for pair in result.scores:
        if pair.setting == "multilingual":
            distances = pair.values["rank_distance"]
            spread = found[pair.query_language]
            assert spread.queries == len(distances)
            assert spread.mean == distances.mean()
            assert spread.quantiles == tuple(np.quantile(distances, [0.1, 0.25, 0.5, 0.75, 0.9]))
    table = spread_table("weak", list(found.values()), cells(result))
    assert [row[0] for row in table.rows] == ["ar", "en", "zh"]
    assert table.rows[0][1].startswith(f"{found['ar'].mean:,.0f} [")


def test_only_measures_of_every_setting_can_be_shown_by_language(results: Results) -> None:
    names = shared_measures([result for _, result in results])
    assert names[0] == "mAP"
    assert "rank_distance" not in names


def test_intervals_are_spoken_of_only_where_there_are_any(results: Results) -> None:
    result = results[0][1]
    bare = [replace(cell, low=None, high=None) for cell in cells(result)]
    for shown, known in ((cells(result), True), (bare, False)):
        tables = language_table("weak", shown, "mAP"), spread_table("weak", rank_spreads(result), shown)
        assert [("95 %" in str(table), "[" in str(table)) for table in tables] == [(known, known)] * 2

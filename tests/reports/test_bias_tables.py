import dataclasses

from equilingua.evaluation.result import EvaluationResult
from equilingua.reports.bias_tables import bias_tables, exposure_table, top_hits_table

Results = tuple[tuple[str, EvaluationResult], ...]


def test_exposure_is_told_beside_the_pool_in_percentage_points(results: Results) -> None:
    bias = results[0][1].language_bias
    assert bias is not None
    table = exposure_table("weak", bias)
    assert table.title == "weak: passage languages in the first 10 places"
    for language, share, pool, difference in table.rows:
        exposure = bias.exposure[language]
        assert (share, pool) == (f"{100 * exposure.share:.1f}", "33.3")
        assert difference.startswith(f"{100 * (exposure.share - 1 / 3):+.1f} [")


def test_first_places_add_up_to_all_queries(results: Results) -> None:
    bias = results[0][1].language_bias
    assert bias is not None
    for row in top_hits_table("weak", bias).rows:
        assert row[1] == "30"
        assert abs(sum(map(float, row[2:])) - 100) < 0.21


def test_every_test_says_what_no_bias_would_give(results: Results) -> None:
    bias = results[0][1].language_bias
    assert bias is not None
    tests = {row[0]: row for row in bias_tables("weak", bias)[-1].rows}
    assert tests["Kendall's W (Friedman)"][2] == "0"
    assert tests["MRC@10"][2] == "1"
    assert tests["PEER@10"][1] == "-"
    assert tests["PEER@10"][3] == bias.peer.reason != ""


def test_tables_without_rows_are_left_out(results: Results) -> None:
    bias = results[0][1].language_bias
    assert bias is not None
    without = dataclasses.replace(bias, top_hits={})
    assert len(bias_tables("weak", without)) == len(bias_tables("weak", bias)) - 1

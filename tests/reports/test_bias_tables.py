import dataclasses
from collections.abc import Mapping

from equilingua.evaluation.result import EvaluationResult
from equilingua.metrics.preference import Exposure
from equilingua.reports.language_tables import bias_tables, exposure_table, top_hits_table

Results = tuple[tuple[str, EvaluationResult], ...]


def test_exposure_is_told_beside_the_pool_in_percentage_points(results: Results) -> None:
    bias = results[0][1].language_bias
    assert bias is not None
    table = exposure_table("weak", bias)
    assert table.title == "weak: passage languages in the first 10 places"
    assert table.note.startswith("Means over query languages, each of which counts the same;")
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


def test_every_test_says_what_no_preference_would_give(results: Results) -> None:
    bias = results[0][1].language_bias
    assert bias is not None
    tests = {row[0]: row for row in bias_tables("weak", bias)[-1].rows}
    assert tests["Kendall's W (Friedman)"][2] == "about 0.033"  # one over 30 items
    assert tests["MRC@10"][2] == "1"
    assert tests["PEER@10"][1:3] == ("-", ".5 to 1")
    assert tests["PEER@10"][3] == bias.peer.reason != ""


def test_tables_without_rows_are_left_out(results: Results) -> None:
    bias = results[0][1].language_bias
    assert bias is not None
    without = dataclasses.replace(bias, top_hits={})
    assert len(bias_tables("weak", without)) == len(bias_tables("weak", bias)) - 1


def test_the_level_of_intervals_stands_only_where_there_are_any(results: Results) -> None:
    bias = results[0][1].language_bias
    assert bias is not None
    assert bias.rank_correlation is not None
    bare = dataclasses.replace(
        bias,
        exposure=without_intervals(bias.exposure),
        exposure_per_language={asked: without_intervals(of) for asked, of in bias.exposure_per_language.items()},
        rank_correlation=dataclasses.replace(bias.rank_correlation, interval=None),
    )
    assert all("95 %" in str(table) for table in bias_tables("weak", bias) if table.title != "weak: what stands first")
    assert not any("95 %" in str(table) for table in bias_tables("weak", bare))


def without_intervals(exposures: Mapping[str, Exposure]) -> dict[str, Exposure]:
    return {language: dataclasses.replace(exposure, interval=None) for language, exposure in exposures.items()}

import re
import sys
from xml.etree import ElementTree

import pytest

pytest.importorskip("altair", reason="draws charts: needs the extra 'report'")

from equilingua.errors import InputError
from equilingua.evaluation.rank_spread import rank_spreads
from equilingua.evaluation.result import EvaluationResult
from equilingua.metrics.preference import Exposure
from equilingua.reports.charts import exposure_chart, heat_domain, heat_map, spread_chart
from equilingua.reports.tables import Cell, cells

Results = tuple[tuple[str, EvaluationResult], ...]


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_a_heat_map_prints_every_pair_and_the_pool(results: Results) -> None:
    found = cells(results[0][1], ["mAP"])
    shown = texts(heat_map(found, "mAP", domain=heat_domain(found, "mAP")))
    values = [f"{cell.value:.2f}" for cell in found if cell.query_language]
    assert len(values) == 12
    for value in values:
        assert shown.count(value) >= values.count(value)
    assert {"ar", "en", "zh", "mixed pool", "query language", "passage language", "mAP"} <= set(shown)


def test_colours_are_variables_of_the_page_so_that_both_themes_fit(results: Results) -> None:
    result = results[0][1]
    assert result.language_bias is not None
    for svg in (
        heat_map(cells(result), "mAP", domain=(0, 1)),
        spread_chart(rank_spreads(result)),
        exposure_chart(result.language_bias.exposure),
    ):
        marks = re.sub(r'stroke="#ddd" stroke-width="0"', "", svg)
        assert set(re.findall(r'(?:fill|stroke)="([^"v][^"]*)"', marks)) <= {"none", "transparent"}
        assert not re.search(r"\sid=", svg)


def test_text_on_full_colours_is_of_the_other_kind() -> None:
    squares = [Cell("monolingual", tag, tag, "mAP", value) for tag, value in (("ar", 0.56), ("en", 0.58))]
    svg = heat_map(squares, "mAP", domain=(0, 1))
    inks = dict(re.findall(r'fill="var\((--on-\w+)\)"[^>]*>([\d.]+)<', svg))
    assert inks == {"--on-pale": "0.56", "--on-full": "0.58"}


@pytest.mark.parametrize(
    ("values", "ends"), [((0.43, 0.81), (0.4, 0.85)), ((12.0, 340.0), (0, 350)), ((0.5, 0.5), (0.5, 0.55))]
)
def test_the_colour_scale_ends_at_round_numbers(values: tuple[float, float], ends: tuple[float, float]) -> None:
    found = [Cell("monolingual", "en", "en", "mAP", value) for value in values]
    assert heat_domain(found, "mAP") == ends


def test_a_missing_library_is_told_with_the_extra_that_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(InputError) as caught:
        heat_map([Cell("monolingual", "en", "en", "mAP", 0.5)], "mAP", domain=(0, 1))
    assert str(caught.value) == (
        "charts are drawn with altair and vl-convert-python, but vl_convert is not installed. Run pip "
        "install 'equilingua[report]', or write .tex or .csv"
    )


def test_exposure_without_intervals_is_drawn_too() -> None:
    svg = exposure_chart({"en": _exposure(0.7), "zh": _exposure(0.3)})
    assert {"en", "zh", "share of the first places"} <= set(texts(svg))


def _exposure(share: float) -> Exposure:
    return Exposure(share=share, pool_share=0.5, difference=share - 0.5, interval=None)

"""The page of results as people meet it: the drill-down to single queries, with mouse and keyboard."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.evaluation.compare import compare
from equilingua.evaluation.result import EvaluationResult
from equilingua.reports.result import Report

pytest.importorskip("altair", reason="draws charts: needs the extra 'report'")
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def report_file(
    results: tuple[tuple[str, EvaluationResult], ...],
    report_benchmark: Benchmark,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    comparison = compare(*(result for _, result in results), measures=["mAP", "rank_distance"], resamples=200)
    report = Report(results, comparison=comparison, benchmark=report_benchmark)
    return report.write(tmp_path_factory.mktemp("page") / "report.html")


@pytest.fixture
def page(open_page: Callable[[Path], Any], report_file: Path) -> Any:
    return open_page(report_file)


def column(page: Any, name: str) -> list[float]:
    """Numbers of a column of the query table, from top to bottom."""
    place = page.locator("#query-table thead th").all_inner_texts().index(name)
    cells = page.locator("#query-table tbody tr:not([hidden])").all()
    return [float(row.locator("td").nth(place).inner_text().replace(",", "")) for row in cells]


def header(page: Any, name: str) -> Any:
    return page.locator("#query-table thead th").filter(has=page.get_by_role("button", name=name, exact=True))


def test_hostile_texts_are_shown_as_texts(page: Any) -> None:
    page.get_by_label("Text or id contains").fill("what is question")
    assert "</script><script>" in page.locator("#query-table tbody").inner_text()
    assert page.title() == "2 results on small"
    assert page.locator("img").count() == 0


def test_columns_sort_by_mouse_and_by_keyboard(page: Any) -> None:
    assert header(page, "mAP").get_attribute("aria-sort") == "ascending"
    button = header(page, "MRR@20").get_by_role("button")
    button.click()
    assert header(page, "MRR@20").get_attribute("aria-sort") == "ascending"
    assert header(page, "mAP").get_attribute("aria-sort") == "none"
    values = column(page, "MRR@20")
    assert values == sorted(values)
    assert len(set(values)) > 1
    button.press("Enter")
    assert header(page, "MRR@20").get_attribute("aria-sort") == "descending"
    assert column(page, "MRR@20")[0] > values[0]
    assert page.evaluate("document.activeElement.textContent") == "MRR@20"


def test_queries_are_filtered_by_text_and_language(page: Any) -> None:
    status = page.get_by_role("status")
    assert status.inner_text() == "50 of 60 queries shown"
    page.get_by_label("Query language", exact=True).select_option("zh")
    assert status.inner_text() == "20 of 20 queries shown"
    page.get_by_label("Text or id contains").fill("什么也没有")
    assert status.inner_text().startswith("No query fits")
    page.get_by_label("Text or id contains").fill("第几个")
    assert status.inner_text() == "20 of 20 queries shown"
    page.get_by_label("Query language", exact=True).select_option("")
    assert status.inner_text() == "20 of 20 queries shown"


def test_more_queries_are_shown_on_demand(page: Any) -> None:
    page.get_by_role("button", name="Show more").press("Enter")
    assert page.get_by_role("status").inner_text() == "60 of 60 queries shown"
    assert page.get_by_role("button", name="Show more").is_hidden()


def test_the_setting_switches_by_mouse_and_by_keyboard(page: Any) -> None:
    settings = page.get_by_role("group", name="Setting")
    settings.get_by_text("cross-lingual").locator("..").click()
    assert page.get_by_role("status").inner_text() == "50 of 120 queries shown"
    assert page.get_by_label("Passage language", exact=True).is_visible()
    page.get_by_label("Passage language", exact=True).select_option("ar")
    assert page.get_by_role("status").inner_text() == "40 of 40 queries shown"
    settings.get_by_label("cross-lingual").press("ArrowRight")
    assert settings.get_by_label("multilingual").is_checked()
    assert "rank_distance" in page.locator("#query-table thead").inner_text()
    assert page.get_by_label("Passage language", exact=True).is_hidden()
    assert page.get_by_role("status").inner_text() == "50 of 60 queries shown"


def test_the_result_switches(page: Any) -> None:
    page.get_by_label("Result", exact=True).select_option("0")
    weak = column(page, "mAP")
    page.get_by_label("Result", exact=True).select_option("1")
    assert sum(column(page, "mAP")) > sum(weak)


def test_a_query_unfolds_to_its_passages_by_keyboard(page: Any) -> None:
    page.get_by_role("group", name="Setting").get_by_label("multilingual").check()
    page.get_by_label("Query language", exact=True).select_option("ar")
    toggle = page.locator("#query-table tbody button").first
    assert toggle.get_attribute("aria-expanded") == "false"
    toggle.press("Enter")
    assert toggle.get_attribute("aria-expanded") == "true"
    unfolded = page.locator(f"#{toggle.get_attribute('aria-controls')}")
    right, wrong = unfolded.locator("li:not(.wrong) [lang]"), unfolded.locator("li.wrong")
    assert sorted(right.evaluate_all("all => all.map((one) => one.lang)")) == ["ar", "en", "zh"]
    assert wrong.count() == 3
    assert all("not relevant" in text for text in wrong.locator("b").all_inner_texts())
    assert unfolded.locator("[lang=ar]").first.evaluate("one => getComputedStyle(one).direction") == "rtl"
    assert unfolded.locator("[lang=en]").first.evaluate("one => getComputedStyle(one).direction") == "ltr"
    ranks = [int(text.split(",")[0].removeprefix("rank ")) for text in unfolded.locator("b").all_inner_texts()]
    assert ranks == sorted(ranks)
    toggle.press("Enter")
    assert unfolded.is_hidden()


def test_on_a_phone_queries_unfold_without_widening_the_page(page: Any) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    for setting in ("monolingual", "cross-lingual", "multilingual"):
        page.get_by_role("group", name="Setting").get_by_label(setting).check()
        page.locator("#query-table tbody button").first.click()
        assert page.evaluate("document.documentElement.scrollWidth") == 390

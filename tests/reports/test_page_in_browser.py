"""The page as people meet it: in a headless Chromium, with mouse and keyboard, light and dark, wide and narrow."""

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from equilingua.evaluation.benchmark import Benchmark
from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.significance import compare
from equilingua.reports.document import Report

pytest.importorskip("altair", reason="draws charts: needs the extra 'report'")
playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
pytestmark = pytest.mark.browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")

# The luminance and contrast of WCAG 2.2, of two colours as the browser gives them.
CONTRAST = """
([one, two]) => {
  const luminance = (color) => {
    const [r, g, b] = color.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const resolved = (name) => {
    const probe = document.body.appendChild(document.createElement("i"));
    probe.style.color = `var(${name})`;
    const color = getComputedStyle(probe).color;
    probe.remove();
    return luminance(color);
  };
  const [high, low] = [resolved(one), resolved(two)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    found = next((path for path in map(shutil.which, NAMES) if path), None)
    if found is None:
        pytest.skip(f"no Chromium on the path: install one as {', '.join(NAMES)}")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


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
def page(browser: Any, report_file: Path) -> Iterator[Any]:
    """The page opened; any request but the file itself, any message of the console and any error fails the test."""
    problems: list[str] = []

    def check(route: Any) -> None:
        if route.request.url == report_file.as_uri():
            route.continue_()
        else:
            problems.append(f"request {route.request.url}")
            route.abort()

    opened = browser.new_page(viewport={"width": 1100, "height": 900}, color_scheme="light")
    opened.route("**/*", check)
    opened.on("console", lambda message: problems.append(message.text))
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.goto(report_file.as_uri())
    yield opened
    opened.close()
    assert problems == []


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
    assert sorted(unfolded.locator("[lang]").evaluate_all("all => all.map((one) => one.lang)")) == ["ar", "en", "zh"]
    assert unfolded.locator("[lang=ar]").evaluate("one => getComputedStyle(one).direction") == "rtl"
    assert unfolded.locator("[lang=en]").evaluate("one => getComputedStyle(one).direction") == "ltr"
    ranks = [int(text.split(",")[0].removeprefix("rank ")) for text in unfolded.locator("b").all_inner_texts()]
    assert ranks == sorted(ranks)
    toggle.press("Enter")
    assert unfolded.is_hidden()


def test_the_theme_follows_the_system_until_it_is_chosen(page: Any) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(paper)
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate(paper)
    assert dark != light
    themes = page.get_by_role("group", name="Theme")
    themes.get_by_label("Light").check()
    assert page.evaluate(paper) == light
    themes.get_by_label("Light").press("ArrowRight")
    assert page.evaluate(paper) == dark
    themes.get_by_label("Auto").check()
    page.emulate_media(color_scheme="light")
    assert page.evaluate(paper) == light


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_stand_out_in_both_themes(page: Any, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    inks = [("--ink", "--paper"), ("--muted", "--paper"), ("--muted", "--panel"), ("--accent", "--paper")]
    inks += [("--on-accent", "--accent"), ("--ink", "--panel"), ("--accent", "--panel")]
    inks += [("--on-pale" if step < 4 else "--on-full", f"--step-{step}") for step in range(7)]
    contrasts = {pair: page.evaluate(CONTRAST, list(pair)) for pair in inks}
    assert {pair: value for pair, value in contrasts.items() if value < 4.5} == {}
    assert page.evaluate(CONTRAST, ["--edge", "--paper"]) >= 3


def test_a_phone_scrolls_tables_in_their_boxes_and_never_the_page(page: Any) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    for summary in page.locator("summary").all():
        summary.click()
    for setting in ("monolingual", "cross-lingual", "multilingual"):
        page.get_by_role("group", name="Setting").get_by_label(setting).check()
        page.locator("#query-table tbody button").first.click()
        assert page.evaluate("document.documentElement.scrollWidth") == 390
    wide = page.locator(".scroll").evaluate_all("all => all.filter((one) => one.scrollWidth > one.clientWidth).length")
    assert wide > 0


def test_print_leaves_controls_out_and_opens_tables(page: Any) -> None:
    page.emulate_media(media="print", color_scheme="dark")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.get_by_label("Text or id contains").is_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator("figure details:not([open])").count() == 0


def test_landmarks_headings_and_ids_are_in_order(page: Any) -> None:
    for role in ("banner", "navigation", "main"):
        assert page.get_by_role(role).count() == 1
    levels = page.locator("h1, h2, h3").evaluate_all("all => all.map((one) => Number(one.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    ids = page.locator("[id]").evaluate_all("all => all.map((one) => one.id)")
    assert len(set(ids)) == len(ids)
    targets = page.locator("a[href^='#']").evaluate_all("all => all.map((one) => one.hash.slice(1))")
    assert set(targets) <= set(ids)
    assert page.evaluate("document.documentElement.lang") == "en"


def test_everything_has_a_name_and_every_chart_a_table(page: Any) -> None:
    unnamed = page.locator("input, select, button").evaluate_all(
        "all => all.filter((one) => !(one.labels?.length || one.textContent.trim())).length"
    )
    assert unnamed == 0
    charts = page.locator("figure").all()
    assert len(charts) == 6
    for chart in charts:
        assert len(chart.get_by_role("img").get_attribute("aria-label")) > 20
        assert chart.locator("svg").count() == 1
        assert chart.locator("details table").count() >= 1
    assert page.locator("svg").count() == 6
    assert page.locator("table:not(:has(caption))").count() == 0
    assert page.locator("th:not([scope])").count() == 0
    assert page.locator("thead th").evaluate_all("all => all.filter((one) => !one.textContent.trim()).length") == 0
    regions = page.locator(".scroll")
    assert regions.evaluate_all("all => all.every((one) => one.tabIndex === 0 && one.role === 'region')")


def test_keyboard_reaches_the_content_first(page: Any) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To the results"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0

"""What every page has to do: light and dark, wide and narrow, on paper, by keyboard alone, without a network."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from equilingua.auditing.record import Audit
from equilingua.benchmarks.benchmark import Benchmark
from equilingua.evaluation.compare import compare
from equilingua.evaluation.result import EvaluationResult
from equilingua.reports.audit import AuditReport
from equilingua.reports.result import Report
from equilingua.reports.study import StudyReport
from equilingua.reports.writing import Document, write_document
from equilingua.studies.outcome import StudyOutcome

pytest.importorskip("altair", reason="draws charts: needs the extra 'report'")
pytestmark = pytest.mark.browser

CHARTS = {"results": 6, "audit": 4, "audit without judgements": 1, "study": 13}

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
def files(
    results: tuple[tuple[str, EvaluationResult], ...],
    report_benchmark: Benchmark,
    audited: Audit,
    audited_without_judgements: Audit,
    study_outcome_found: StudyOutcome,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Path]:
    """A page of every kind."""
    comparison = compare(*(result for _, result in results), measures=["mAP", "rank_distance"], resamples=200)
    reports: dict[str, Document] = {
        "results": Report(results, comparison=comparison, benchmark=report_benchmark),
        "audit": AuditReport(audited, benchmark=report_benchmark),
        "audit without judgements": AuditReport(audited_without_judgements),
        "study": StudyReport(study_outcome_found),
    }
    folder = tmp_path_factory.mktemp("pages")
    return {kind: write_document(report, folder / f"{kind}.html") for kind, report in reports.items()}


@pytest.fixture(params=list(CHARTS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def page(open_page: Callable[[Path], Any], files: dict[str, Path], kind: str) -> Any:
    return open_page(files[kind])


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
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    wide = page.locator(".scroll").evaluate_all("all => all.filter((one) => one.scrollWidth > one.clientWidth).length")
    assert wide > 0


def test_print_leaves_controls_out_and_opens_tables(page: Any) -> None:
    page.emulate_media(media="print", color_scheme="dark")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.get_by_label("Text or id contains").is_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator("details").count() > 1
    assert page.locator("details:not([open])").count() == 0


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


def test_everything_has_a_name_and_every_chart_a_table(page: Any, kind: str) -> None:
    unnamed = page.locator("input, select, button").evaluate_all(
        "all => all.filter((one) => !(one.labels?.length || one.textContent.trim())).length"
    )
    assert unnamed == 0
    charts = page.locator("figure").all()
    assert len(charts) == CHARTS[kind]
    for chart in charts:
        assert len(chart.get_by_role("img").get_attribute("aria-label")) > 20
        assert chart.locator("svg").count() == 1
        assert chart.locator("details table").count() >= 1
    assert page.locator("svg").count() == CHARTS[kind]
    assert page.locator("table:not(:has(caption))").count() == 0
    assert page.locator("th:not([scope])").count() == 0
    assert page.locator("thead th").evaluate_all("all => all.filter((one) => !one.textContent.trim()).length") == 0
    regions = page.locator(".scroll")
    assert regions.evaluate_all("all => all.every((one) => one.tabIndex === 0 && one.role === 'region')")


def test_keyboard_reaches_the_content_first(page: Any) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To the results"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0

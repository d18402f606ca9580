"""The page of an audit as people meet it: what was found first, its steps once, then the result."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from equilingua.auditing.record import Audit
from equilingua.benchmarks.benchmark import Benchmark
from equilingua.reports.audit import AuditReport

pytest.importorskip("altair", reason="draws charts: needs the extra 'report'")
pytestmark = pytest.mark.browser


@pytest.fixture
def page(open_page: Callable[[Path], Any], audited: Audit, report_benchmark: Benchmark, tmp_path: Path) -> Any:
    return open_page(AuditReport(audited, benchmark=report_benchmark).write(tmp_path / "audit.html"))


def test_problems_and_what_to_do_stand_on_top(page: Any) -> None:
    headings = page.locator("main h2").all_inner_texts()
    assert headings[:6] == [
        "Problems",
        "Next steps",
        "Standing of each query language",
        "Exposure of each passage language",
        "Languages of the texts",
        "Notes",
    ]
    assert page.locator("#findings li").count() == 2
    assert page.locator("#notes li").count() == 2
    assert "</script><script>" in page.locator("#findings li").first.inner_text()
    assert page.title() == "Audit of strong"


def test_a_step_is_told_once_with_its_languages(page: Any) -> None:
    steps = page.locator("#steps li")
    assert steps.count() == 3
    assert steps.first.locator(".for").inner_text() == "Arabic, Chinese"


def test_the_worst_language_stands_first_in_chart_and_table(page: Any, audited: Audit) -> None:
    tags = [standing.language for standing in audited.standings]
    assert tags != sorted(tags)
    rows = page.locator("#standings tbody th").all_inner_texts()
    assert [row.split("(")[1].rstrip(")") for row in rows] == tags
    drawn = page.locator("#standings svg text").evaluate_all(
        "all => all.map((one) => [one.textContent, one.getBoundingClientRect().top])"
    )
    tops = [next(top for text, top in drawn if text == tag) for tag in tags]
    assert tops == sorted(set(tops))


def test_exposure_is_shown_once_and_open(page: Any) -> None:
    assert page.locator("#exposure details").get_attribute("open") is not None
    assert page.locator("caption", has_text="passage languages in the first 10 places").count() == 1


def test_single_queries_are_ordered_by_the_audits_measure(page: Any) -> None:
    sorted_by = page.locator("#query-table th[aria-sort=ascending]").inner_text()
    assert sorted_by == "nDCG@10"
    page.locator("#query-table tbody button").first.click()
    assert page.locator("#query-table .passages li").count() >= 1

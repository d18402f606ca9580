import base64
import csv
import dataclasses
import hashlib
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.errors import InputError
from equilingua.evaluation.compare import compare
from equilingua.evaluation.result import EvaluationResult
from equilingua.reports.result import Report, labelled, report_tables

Results = tuple[tuple[str, EvaluationResult], ...]


class Page(HTMLParser):
    """Tags with their attributes, and the text of scripts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.scripts and self.cdata_elem == "script":
            self.scripts[-1] += data


@pytest.fixture(scope="module")
def html(results: Results, report_benchmark: Benchmark, tmp_path_factory: pytest.TempPathFactory) -> str:
    pytest.importorskip("altair", reason="draws charts: needs the extra 'report'")
    comparison = compare(*(result for _, result in results), measures=["mAP"], resamples=200)
    report = Report(results, comparison=comparison, benchmark=report_benchmark)
    return report.write(tmp_path_factory.mktemp("report") / "report.html").read_text(encoding="utf-8")


def test_data_never_becomes_markup(html: str) -> None:
    page = Page(html)
    assert len(page.scripts) == 4
    assert [attributes for tag, attributes in page.tags if tag == "img"] == []
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert all("owned" not in script for script in page.scripts[2:])


def test_texts_reach_the_script_unchanged(html: str, report_benchmark: Benchmark) -> None:
    data = json.loads(Page(html).scripts[1])
    for language, queries in data["queries"].items():
        assert len(queries) >= 20
        for query, text in queries.items():
            assert text == report_benchmark.queries[language].texts[int(query[1:])]


def test_the_page_asks_for_nothing_and_allows_only_its_own_script(html: str) -> None:
    page = Page(html)
    sources = [a for _, attributes in page.tags for name, a in attributes.items() if name in ("src", "href", "srcset")]
    assert all(source is not None and source.startswith(("#", "data:")) for source in sources)
    assert "url(" not in html
    assert "@import" not in html
    policy = next(a["content"] for tag, a in page.tags if tag == "meta" and "content" in a and "http-equiv" in a)
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in page.scripts[2:]]
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    assert f"default-src 'none'; style-src 'unsafe-inline'; script-src {allowed}; img-src data:" in (policy or "")


def test_the_page_holds_every_table_of_the_report(html: str, results: Results) -> None:
    plain = re.sub(r"<[^>]+>", " ", html)
    for table in report_tables(Report((results[0],))):
        for row in table.rows:
            for cell in row:
                if "[" in cell:
                    assert cell.split(" [")[0] in plain


def test_what_is_missing_is_said(one_language: EvaluationResult, tmp_path: Path) -> None:
    pytest.importorskip("altair", reason="draws charts: needs the extra 'report'")
    text = Report((("weak", one_language),)).write(tmp_path / "r.html").read_text(encoding="utf-8")
    assert "Rank distance is left out: the multilingual setting was not evaluated." in text
    assert "Language bias is left out:" in text
    assert "Texts are left out: the report was made without the benchmark." in text


def test_markdown_holds_the_tables_and_no_html(results: Results, tmp_path: Path) -> None:
    text = Report(results).write(tmp_path / "r.md").read_text(encoding="utf-8")
    assert "| weak |" in text
    assert f"{results[0][1].measures['monolingual']['mAP']:.3f} [" in text
    assert "<" not in text
    assert "&lt;/script>" in text


def test_latex_has_a_table_for_each_table_of_the_report(results: Results, tmp_path: Path) -> None:
    text = Report(results).write(tmp_path / "r.tex").read_text(encoding="utf-8")
    assert text.count(r"\begin{tabular}") == text.count(r"\end{tabular}") == len(report_tables(Report(results)))
    assert r"\textless{}/script\textgreater{}" in text


def test_csv_has_a_line_a_number(results: Results, tmp_path: Path) -> None:
    with Report(results).write(tmp_path / "r.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    macro = [row for row in rows if not row["query_language"] and row["measure"] == "mAP" and row["model"] == "weak"]
    assert [float(row["value"]) for row in macro] == [means["mAP"] for means in results[0][1].measures.values()]


def test_an_unknown_suffix_is_told_with_those_allowed(results: Results, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"r\.docx: a report is written as one of \.html, \.md, \.tex, \.csv"):
        Report(results).write(tmp_path / "r.docx")
    assert list(tmp_path.iterdir()) == []


def test_a_measure_that_a_setting_lacks_is_told_with_those_allowed(results: Results) -> None:
    with pytest.raises(InputError, match=r"'rank_distance' is not in every setting of every result\. .*Allowed: .*mAP"):
        Report(results, measure="rank_distance")


def test_results_need_labels_of_their_own(results: Results) -> None:
    same = (("a", results[0][1]), ("a", results[1][1]))
    with pytest.raises(InputError, match="two results are called 'a': give each a label of its own"):
        Report(same)
    with pytest.raises(InputError, match="nothing to report: give at least one result"):
        Report(())


def test_results_of_one_model_are_told_apart_by_their_folders(results: Results) -> None:
    one, other = results[0][1], dataclasses.replace(results[1][1], model="weak")
    assert [label for label, _ in labelled([(Path("a"), one), (Path("b"), other)])] == ["weak (a)", "weak (b)"]
    assert [label for label, _ in labelled([(Path("a"), one)])] == ["weak"]


def test_a_report_as_csv_holds_no_formula(results: Results) -> None:
    named = dataclasses.replace(results[0][1], model="=HYPERLINK(A1)", benchmark="@benchmark")
    rows = list(csv.DictReader(io.StringIO(Report(((named.model, named),)).csv())))
    assert {row["model"] for row in rows} == {"'=HYPERLINK(A1)"}
    assert {row["benchmark"] for row in rows} == {"'@benchmark"}

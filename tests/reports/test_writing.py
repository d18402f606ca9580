import re
from collections.abc import Sequence
from dataclasses import replace

from equilingua.evaluation.compare import compare
from equilingua.evaluation.result import EvaluationResult
from equilingua.reports.result import Report
from equilingua.reports.writing import Block, Words, full_names, latex_text, markdown_text
from equilingua.tables import Table

Results = tuple[tuple[str, EvaluationResult], ...]

BLOCKS: Sequence[Block] = (
    Table("mAP of a|b", ("", "mAP"), (("x", "1"),), note="p < .05"),
    Table("mAP of a|b", ("", "mAP"), (("y", "2"),)),
    Words("Next <steps>", ("one | two", "50 %")),
)


def on_paths(results: Results) -> Report:
    """The results as two runs that lie in one folder, compared."""
    labels = ("/data/runs/x-x-mono", "/data/runs/hybrid")
    named = tuple((label, replace(result, model=label)) for label, (_, result) in zip(labels, results, strict=True))
    comparison = compare(*(result for _, result in named), measures=["mAP"], resamples=100)
    return Report(named, comparison=comparison)


def test_markdown_has_a_heading_for_every_part() -> None:
    lines = markdown_text("T", BLOCKS).splitlines()
    assert [line for line in lines if line.startswith("#")] == [
        "# T",
        "## mAP of a\\|b",
        "## mAP of a\\|b",
        "## Next &lt;steps>",
    ]
    assert "p &lt; .05" in lines
    assert "- one \\| two" in lines


def test_latex_gives_every_table_a_label_of_its_own() -> None:
    text = latex_text(BLOCKS)
    assert re.findall(r"\\label\{(.*)\}", text) == ["tab:map-of-a-b", "tab:map-of-a-b-2"]
    assert "\\paragraph{Next \\textless{}steps\\textgreater{}}" in text
    assert "\\item 50 \\%" in text


def test_labels_stay_the_same_whatever_the_numbers(results: Results) -> None:
    labels = re.findall(r"\\label\{(.*)\}", latex_text(on_paths(results).blocks()))
    assert labels[:4] == ["tab:results", "tab:comparison", "tab:languages-x-x-mono", "tab:rank-distance-x-x-mono"]
    assert len(set(labels)) == len(labels)


def test_paths_are_shortened_in_every_table_and_told_once(results: Results) -> None:
    text = markdown_text("T", on_paths(results).blocks())
    tables, _, names = text.partition("## Full names")
    assert "/data" not in tables
    assert "- mAP, multilingual: hybrid" in tables
    assert "differences from x-x-mono" in tables
    assert names.split("\n\n")[1].splitlines() == ["- x-x-mono: /data/runs/x-x-mono", "- hybrid: /data/runs/hybrid"]


def test_the_title_of_one_result_is_short(results: Results) -> None:
    assert Report((("/data/runs/hybrid", results[0][1]),)).title == "hybrid on small"


def test_csv_keeps_full_names(results: Results) -> None:
    assert "\n/data/runs/hybrid," in on_paths(results).csv()


def test_names_that_were_not_shortened_are_not_explained() -> None:
    assert full_names({"a": "a"}) == []

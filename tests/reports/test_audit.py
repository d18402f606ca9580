import csv
import dataclasses
import io
import re
from pathlib import Path

import pytest

from equilingua.auditing.record import Audit
from equilingua.errors import InputError
from equilingua.reports.audit import AuditReport
from equilingua.tables import Table


def headings(markdown: str) -> list[str]:
    return re.findall("^##? (.*)$", markdown, flags=re.MULTILINE)


def numbers(report: AuditReport) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(report.csv())))


def test_problems_and_what_to_do_come_first(audited: Audit, tmp_path: Path) -> None:
    found = headings(AuditReport(audited).write(tmp_path / "a.md").read_text(encoding="utf-8"))
    assert found[:7] == [
        "Audit of strong",
        "Problems",
        "Next steps",
        "strong: query languages, worst first",
        "strong: passage languages in the first 10 places",
        "Passages and queries by language",
        "Notes",
    ]
    assert found[7] == "small, 3 languages"
    assert found[-1] == "Full names"
    assert len(set(found)) == len(found)


def test_a_step_stands_once_with_the_languages_it_is_for(audited: Audit, tmp_path: Path) -> None:
    text = AuditReport(audited).write(tmp_path / "a.md").read_text(encoding="utf-8")
    assert text.count("- Fine-tune.") == 1
    assert "(Arabic, Chinese)\n" in text
    assert "- Add a field.\n" in text
    assert "<" not in text


def test_texts_that_were_detected_or_left_out_are_counted(audited: Audit) -> None:
    [table] = [block for block in AuditReport(audited).blocks() if isinstance(block, Table) and block.name == "texts"]
    assert table.rows == (
        ("Arabic (ar)", "30", "30"),
        ("English (en)", "30", "30"),
        ("Chinese (zh)", "30", "30"),
        ("all", "90", "90"),
    )
    assert table.note == (
        "Passages that came without a language, which was detected: 30. Left out of the passages: 2 of whose "
        "language the detector is not sure, 1 of languages found in a few texts only."
    )


def test_exposure_is_said_to_be_a_mean_over_query_languages(audited: Audit) -> None:
    [table] = [b for b in AuditReport(audited).blocks() if isinstance(b, Table) and b.name == "exposure strong"]
    assert table.note.startswith("Means over query languages, each of which counts the same;")


def test_without_judgements_exposure_stands_alone(audited_without_judgements: Audit, tmp_path: Path) -> None:
    report = AuditReport(audited_without_judgements)
    text = report.write(tmp_path / "a.md").read_text(encoding="utf-8")
    assert "No judgements were given, so only exposure could be measured." in text
    assert "strong: passage languages in the first 10 places" in headings(text)
    assert not any("worst first" in heading or "rank distance" in heading for heading in headings(text))
    assert {row["benchmark"] for row in numbers(report)} == {"docs.jsonl"}


def test_an_audit_without_a_problem_says_so(audited: Audit) -> None:
    quiet = dataclasses.replace(audited, findings=())
    [words, *_] = AuditReport(quiet).blocks()
    assert words.title == "Problems"
    assert getattr(words, "lines", None) == ("No problem found.",)


def test_latex_holds_every_part(audited: Audit, tmp_path: Path) -> None:
    text = AuditReport(audited).write(tmp_path / "a.tex").read_text(encoding="utf-8")
    for label in ("tab:standings-strong", "tab:exposure-strong", "tab:texts", "tab:results", "tab:languages-strong"):
        assert text.count(f"\\label{{{label}}}") == 1
    assert text.count(r"\begin{itemize}") == text.count(r"\end{itemize}") == 4
    assert r"\textless{}/script\textgreater{}" in text


def test_numbers_are_those_of_the_audit(audited: Audit) -> None:
    rows = numbers(AuditReport(audited))
    worst = audited.standings[0]
    assert worst.behind_interval is not None
    [behind] = [
        row
        for row in rows
        if row["measure"] == "nDCG@10 - mean"
        and (row["model"], row["query_language"]) == ("/data/runs/strong", worst.language)
    ]
    assert float(behind["value"]) == worst.behind
    assert (float(behind["low"]), float(behind["high"])) == worst.behind_interval
    shares = [float(row["value"]) for row in rows if row["measure"] == "exposure@10" and not row["query_language"]]
    assert sum(shares) == pytest.approx(1)
    assert {row["model"] for row in rows if row["measure"] == "nDCG@10"} >= {"weak"}
    assert [row["value"] for row in rows if row["measure"] == "passages"] == ["30", "30", "30"]


def test_the_audits_measure_is_shown_unless_another_is_asked_for(audited: Audit) -> None:
    own, asked = AuditReport(audited).result, AuditReport(audited, measure="mAP").result
    assert own is not None
    assert asked is not None
    assert (own.measure, asked.measure) == ("nDCG@10", "mAP")
    with pytest.raises(InputError, match="'rank_distance' is not in every setting"):
        AuditReport(audited, measure="rank_distance")

"""The HTML page of an audit: what was found on top, below it everything a result's page has."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from equilingua.auditing.findings import Finding, advice
from equilingua.auditing.record import Audit
from equilingua.languages import language_name
from equilingua.reports.audit_tables import (
    HEADINGS,
    audit_exposure_table,
    languages_of,
    no_problem,
    of_severity,
    standing_table,
    text_table,
)
from equilingua.reports.charts import standing_chart
from equilingua.reports.figures import Figure, exposure_figure
from equilingua.reports.page import provenance, rendered
from equilingua.reports.result import result_parts

if TYPE_CHECKING:
    from equilingua.reports.audit import AuditReport


@dataclass(frozen=True, slots=True)
class FoundGroup:
    """The findings of one severity.

    Attributes:
        severity: problem or note.
        heading: in words.
        findings: at least one.
    """

    severity: str
    heading: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A next step.

    Attributes:
        text: what to do.
        languages: it concerns, by name; perhaps none.
    """

    text: str
    languages: tuple[str, ...]


def audit_page(report: "AuditReport") -> str:
    """The whole page; without judgements, it has no standings and no result.

    Raises:
        InputError: if the libraries that draw are missing, or the texts do not belong to the result.
    """
    audit = report.audit
    result = result_parts(report.result) if report.result else None
    evaluated = [provenance("How the model was evaluated", audit.result.provenance)] if audit.result else []
    return rendered(
        "audit.html.jinja",
        title=report.title,
        kicker="Audit of a retriever across languages",
        records=[provenance("How the audit was made", audit.provenance), *evaluated],
        scripts=["queries.js"] if result else [],
        summary=f"{audit.model}: {audit.summary}.",
        no_problem="" if audit.problems else no_problem(audit),
        groups=_groups(audit),
        standings=_standing_figure(report.label, audit),
        exposure=_exposure_figure(report.label, audit),
        texts=text_table(audit),
        steps=[Step(one.step, tuple(map(language_name, languages_of(one)))) for one in advice(audit.findings)],
        page=result,
    )


def _groups(audit: Audit) -> list[FoundGroup]:
    groups = [
        FoundGroup(severity, heading, tuple(of_severity(audit.findings, severity)))
        for severity, heading in HEADINGS.items()
    ]
    return [group for group in groups if group.findings]


def _standing_figure(label: str, audit: Audit) -> Figure | None:
    if not audit.standings:
        return None
    name, beside = next(iter(audit.baseline.items()), ("", ()))
    told = ", ".join(f"{standing.language} {standing.value:.3f}" for standing in audit.standings)
    mark = f"; upright mark: {name}" if beside else ""
    return Figure(
        heading=f"{audit.measure}, by query language",
        svg=standing_chart(audit.standings, beside, measure=audit.measure),
        description=f"{audit.measure} of every query language, worst first: {told}.",
        reading=f"Point: the model, with its 95 % interval as a line; broken line: the mean of all{mark}.",
        tables=(standing_table(label, audit),),
    )


def _exposure_figure(label: str, audit: Audit) -> Figure:
    """As a result's, with the languages' names in the first table."""
    figure = exposure_figure(label, audit.bias)
    return replace(figure, tables=(audit_exposure_table(label, audit), *figure.tables[1:]))

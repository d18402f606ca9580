"""The report of an audit: its findings, standings and exposure, and its result where there are judgements."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from equilingua.auditing.record import Audit
from equilingua.benchmarks.benchmark import Benchmark
from equilingua.reports.audit_tables import (
    audit_exposure_table,
    finding_groups,
    finding_words,
    next_steps,
    no_problem,
    standing_table,
    text_table,
)
from equilingua.reports.charts import standing_chart
from equilingua.reports.figures import Figure, exposure_figure
from equilingua.reports.language_tables import bias_tables, shared_measures
from equilingua.reports.numbers import audit_csv
from equilingua.reports.page import provenance, rendered
from equilingua.reports.result import HARDEST, Report, report_tables, result_parts
from equilingua.reports.writing import Block, Words, full_names, short_labels, write_document


@dataclass(frozen=True)
class AuditReport:
    """An audit to be looked at.

    Attributes:
        audit: the record.
        measure: shown language by language, and by which queries are hard; the audit's own if not given.
        benchmark: whose texts an HTML report shows; none are if not given.
        hardest: queries an HTML report holds of each setting and pair.

    Raises:
        InputError: if the measure is not in every setting of the result.
    """

    audit: Audit
    measure: str | None = None
    benchmark: Benchmark | None = None
    hardest: int = HARDEST

    def __post_init__(self) -> None:
        _ = self.result  # a measure that cannot be shown is refused before anything is written

    @property
    def label(self) -> str:
        """The model's name; the last folder of a path."""
        return short_labels([self.audit.model])[self.audit.model]

    @property
    def title(self) -> str:
        """Whose audit it is."""
        return f"Audit of {self.label}"

    @cached_property
    def result(self) -> Report | None:
        """The report of the audit's result; None without judgements."""
        result = self.audit.result
        if result is None:
            return None
        allowed = shared_measures([result])
        measure = self.measure or (self.audit.measure if self.audit.measure in allowed else "mAP")
        results = ((self.label, result),)
        return Report(results, measure=measure, benchmark=self.benchmark, hardest=self.hardest, with_bias=False)

    def blocks(self) -> list[Block]:
        """Findings, standings, exposure, texts, next steps, then the tables of the result and of language bias."""
        audit = self.audit
        steps = tuple(f"{step} ({', '.join(names)})" if names else step for step, names in next_steps(audit))
        blocks: list[Block] = [*finding_words(audit)]
        if audit.standings:
            blocks.append(standing_table(self.label, audit))
        blocks += [audit_exposure_table(self.label, audit), text_table(audit)]
        if steps:
            blocks.append(Words("Next steps", steps))
        blocks += report_tables(self.result) if self.result else []
        blocks += bias_tables(self.label, audit.bias)[1:]  # the first is the exposure, shown above
        return [*blocks, *full_names({audit.model: self.label})]

    def csv(self) -> str:
        """Every number of the result, then standings, exposure and counts of texts, a line each."""
        return audit_csv(self.audit)

    def html(self) -> str:
        """One page: the findings, and what a result's page has; without judgements, neither standings nor result.

        Raises:
            InputError: if the libraries that draw are missing, or the texts do not belong to the result.
        """
        audit = self.audit
        result = result_parts(self.result) if self.result else None
        evaluated = [provenance("How the model was evaluated", audit.result.provenance)] if audit.result else []
        return rendered(
            "audit.html.jinja",
            title=self.title,
            kicker="Audit of a retriever across languages",
            records=[provenance("How the audit was made", audit.provenance), *evaluated],
            scripts=["queries.js"] if result else [],
            summary=f"{audit.model}: {audit.summary}.",
            no_problem="" if audit.problems else no_problem(audit),
            groups=finding_groups(audit),
            standings=self._standing_figure(),
            exposure=self._exposure_figure(),
            texts=text_table(audit),
            steps=next_steps(audit),
            page=result,
        )

    def write(self, path: str | Path) -> Path:
        """Write the report, whole or not at all, in the format of the suffix; gives the path.

        Raises:
            InputError: if the suffix is not one of .html, .md, .tex, .csv, or a library that HTML needs is missing.
        """
        return write_document(self, path)

    def _standing_figure(self) -> Figure | None:
        audit = self.audit
        if not audit.standings:
            return None
        name, beside = next(iter(audit.baseline.items()), ("", ()))
        values = ", ".join(f"{standing.language} {standing.value:.3f}" for standing in audit.standings)
        mark = f"; upright mark: {name}" if beside else ""
        return Figure(
            heading=f"{audit.measure}, by query language",
            svg=standing_chart(audit.standings, beside, measure=audit.measure),
            description=f"{audit.measure} of every query language, worst first: {values}.",
            reading=f"Point: the model, with its 95 % interval as a line; broken line: the mean of all{mark}.",
            tables=(standing_table(self.label, audit),),
        )

    def _exposure_figure(self) -> Figure:
        """As a result's, with the languages' names in the first table."""
        figure = exposure_figure(self.label, self.audit.bias)
        return replace(figure, tables=(audit_exposure_table(self.label, self.audit), *figure.tables[1:]))

"""The report of an audit: its findings, standings and exposure, and its result where there are judgements."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from equilingua.auditing.record import Audit
from equilingua.benchmarks.benchmark import Benchmark
from equilingua.reports.audit_numbers import audit_csv
from equilingua.reports.audit_tables import (
    audit_exposure_table,
    finding_words,
    standing_table,
    step_lines,
    text_table,
)
from equilingua.reports.language_tables import bias_tables, shared_measures
from equilingua.reports.result import HARDEST, Report, report_tables
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
        standings: list[Block] = [standing_table(self.label, self.audit)] if self.audit.standings else []
        steps = step_lines(self.audit)
        return [
            *finding_words(self.audit),
            *standings,
            audit_exposure_table(self.label, self.audit),
            text_table(self.audit),
            *([Words("Next steps", steps)] if steps else []),
            *(report_tables(self.result) if self.result else []),
            *bias_tables(self.label, self.audit.bias)[1:],  # the first is the exposure, shown above
            *full_names({self.audit.model: self.label}),
        ]

    def csv(self) -> str:
        """Every number of the result, then standings, exposure and counts of texts, a line each."""
        return audit_csv(self.audit)

    def html(self) -> str:
        """One page."""
        from equilingua.reports.audit_page import audit_page

        return audit_page(self)

    def write(self, path: str | Path) -> Path:
        """Write the report, whole or not at all, in the format of the suffix; gives the path.

        Raises:
            InputError: if the suffix is not one of .html, .md, .tex, .csv, or a library that HTML needs is missing.
        """
        return write_document(self, path)

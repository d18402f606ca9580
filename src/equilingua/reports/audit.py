"""The report of an audit: problems, next steps, standings, exposure, texts, notes, and its result if it is judged."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from equilingua.auditing.findings import Severity
from equilingua.auditing.first_places import ShownText
from equilingua.auditing.record import NO_JUDGEMENTS, Audit, exposure_rows, standing_rows
from equilingua.auditing.texts import TextCounts
from equilingua.benchmarks.benchmark import Benchmark
from equilingua.languages import language_name
from equilingua.metrics.preference import MEANS
from equilingua.reports.charts import standing_chart
from equilingua.reports.figures import Figure, exposure_figure
from equilingua.reports.language_tables import bias_tables, shared_measures
from equilingua.reports.numbers import audit_csv
from equilingua.reports.page import provenance, rendered
from equilingua.reports.result import HARDEST, Report, report_tables, result_parts
from equilingua.reports.writing import Block, Words, full_names, short_labels, write_document
from equilingua.tables import Table


@dataclass(frozen=True)
class AuditReport:
    """An audit to be looked at.

    Attributes:
        audit: the record.
        measure: shown language by language, and by which queries are hard; the audit's own if not given.
        benchmark: whose texts an HTML report shows; none are if not given.
        with_first_texts: whether the queries to be looked at are shown with their texts, or by ids.
        without_texts: why no texts are shown, where that has a reason to be told.
        hardest: queries an HTML report holds of each setting and pair.

    Raises:
        InputError: if the measure is not in every setting of the result.
    """

    audit: Audit
    measure: str | None = None
    benchmark: Benchmark | None = None
    hardest: int = HARDEST
    without_texts: str = ""
    with_first_texts: bool = True

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
        return Report(
            results,
            measure=measure,
            benchmark=self.benchmark,
            hardest=self.hardest,
            without_texts=self.without_texts,
            with_bias=False,
        )

    def blocks(self) -> list[Block]:
        """Problems and next steps, standings, exposure, texts, notes, then the tables of the result and of bias."""
        audit = self.audit
        steps = tuple(f"{step} ({', '.join(names)})" if names else step for step, names in _next_steps(audit))
        blocks: list[Block] = [_problems(audit)]
        if steps:
            blocks.append(Words("Next steps", steps))
        if audit.standings:
            blocks.append(_standing_table(self.label, audit))
        blocks += [_exposure_table(self.label, audit), _text_table(audit)]
        if places := self._places:
            blocks.append(
                Words("First passages of some queries", tuple(": ".join([a, " / ".join(b)]) for a, b in places))
            )
        if notes := _messages(audit, "note"):
            blocks.append(Words("Notes", notes))
        blocks += report_tables(self.result) if self.result else []
        blocks += bias_tables(self.label, audit.bias)[1:]  # the first is the exposure, shown above
        return [*blocks, *full_names({audit.model: self.label})]

    @property
    def _places(self) -> list[tuple[str, tuple[str, ...]]]:
        """Queries to be looked at with their first passages; by their ids where no texts are to be shown."""
        return [
            (self._shown(one.query), tuple(self._shown(passage) for passage in one.passages))
            for one in self.audit.first_places
        ]

    def _shown(self, text: ShownText) -> str:
        return str(text) if self.with_first_texts else f"[{text.language}] {text.id}"

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
        exposure = exposure_figure(self.label, audit.bias)  # its first table gets the languages' names
        return rendered(
            "audit.html.jinja",
            title=self.title,
            kicker="Audit of a retriever across languages",
            records=[provenance("How the audit was made", audit.provenance), *evaluated],
            scripts=["queries.js"] if result else [],
            summary=f"{audit.model}: {audit.summary}.",
            problems=_messages(audit, "problem"),
            no_problem=_no_problem(audit),
            places=self._places,
            notes=_messages(audit, "note"),
            standings=self._standing_figure(),
            exposure=replace(exposure, tables=(_exposure_table(self.label, audit), *exposure.tables[1:])),
            texts=_text_table(audit),
            steps=_next_steps(audit),
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
            tables=(_standing_table(self.label, audit),),
        )


def _problems(audit: Audit) -> Words:
    """The problems; that there is none, or that none could be told, where there are none."""
    return Words("Problems", _messages(audit, "problem") or (_no_problem(audit),))


def _messages(audit: Audit, severity: Severity) -> tuple[str, ...]:
    return tuple(finding.message for finding in audit.findings if finding.severity == severity)


def _no_problem(audit: Audit) -> str:
    """What an audit without problems says, which is less where none could have been told."""
    return f"{audit.without_problems[0].upper()}{audit.without_problems[1:]}." if audit.standings else NO_JUDGEMENTS


def _standing_table(label: str, audit: Audit) -> Table:
    """A row a query language, worst first: its value, how far it is from the mean, and the baseline's value."""
    header, *rows = standing_rows(audit)
    return Table(
        title=f"{label}: query languages, worst first",
        header=tuple(header),
        rows=tuple(tuple(cell.rstrip() for cell in row) for row in rows),
        note=f"{audit.measure} in the mixed corpus. * behind the mean of all query languages beyond chance; the "
        "intervals against the mean hold together with 95 % (Bonferroni)."
        + (" A single query has no interval." if any(one.interval is None for one in audit.standings) else ""),
        name=f"standings {label}",
    )


def _exposure_table(label: str, audit: Audit) -> Table:
    """A row a passage language: its shares of the first places and of the corpus, and the difference."""
    header, *rows = exposure_rows(audit.bias)
    return Table(
        title=f"{label}: passage languages in the first {audit.bias.k} places",
        header=tuple(header),
        rows=tuple(map(tuple, rows)),
        note=f"{MEANS} Uneven exposure is right where the queries ask for what is written in one language.",
        name=f"exposure {label}",
    )


def _text_table(audit: Audit) -> Table:
    """A row a language: how many passages and queries take part, and what was detected or left out."""
    sides = {"passages": audit.passages, "queries": audit.queries}
    tags = sorted({tag for counts in sides.values() for tag in counts.languages})
    rows = [
        (f"{language_name(tag)} ({tag})", *(f"{counts.languages.get(tag, 0):,}" for counts in sides.values()))
        for tag in tags
    ]
    return Table(
        title="Passages and queries by language",
        header=("language", *sides),
        rows=(*rows, ("all", *(f"{counts.total:,}" for counts in sides.values()))),
        note=" ".join(sentence for what, counts in sides.items() for sentence in _text_notes(what, counts)),
        name="texts",
    )


def _next_steps(audit: Audit) -> list[tuple[str, tuple[str, ...]]]:
    """Every next step once, with the names of the languages it concerns, perhaps none."""
    return [
        (item.step, tuple(map(language_name, dict.fromkeys(tag for one in item.findings for tag in one.languages))))
        for item in audit.next_steps
    ]


def _text_notes(what: str, counts: TextCounts) -> Iterator[str]:
    if counts.detected:
        yield f"{what.capitalize()} that came without a language, which was detected: {counts.detected:,}."
    left_out = {
        "of whose language the detector is not sure": counts.undetermined,
        "of languages found in a few texts only": sum(counts.rare.values()),
        "asked in their language already": counts.asked_again,
    }
    reasons = ", ".join(f"{count:,} {why}" for why, count in left_out.items() if count)
    if reasons:
        yield f"Left out of the {what}: {reasons}."

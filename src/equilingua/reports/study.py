"""The report of a study: its verdicts, tables and figures, as a page, as Markdown, as LaTeX, as numbers."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from equilingua.errors import InputError
from equilingua.escaping import markdown_escaped
from equilingua.files import whole_file
from equilingua.reports.charts import standalone_svg
from equilingua.reports.numbers import study_csv
from equilingua.reports.page import language_names, provenance, rendered
from equilingua.reports.study_sections import (
    MARKS,
    REPRODUCING,
    StudySection,
    record,
    reproduce,
    study_sections,
    study_tables,
)
from equilingua.reports.study_tables import claims_table
from equilingua.reports.writing import write_document
from equilingua.studies.outcome import StudyOutcome
from equilingua.studies.record import STUDY_FILE
from equilingua.tables import Table


@dataclass(frozen=True, slots=True)
class StudyReport:
    """A study to be looked at."""

    outcome: StudyOutcome

    @property
    def title(self) -> str:
        """The study's."""
        return self.outcome.study.title

    def blocks(self) -> list[Table]:
        """The tables for a paper, the claims first."""
        claims = [claims_table(self.outcome)] if self.outcome.claims else []
        return [*claims, *study_tables(self.outcome)]

    def csv(self) -> str:
        """Every number, in long format."""
        return study_csv(self.outcome)

    def html(self) -> str:
        """The page.

        Raises:
            InputError: if the libraries that draw are missing.
        """
        outcome = self.outcome
        return rendered(
            "study.html.jinja",
            title=self.title,
            kicker=f"Study {outcome.study.name}",
            records=[provenance("How the study was run", record(outcome))],
            sections=study_sections(outcome),
            marks=MARKS,
            names=language_names([tag for tags in outcome.languages.values() for tag in tags]),
            commands=reproduce(outcome),
            reproducing=REPRODUCING,
        )

    def write(self, path: str | Path, *, overwrite: bool = True) -> Path:
        """Write the report in the format of the suffix; gives the path.

        Beside a Markdown page ``NAME.md`` it writes its charts, ``NAME-....svg``, and its numbers, ``NAME.json``; the
        page itself last.

        Raises:
            InputError: if the suffix is not one of .html, .md, .tex, .csv, a library that draws is missing, or a file
                is there and is not to be replaced.
        """
        path = Path(path)
        markdown = _markdown(self.outcome, stem=path.stem) if path.suffix == ".md" else {}
        texts = {path.with_name(name): text for name, text in markdown.items()}
        there = [file for file in (path, *texts) if file.exists()]
        if there and not overwrite:
            raise InputError(f"{there[0]}: is there already. Name another file, or pass --overwrite")
        if not texts:
            return write_document(self, path)
        # All are written before any takes its name: on a full disk none is left to stand in the way.
        # They take them in reverse.
        with contextlib.ExitStack() as written:
            for file, text in reversed(texts.items()):
                written.enter_context(whole_file(file)).write_text(text, encoding="utf-8")
        return path


def holds_study(folder: Path) -> bool:
    """Whether a folder is a study's."""
    return (folder / STUDY_FILE).is_file()


def studies_in(folder: Path) -> list[Path]:
    """The studies' folders that a workspace holds, by name."""
    return sorted(file.parent for file in folder.glob(f"*/{STUDY_FILE}"))


def _markdown(outcome: StudyOutcome, *, stem: str) -> dict[str, str]:
    """Texts by file name: the charts, whose names begin with the stem, all numbers as JSON, and last the page.

    Raises:
        InputError: if the libraries that draw are missing.
    """
    sections = study_sections(outcome)
    charts = {
        f"{stem}-{figure.name}.svg": standalone_svg(figure.svg, title=figure.description)
        for section in sections
        for figure in section.figures
    }
    parts = [f"# {markdown_escaped(outcome.study.title)}"]
    for section in sections:
        parts += [f"## {markdown_escaped(section.title)}", *_section(section, stem)]
    commands = "\n".join(reproduce(outcome))
    parts += ["## To reproduce this page", f"```\n{commands}\n```", REPRODUCING]
    parts.append(f"[All numbers of this page as JSON]({stem}.json)")
    rows = provenance("", record(outcome)).rows
    parts += ["## Provenance", *Table("", ("", "value"), rows).markdown_parts()]
    numbers = json.dumps(outcome.as_json(), ensure_ascii=False, indent=1)
    return {**charts, f"{stem}.json": f"{numbers}\n", f"{stem}.md": "\n\n".join(parts) + "\n"}


def _section(section: StudySection, stem: str) -> Iterator[str]:
    if section.text:
        yield markdown_escaped(section.text)
    for name, text in section.terms:
        yield f"**{name}.** {markdown_escaped(text)}"
    if section.claims:
        yield "\n".join(
            f"- **{MARKS[one.verdict]} {one.verdict}**: *{markdown_escaped(one.claim.says).replace('*', '')}*\\\n"
            f"  {markdown_escaped(one.sentence)}"
            for one in section.claims
        )
    for table in section.tables:
        yield f"### {markdown_escaped(table.title)}"
        yield from table.markdown_parts()
    for figure in section.figures:
        yield f"### {markdown_escaped(figure.heading)}"
        # In the alternative text of an image, a bracket would end it early.
        described = markdown_escaped(figure.description).replace("[", "(").replace("]", ")")
        yield f"![{described}]({stem}-{figure.name}.svg)"
        yield markdown_escaped(figure.reading)
        for table in figure.tables:
            yield from table.markdown_parts()
    if section.lines:
        yield "\n".join(f"- {markdown_escaped(line)}" for line in section.lines)

"""A study as a Markdown page, with its charts as files beside it."""

from collections.abc import Iterator, Mapping

from equilingua.reports.charts import standalone_svg
from equilingua.reports.page import provenance
from equilingua.reports.study_sections import (
    MARKS,
    REPRODUCING,
    StudySection,
    record,
    reproduce,
    study_sections,
)
from equilingua.studies.outcome import StudyOutcome
from equilingua.tables import Table, markdown_escaped


def study_markdown(outcome: StudyOutcome, *, stem: str) -> tuple[str, Mapping[str, str]]:
    """The page, and the charts it links to by file name.

    Args:
        outcome: of the study.
        stem: of the page's file; names of charts begin with it.

    Raises:
        InputError: if the libraries that draw are missing.
    """
    sections = study_sections(outcome)
    charts = {
        _file(stem, figure.name): standalone_svg(figure.svg, title=figure.description)
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
    parts += ["## Provenance", *_headed(Table("", ("", "value"), rows), heading="")]
    return "\n\n".join(parts) + "\n", charts


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
        yield from _headed(table, heading=table.title)
    for figure in section.figures:
        yield f"### {markdown_escaped(figure.heading)}"
        yield f"![{_alt(figure.description)}]({_file(stem, figure.name)})"
        yield markdown_escaped(figure.reading)
        for table in figure.tables:
            yield from table.markdown_parts()
    if section.lines:
        yield "\n".join(f"- {markdown_escaped(line)}" for line in section.lines)


def _headed(table: Table, *, heading: str) -> Iterator[str]:
    if heading:
        yield f"### {markdown_escaped(heading)}"
    yield from table.markdown_parts()


def _file(stem: str, name: str) -> str:
    return f"{stem}-{name}.svg"


def _alt(text: str) -> str:
    """Text that does not end the alternative text of an image early."""
    return markdown_escaped(text).replace("[", "(").replace("]", ")")

"""A study as a Markdown page, with its charts as files beside it."""

import json
from collections.abc import Iterator

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


def study_markdown(outcome: StudyOutcome, *, stem: str) -> dict[str, str]:
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
        yield f"![{_alt(figure.description)}]({stem}-{figure.name}.svg)"
        yield markdown_escaped(figure.reading)
        for table in figure.tables:
            yield from table.markdown_parts()
    if section.lines:
        yield "\n".join(f"- {markdown_escaped(line)}" for line in section.lines)


def _alt(text: str) -> str:
    """Text that does not end the alternative text of an image early."""
    return markdown_escaped(text).replace("[", "(").replace("]", ")")

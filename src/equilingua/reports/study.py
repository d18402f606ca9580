"""The report of a study: its verdicts, tables and figures, as a page, as Markdown, as LaTeX, as numbers."""

from dataclasses import dataclass
from pathlib import Path

from equilingua.errors import InputError
from equilingua.files import whole_file
from equilingua.reports.numbers import study_csv
from equilingua.reports.page import language_names, provenance, rendered
from equilingua.reports.study_markdown import study_markdown
from equilingua.reports.study_sections import MARKS, REPRODUCING, record, reproduce, study_sections, study_tables
from equilingua.reports.study_tables import claims_table
from equilingua.reports.writing import write_document
from equilingua.studies.outcome import StudyOutcome
from equilingua.studies.record import STUDY_FILE
from equilingua.tables import Table


@dataclass(frozen=True, slots=True)
class StudyReport:
    """A study to be looked at.

    Attributes:
        outcome: of the study.
    """

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
        markdown = study_markdown(self.outcome, stem=path.stem) if path.suffix == ".md" else {}
        texts = {path.with_name(name): text for name, text in markdown.items()}
        there = [file for file in (path, *texts) if file.exists()]
        if there and not overwrite:
            raise InputError(f"{there[0]}: is there already. Name another file, or pass --overwrite")
        if not texts:
            return write_document(self, path)
        for file, text in texts.items():
            with whole_file(file) as work:
                work.write_text(text, encoding="utf-8")
        return path


def holds_study(folder: Path) -> bool:
    """Whether a folder is a study's."""
    return (folder / STUDY_FILE).is_file()


def studies_in(folder: Path) -> list[Path]:
    """The studies' folders that a workspace holds, by name."""
    return sorted(file.parent for file in folder.glob(f"*/{STUDY_FILE}"))

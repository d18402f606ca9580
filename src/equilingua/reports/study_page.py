"""The HTML page of a study."""

from equilingua.reports.page import language_names, provenance, rendered
from equilingua.reports.study_sections import MARKS, REPRODUCING, record, reproduce, study_sections
from equilingua.studies.outcome import StudyOutcome


def study_page(outcome: StudyOutcome) -> str:
    """The whole page.

    Raises:
        InputError: if the libraries that draw are missing.
    """
    return rendered(
        "study.html.jinja",
        title=outcome.study.title,
        kicker=f"Study {outcome.study.name}",
        records=[provenance("How the study was run", record(outcome))],
        sections=study_sections(outcome),
        marks=MARKS,
        names=language_names([tag for tags in outcome.languages.values() for tag in tags]),
        commands=reproduce(outcome),
        reproducing=REPRODUCING,
    )

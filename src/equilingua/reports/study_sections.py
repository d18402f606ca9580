"""What the page of a study holds, part by part: one structure for HTML, Markdown and LaTeX."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from equilingua.reports.study_figures import (
    NamedFigure,
    curve_figures,
    heat_figures,
    learning_figure,
    trade_off_figure,
)
from equilingua.reports.study_tables import costs_table, published_table, result_tables, title_of
from equilingua.reports.study_trade_off import trade_off, trade_off_table
from equilingua.reports.tables import Table
from equilingua.studies.claims import Judgement
from equilingua.studies.outcome import StudyOutcome

MARKS = {"supported": "\u2713", "contradicted": "\u2717", "not shown": "?"}
"""Stand before the verdict in words."""

REPRODUCING = (
    "DATA is the folder that the files of the study lie in, STUDIES any folder to work in. Settings that were changed "
    "with --set are to be given again; the data of this page have them under study."
)
"""Stands below the commands."""

_HASH = 12


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page.

    Attributes:
        id: by which links find it.
        title: its heading.
        terms: names and texts, such as the question.
        judgements: of the claims.
        tables: in order.
        figures: below the tables, each with tables of its own.
        lines: items of a list.
    """

    id: str
    title: str
    terms: tuple[tuple[str, str], ...] = ()
    judgements: tuple[Judgement, ...] = ()
    tables: tuple[Table, ...] = ()
    figures: tuple[NamedFigure, ...] = ()
    lines: tuple[str, ...] = ()


def study_sections(outcome: StudyOutcome) -> list[Section]:
    """All parts, in the order of the page; those that would be empty are left out.

    Raises:
        InputError: if the libraries that draw are missing.
    """
    return [section for section in _sections(outcome) if _holds_something(section)]


def study_tables(outcome: StudyOutcome) -> list[Table]:
    """All tables that need no chart, in the order of the page."""
    study = outcome.study
    tables = [table for evaluation in study.evaluations for table in result_tables(outcome, evaluation)]
    found = trade_off(outcome)
    if found is not None:
        tables.append(trade_off_table(found))
    if study.published is not None:
        tables.append(published_table(study.published))
    return [*tables, *([costs_table(outcome)] if outcome.costs else [])]


def reproduce(outcome: StudyOutcome) -> tuple[str, str]:
    """The commands that make the study and its page anew, of a file that is called as the study."""
    name = outcome.study.name
    return (
        f"equilingua study {name}.toml --data DATA --output STUDIES",
        f"equilingua report STUDIES/{name} --output {name}.html",
    )


def record(outcome: StudyOutcome) -> dict[str, Any]:
    """Seeds, versions, hardware and data of the study, with hashes shortened to be read."""
    data = {
        f"{name}: {file}": _short(found)
        for name, files in outcome.provenance.get("data", {}).items()
        for file, found in files.items()
    }
    told = {name: value for name, value in outcome.provenance.items() if name != "data"}
    return {"seeds": list(outcome.study.seeds), **told, "data (SHA-256, shortened)": data}


def _sections(outcome: StudyOutcome) -> Iterator[Section]:
    study = outcome.study
    terms = {"Question": study.question, "Hypothesis": study.hypothesis, "Data": study.data or ""}
    told = tuple((name, " ".join(text.split())) for name, text in terms.items() if text)
    yield Section("question", "Question", terms=told)
    yield Section("claims", "Claims", judgements=outcome.judgements)
    for number, evaluation in enumerate(study.evaluations, start=1):
        tables = tuple(result_tables(outcome, evaluation))
        yield Section(f"results-{number}", f"Results: {title_of(evaluation)}", tables=tables)
    if study.published is not None:
        yield Section("published", "Published figures", tables=(published_table(study.published),))
    yield Section("curve", "Curves", figures=tuple(curve_figures(outcome)))
    yield Section("languages", "Language by language", figures=tuple(heat_figures(outcome)))
    learning = learning_figure(outcome)
    yield Section("training", "Training", figures=(learning,) if learning else ())
    trade = trade_off_figure(outcome)
    yield Section("trade-off", "Trade-off", figures=(trade,) if trade else ())
    yield Section("costs", "Costs", tables=(costs_table(outcome),) if outcome.costs else ())
    yield Section("not-controlled", "What was not controlled", lines=outcome.not_controlled)
    yield Section("leaks", "Models known to have seen these benchmarks", lines=tuple(_leaks(outcome)))


def _leaks(outcome: StudyOutcome) -> Iterator[str]:
    for name, leaks in outcome.leaks.items():
        for leak in leaks:
            yield f"{name}: {', '.join(leak.models)} ({leak.data}; {leak.certainty})"


def _holds_something(section: Section) -> bool:
    return any((section.terms, section.judgements, section.tables, section.figures, section.lines))


def _short(found: Any) -> Any:
    if isinstance(found, Mapping):
        return {name: _short(value) for name, value in found.items()}
    return found[:_HASH] if isinstance(found, str) else found

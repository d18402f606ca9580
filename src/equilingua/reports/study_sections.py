"""What the page of a study holds, part by part: one structure for HTML, Markdown and LaTeX."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from equilingua.reports.figures import Figure
from equilingua.reports.study_arms import arms_tables
from equilingua.reports.study_figures import curve_figures, curve_languages, heat_figures, learning_figure
from equilingua.reports.study_tables import claims_note, costs_table, published_table, result_tables
from equilingua.reports.study_trade_off import trade_off, trade_off_figure, trade_off_table
from equilingua.studies.claims import JudgedClaim
from equilingua.studies.outcome import StudyOutcome
from equilingua.tables import Table

MARKS = {"supported": "\u2713", "contradicted": "\u2717", "not shown": "?", "too few items to tell": "?"}
"""Stand before the verdict in words."""

REPRODUCING = "DATA is the folder that the files of the study lie in, STUDIES any folder to work in."
"""Stands below the commands."""

_HASH = 12


@dataclass(frozen=True, slots=True)
class StudySection:
    """A part of the page, found by its id: what it holds stands in the order of the fields, the lines as a list.

    Terms are names with texts, such as the hypothesis; figures have tables of their own.
    """

    id: str
    title: str
    text: str = ""
    terms: tuple[tuple[str, str], ...] = ()
    claims: tuple[JudgedClaim, ...] = ()
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()
    lines: tuple[str, ...] = ()


def study_sections(outcome: StudyOutcome) -> list[StudySection]:
    """All parts, in the order of the page; those that would be empty are left out.

    Raises:
        InputError: if the libraries that draw are missing.
    """
    return [
        section
        for section in _sections(outcome)
        if any((section.terms, section.claims, section.tables, section.figures, section.lines))
    ]


def study_tables(outcome: StudyOutcome) -> list[Table]:
    """All tables that need no chart, in the order of the page."""
    study = outcome.study
    tables = [table for evaluation in study.evaluations for table in result_tables(outcome, evaluation)]
    trades = trade_off(outcome)
    if trades is not None:
        tables.append(trade_off_table(trades))
    if study.published is not None:
        tables.append(published_table(study.published))
    if outcome.costs:
        tables.append(costs_table(outcome))
    return tables


def reproduce(outcome: StudyOutcome) -> tuple[str, str]:
    """The commands that make the study and its page anew, with the file and the changes that it was begun with."""
    name = outcome.study.name
    return (
        outcome.invocation.command(name, output="STUDIES"),
        f"equilingua report STUDIES/{name} --output {name}.html",
    )


def record(outcome: StudyOutcome) -> dict[str, Any]:
    """Seeds, versions, hardware and data of the study, with hashes shortened to be read."""
    data = {
        f"{name}: {file}": _short(sha)
        for name, files in outcome.provenance.get("data", {}).items()
        for file, sha in files.items()
    }
    others = {name: value for name, value in outcome.provenance.items() if name not in ("data", "pairs")}
    return {
        "seeds": list(outcome.study.seeds),
        **others,
        "benchmarks (SHA-256, shortened)": data,
        "pairs trained on (SHA-256, shortened)": _short(outcome.provenance.get("pairs", {})),
    }


def _sections(outcome: StudyOutcome) -> Iterator[StudySection]:
    study = outcome.study
    terms = {"Hypothesis": study.hypothesis, "Data": study.data or ""}
    shown = tuple((name, _on_one_line(text)) for name, text in terms.items() if text)
    yield StudySection("question", "Question", text=_on_one_line(study.question), terms=shown)
    yield StudySection("claims", "Claims", text=claims_note(outcome), claims=outcome.claims)
    yield StudySection("arms", "Arms", tables=tuple(arms_tables(outcome)))
    for number, evaluation in enumerate(study.evaluations, start=1):
        tables = tuple(result_tables(outcome, evaluation))
        yield StudySection(f"results-{number}", f"Results: {evaluation.label}", tables=tables)
    if study.published is not None:
        yield StudySection("published", "Published figures", tables=(published_table(study.published),))
    yield StudySection("curve", "Curves", figures=tuple(curve_figures(outcome)))
    languages = curve_languages(outcome)
    yield StudySection("curve-languages", "Languages", tables=(languages,) if languages else ())
    yield StudySection("languages", "Language by language", figures=tuple(heat_figures(outcome)))
    learning = learning_figure(outcome)
    yield StudySection("training", "Training", figures=(learning,) if learning else ())
    trade = trade_off_figure(outcome)
    yield StudySection("trade-off", "Trade-off", figures=(trade,) if trade else ())
    yield StudySection("costs", "Costs", tables=(costs_table(outcome),) if outcome.costs else ())
    yield StudySection("not-controlled", "What was not controlled", lines=outcome.not_controlled)
    yield StudySection("trained-on", "Benchmarks and what was trained on", lines=outcome.trained_on)
    yield StudySection("leaks", "Models known to have seen these benchmarks", lines=tuple(_leaks(outcome)))


def _leaks(outcome: StudyOutcome) -> Iterator[str]:
    """A line a benchmark; evaluations with the same models share one."""
    titles: dict[str, list[str]] = {}
    for name, leaks in outcome.leaks.items():
        models = "; ".join(f"{', '.join(leak.models)} ({leak.data}; {leak.certainty})" for leak in leaks)
        titles.setdefault(models, []).append(outcome.study.evaluation(name).label)
    for models, named in titles.items():
        yield f"{', '.join(named)}: {models}"


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _short(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _short(one) for name, one in value.items()}
    return value[:_HASH] if isinstance(value, str) else value

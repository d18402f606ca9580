"""A study's heat maps and learning curves: charts, each with a description and the tables of its numbers."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from equilingua.evaluation.settings import CROSS_LINGUAL, MONOLINGUAL, MULTILINGUAL, POOL
from equilingua.reports.cells import Cell
from equilingua.reports.charts import ACCENT, altair_module, heat_domain, panel_title, svg_text
from equilingua.reports.figures import Figure, heat_figure
from equilingua.reports.study_tables import NONE, title_of
from equilingua.reports.writing import unused
from equilingua.studies.arms import LearningCurve
from equilingua.studies.outcome import StudyOutcome
from equilingua.tables import Table

_LOGGED = 6


def heat_figures(outcome: StudyOutcome) -> list[Figure]:
    """Of every evaluation in several languages, a heat map an arm; those of an evaluation share a scale."""
    figures: dict[str, Figure] = {}
    for evaluation in outcome.study.evaluations:
        languages = outcome.languages[evaluation.key]
        cells = {
            arm: heat_cells(of_arm[evaluation.key], languages)
            for arm, of_arm in outcome.heat.items()
            if evaluation.key in of_arm
        }
        domain = heat_domain([cell for of_arm in cells.values() for cell in of_arm], "mAP")
        for arm, of_arm in cells.items():
            figure = heat_figure(arm, of_arm, "mAP", domain=domain)
            if figure is not None:
                heading = f"{arm}: mAP by query and passage language, {title_of(evaluation)}"
                # What the note says of the table, the reading says already.
                tables = tuple(replace(table, note="") for table in figure.tables)
                # Labels may differ in signs and scripts that the name of a file leaves out.
                signs = re.findall(r"[\w.]+", f"heat-{evaluation.key}-{arm}".lower(), re.ASCII)
                name = unused("-".join(signs), figures)
                figures[name] = replace(figure, heading=heading, tables=tables, name=name)
    return list(figures.values())


def heat_cells(means: Mapping[str, float], languages: Sequence[str]) -> list[Cell]:
    """The means of language pairs as cells; a tag may itself hold a hyphen."""
    pairs = {f"{query}-{corpus}": (query, corpus) for query in languages for corpus in (*languages, POOL)}
    return [Cell(_setting(*pairs[name]), *pairs[name], "mAP", value) for name, value in means.items()]


def _setting(query: str, corpus: str) -> str:
    if corpus == POOL:
        return MULTILINGUAL
    return MONOLINGUAL if query == corpus else CROSS_LINGUAL


def learning_figure(outcome: StudyOutcome) -> Figure | None:
    """Losses over steps, a panel an arm and a line a training; None where nothing was logged."""
    by_arm: dict[str, list[LearningCurve]] = {}
    for curve in outcome.learning:
        if len(curve.steps) > 1:
            by_arm.setdefault(curve.arm, []).append(curve)
    if not by_arm:
        return None
    ends = ", ".join(f"{arm} {_mean([curve.losses[-1] for curve in curves]):.3f}" for arm, curves in by_arm.items())
    return Figure(
        heading="Training loss",
        name="learning",
        svg=_losses_chart(by_arm),
        description=f"Training loss over steps, a panel an arm, a line a seed. Last values, mean over seeds: {ends}.",
        reading="Mean since the last entry of the log. Batches of different kinds are not equally hard, so a lower "
        "loss of one arm does not make a better model.",
        tables=(_losses_table(by_arm),),
    )


def _losses_chart(by_arm: Mapping[str, Sequence[LearningCurve]], *, columns: int = 4) -> str:
    """One panel an arm: a line a training, with axes that all panels share."""
    alt = altair_module()
    curves = [curve for of_arm in by_arm.values() for curve in of_arm]
    x = alt.X(
        "step:Q",
        scale=alt.Scale(domain=[0, max(max(curve.steps) for curve in curves)]),
        axis=alt.Axis(title="steps", grid=False, tickCount=4),
    )
    ends = [bound(bound(curve.losses) for curve in curves) for bound in (min, max)]
    y_scale = alt.Scale(domain=ends, zero=False, nice=True)
    charts = []
    for number, (arm, of_arm) in enumerate(by_arm.items()):
        rows = [
            {"training": place, "step": step, "loss": loss}
            for place, curve in enumerate(of_arm)
            for step, loss in zip(curve.steps, curve.losses, strict=True)
        ]
        axis = alt.Axis(title="loss" if number % columns == 0 else None, tickCount=4, grid=True)
        lines = (
            alt.Chart(alt.Data(values=rows), title=panel_title(arm))
            .mark_line(color=ACCENT, strokeWidth=1, opacity=0.8)
            .encode(x=x, y=alt.Y("loss:Q", scale=y_scale, axis=axis), detail="training:N")
        )
        charts.append(lines.properties(width=190, height=130))
    return svg_text(alt.concat(*charts, columns=columns, spacing=24))


def _losses_table(by_arm: Mapping[str, Sequence[LearningCurve]]) -> Table:
    """A row an arm: its loss, mean over seeds, at some of the steps that were logged."""
    steps = sorted({step for curves in by_arm.values() for curve in curves for step in curve.steps})
    chosen = sorted({steps[round(place * (len(steps) - 1) / (_LOGGED - 1))] for place in range(_LOGGED)})
    return Table(
        title="Training loss at some of the steps",
        name="learning",
        header=("arm", *(f"{step:,}" for step in chosen)),
        rows=tuple((arm, *_losses_at(chosen, curves)) for arm, curves in by_arm.items()),
        note=f"Mean over seeds; {NONE} where nothing was logged at the step.",
    )


def _losses_at(steps: Sequence[int], curves: Sequence[LearningCurve]) -> Iterator[str]:
    for step in steps:
        losses = [curve.losses[curve.steps.index(step)] for curve in curves if step in curve.steps]
        yield f"{_mean(losses):.3f}" if losses else NONE


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)

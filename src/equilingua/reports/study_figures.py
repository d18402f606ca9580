"""A study's figures: its curve along an axis such as alpha, heat maps of language pairs, and training losses."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from equilingua.metrics.naming import decimals
from equilingua.reports.charts import ACCENT, altair_module, heat_domain, panel_title, svg_text
from equilingua.reports.figures import Figure, heat_figure
from equilingua.reports.study_tables import NONE, ends_of, estimate_text, measure_name
from equilingua.reports.tables import Cell
from equilingua.reports.writing import unused
from equilingua.studies.arms import LearningCurve
from equilingua.studies.figures import CurvePoint
from equilingua.studies.outcome import StudyOutcome
from equilingua.studies.tables import Curve
from equilingua.tables import Table

# Steps whose losses the table of a learning curve shows.
_LOGGED = 6

_ALL = "all"

Panels = Mapping[str, Sequence[CurvePoint]]
"""Points of a line, in the order of the axis, by the panel's name."""


def curve_figures(outcome: StudyOutcome) -> list[Figure]:
    """The macro means over the axis, a panel a setting; then, by setting, a panel a language and a panel a group."""
    curve = outcome.study.curve
    if curve is None or not outcome.curve:
        return []
    lines: dict[str, dict[str, list[CurvePoint]]] = {}
    for point in outcome.curve:
        lines.setdefault(point.arm_mean.macro_mean.setting, {}).setdefault(point.group, []).append(point)
    measure = measure_name(curve.measure)
    heading = f"{measure} by {curve.axis}, {outcome.study.evaluation(curve.evaluation).label}"
    macro = {setting: of_setting[_ALL] for setting, of_setting in lines.items()}
    figures = [_curve_figure("curve", heading, macro, curve, columns=3)]
    for setting, of_setting in lines.items():
        languages = {group: points for group, points in of_setting.items() if group not in {_ALL, *curve.groups}}
        groups = {
            f"{group}: {', '.join(tags)}": of_setting[group]
            for group, tags in curve.groups.items()
            if group in of_setting
        }
        for name, what, panels in (
            ("languages", "query language", languages),
            ("groups", "group of query languages", groups),
        ):
            if len(panels) > 1:
                heading = f"{measure} by {curve.axis}, {setting}, by {what}"
                figures.append(_curve_figure(f"curve-{setting}-{name}", heading, panels, curve, columns=4))
    return figures


def curve_languages(outcome: StudyOutcome) -> Table | None:
    """Along the curve, setting by setting: the lowest and the highest query language, and how far they lie apart.

    None where a study has no curve, or queries in a single language.
    """
    curve = outcome.study.curve
    if curve is None:
        return None
    by_place: dict[tuple[str, float, str], dict[str, float]] = {}
    for point in outcome.curve:
        if point.group not in {_ALL, *curve.groups}:
            place = (point.arm_mean.macro_mean.setting, point.at, point.arm_mean.arm)
            by_place.setdefault(place, {})[point.group] = point.arm_mean.estimate.value
    rows = [
        (setting, f"{at:g}", arm, *_lowest_and_highest(of_place, decimals(curve.measure)))
        for (setting, at, arm), of_place in by_place.items()
        if len(of_place) > 1
    ]
    if not rows:
        return None
    measure = measure_name(curve.measure)
    return Table(
        title=f"{measure} of query languages by {curve.axis}, {outcome.study.evaluation(curve.evaluation).label}",
        name="curve languages",
        header=("setting", curve.axis, "arm", "lowest in", measure, "highest in", measure, "spread"),
        rows=tuple(rows),
        note="Spread: the highest less the lowest. Means over seeds; which language is the lowest may be chance where "
        "several are about as low.",
    )


def _curve_figure(name: str, heading: str, panels: Panels, curve: Curve, *, columns: int) -> Figure:
    digits = decimals(curve.measure)
    spans = []
    for panel, points in panels.items():
        ends = (end(points, key=lambda point: point.arm_mean.estimate.value) for end in (min, max))
        low, high = (f"{point.arm_mean.estimate.value:,.{digits}f} at {point.at:g}" for point in ends)
        spans.append(f"{panel} {low} to {high}")
    return Figure(
        heading=heading,
        name=name,
        svg=_panels_chart(panels, curve, columns=columns),
        description=f"{measure_name(curve.measure)} over {curve.axis}; lowest to highest: {'; '.join(spans)}.",
        reading="Band: 95 % interval. All panels span equally much from bottom to top, so slopes compare; levels are "
        "read off the axes.",
        tables=(_curve_table(heading, panels, curve),),
    )


def _panels_chart(panels: Panels, curve: Curve, *, columns: int) -> str:
    """One panel a name: a line with the band of its intervals.

    All panels span equally much of the measure, so slopes compare from panel to panel; levels are read off the axes.
    """
    alt = altair_module()
    places = {name: [_place(point) for point in points] for name, points in panels.items()}
    spans = {name: (min(p["low"] for p in of), max(p["high"] for p in of)) for name, of in places.items()}
    span = 1.08 * max(high - low for low, high in spans.values()) or 0.1
    digits = ",d" if decimals(curve.measure) == 0 and span > 5 else ".2f" if span > 0.1 else ".3f"
    charts = []
    for number, (name, of_panel) in enumerate(places.items()):
        middle = sum(spans[name]) / 2
        scale = alt.Scale(domain=[middle - span / 2, middle + span / 2], zero=False, nice=False)
        title = measure_name(curve.measure) if number % columns == 0 else None
        labels = alt.Axis(title=title, format=digits, tickCount=4, grid=True)
        y, band = alt.Y("y:Q", scale=scale, axis=labels), alt.Y("low:Q", scale=scale, axis=labels)
        x = alt.X("x:Q", scale=alt.Scale(zero=False), axis=alt.Axis(title=curve.axis, grid=False, tickCount=5))
        base = alt.Chart(alt.Data(values=of_panel), title=panel_title(name))
        parts = (
            base.mark_area(color=ACCENT, opacity=0.22).encode(x=x, y=band, y2="high:Q"),
            base.mark_line(color=ACCENT, strokeWidth=2).encode(x=x, y=y),
            base.mark_rule(color=ACCENT, strokeWidth=1).encode(x=x, y=band, y2="high:Q"),
            base.mark_point(color=ACCENT, fill=ACCENT, size=36, opacity=1).encode(x=x, y=y),
        )
        charts.append(alt.layer(*parts))
    return _panels(charts, columns=columns)


def _place(point: CurvePoint) -> dict[str, float]:
    value, low, high = ends_of(point.arm_mean.estimate)
    return {"x": point.at, "y": value, "low": low, "high": high}


def _curve_table(title: str, panels: Panels, curve: Curve) -> Table:
    """A row a panel's line, a column a place; arms that share a place stand in columns of their own."""
    first = next(iter(panels.values()))
    rows = [
        (name, *(estimate_text(point.arm_mean.estimate, curve.measure) for point in points))
        for name, points in panels.items()
    ]
    arms = "; ".join(f"{point.at:g} {point.arm_mean.arm}" for point in first)
    return Table(
        title=title,
        name=title,
        header=(curve.axis, *(f"{point.at:g}" for point in first)),
        rows=tuple(rows),
        note=f"Means with 95 % intervals. Arms: {arms}.",
    )


def _lowest_and_highest(means: Mapping[str, float], digits: int) -> tuple[str, ...]:
    lowest, highest = (end(means, key=means.__getitem__) for end in (min, max))
    low, high = means[lowest], means[highest]
    return lowest, f"{low:,.{digits}f}", highest, f"{high:,.{digits}f}", f"{high - low:,.{digits}f}"


def heat_figures(outcome: StudyOutcome) -> list[Figure]:
    """Of every evaluation in several languages, a heat map an arm; those of an evaluation share a scale."""
    figures: dict[str, Figure] = {}
    for evaluation in outcome.study.evaluations:
        cells = {
            arm: [Cell(*place, "mAP", value) for place, value in means.items()]
            for (arm, key), means in outcome.heat.items()
            if key == evaluation.key
        }
        domain = heat_domain([cell for of_arm in cells.values() for cell in of_arm], "mAP")
        for arm, of_arm in cells.items():
            figure = heat_figure(arm, of_arm, "mAP", domain=domain)
            if figure is not None:
                heading = f"{arm}: mAP by query and passage language, {evaluation.label}"
                # What the note says of the table, the reading says already.
                tables = tuple(replace(table, note="") for table in figure.tables)
                # Labels may differ in signs and scripts that the name of a file leaves out.
                signs = re.findall(r"[\w.]+", f"heat-{evaluation.key}-{arm}".lower(), re.ASCII)
                name = unused("-".join(signs), figures)
                figures[name] = replace(figure, heading=heading, tables=tables, name=name)
    return list(figures.values())


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
        charts.append(lines)
    return _panels(charts, columns=columns)


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


def _panels(charts: Sequence[Any], *, columns: int) -> str:
    """Small charts of one size, row by row."""
    sized = [chart.properties(width=190, height=130) for chart in charts]
    return svg_text(altair_module().concat(*sized, columns=columns, spacing=24))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)

"""The figures of a study: charts, each with a description and the tables of its numbers."""

import itertools
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from equilingua.evaluation.settings import CROSS_LINGUAL, MONOLINGUAL, MULTILINGUAL, POOL
from equilingua.metrics.naming import decimals
from equilingua.reports.cells import Cell as PairCell
from equilingua.reports.charts import heat_domain
from equilingua.reports.figures import Figure, heat_figure
from equilingua.reports.study_charts import Place, Spot, differences_chart, losses_chart, panels_chart
from equilingua.reports.study_tables import NONE, estimate_text, interval_of, measure_name, title_of
from equilingua.reports.study_trade_off import Trade, trade_off, trade_off_table
from equilingua.studies.arms import LearningCurve
from equilingua.studies.config import Curve
from equilingua.studies.inference import Estimate
from equilingua.studies.outcome import CurvePoint, StudyOutcome
from equilingua.tables import Table

_ALL = "all"
_LOGGED = 6


@dataclass(frozen=True, slots=True)
class NamedFigure:
    """A figure and the end of its file's name beside a Markdown page, such as ``curve``."""

    name: str
    figure: Figure


def curve_figures(outcome: StudyOutcome) -> list[NamedFigure]:
    """The macro means over the axis, a panel a setting; then, by setting, a panel a language and a panel a group."""
    curve = outcome.study.curve
    if curve is None or not outcome.curve:
        return []
    where, measure = title_of(outcome.study.evaluation(curve.evaluation)), measure_name(curve.measure)
    macro = {setting: points for (setting, group), points in _lines(outcome).items() if group == _ALL}
    heading = f"{measure} by {curve.axis}, {where}"
    found = [NamedFigure("curve", _curve_figure(heading, macro, curve, "settings"))]
    for setting in macro:
        of_setting = {group: points for (one, group), points in _lines(outcome).items() if one == setting}
        languages = {group: points for group, points in of_setting.items() if group not in {_ALL, *curve.groups}}
        groups = {
            f"{group}: {', '.join(tags)}": of_setting[group]
            for group, tags in curve.groups.items()
            if group in of_setting
        }
        for what, panels in (("query language", languages), ("group of query languages", groups)):
            if len(panels) > 1:
                name = f"curve-{setting}-{'groups' if panels is groups else 'languages'}"
                told = f"{measure} by {curve.axis}, {setting}, by {what}"
                found.append(NamedFigure(name, _curve_figure(told, panels, curve, what)))
    return found


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
        title=f"{measure} of query languages by {curve.axis}, {title_of(outcome.study.evaluation(curve.evaluation))}",
        name="curve languages",
        header=("setting", curve.axis, "arm", "lowest in", measure, "highest in", measure, "spread"),
        rows=tuple(rows),
        note="Spread: the highest less the lowest. Means over seeds; which language is the lowest may be chance where "
        "several are about as low.",
    )


def heat_figures(outcome: StudyOutcome) -> list[NamedFigure]:
    """Of every evaluation in several languages, a heat map an arm; those of an evaluation share a scale."""
    found: dict[str, NamedFigure] = {}
    for evaluation in outcome.study.evaluations:
        languages = outcome.languages[evaluation.key]
        cells = {
            arm: pair_cells(of_arm[evaluation.key], languages)
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
                figure = replace(figure, heading=heading, tables=tables)
                name = _unused(_slug(f"heat-{evaluation.key}-{arm}"), found)
                found[name] = NamedFigure(name, figure)
    return list(found.values())


def learning_figure(outcome: StudyOutcome) -> NamedFigure | None:
    """Losses over steps, a panel an arm and a line a training; None where nothing was logged."""
    logged = [curve for curve in outcome.learning if len(curve.steps) > 1]
    if not logged:
        return None
    arms = dict.fromkeys(curve.arm for curve in logged)
    panels = {arm: [(curve.steps, curve.losses) for curve in logged if curve.arm == arm] for arm in arms}
    ends = ", ".join(f"{arm} {_last(of_arm):.3f}" for arm, of_arm in panels.items())
    figure = Figure(
        heading="Training loss",
        svg=losses_chart(panels),
        description=f"Training loss over steps, a panel an arm, a line a seed. Last values, mean over seeds: {ends}.",
        reading="Mean since the last entry of the log. Batches of different kinds are not equally hard, so a lower "
        "loss of one arm does not make a better model.",
        tables=(_losses_table(logged),),
    )
    return NamedFigure("learning", figure)


def trade_off_figure(outcome: StudyOutcome) -> NamedFigure | None:
    """Gain in the mixed pool against change in one language; None where a study does not ask for it."""
    found = trade_off(outcome)
    if found is None:
        return None
    told = "; ".join(
        f"{trade.arm} {trade.gain.estimate.value:+.3f} and {trade.change.estimate.value:+.3f}" for trade in found.trades
    )
    figure = Figure(
        heading=f"Gain in the mixed pool against change in one language, {found.evaluation}",
        svg=differences_chart(
            [_spot(trade) for trade in found.trades],
            left="mAP in the mixed pool, difference",
            right="mAP in one language, difference",
        ),
        description=f"Differences from {found.baseline}, in the mixed pool and in one language: {told}.",
        reading=f"Differences from {found.baseline} with 95 % intervals, the greatest gain in the mixed pool on top. "
        "To the right of the broken line is better.",
        tables=(trade_off_table(found),),
    )
    return NamedFigure("trade-off", figure)


def _lines(outcome: StudyOutcome) -> dict[tuple[str, str], list[CurvePoint]]:
    """Points by setting and group."""
    lines: dict[tuple[str, str], list[CurvePoint]] = {}
    for point in outcome.curve:
        lines.setdefault((point.arm_mean.macro_mean.setting, point.group), []).append(point)
    return lines


def _curve_figure(heading: str, panels: Mapping[str, Sequence[CurvePoint]], curve: Curve, what: str) -> Figure:
    digits = decimals(curve.measure)
    told = []
    for name, points in panels.items():
        low, high = (end(points, key=lambda point: point.arm_mean.estimate.value) for end in (min, max))
        ends = [f"{point.arm_mean.estimate.value:,.{digits}f} at {point.at:g}" for point in (low, high)]
        told.append(f"{name} {ends[0]} to {ends[1]}")
    measure = measure_name(curve.measure)
    drawn = {name: [_place(point) for point in points] for name, points in panels.items()}
    return Figure(
        heading=heading,
        svg=panels_chart(drawn, axis=curve.axis, measure=measure, columns=3 if what == "settings" else 4),
        description=f"{measure} over {curve.axis}; lowest to highest: {'; '.join(told)}.",
        reading="Band: 95 % interval. All panels span equally much from bottom to top, so slopes compare; levels are "
        "read off the axes.",
        tables=(_curve_table(heading, panels, curve),),
    )


def _curve_table(title: str, panels: Mapping[str, Sequence[CurvePoint]], curve: Curve) -> Table:
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
    lowest, highest = (end(means, key=lambda tag: means[tag]) for end in (min, max))
    spread = means[highest] - means[lowest]
    values = (f"{value:,.{digits}f}" for value in (means[lowest], means[highest], spread))
    return lowest, next(values), highest, next(values), next(values)


def _place(point: CurvePoint) -> Place:
    return Place(point.at, *_with_ends(point.arm_mean.estimate))


def _spot(trade: Trade) -> Spot:
    return Spot(trade.arm, _with_ends(trade.gain.estimate), _with_ends(trade.change.estimate))


def _with_ends(found: Estimate) -> tuple[float, float, float]:
    low, high = interval_of(found) or (found.value, found.value)
    return found.value, low, high


def pair_cells(means: Mapping[str, float], languages: Sequence[str]) -> list[PairCell]:
    """The means of language pairs as cells; a tag may itself hold a hyphen."""
    pairs = {f"{query}-{corpus}": (query, corpus) for query in languages for corpus in (*languages, POOL)}
    return [PairCell(_setting(*pairs[name]), *pairs[name], "mAP", value) for name, value in means.items()]


def _setting(query: str, corpus: str) -> str:
    if corpus == POOL:
        return MULTILINGUAL
    return MONOLINGUAL if query == corpus else CROSS_LINGUAL


def _slug(text: str) -> str:
    """The text as a part of a file's name."""
    return "-".join(re.findall(r"[\w.]+", text.lower(), re.ASCII))


def _unused(name: str, taken: Container[str]) -> str:
    """The name, numbered where it is taken: labels may differ in signs and scripts that a name leaves out."""
    names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
    return next(each for each in names if each not in taken)


def _last(of_arm: Sequence[tuple[Sequence[int], Sequence[float]]]) -> float:
    return sum(losses[-1] for _, losses in of_arm) / len(of_arm)


def _losses_table(logged: Sequence[LearningCurve]) -> Table:
    """A row an arm: its loss, mean over seeds, at some of the steps that were logged."""
    steps = sorted({step for curve in logged for step in curve.steps})
    chosen = sorted({steps[round(place * (len(steps) - 1) / (_LOGGED - 1))] for place in range(_LOGGED)})
    arms = dict.fromkeys(curve.arm for curve in logged)
    rows = [(arm, *_losses_at(chosen, [curve for curve in logged if curve.arm == arm])) for arm in arms]
    return Table(
        title="Training loss at some of the steps",
        name="learning",
        header=("arm", *(f"{step:,}" for step in chosen)),
        rows=tuple(rows),
        note=f"Mean over seeds; {NONE} where nothing was logged at the step.",
    )


def _losses_at(steps: Sequence[int], curves: Sequence[LearningCurve]) -> Iterator[str]:
    for step in steps:
        found = [curve.losses[curve.steps.index(step)] for curve in curves if step in curve.steps]
        yield f"{sum(found) / len(found):.3f}" if found else NONE

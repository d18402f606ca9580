"""Charts of a study: lines with bands of their intervals in small panels, losses, differences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from equilingua.metrics.naming import decimals
from equilingua.reports.charts import ACCENT, INK, MUTED, altair_module, svg_text

_WIDTH, _HEIGHT = 190, 130


@dataclass(frozen=True, slots=True)
class Place:
    """A point of a line.

    Attributes:
        x: where it is.
        y: its value.
        low: lower end of its interval; the value itself where there is none.
        high: upper end.
    """

    x: float
    y: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Spot:
    """Two differences of an arm, each as value, lower end and upper end.

    Attributes:
        name: of the arm.
        left: in the left panel.
        right: in the right one.
    """

    name: str
    left: tuple[float, float, float]
    right: tuple[float, float, float]


def panels_chart(panels: Mapping[str, Sequence[Place]], *, axis: str, measure: str, columns: int = 4) -> str:
    """One panel a name: a line with the band of its intervals.

    All panels span equally much of the measure, so slopes compare from panel to panel; levels are read off the axes.

    Args:
        panels: at least one, each with at least one point.
        axis: name of the horizontal axis.
        measure: name of the vertical one.
        columns: panels in a row.
    """
    alt = altair_module()
    span = 1.08 * max(_ends(places)[1] - _ends(places)[0] for places in panels.values()) or 0.1
    digits = ",d" if decimals(measure) == 0 and span > 5 else ".2f" if span > 0.1 else ".3f"
    charts = []
    for number, (name, places) in enumerate(panels.items()):
        low, high = _ends(places)
        middle = (low + high) / 2
        scale = alt.Scale(domain=[middle - span / 2, middle + span / 2], zero=False, nice=False)
        labels = alt.Axis(title=measure if number % columns == 0 else None, format=digits, tickCount=4, grid=True)
        y, band = alt.Y("y:Q", scale=scale, axis=labels), alt.Y("low:Q", scale=scale, axis=labels)
        x = alt.X("x:Q", scale=alt.Scale(zero=False), axis=alt.Axis(title=axis, grid=False, tickCount=5))
        base = alt.Chart(alt.Data(values=[_plain(place) for place in places]), title=_title(alt, name))
        parts = (
            base.mark_area(color=ACCENT, opacity=0.22).encode(x=x, y=band, y2="high:Q"),
            base.mark_line(color=ACCENT, strokeWidth=2).encode(x=x, y=y),
            base.mark_rule(color=ACCENT, strokeWidth=1).encode(x=x, y=band, y2="high:Q"),
            base.mark_point(color=ACCENT, fill=ACCENT, size=36, opacity=1).encode(x=x, y=y),
        )
        charts.append(alt.layer(*parts).properties(width=_WIDTH, height=_HEIGHT))
    return svg_text(alt.concat(*charts, columns=columns, spacing=24))


def losses_chart(panels: Mapping[str, Sequence[tuple[Sequence[int], Sequence[float]]]], *, columns: int = 4) -> str:
    """One panel an arm: a line a training, with axes that all panels share.

    Args:
        panels: steps and losses of every training, by arm.
        columns: panels in a row.
    """
    alt = altair_module()
    trainings = [training for of_arm in panels.values() for training in of_arm]
    x = alt.X(
        "step:Q",
        scale=alt.Scale(domain=[0, max(max(steps) for steps, _ in trainings)]),
        axis=alt.Axis(title="steps", grid=False, tickCount=4),
    )
    ends = [bound(bound(losses) for _, losses in trainings) for bound in (min, max)]
    y_scale = alt.Scale(domain=ends, zero=False, nice=True)
    charts = []
    for number, (name, of_arm) in enumerate(panels.items()):
        rows = [
            {"training": place, "step": step, "loss": loss}
            for place, (steps, losses) in enumerate(of_arm)
            for step, loss in zip(steps, losses, strict=True)
        ]
        axis = alt.Axis(title="loss" if number % columns == 0 else None, tickCount=4, grid=True)
        chart = alt.Chart(alt.Data(values=rows), title=_title(alt, name))
        lines = chart.mark_line(color=ACCENT, strokeWidth=1, opacity=0.8).encode(
            x=x, y=alt.Y("loss:Q", scale=y_scale, axis=axis), detail="training:N"
        )
        charts.append(lines.properties(width=_WIDTH, height=_HEIGHT))
    return svg_text(alt.concat(*charts, columns=columns, spacing=24))


def differences_chart(spots: Sequence[Spot], *, left: str, right: str) -> str:
    """A row an arm, in the order given, with two differences beside each other and their intervals; 0 as a line.

    In a plane of the two, arms that are about alike would hide each other's names.

    Args:
        spots: at least one.
        left: name of the left difference.
        right: of the right one.
    """
    alt = altair_module()
    names = [spot.name for spot in spots]
    panels: list[Any] = []
    for title, found in ((left, [spot.left for spot in spots]), (right, [spot.right for spot in spots])):
        rows = [
            {"name": name, "value": value, "low": low, "high": high}
            for name, (value, low, high) in zip(names, found, strict=True)
        ]
        axis = alt.Axis(title=title, format="+.2~f", tickCount=5, grid=True)
        labels = alt.Axis(title=None, labelLimit=260) if not panels else None
        base = alt.Chart(alt.Data(values=rows)).encode(y=alt.Y("name:N", axis=labels, sort=names))
        zero = alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color=MUTED, strokeDash=[4, 3])
        parts = (
            zero.encode(x=alt.X("zero:Q", axis=axis)),
            base.mark_rule(color=ACCENT, strokeWidth=2).encode(x=alt.X("low:Q", axis=axis), x2="high:Q"),
            base.mark_point(color=ACCENT, fill=ACCENT, size=60, opacity=1).encode(x=alt.X("value:Q", axis=axis)),
        )
        panels.append(alt.layer(*parts).properties(width=300, height=alt.Step(24)))
    # Long names are wider in a browser's font than in the one that the drawing was measured with.
    return svg_text(
        alt.hconcat(*panels, spacing=24).properties(padding={"left": 32, "top": 5, "right": 5, "bottom": 5})
    )


def _ends(places: Sequence[Place]) -> tuple[float, float]:
    return min(place.low for place in places), max(place.high for place in places)


def _plain(place: Place) -> dict[str, float]:
    return {"x": place.x, "y": place.y, "low": place.low, "high": place.high}


def _title(alt: Any, name: str) -> Any:
    return alt.Title(name, fontSize=13, fontWeight="bold", color=INK, anchor="start")

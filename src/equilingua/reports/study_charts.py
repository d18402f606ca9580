"""Charts of a study: lines with bands of their intervals in small panels, losses, and a trade-off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from equilingua.evaluation.naming import decimals
from equilingua.reports.drawing import ACCENT, INK, MUTED, altair_module, svg_text

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
    """An arm in a plane.

    Attributes:
        name: written beside it.
        across: as a point along the horizontal axis.
        upward: along the vertical axis.
    """

    name: str
    across: tuple[float, float, float]
    upward: tuple[float, float, float]


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
        y = alt.Y(
            "y:Q",
            scale=alt.Scale(domain=[middle - span / 2, middle + span / 2], zero=False, nice=False),
            axis=alt.Axis(title=measure if number % columns == 0 else None, format=digits, tickCount=4, grid=True),
        )
        x = alt.X("x:Q", scale=alt.Scale(zero=False), axis=alt.Axis(title=axis, grid=False, tickCount=5))
        base = alt.Chart(alt.Data(values=[_plain(place) for place in places]), title=_title(alt, name))
        parts = (
            base.mark_area(color=ACCENT, opacity=0.22).encode(x=x, y=alt.Y("low:Q", scale=y.scale), y2="high:Q"),
            base.mark_line(color=ACCENT, strokeWidth=2).encode(x=x, y=y),
            base.mark_rule(color=ACCENT, strokeWidth=1).encode(x=x, y=alt.Y("low:Q", scale=y.scale), y2="high:Q"),
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


def plane_chart(spots: Sequence[Spot], *, baseline: str, across: str, upward: str) -> str:
    """Arms by two differences from the baseline, with the intervals of both as a cross; the baseline where axes meet.

    Args:
        spots: at least one.
        baseline: its name.
        across: name of the horizontal axis.
        upward: of the vertical one.
    """
    alt = altair_module()
    rows = [_crossed(spot) for spot in [*spots, Spot(baseline, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0))]]
    base = alt.Chart(alt.Data(values=rows))
    x_axis, y_axis = alt.Axis(title=across, format="+.2~f"), alt.Axis(title=upward, format="+.2~f")
    x, y = alt.X("x:Q", axis=x_axis), alt.Y("y:Q", axis=y_axis)
    zero = alt.Chart(alt.Data(values=[{"zero": 0}]))
    parts = [
        zero.mark_rule(color=MUTED, strokeDash=[4, 3]).encode(x=alt.X("zero:Q", axis=x_axis)),
        zero.mark_rule(color=MUTED, strokeDash=[4, 3]).encode(y=alt.Y("zero:Q", axis=y_axis)),
        base.mark_rule(color=ACCENT, strokeWidth=1.5, opacity=0.7).encode(
            x=alt.X("left:Q", axis=x_axis), x2="right:Q", y=y
        ),
        base.mark_rule(color=ACCENT, strokeWidth=1.5, opacity=0.7).encode(
            x=x, y=alt.Y("low:Q", axis=y_axis), y2="high:Q"
        ),
        base.mark_point(color=ACCENT, fill=ACCENT, size=50, opacity=1).encode(x=x, y=y),
        base.mark_text(color=INK, align="left", baseline="bottom", dx=6, dy=-4, fontSize=12).encode(
            x=x, y=y, text="name:N"
        ),
    ]
    return svg_text(alt.layer(*parts).properties(width=560, height=380))


def _ends(places: Sequence[Place]) -> tuple[float, float]:
    return min(place.low for place in places), max(place.high for place in places)


def _plain(place: Place) -> dict[str, float]:
    return {"x": place.x, "y": place.y, "low": place.low, "high": place.high}


def _crossed(spot: Spot) -> dict[str, Any]:
    (x, left, right), (y, low, high) = spot.across, spot.upward
    return {"name": spot.name, "x": x, "left": left, "right": right, "y": y, "low": low, "high": high}


def _title(alt: Any, name: str) -> Any:
    return alt.Title(name, fontSize=13, fontWeight="bold", color=INK, anchor="start")

"""Charts of a result or audit as SVG whose colours are CSS variables: one drawing serves light and dark themes.

Drawn by Vega-Lite when the report is written. The other way, Vega's scripts inside the page, is many times the size of
all drawings, has to run in every browser the file will ever be opened with, and prints nothing where scripts are off.
"""

import io
import math
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from equilingua.auditing.checks import Standing
from equilingua.errors import InputError
from equilingua.evaluation.rank_spread import QUANTILES, RankSpread
from equilingua.evaluation.settings import POOL
from equilingua.metrics.naming import decimals
from equilingua.metrics.preference import Exposure
from equilingua.reports.language_tables import POOL_NAME, pair_cells
from equilingua.reports.page import source
from equilingua.reports.tables import Cell

INK, MUTED, LINE, ACCENT, PAPER = "var(--ink)", "var(--muted)", "var(--line)", "var(--accent)", "var(--paper)"

_FONT = "system-ui, sans-serif"
_WORDS = {
    "labelColor": INK,
    "titleColor": MUTED,
    "labelFontSize": 12,
    "titleFontSize": 12,
    "titleFontWeight": "normal",
}
_CONFIG = {
    "font": _FONT,
    "axis": {**_WORDS, "gridColor": LINE, "domain": False, "ticks": False, "labelPadding": 6},
    "legend": {**_WORDS, "gradientStrokeWidth": 0, "gradientLength": 280},
    "view": {"stroke": None},
    "aria": False,
}
_COLOUR = re.compile(r"(--[\w-]+): light-dark\((#\w+), (#\w+)\);")
_USED = re.compile(r"var\((--[\w-]+)\)")

STEPS = 7
"""Colours of the heat map, ``--step-0`` to ``--step-6`` in the page's style sheet."""

_ROW, _COLUMN = 24, 52
_RANK_TICKS = (0, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000, 300_000)


def heat_map(cells: Sequence[Cell], measure: str, *, domain: tuple[float, float]) -> str:
    """Query languages by passage languages of one result, with the mixed pool set apart on the right.

    The domain has the values of the palest and the fullest colour.
    """
    alt = altair_module()
    shown = [cell for cell in pair_cells(cells) if cell.measure == measure]
    digits = "d" if decimals(measure) == 0 else f".{min(decimals(measure), 2)}f"
    scale = alt.Scale(type="quantize", domain=list(domain), range=[f"var(--step-{step})" for step in range(STEPS)])
    parts: list[Any] = []
    for pool in (False, True):
        rows = [
            {"query": cell.query_language, "corpus": POOL_NAME if pool else cell.corpus_language, "value": cell.value}
            for cell in shown
            if (cell.corpus_language == POOL) == pool
        ]
        if rows:
            parts.append(_squares(alt, rows, scale, digits, measure=measure, pool=pool, labelled=not parts))
    return svg_text(alt.hconcat(*parts, spacing=14))


def heat_domain(cells: Sequence[Cell], measure: str) -> tuple[float, float]:
    """Ends of the colour scale for these cells: their range, widened to round numbers.

    >>> cell = Cell("monolingual", "en", "en", "mAP", 0.43)
    >>> heat_domain([cell], "mAP")
    (0.4, 0.45)
    """
    values = [cell.value for cell in pair_cells(cells) if cell.measure == measure] or [0.0]
    low, high = min(values), max(values)
    # Half a power of ten below the range, so that the ends are round and little of the scale stays unused.
    step = 10.0 ** math.floor(math.log10(high - low)) / 2 if high > low else 0.05
    ends = math.floor(low / step) * step, math.ceil(high / step) * step
    return round(ends[0], 9), round(ends[1] if ends[1] > ends[0] else ends[0] + step, 9)


def spread_chart(spreads: Sequence[RankSpread]) -> str:
    """Rank distance per query language: median, the middle half and the middle four fifths, on a logarithmic scale."""
    alt = altair_module()
    names = [f"q{round(100 * quantile)}" for quantile in QUANTILES]
    rows = [{"language": s.language, **dict(zip(names, s.quantiles, strict=True))} for s in spreads]
    ends = alt.Scale(type="symlog", constant=10, domainMin=0)
    ticks = [tick for tick in _RANK_TICKS if tick <= max(s.quantiles[-1] for s in spreads)]
    axis = alt.Axis(title="rank distance (ranks)", values=ticks, format=",d", grid=True)
    base = alt.Chart(alt.Data(values=rows)).encode(y=_languages(alt))
    outer = base.mark_rule(color=ACCENT, strokeWidth=2).encode(alt.X("q10:Q", scale=ends, axis=axis), x2="q90:Q")
    inner = base.mark_bar(color=ACCENT, size=10).encode(x="q25:Q", x2="q75:Q")
    middle = base.mark_tick(color=PAPER, thickness=3, size=14, opacity=1).encode(x="q50:Q")
    return svg_text((outer + inner + middle).properties(width=420, height=alt.Step(_ROW)))


def standing_chart(standings: Sequence[Standing], baseline: Sequence[Standing] = (), *, measure: str) -> str:
    """Values of query languages with their intervals, worst first, and their mean; a baseline's as upright marks."""
    alt = altair_module()
    rows = []
    for standing in standings:
        low, high = standing.interval or (standing.value, standing.value)
        rows.append({"language": standing.language, "value": standing.value, "low": low, "high": high})
    beside = [{"language": standing.language, "value": standing.value} for standing in baseline]
    mean = [{"value": sum(standing.value for standing in standings) / len(standings)}]
    axis = alt.Axis(title=measure, grid=True, tickCount=5)
    x = alt.X("value:Q", axis=axis, scale=alt.Scale(zero=False, nice=True))
    # The order given, for the worst language is read first.
    y = alt.Y("language:N", axis=alt.Axis(title=None), sort=[standing.language for standing in standings])
    base = alt.Chart(alt.Data(values=rows)).encode(y=y)
    parts = [
        alt.Chart(alt.Data(values=mean)).mark_rule(color=MUTED, strokeDash=[4, 3]).encode(x=x),
        base.mark_rule(color=ACCENT, strokeWidth=2).encode(x=alt.X("low:Q", axis=axis), x2="high:Q"),
        base.mark_point(color=ACCENT, fill=ACCENT, size=70, opacity=1).encode(x=x),
    ]
    if beside:
        marks = alt.Chart(alt.Data(values=beside)).encode(y=y)
        parts.append(marks.mark_tick(color=INK, thickness=2, size=18, opacity=1).encode(x=x))
    return svg_text(alt.layer(*parts).properties(width=420, height=alt.Step(_ROW)))


def exposure_chart(exposures: Mapping[str, Exposure]) -> str:
    """Share of the first places that each passage language takes, with its interval, and its share of the pool."""
    alt = altair_module()
    rows = []
    for language, e in exposures.items():
        low, high = e.interval or (e.difference, e.difference)
        ends = {"low": max(0.0, e.pool_share + low), "high": min(1.0, e.pool_share + high)}
        rows.append({"language": language, "share": e.share, "pool": e.pool_share, **ends})
    axis = alt.Axis(title="share of the first places", format="%", grid=True, tickCount=5)
    base = alt.Chart(alt.Data(values=rows)).encode(y=_languages(alt))
    bars = base.mark_bar(color="var(--step-3)", size=12).encode(alt.X("share:Q", axis=axis))
    whiskers = base.mark_rule(color=INK, strokeWidth=2).encode(x="low:Q", x2="high:Q")
    due = base.mark_tick(color=INK, thickness=2, size=20, opacity=1).encode(x="pool:Q")
    return svg_text((bars + whiskers + due).properties(width=420, height=alt.Step(_ROW)))


def svg_text(chart: Any) -> str:
    """The drawing: no fixed colour, no ids (they would clash where several stand in one page), no roles inside."""
    drawn = io.StringIO()
    chart.properties(background="transparent", config=_CONFIG).save(drawn, format="svg")
    return drawn.getvalue()


def panel_title(name: str) -> Any:
    """Above one of several small panels."""
    return altair_module().Title(name, fontSize=13, fontWeight="bold", color=INK, anchor="start")


def altair_module() -> Any:
    """Altair, with what it draws SVG by.

    Raises:
        InputError: if one of them is not installed.
    """
    try:
        import altair
        import vl_convert  # noqa: F401
    except ImportError as error:
        raise InputError(
            f"charts are drawn with altair and vl-convert-python, but {error.name} is not installed. Run "
            "pip install 'equilingua[report]', or write .tex or .csv"
        ) from error
    return altair


def standalone_svg(svg: str, *, title: str) -> str:
    """The chart with the colours of the page's style sheet in it, on the paper's colour.

    What knows neither style sheets nor variables takes the light colours.
    """
    colours = {name: (light, dark) for name, light, dark in _COLOUR.findall(source("page.css"))}
    used = ["--paper", *dict.fromkeys(_USED.findall(svg))]
    light, dark = ("".join(f"{name}:{colours[name][scheme]};" for name in dict.fromkeys(used)) for scheme in (0, 1))
    style = f"<style>:root{{{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}</style>"
    head, _, rest = svg.partition(">")
    drawn = f'{style}<rect width="100%" height="100%" fill="var(--paper)"/>{rest}'
    drawn = _USED.sub(lambda match: f"var({match[1]}, {colours[match[1]][0]})", drawn)
    return f'{head} role="img"><title>{escape(title)}</title>{drawn.rstrip()}\n'


def _squares(
    alt: Any, rows: list[dict[str, Any]], scale: Any, digits: str, *, measure: str, pool: bool, labelled: bool
) -> Any:
    """Coloured squares with their numbers; the first part has the labels of the rows, and the legend stands below."""
    title = alt.Title("") if pool else alt.Title("passage language", fontWeight="normal", fontSize=12, color=MUTED)
    y = alt.Axis(title="query language", titlePadding=12) if labelled else None
    base = alt.Chart(alt.Data(values=rows), title=title).encode(
        x=alt.X("corpus:N", axis=alt.Axis(title=None, orient="top", labelAngle=0)),
        y=alt.Y("query:N", axis=y),
    )
    legend = alt.Legend(title=measure, orient="bottom", direction="horizontal", gradientThickness=12)
    color = alt.Color("value:Q", scale=scale, legend=legend if labelled else None)
    width = alt.Step(90 if pool else _COLUMN)
    squares = base.mark_rect(stroke=PAPER, strokeWidth=1).encode(color=color)
    pale, full = alt.value("var(--on-pale)"), alt.value("var(--on-full)")
    # Above --step-3 the colours ask for the other colour of text.
    first_full = scale.domain[0] + (scale.domain[1] - scale.domain[0]) * math.ceil(STEPS / 2) / STEPS
    ink = alt.condition(alt.datum.value >= first_full, full, pale)
    numbers = base.mark_text(fontSize=12).encode(text=alt.Text("value:Q", format=digits), color=ink)
    return (squares + numbers).properties(width=width, height=alt.Step(30))


def _languages(alt: Any) -> Any:
    return alt.Y("language:N", axis=alt.Axis(title=None))

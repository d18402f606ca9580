"""What all charts share: colours as variables of the page's style sheet, and how a chart becomes an SVG."""

import io
from typing import Any

from equilingua.errors import InputError

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


def svg_text(chart: Any) -> str:
    """The drawing: no fixed colour, no ids (they would clash where several stand in one page), no roles inside."""
    drawn = io.StringIO()
    chart.properties(background="transparent", config=_CONFIG).save(drawn, format="svg")
    return drawn.getvalue()


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

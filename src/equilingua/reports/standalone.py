"""A chart as a file of its own, which follows the light or dark theme of whoever looks at it."""

import re
from html import escape

from equilingua.reports.page import source

_COLOUR = re.compile(r"(--[\w-]+): light-dark\((#\w+), (#\w+)\);")
_USED = re.compile(r"var\((--[\w-]+)\)")


def standalone_svg(svg: str, *, title: str) -> str:
    """The chart with the colours of the page's style sheet in it, on the paper's colour.

    What knows neither style sheets nor variables takes the light colours.

    Args:
        svg: a chart whose colours are variables.
        title: what it shows, for those who do not see it.
    """
    colours = {name: (light, dark) for name, light, dark in _COLOUR.findall(source("page.css"))}
    used = ["--paper", *dict.fromkeys(_USED.findall(svg))]
    light, dark = ("".join(f"{name}:{colours[name][scheme]};" for name in dict.fromkeys(used)) for scheme in (0, 1))
    style = f"<style>:root{{{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}</style>"
    head, _, rest = svg.partition(">")
    drawn = f'{style}<rect width="100%" height="100%" fill="var(--paper)"/>{rest}'
    drawn = _USED.sub(lambda found: f"var({found[1]}, {colours[found[1]][0]})", drawn)
    return f'{head} role="img"><title>{escape(title)}</title>{drawn.rstrip()}\n'

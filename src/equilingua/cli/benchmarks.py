"""``equilingua benchmarks``: which benchmarks have a name, and what has to be known of each."""

from typing import TYPE_CHECKING, Annotated

import typer

from equilingua.cli.options import AsJson

if TYPE_CHECKING:
    from rich.table import Table

    from equilingua.benchmarks.cards import BenchmarkCard

_NO_LIMIT, _WIDEST = 10_000, 160


def benchmarks_command(
    name: Annotated[
        str | None, typer.Argument(help="A benchmark or group; all if not given.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the named benchmarks, or print one card in full: protocol, licence, source, and models that have seen it.

    A group such as `beir` lists its members. Besides these, `mteb:TASK` names any retrieval task of mteb.

    Example: `equilingua benchmarks miracl`
    """
    from equilingua.benchmarks.cards import benchmark_card, benchmark_group, benchmark_names
    from equilingua.cli.console import print_json

    names = benchmark_group(name) if name else benchmark_names()
    if name and not names:
        card = benchmark_card(name)
        if as_json:
            print_json(card.to_dict())
        else:
            _show_card(card)
        return
    cards = [benchmark_card(listed) for listed in names]
    if as_json:
        print_json([card.to_dict() for card in cards])
    else:
        _show_list(cards)


def _show_list(cards: "list[BenchmarkCard]") -> None:
    from rich.console import Console
    from rich.table import Table

    from equilingua.cli.console import markup

    table = Table()
    terminal = Console().is_terminal
    for title in ("name", "languages", "parallel", "from"):
        # Programs look for names in lines: only a terminal may break them.
        table.add_column(title, overflow="fold", no_wrap=title == "name" and not terminal)
    for card in cards:
        homes = " or ".join([*(["--data"] if card.places else []), *(["hub"] if card.hub else [])]) or "built in"
        table.add_row(card.name, _languages(card, at_most=12), markup(card.parallel), homes)
    _print_whole(table)


def _show_card(card: "BenchmarkCard") -> None:
    from rich.table import Table

    from equilingua.cli.console import markup

    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(style="bold", overflow="fold")
    table.add_column(overflow="fold")
    places = " or ".join(f"DATA/{place}" for place in card.places)
    rows = {
        "name": card.name,
        "title": card.title,
        "group": card.group,
        "languages": _languages(card),
        "protocol": card.protocol,
        "parallel": card.parallel,
        "measure": card.measure,
        "licence": card.licence or "not verified",
        "paper": card.paper or "not verified",
        "published": card.source,
        "on disk": f"{places} ({card.layout} layout)" if places else None,
    }
    if card.hub:
        rows["hub"] = f"{card.hub.repository}, split {card.hub.split}"
        rows["revision"] = card.hub.revision or "not pinned: the newest is taken, and its commit noted in the result"
    for title, content in rows.items():
        if content:
            table.add_row(title, markup(content))
    for leak in card.leaks:
        table.add_row("seen by", markup(f"{', '.join(leak.models)}: {leak.data} ({leak.certainty})"))
    if not card.leaks:
        table.add_row("seen by", "no model is known here, which does not mean that none is")
    _print_whole(table)


def _print_whole(table: "Table") -> None:
    """Print a table: wrapped to the terminal; elsewhere as wide as it is, up to what an editor still shows."""
    from rich.console import Console

    console = Console()
    if not console.is_terminal:
        needed = console.measure(table, options=console.options.update(width=_NO_LIMIT)).maximum
        console = Console(width=min(needed, _WIDEST))
    console.print(table)


def _languages(card: "BenchmarkCard", *, at_most: int | None = None) -> str:
    """The languages, or their number where there are more."""
    if not card.languages:
        return "as the data say"
    if at_most is not None and len(card.languages) > at_most:
        return f"{len(card.languages)} languages"
    return " ".join(card.languages)

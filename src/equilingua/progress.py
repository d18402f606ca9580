"""Progress of long work, on standard error, so that results on standard output stay clean."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


def track(items: Iterable[Item], what: str, *, total: int | None = None, show: bool = True) -> Iterator[Item]:
    """The items, with a bar, their number and the time left shown while they are taken.

    Shown only where standard error is a terminal; gone when done.

    Args:
        items: what is worked through.
        what: the work, in a few words.
        total: how many items there are, where ``items`` does not know its own length.
        show: False for no bar at all.
    """
    if not show:
        yield from items
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield from progress.track(items, description=what, total=total)

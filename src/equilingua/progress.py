"""Progress of long work, on standard error, so that results on standard output stay clean."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress

Item = TypeVar("Item")


def track(items: Iterable[Item], what: str, *, total: int | None = None, show: bool = True) -> Iterator[Item]:
    """The items, with a bar for the work (``what``), their number and the time left shown while they are taken.

    Shown only where standard error is a terminal; gone when done. ``total`` is for items that do not know their length.
    """
    if not show:
        yield from items
        return
    with progress_bar() as progress:
        yield from progress.track(items, description=what, total=total)


def progress_bar() -> "Progress":
    """A bar on standard error, gone when done; nothing where that is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)

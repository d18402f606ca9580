"""Progress of long work, on standard error, so that results on standard output stay clean.

A bar where that is a terminal; elsewhere, as in the log of a cluster, a line now and then.
"""

import sys
import time
from collections.abc import Iterable, Iterator, Sized
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress

Item = TypeVar("Item")

BETWEEN_LINES = 30.0
"""Seconds between two lines of a log; work that takes less says nothing there."""


def track(items: Iterable[Item], what: str, *, total: int | None = None, show: bool = True) -> Iterator[Item]:
    """The items, with what is done of the work (``what``) shown while they are taken.

    On a terminal a bar with the number and the time left, gone when done; else a line every ``BETWEEN_LINES`` seconds.
    ``total`` is for items that do not know their length.
    """
    if not show:
        yield from items
    elif _is_terminal():
        with progress_bar() as progress:
            yield from progress.track(items, description=what, total=total)
    else:
        yield from _logged(items, ProgressLines(what, total if total is not None else _length(items)))


def progress_bar() -> "Progress":
    """A bar on standard error, gone when done; nothing where that is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


class ProgressLines:
    """Lines of a log that say how far a work is: done and total, the rate and the time left.

    The total is None where it is not known. The rate is that since the work began, so that a work that goes on from an
    earlier one (``done``) is not taken for a fast one.
    """

    def __init__(self, what: str, total: int | None, *, done: int = 0) -> None:
        self._what, self._total, self._first = what, total, done
        self._began = self._said = time.monotonic()
        self._lines = 0

    def advance(self, done: int) -> None:
        """So many are done: a line, if the last one is long enough ago."""
        now = time.monotonic()
        if now - self._said >= BETWEEN_LINES:
            self._said = now
            self._lines += 1
            self._say(f"{self._what}: {self._of(done)}{_pace(done, self._first, self._total, now - self._began)}")

    def close(self, done: int) -> None:
        """The work is over: a line, if there was one before."""
        if self._lines:
            took = _duration(time.monotonic() - self._began)
            self._say(f"{self._what}: {self._of(done)}, over after {took}")

    def _of(self, done: int) -> str:
        return f"{done:,}" if not self._total else f"{done:,} of {self._total:,} ({done / self._total:.0%})"

    def _say(self, line: str) -> None:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


def _logged(items: Iterable[Item], lines: ProgressLines) -> Iterator[Item]:
    done = 0
    try:
        for item in items:
            yield item
            done += 1
            lines.advance(done)
    finally:
        lines.close(done)


def _pace(done: int, first: int, total: int | None, seconds: float) -> str:
    """The rate and the time left, as far as they can be told.

    >>> _pace(30, 0, 100, 60.0), _pace(1200, 1000, None, 1.0)
    (', 30.0 a minute, 2 min left', ', 200.0 a second')
    """
    if done <= first or seconds <= 0:
        return ""
    rate = (done - first) / seconds
    told = f", {rate:,.1f} a second" if rate >= 1 else f", {60 * rate:,.1f} a minute"
    return told + (f", {_duration((total - done) / rate)} left" if total and total >= done else "")


def _duration(seconds: float) -> str:
    """A time in words.

    >>> _duration(40), _duration(140), _duration(7300)
    ('40 s', '2 min', '2 h 2 min')
    """
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


def _length(items: Iterable[object]) -> int | None:
    return len(items) if isinstance(items, Sized) else None


def _is_terminal() -> bool:
    """Whether a bar is shown: as rich takes it, which can be told by the environment (FORCE_COLOR, TTY_COMPATIBLE)."""
    from rich.console import Console

    return Console(stderr=True).is_terminal

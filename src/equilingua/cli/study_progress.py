"""How far a study is, on standard error: a bar over its units, and what each worker is at."""

import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from equilingua.studies.config import StudyConfig
    from equilingua.studies.run import UnitsDone, Working

# Seconds between two lines about one unit, where there is no terminal to draw on.
_BETWEEN_LINES = 10.0


def say(line: str) -> None:
    """A line for a phase of the work."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


class StudyBar:
    """A bar over the units, one for each that is worked on, and a line for each that is done.

    Without a terminal there are lines alone.

    Args:
        study: whose units they are.
    """

    def __init__(self, study: "StudyConfig") -> None:
        self._study = study
        self._said: dict[tuple[str, int], tuple[str, float]] = {}
        self._of_unit: dict[tuple[str, int], Any] = {}

    def __enter__(self) -> "StudyBar":
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        self._console = Console(stderr=True)
        columns: tuple[Any, ...] = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[doing]}"),
            TimeElapsedColumn(),
        )
        self._bar = Bar(*columns, console=self._console, transient=True, disable=not self._console.is_terminal)
        self._units = self._bar.add_task("arms x seeds", total=None, doing="")
        self._bar.start()
        return self

    def show(self, progress: "UnitsDone") -> None:
        """Move the bar, and say what was done."""
        doing = f"{progress.done} of {progress.total}"
        self._bar.update(self._units, completed=progress.done, total=progress.total, doing=doing)
        if progress.latest is None:
            self._console.print(f"Done: {doing} arms with seeds", highlight=False, soft_wrap=True)
            return
        unit, first = progress.latest.unit, next(iter(progress.latest.measures.values()), {})
        self._take_away((unit.arm, unit.seed))
        found = ", ".join(f"{setting} mAP {values['mAP']:.3f}" for setting, values in first.items() if "mAP" in values)
        sources = self._study.arms[unit.arm].made_from
        took = f"model {progress.latest.training_seconds:.0f} s" if progress.latest.training_seconds else None
        made = f"made from {' and '.join(sources)}" if sources else took or "model was there"
        line = f"{progress.done}/{progress.total} {unit.arm}, seed {unit.seed}: {made}{found and f'; {found}'}"
        self._console.print(line, highlight=False, soft_wrap=True)

    def watch(self, working: Sequence["Working"]) -> None:
        """Show what is being worked on: a bar for each unit, or, without a terminal, a line now and then."""
        places = {(one.unit.arm, one.unit.seed): one for one in working}
        for place in self._of_unit.keys() - places.keys():
            self._take_away(place)
        for place, one in places.items():
            if self._console.is_terminal:
                self._draw(place, one)
            else:
                self._say(place, one)

    def _draw(self, place: tuple[str, int], one: "Working") -> None:
        if place not in self._of_unit:
            self._of_unit[place] = self._bar.add_task(f"{place[0]}, seed {place[1]}", total=None, doing="")
        self._bar.update(self._of_unit[place], completed=one.step, total=one.steps or None, doing=one.doing)

    def _say(self, place: tuple[str, int], one: "Working") -> None:
        last, at = self._said.get(place, ("", float("-inf")))
        now = time.monotonic()
        if one.doing != last and now - at >= _BETWEEN_LINES:
            self._said[place] = (one.doing, now)
            say(f"{place[0]}, seed {place[1]}: {one.doing}")

    def _take_away(self, place: tuple[str, int]) -> None:
        if place in self._of_unit:
            self._bar.remove_task(self._of_unit.pop(place))

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

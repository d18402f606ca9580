"""The errors a user can mend, and the words they are told with."""

import difflib
from collections.abc import Iterable, Sequence


class InputError(ValueError):
    """Something the user gave cannot be used: the message says what, where, what is allowed and how to mend it.

    Attributes:
        problems: of a report of several problems each of them; else the message alone.
    """

    def __init__(self, message: str, problems: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems) or (message,)


class EquilinguaWarning(UserWarning):
    """Something works, but not as the user may expect."""


def did_you_mean(name: str, allowed: Iterable[str]) -> str:
    """A hint at the nearest allowed name, and all of them; ready to be put behind an error's first sentence.

    >>> did_you_mean("hybird", ["hybrid", "x-y"])
    "Did you mean 'hybrid'? Allowed: hybrid, x-y."
    >>> did_you_mean("zzz", ["hybrid", "x-y"])
    'Allowed: hybrid, x-y.'
    """
    names = sorted(allowed)
    if not names:
        return "There is none."
    by_lower = {allowed_name.lower(): allowed_name for allowed_name in names}
    near = difflib.get_close_matches(name.lower(), by_lower, n=1)
    hint = f"Did you mean {by_lower[near[0]]!r}? " if near else ""
    return f"{hint}Allowed: {', '.join(names)}."


class Problems:
    """Collects every problem of one input (``what``), so that the user sees them all in one report.

    Of so many (``show``) the report tells; further ones are only counted.
    """

    def __init__(self, what: str, *, show: int = 20) -> None:
        self._what = what
        self._show = show
        self.shown: list[str] = []
        self.count = 0

    def add(self, problem: str) -> None:
        """Take note of one problem, a line of its own in the report."""
        self.extend([problem], count=1)

    def extend(self, problems: Iterable[str], *, count: int) -> None:
        """Take note of problems found elsewhere: those shown there, of so many in all."""
        self.count += count
        self.shown.extend(problems)
        del self.shown[self._show :]

    def report(self) -> str:
        """Every problem shown, one a line, under a line that counts them."""
        noun = "problem" if self.count == 1 else "problems"
        return "\n".join([f"{self._what}: {self.count:,} {noun}", *self._lines()])

    def raise_if_any(self) -> None:
        """Raise one ``InputError`` with the whole report, if there was any problem."""
        if self.count:
            raise InputError(self.report(), self._lines())

    def _lines(self) -> list[str]:
        rest = self.count - len(self.shown)
        return [*self.shown, *([f"... and {rest:,} more"] if rest else [])]

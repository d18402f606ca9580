"""The errors a user can mend, and the words they are told with."""

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

_LONGEST = 300


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


@contextmanager
def foreign_errors(what: str, *, place: object = None, advice: str = "") -> Iterator[None]:
    """Whatever is raised inside, where data of others are read, becomes an ``InputError``.

    Parsers raise anything where a file is cut off, damaged, encrypted, or of another form: errors of the formats, of
    compressions, of numbers, of memory and of nesting. None of these is a fault of ours, so none is told apart.

    Args:
        what: what such an error comes to, told before its reason.
        place: of a file, told before the error, whichever it is; by default the caller tells it.
        advice: what to do, told after the reason.
    """
    before = "" if place is None else f"{place}: "
    try:
        yield
    except InputError as error:
        if not before:
            raise
        raise InputError(f"{before}{error}") from error
    except Exception as error:
        raise InputError(f"{before}{what}: {_reason(error)}{advice and f'. {advice}'}") from error


def _reason(error: Exception) -> str:
    """Why something could not be read, on one line."""
    match error:
        case UnicodeDecodeError():
            return f"byte 0x{error.object[error.start]:02x} is not UTF-8"
        case RecursionError():
            return "lists or objects stand inside one another without end"
        case MemoryError():
            return "it is larger than the memory"
        case OSError() if error.strerror:
            return error.strerror
    told = " ".join(str(error).split())
    # Of these the text alone, such as a key, says nothing.
    if not told or isinstance(error, LookupError | TypeError | AttributeError):
        told = f"{type(error).__name__} {told}".rstrip()
    return told if len(told) <= _LONGEST else f"{told[:_LONGEST]}..."


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

    Problems are of one kind if their words are the same but for what is quoted and counted. Of each kind the first few
    are told, with their places, and the rest are counted; so a wrong file does not hide what else is wrong. Of so many
    kinds (``show``) the report tells; problems of further ones are only counted.

    >>> problems = Problems("qrels.tsv")
    >>> for line in range(1, 100):
    ...     problems.add("2 columns, not 3", place=f"qrels.tsv:{line}")
    >>> print(problems.report())
    qrels.tsv: 99 problems
    qrels.tsv:1: 2 columns, not 3
    qrels.tsv:2: 2 columns, not 3
    qrels.tsv:3: 2 columns, not 3
    ... and 96 more of this kind, the next at qrels.tsv:4
    """

    def __init__(self, what: str, *, show: int = 20) -> None:
        self._what = what
        self._show = show
        self._kinds: dict[str, _Kind] = {}
        self._of_further_kinds = 0
        self.count = 0

    def add(self, problem: str, *, place: object = None) -> None:
        """Take note of one problem, and as ``place`` where it is; without one it is of a kind with none but itself."""
        self.count += 1
        name = problem if place is None else _VALUES.sub("_", problem)
        kind = self._kinds.get(name)
        if kind is None:
            if sum(not kind.elsewhere for kind in self._kinds.values()) >= self._show:
                self._of_further_kinds += 1
                return
            kind = self._kinds[name] = _Kind()
        kind.add(problem if place is None else f"{place}: {problem}", place)

    def extend(self, problems: Iterable[str], *, count: int) -> None:
        """Take note of problems found elsewhere: as ``shown`` told them there, of so many in all."""
        self.count += count
        self._kinds[f"{len(self._kinds)} elsewhere"] = _Kind(problems)

    @property
    def shown(self) -> list[str]:
        """What the report tells, a line each: the first problems of every kind, and how many more there are."""
        told = [line for kind in self._kinds.values() for line in kind.lines()]
        rest = [f"... and {self._of_further_kinds:,} more"] if self._of_further_kinds else []
        return [*told, *rest]

    def report(self) -> str:
        """Every problem shown, one a line, under a line that counts them."""
        noun = "problem" if self.count == 1 else "problems"
        return "\n".join([f"{self._what}: {self.count:,} {noun}", *self.shown])

    def raise_if_any(self) -> None:
        """Raise one ``InputError`` with the whole report, if there was any problem."""
        if self.count:
            raise InputError(self.report(), self.shown)


# What differs between problems of one kind: what is quoted, and numbers.
_VALUES = re.compile(r"""'[^']*'|"[^"]*"|\d[\d,.]*""")
_SHOWN_OF_A_KIND = 3


class _Kind:
    """Problems of one kind: the first as they are told, the place of the next, and the number of all.

    Those found ``elsewhere`` stay together as they were told there, the number of further ones among them.
    """

    def __init__(self, elsewhere: Iterable[str] = ()) -> None:
        self.elsewhere = list(elsewhere)
        self._first: list[str] = []
        self._next: object = None
        self._count = 0

    def add(self, line: str, place: object) -> None:
        self._count += 1
        if len(self._first) < _SHOWN_OF_A_KIND:
            self._first.append(line)
        elif self._next is None:
            self._next = place

    def lines(self) -> list[str]:
        rest = self._count - len(self._first)
        where = "" if self._next is None else f", the next at {self._next}"
        return [*self.elsewhere, *self._first, *([f"... and {rest:,} more of this kind{where}"] if rest else [])]

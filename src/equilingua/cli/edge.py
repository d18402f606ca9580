"""The outermost edge of the command line: how it ends where a command does not end by itself."""

import os
import sys
import tempfile
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from typer.core import TyperGroup

from equilingua.cli.console import fail
from equilingua.errors import EquilinguaWarning, InputError
from equilingua.escaping import terminal_text
from equilingua.files import cannot_write

CRASHED = 70
"""EX_SOFTWARE of sysexits.h: a fault of this program. Never 1, which says that a command found a problem."""

_LONGEST = 300
_INTERRUPTED, _CLOSED = 130, 141
"""128 and the number of the signal (SIGINT, SIGPIPE), as a shell has it."""


class Commands(TyperGroup):
    """The commands; their errors are met before typer meets them, which ends with 1 for some that are no problem."""

    def invoke(self, ctx: Any) -> Any:
        """What the command gives; ends the process where it is broken off or crashes."""
        with no_tracebacks(debug=bool(ctx.params.get("debug"))):
            return super().invoke(ctx)


@contextmanager
def no_tracebacks(*, debug: bool = False) -> Iterator[None]:
    """End the process for an error that nothing else has met, with a code of its own, in a few lines.

    Errors of the user and of usage go on: they are told by who called.

    Args:
        debug: print the traceback, instead of writing it to a file.
    """
    try:
        yield
    except KeyboardInterrupt:
        fail(
            "interrupted. A training goes on from its newest checkpoint with --resume, an encoding with --cache, a "
            "study when its command is given again.",
            code=_INTERRUPTED,
        )
    except BrokenPipeError:
        # Who reads has heard enough (| head); Python would complain again as it flushes what is left.
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(_CLOSED)
    except InputError:
        raise
    except Exception as error:
        if _is_of_typer(error):
            raise
        # Of an error of the user's place, not of this program: a full disk, a cache that may not be written to.
        if (told := cannot_write(error)) is not None:
            fail(told)
        _tell_crash(error, debug=debug)
        sys.exit(CRASHED)


def show_warnings_plainly() -> None:
    """Print our warnings as one line on standard error, without the line of code that they come from."""
    shown_before = warnings.showwarning

    def show(message: Any, category: Any, *place: Any, **options: Any) -> None:
        if issubclass(category, EquilinguaWarning):
            sys.stderr.write(f"equilingua: warning: {terminal_text(str(message))}\n")
        else:
            shown_before(message, category, *place, **options)

    warnings.showwarning = show


def _is_of_typer(error: Exception) -> bool:
    """Whether it is one of typer's own, by which commands exit and usage is told; typer brings its own click along."""
    return type(error).__module__.split(".")[0] in ("typer", "click")


def _tell_crash(error: Exception, *, debug: bool) -> None:
    told = terminal_text("".join(traceback.format_exception(error)))
    file = None if debug else _written(told)
    if file is None:
        sys.stderr.write(told)
    kept = f" with {file} (the traceback and the command)" if file else ", with the command and the lines above"
    summary = " ".join(traceback.format_exception_only(error)[-1].split())
    sys.stderr.write(
        f"equilingua: crashed: {terminal_text(summary)[:_LONGEST]}\nThis is a fault of equilingua, whatever it was "
        f"given. Please report it to its maintainers{kept}.\n"
    )


def _written(told: str) -> str | None:
    """The new file that holds the traceback and the command; None where none can be written."""
    from equilingua.runtime import environment

    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", errors="backslashreplace", prefix="equilingua-", suffix=".txt", delete=False
        ) as file:
            file.write(f"{environment()}\n\n{told}")
    except OSError:
        return None
    return file.name

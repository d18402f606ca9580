"""How every command speaks and ends: results on standard output, everything else on standard error."""

import json
import re
import shlex
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

from equilingua.escaping import terminal_text

if TYPE_CHECKING:
    import typer

FOUND_A_PROBLEM = 1
WRONG_USE = 2


def fail(message: str, *, code: int = WRONG_USE) -> NoReturn:
    """Print what is wrong on standard error and exit."""
    sys.stderr.write(f"equilingua: {terminal_text(message)}\n")
    sys.exit(code)


def echo(text: str, *, err: bool = False) -> None:
    """Print a text of whatever it holds: on standard output, or beside it, on standard error."""
    import typer

    typer.echo(terminal_text(text), err=err)


def markup(text: str) -> str:
    """Text as rich takes it where it reads markup: shown as it is, and not obeyed."""
    from rich.markup import escape

    return escape(terminal_text(text))


def command_again(name: str, context: "typer.Context", changes: Mapping[str, Any]) -> str:
    """The command that runs now, as it could be typed again, with some of its options changed (None: left out)."""
    words = ["equilingua", name]
    for parameter in context.command.params:
        of = str(parameter.name)
        source = context.get_parameter_source(of)
        given = source is not None and source.name == "COMMANDLINE"
        value = changes[of] if of in changes else context.params[of] if given else None
        option = [] if parameter.param_type_name == "argument" else [max(parameter.opts, key=len)]
        if isinstance(value, bool):
            words += option if value else []
        elif value is not None:
            for one in value if isinstance(value, list | tuple) else [value]:
                words += [*option, str(one)]
    return shlex.join(words)


def print_json(value: Any) -> None:
    """Print one JSON document on standard output, for machines."""
    document = json.dumps(value, ensure_ascii=False, indent=2)
    # Below 0x20 all is escaped by JSON; the second block of control characters is not.
    document = re.sub("[\x7f-\x9f]", lambda match: f"\\u{ord(match[0]):04x}", document)
    sys.stdout.write(f"{document}\n")


@contextmanager
def ended_by_signals(message: str) -> Iterator[None]:
    """Ctrl-C and SIGTERM print the message at once and end the command, with 130 or 143, once all has cleaned up."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    ended = False

    def end(number: int, _: object) -> NoReturn:
        nonlocal ended
        ended = True
        for one in numbers:  # what cleans up is not to be interrupted, nor what Python does before it ends
            signal.signal(one, signal.SIG_IGN)
        sys.stderr.write(f"\n{message}\n")
        sys.stderr.flush()
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        for number in () if ended else numbers:
            signal.signal(number, before[number])

"""How every command speaks and ends: results on standard output, everything else on standard error."""

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

FOUND_A_PROBLEM = 1
WRONG_USE = 2


def fail(message: str, *, code: int = WRONG_USE) -> NoReturn:
    """Print what is wrong on standard error and exit."""
    sys.stderr.write(f"equilingua: {message}\n")
    sys.exit(code)


def print_json(value: Any) -> None:
    """Print one JSON document on standard output, for machines."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


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

"""What every command says in the same way: results on standard output, everything else on standard error."""

import json
import sys
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

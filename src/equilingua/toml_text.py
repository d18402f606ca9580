"""What the text of a TOML file says beyond its values: names with dots, and the lines that keys stand in."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

Keys = tuple[str, ...]
"""The names of the tables around a value, and its own."""

# A key with its dots, names in quotation marks included.
_KEY = r"""((?:[\w.\-]|"[^"]*"|'[^']*')+)"""


def flattened(table: Mapping[str, Any], around: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    """Every value of a table and of the tables in it; an empty table is a value."""
    for key, value in table.items():
        if isinstance(value, dict) and value:
            yield from flattened(value, (*around, key))
        else:
            yield (*around, key), value


def key_lines(text: str) -> dict[str, int]:
    """The line of each key that begins one, by its dotted name; tables of a list are counted from 1."""
    table, lines, counts = "", dict[str, int](), dict[str, int]()
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(rf"\s*\[\[{_KEY}\]\]", line):
            name = _dotted_name(header[1])
            counts[name] = counts.get(name, 0) + 1
            table = f"{name}.{counts[name]}."
            lines.setdefault(table.removesuffix("."), number)
        elif header := re.match(rf"\s*\[{_KEY}\]", line):
            table = f"{_dotted_name(header[1])}."
            lines.setdefault(table.removesuffix("."), number)
        elif key := re.match(rf"\s*{_KEY}\s*=", line):
            lines.setdefault(f"{table}{_dotted_name(key[1])}", number)
    return lines


def _dotted_name(key: str) -> str:
    return ".".join(keys_of(key))


def keys_of(text: str) -> Keys:
    """A key as TOML reads it, with quotation marks around names that have dots.

    >>> keys_of('source_weights."my.pairs"')
    ('source_weights', 'my.pairs')
    """
    try:
        found = list(flattened(tomllib.loads(f"{text} = 0")))
    except tomllib.TOMLDecodeError:
        found = []
    return found[0][0] if len(found) == 1 else tuple(text.split("."))


def split_override(text: str) -> tuple[Keys, str] | None:
    """The keys and the text of the value of ``key=value``; None where it is no such text.

    >>> split_override('source_weights."a=b" = 0.5')
    (('source_weights', 'a=b'), '0.5')
    """
    quoted = re.match(rf"\s*{_KEY}\s*=(.*)", text, re.DOTALL)
    key, value = quoted.groups() if quoted else text.partition("=")[::2]
    return (keys_of(key.strip()), value.strip()) if "=" in text and key.strip() else None


def value_of(text: str) -> Any:
    """A value as TOML reads it, or the text itself where it is none."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text

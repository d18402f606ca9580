"""Settings from a TOML file, overrides and arguments, checked together, every problem told with its place."""

import difflib
import re
import tomllib
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from equilingua.errors import InputError, Problems, did_you_mean
from equilingua.files import existing_file

Model = TypeVar("Model", bound=BaseModel)


class Settings:
    """Settings gathered from several places; later ones win over earlier ones.

    Args:
        what: what is set, for the first line of an error.
        alternatives: settings that exclude each other; one from a later place puts the others out of force.
    """

    def __init__(self, what: str, *, alternatives: tuple[str, ...] = ()) -> None:
        self._alternatives = alternatives
        self._values: dict[str, Any] = {}
        self._places: dict[str, str] = {}
        self._problems = Problems(what)

    def add_file(self, path: str | Path) -> None:
        """Take the settings of a TOML file.

        Raises:
            InputError: if the file is missing or is no TOML; the text says in which line.
        """
        text = existing_file(path).read_text(encoding="utf-8")
        try:
            values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise InputError(f"{path}: not TOML: {error}") from error
        lines = _key_lines(text)
        self._replace_alternatives(values)
        for key, value in _flatten(values):
            number = lines.get(key)
            self._put(key, value, place=f"{path}:{number}" if number else str(path))

    def add_overrides(self, overrides: Iterable[str]) -> None:
        """Take settings written as ``key=value``; the value is read as TOML, or as a text where it is none.

        A dot in the key leads into a table: ``prompts.query="Q: "``.
        """
        overrides = list(overrides)
        self._replace_alternatives({override.partition("=")[0].strip() for override in overrides})
        for override in overrides:
            key, equals, text = override.partition("=")
            if not equals or not key.strip():
                self._problems.add(f"--set {override}: write key=value, such as alpha=0.5 or prompts.query='Q: '")
                continue
            self._put(key.strip(), _toml_value(text.strip()), place=f"--set {override}")

    def add_arguments(self, arguments: Mapping[str, Any], *, place: str = "argument") -> None:
        """Take settings given by name, which problems tell as being at this place."""
        self._replace_alternatives(arguments)
        for key, value in arguments.items():
            self._put(key, value, place=place)

    def __contains__(self, key: str) -> bool:
        """Whether a setting has been given."""
        return key in self._values

    def check(self, model: type[Model]) -> Model:
        """The settings as a record.

        Raises:
            InputError: with every problem: unknown settings (and the nearest known name), values out of range.
        """
        nested: dict[str, Any] = {}
        for key, value in self._values.items():
            self._nest(nested, key, value)
        try:
            checked = model.model_validate(nested)
        except ValidationError as error:
            for problem in error.errors():
                self._problems.add(self._describe(problem, model))
            raise InputError(self._problems.report()) from error
        self._problems.raise_if_any()
        return checked

    def _replace_alternatives(self, keys: Container[str]) -> None:
        if any(name in keys for name in self._alternatives):
            for name in self._alternatives:
                self._values.pop(name, None)

    def _put(self, key: str, value: Any, *, place: str) -> None:
        # A whole table replaces what was set inside it, and the other way round.
        for other in [k for k in self._values if k.startswith(f"{key}.") or key.startswith(f"{k}.")]:
            del self._values[other]
        self._values[key] = value
        self._places[key] = place

    def _nest(self, nested: dict[str, Any], key: str, value: Any) -> None:
        *tables, last = key.split(".")
        for table in tables:
            nested = nested.setdefault(table, {})
        nested[last] = value

    def _describe(self, problem: Any, model: type[BaseModel]) -> str:
        key = ".".join(str(part) for part in problem["loc"])
        near = (key, key.rsplit(".", 1)[0], key.split(".")[0], *(k for k in self._values if k.startswith(f"{key}.")))
        place = next((self._places[k] for k in near if k in self._places), "")
        where = f"{place}: " if place else ""
        if problem["type"] == "extra_forbidden":
            return f"{where}unknown setting {key!r}. {_nearest(key, model)}"
        if problem["type"] == "literal_error":
            allowed = re.findall(r"'([^']*)'", problem["ctx"]["expected"])
            return f"{where}{key}: unknown value {problem['input']!r}. {did_you_mean(str(problem['input']), allowed)}"
        message = problem["msg"].removeprefix("Value error, ")
        if not key:
            return f"{where}{message}"
        sentence = message if problem["type"] == "value_error" else f"{message[0].lower()}{message[1:]}"
        told = isinstance(problem["input"], Mapping) or repr(problem["input"]) in sentence
        got = "" if told else f", got {problem['input']!r}"
        return f"{where}{key}: {sentence}{got}"


def _nearest(key: str, model: type[BaseModel]) -> str:
    names = sorted(_names(model))
    near = difflib.get_close_matches(key, names, n=1)
    return f"Did you mean {near[0]!r}?" if near else f"Allowed: {', '.join(names)}."


def _names(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Every setting of a model, those of its tables with a dot."""
    for name, field in model.model_fields.items():
        yield f"{prefix}{name}"
        for part in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from _names(part, f"{prefix}{name}.")


def _flatten(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict) and value:
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _key_lines(text: str) -> dict[str, int]:
    """The line of each plainly written key, by its dotted name."""
    table, lines = "", dict[str, int]()
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[([\w.\-]+)\]", line):
            table = f"{header[1]}."
        elif key := re.match(r"\s*([\w.\-]+)\s*=", line):
            lines.setdefault(f"{table}{key[1]}", number)
    return lines


def _toml_value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text

"""Settings from a TOML file, overrides and arguments, checked together, every problem told with its place."""

import difflib
import re
import tomllib
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from equilingua.errors import InputError, Problems, did_you_mean
from equilingua.files import existing_file
from equilingua.toml_text import Keys, flattened, key_lines, split_override, value_of

Model = TypeVar("Model", bound=BaseModel)


Told = tuple[str, str]
"""A setting's name, with dots, and what is wrong with it."""

# In the words of a settings file, by pydantic's name of the error.
_WORDS = {
    "tuple_type": "must be a list, in brackets",
    "list_type": "must be a list, in brackets",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "string_type": "must be a text",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "greater_than": "must be greater than {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than": "must be less than {lt:g}",
    "less_than_equal": "must be at most {le:g}",
    "too_short": "must have at least {min_length}",
    "string_too_short": "must not be empty",
}


class Settings:
    """Settings gathered from several places; later ones win over earlier ones.

    Args:
        what: what is set, for the first line of an error.
        alternatives: settings that exclude each other; one from a later place puts the others out of force.
    """

    def __init__(self, what: str, *, alternatives: tuple[str, ...] = ()) -> None:
        self._alternatives = alternatives
        self._values: dict[Keys, Any] = {}
        self._places: dict[str, str] = {}
        self._file = ""
        self._problems = Problems(what)

    def add_file(self, path: str | Path) -> None:
        """Take the settings of a TOML file.

        Raises:
            InputError: if the file is missing or is no TOML; the text says in which line.
        """
        try:
            text = existing_file(path).read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputError(f"{path}: not UTF-8 text, as TOML is: {error}") from error
        try:
            values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise InputError(f"{path}: not TOML: {error}") from error
        self._file = str(path)
        lines = key_lines(text)
        self._replace_alternatives(values)
        for keys, value in flattened(values):
            number = lines.get(".".join(keys)) or lines.get(".".join(keys[:-1]))
            self._put(keys, value, place=f"{path}:{number}" if number else str(path))
        for key, number in lines.items():  # also those inside lists
            self._places.setdefault(key, f"{path}:{number}")

    def add_overrides(self, overrides: Iterable[str]) -> None:
        """Take settings written as ``key=value``; the value is read as TOML, or as a text where it is none.

        A dot in the key leads into a table: ``prompts.query="Q: "``.
        """
        found = [(override, split_override(override)) for override in overrides]
        self._replace_alternatives({parts[0][0] for _, parts in found if parts is not None})
        for override, parts in found:
            if parts is None:
                self._problems.add(f"--set {override}: write key=value, such as alpha=0.5 or prompts.query='Q: '")
            else:
                self._put(parts[0], value_of(parts[1]), place=f"--set {override}")

    def add_arguments(self, arguments: Mapping[str, Any], *, place: str = "argument") -> None:
        """Take settings given by name, which problems tell as being at this place; a dot leads into a table."""
        self._replace_alternatives(arguments)
        for key, value in arguments.items():
            self._put(tuple(key.split(".")), value, place=place)

    def __contains__(self, key: str) -> bool:
        """Whether a setting has been given, by its name with dots."""
        return tuple(key.split(".")) in self._values

    def check(self, model: type[Model], also: Callable[[Mapping[str, Any]], Iterable[Told]] | None = None) -> Model:
        """The settings as a record.

        Args:
            model: of the record.
            also: further problems of the settings, as tables of plain values, that are told in the same report.

        Raises:
            InputError: with every problem: unknown settings (and the nearest known name), values out of range.
        """
        nested = self._tables()
        checked, problems = _validated(model, nested)
        told = dict.fromkeys([*problems, *(also(nested) if also else ())])
        for key, text in told:
            self._problems.add(f"{self._place(key)}{_sentence(key, text)}")
        self._problems.raise_if_any()
        if checked is None:
            raise TypeError(f"{model.__name__}: was refused without a problem")
        return checked

    def problems(self, model: type[BaseModel]) -> tuple[Told, ...]:
        """What keeps the settings from being a record; nothing is raised.

        Returns:
            Each problem's key, with dots (empty where it is of several settings), and what is wrong with it.
        """
        return _validated(model, self._tables())[1]

    def _tables(self) -> dict[str, Any]:
        nested: dict[str, Any] = {}
        for (*tables, last), value in self._values.items():
            inner = nested
            for table in tables:
                inner = inner.setdefault(table, {})
            inner[last] = value
        return nested

    def _replace_alternatives(self, keys: Container[str]) -> None:
        if any(name in keys for name in self._alternatives):
            for name in self._alternatives:
                self._values.pop((name,), None)

    def _put(self, keys: Keys, value: Any, *, place: str) -> None:
        # A whole table replaces what was set inside it, and the other way round.
        for other in [
            given for given in self._values if given != keys and (_inside(given, keys) or _inside(keys, given))
        ]:
            del self._values[other]
        name = ".".join(keys)
        for inside in [given for given in self._places if given.startswith(f"{name}.")]:
            del self._places[inside]
        self._values[keys] = value
        self._places[name] = place

    def _place(self, key: str) -> str:
        """Where a setting was given, or the nearest table around it, or something inside it; if missing, the file."""
        parts = key.split(".")
        around = [".".join(parts[:count]) for count in range(len(parts), 0, -1)]
        inside = [given for given in map(".".join, self._values) if given.startswith(f"{key}.")]
        place = next(
            (self._places[given] for given in (*around, *inside) if given in self._places), self._file if key else ""
        )
        return f"{place}: " if place else ""


def _inside(keys: Keys, table: Keys) -> bool:
    return keys[: len(table)] == table


def _sentence(key: str, text: str) -> str:
    return f"{key}: {text}" if key and not text.startswith(f"unknown setting {key!r}") else text


def _validated(model: type[Model], values: Mapping[str, Any]) -> tuple[Model | None, tuple[Told, ...]]:
    """The record of some values, or None, and what is wrong with them."""
    try:
        return model.model_validate(values), ()
    except ValidationError as error:
        problems = error.errors()
    # A setting whose name was misspelt is not also told to be missing.
    meant = {_nearest(problem["loc"], model) for problem in problems if problem["type"] == "extra_forbidden"}
    kept = [one for one in problems if not (_follows(one) or (one["type"] == "missing" and _key(one["loc"]) in meant))]
    return None, tuple((_key(one["loc"]), _described(one, model)) for one in kept)


def _follows(problem: Any) -> bool:
    """Whether a problem only comes of another one, inside the list or the table, that is told."""
    if problem["type"] == "too_short":
        return bool(len(problem["input"]) >= problem["ctx"]["min_length"])
    return bool(problem["type"] == "default_factory_not_called")


def _described(problem: Any, model: type[BaseModel]) -> str:
    key, kind, given = _key(problem["loc"]), problem["type"], problem["input"]
    if kind == "extra_forbidden":
        near = _nearest(problem["loc"], model)
        hint = f"Did you mean {near!r}?" if near else f"Allowed: {', '.join(_allowed(problem['loc'], model))}."
        return f"unknown setting {key!r}. {hint}"
    if kind == "literal_error":
        allowed = re.findall(r"'([^']*)'", problem["ctx"]["expected"])
        return f"unknown value {given!r}. {did_you_mean(str(given), allowed)}"
    if kind == "missing":
        return "is missing"
    message: str = problem["msg"].removeprefix("Value error, ")
    if kind in _WORDS:
        message = _WORDS[kind].format(**problem.get("ctx", {}))
    if not key:
        return message
    sentence = message if kind == "value_error" else f"{message[0].lower()}{message[1:]}"
    told = isinstance(given, Mapping) or (kind not in _WORDS and repr(given) in sentence)
    return sentence if told else f"{sentence}, got {given!r}"


def _key(loc: Sequence[str | int]) -> str:
    """A setting's name with dots; places in a list count from 1."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in loc)


def _nearest(loc: Sequence[str | int], model: type[BaseModel]) -> str | None:
    """The setting that an unknown one is most like: one of its table, else one of any table."""
    table = _table(loc, model)
    of_table = difflib.get_close_matches(str(loc[-1]), table.model_fields if table else (), n=1)
    if of_table:
        return _key((*loc[:-1], *of_table))
    near = difflib.get_close_matches(_key(loc), sorted(_names(model)), n=1)
    return near[0] if near else None


def _allowed(loc: Sequence[str | int], model: type[BaseModel]) -> list[str]:
    table = _table(loc, model)
    return sorted(_names(model) if table is None or table is model else table.model_fields)


def _table(loc: Sequence[str | int], model: type[BaseModel]) -> type[BaseModel] | None:
    """The model of the table that a setting stands in."""
    table: type[BaseModel] | None = model
    for part in loc[:-1]:
        field = table.model_fields.get(str(part)) if table is not None else None
        if field is not None:
            table = next(iter(_models(field.annotation)), None)
        # Else it is a place in a list, or a name in a table of tables, of which each has the same model.
    return table


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that a type is made of: itself, or those of a list, a table or a choice."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _names(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Every setting of a model, those of its tables with a dot."""
    for name, field in model.model_fields.items():
        yield f"{prefix}{name}"
        for part in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from _names(part, f"{prefix}{name}.")

"""Configuration from a TOML file, overrides and arguments, checked together, every problem told with its place."""

import re
import tomllib
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Strict, ValidationError

from equilingua.config_problems import problems_of
from equilingua.documents import TOO_DEEP, TOO_LONG, nests_deeper, utf8_text
from equilingua.errors import InputError, Problems, foreign_errors
from equilingua.files import existing_file
from equilingua.languages import language_tag

Keys = tuple[str, ...]
"""The names of the tables around a value, and its own."""

# A key with its dots, names in quotation marks included.
_KEY = r"""((?:[\w.\-]|"[^"]*"|'[^']*')+)"""

T = TypeVar("T")
Model = TypeVar("Model", bound=BaseModel)


class Config(BaseModel):
    """A frozen record of options that refuses unknown names.

    True and false, and numbers in quotation marks, are refused where a number is meant.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)

    def __init__(self, **options: Any) -> None:
        """The record of these options; raises ``InputError`` with every unknown name and bad value."""
        try:
            super().__init__(**options)
        except ValidationError as error:
            problems = Problems(type(self).__name__)
            for problem in problems_of(error, type(self)):
                problems.add(str(problem))
            raise InputError(problems.report()) from error

    # Tables inside a table are still built by pydantic, not by the call above: it tells the places of their problems.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]


def _one_or_many(value: Any) -> Any:
    values = (value,) if isinstance(value, str | Path) else value
    if not isinstance(values, list | tuple):
        return values
    return tuple(str(one) if isinstance(one, Path) else one for one in values)


Items = Annotated[tuple[T, ...], Strict(strict=False)]
"""A list, as TOML and JSON have it."""

OneOrMany = Annotated[tuple[T, ...], BeforeValidator(_one_or_many)]
"""A list, or one text that stands for a list of it."""

Language = Annotated[str, AfterValidator(language_tag)]
"""A language, however its tag is spelt."""


class RawConfig:
    """Options gathered from several places; later ones win over earlier ones.

    Args:
        what: what is configured, for the first line of an error.
        alternatives: options that exclude each other; one from a later place puts the others out of force.
    """

    def __init__(self, what: str, *, alternatives: tuple[str, ...] = ()) -> None:
        self._alternatives = alternatives
        self._values: dict[str, Any] = {}
        self._places: dict[str, str] = {}
        self._file = ""
        self._problems = Problems(what)

    def add_file(self, path: str | Path) -> None:
        """Take the options of a TOML file; raises ``InputError`` if it is missing, or where it is no TOML."""
        with foreign_errors(f"{path}: cannot be read"):
            text = utf8_text(existing_file(path).read_bytes(), file=path)
        values = _toml(text, f"{path}: not TOML")
        self._file = str(path)
        lines = _key_lines(text)
        self._replace_alternatives(values)
        for keys, value in flattened(values):
            number = lines.get(".".join(keys)) or lines.get(".".join(keys[:-1]))
            place = f"{path}:{number}" if number else str(path)
            if keys[-1] == "trust_remote_code" and value is not False:
                self._problems.add(
                    f"{place}: {'.'.join(keys)}: a file cannot let code that comes with a model run, since it may be "
                    "another's. Leave it out, and say so on the command line: --trust-remote-code, or for a study "
                    "--set training.trust_remote_code=true"
                )
                continue
            self._put(keys, value, place=place)
        for key, number in lines.items():  # also those inside lists
            self._places.setdefault(key, f"{path}:{number}")

    def add_overrides(self, overrides: Iterable[str]) -> None:
        """Take options written as ``key=value``; the value is read as TOML, or as a text where it is none.

        A dot in the key leads into a table: ``prompts.query="Q: "``.
        """
        read = [(override, _override(override)) for override in overrides]
        self._replace_alternatives({option[0][0] for _, option in read if option is not None})
        for override, option in read:
            if option is None:
                self._problems.add(f"--set {override}: write key=value, such as alpha=0.5 or prompts.query='Q: '")
            else:
                self._put(*option, place=f"--set {override}")

    def add_arguments(self, arguments: Mapping[str, Any], *, place: str = "argument") -> None:
        """Take options given by name, which problems tell as being at this place; a dot leads into a table."""
        self._replace_alternatives(arguments)
        for key, value in arguments.items():
            plain = value.item() if hasattr(value, "dtype") and not getattr(value, "ndim", 0) else value  # numpy's
            self._put(tuple(key.split(".")), plain, place=place)

    def __contains__(self, key: str) -> bool:
        """Whether an option has been given by itself, by its name with dots."""
        return key in self._places

    def check(self, model: type[Model], *, context: Any = None) -> Model:
        """The options as a record of this model, whose validators may need to know the context beside them.

        Raises ``InputError`` with every problem: unknown options (and the nearest known name), values out of range.
        """
        record: Model | None = None
        try:
            record = model.model_validate(self._values, context=context)
        except ValidationError as error:
            for problem in problems_of(error, model):
                self._problems.add(f"{self._place(problem.key)}{problem}")
        self._problems.raise_if_any()
        if record is None:
            raise TypeError(f"{model.__name__}: was refused without a problem")
        return record

    def _replace_alternatives(self, keys: Container[str]) -> None:
        if any(name in keys for name in self._alternatives):
            for name in self._alternatives:
                self._values.pop(name, None)

    def _put(self, keys: Keys, value: Any, *, place: str) -> None:
        """Set a value; a whole table replaces what was set inside it, and what stands inside one that was no table."""
        table = self._values
        for key in keys[:-1]:
            if not isinstance(table.get(key), dict):
                table[key] = {}
            table = table[key]
        table[keys[-1]] = dict(value) if isinstance(value, Mapping) else value
        name = ".".join(keys)
        for inside in [known for known in self._places if known.startswith(f"{name}.")]:
            del self._places[inside]
        self._places[name] = place

    def _place(self, key: str) -> str:
        """Where an option was set, or the nearest table around it, or something inside it; if missing, the file."""
        parts = key.split(".")
        around = [".".join(parts[:count]) for count in range(len(parts), 0, -1)]
        inside = [known for known in self._places if known.startswith(f"{key}.")]
        default = self._file if key else ""
        place = next((self._places[known] for known in (*around, *inside) if known in self._places), default)
        return f"{place}: " if place else ""


def _toml(text: str, what: str) -> dict[str, Any]:
    """What TOML holds; raises ``InputError``, which begins with what it is told to be instead."""
    with foreign_errors(what):
        try:
            values = tomllib.loads(text)
        except tomllib.TOMLDecodeError:
            raise
        except ValueError as error:
            # What Python says of it is how a program would raise its limit.
            raise InputError(f"{what}: {TOO_LONG}") from error
    if nests_deeper(values):
        raise InputError(f"{what}: {TOO_DEEP}")
    return values


def flattened(table: Mapping[str, Any], around: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    """Every value of a table and of the tables in it; an empty table is a value."""
    for key, value in table.items():
        if isinstance(value, dict) and value:
            yield from flattened(value, (*around, key))
        else:
            yield (*around, key), value


def _key_lines(text: str) -> dict[str, int]:
    """The line of each key that begins one, by its dotted name; tables of a list are counted from 1."""
    table, lines, counts = "", dict[str, int](), Counter[str]()
    for number, line in enumerate(text.split("\n"), 1):  # str.splitlines ends lines inside texts too
        if header := re.match(rf"\s*(\[\[?){_KEY}\]", line):
            name = ".".join(_keys(header[2]))
            if header[1] == "[[":
                counts[name] += 1
                name = f"{name}.{counts[name]}"
            table = f"{name}."
            lines.setdefault(name, number)
        elif key := re.match(rf"\s*{_KEY}\s*=", line):
            lines.setdefault(f"{table}{'.'.join(_keys(key[1]))}", number)
    return lines


def _keys(text: str) -> Keys:
    """A key as TOML reads it, with quotation marks around names that have dots.

    >>> _keys('source_weights."my.pairs"')
    ('source_weights', 'my.pairs')
    """
    try:
        read = [keys for keys, _ in flattened(_toml(f"{text} = 0", "no key"))]
    except InputError:
        read = []
    return read[0] if len(read) == 1 else tuple(text.split("."))


def _override(text: str) -> tuple[Keys, Any] | None:
    """The keys and the value of ``key=value``, read as TOML or as a text; None where it is no such text.

    >>> _override('source_weights."a=b" = 0.5'), _override("kind=x-y")
    ((('source_weights', 'a=b'), 0.5), (('kind',), 'x-y'))
    """
    quoted = re.match(rf"\s*{_KEY}\s*=(.*)", text, re.DOTALL)
    key, value = (part.strip() for part in (quoted.groups() if quoted else text.partition("=")[::2]))
    if "=" not in text or not key:
        return None
    try:
        return _keys(key), _toml(f"value = {value}", "no value")["value"]
    except InputError:
        return _keys(key), value

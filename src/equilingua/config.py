"""Configuration from a TOML file, overrides and arguments, checked together, every problem told with its place."""

import tomllib
from collections.abc import Container, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Strict, ValidationError

from equilingua.config_problems import problems_of
from equilingua.errors import InputError, Problems
from equilingua.files import existing_file
from equilingua.languages import language_tag
from equilingua.toml_text import Keys, flattened, key_lines, split_override, value_of

T = TypeVar("T")
Model = TypeVar("Model", bound=BaseModel)


class Config(BaseModel):
    """A frozen record of options that refuses unknown names.

    True and false, and numbers in quotation marks, are refused where a number is meant.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)


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
        """Take the options of a TOML file.

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
        """Take options written as ``key=value``; the value is read as TOML, or as a text where it is none.

        A dot in the key leads into a table: ``prompts.query="Q: "``.
        """
        split = [(override, split_override(override)) for override in overrides]
        self._replace_alternatives({parts[0][0] for _, parts in split if parts is not None})
        for override, parts in split:
            if parts is None:
                self._problems.add(f"--set {override}: write key=value, such as alpha=0.5 or prompts.query='Q: '")
            else:
                self._put(parts[0], value_of(parts[1]), place=f"--set {override}")

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
        """The options as a record.

        Args:
            model: of the record.
            context: what the model's validators need to know beside the options.

        Raises:
            InputError: with every problem: unknown options (and the nearest known name), values out of range.
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

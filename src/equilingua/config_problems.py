"""What pydantic finds wrong with a configuration, in the words of a TOML file."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, get_args, get_origin

from pydantic import BaseModel, Tag, ValidationError

from equilingua.errors import did_you_mean


class Problem(NamedTuple):
    """What is wrong with an option: its name with dots, places in a list counted from 1, and what it is."""

    key: str
    text: str

    def __str__(self) -> str:
        is_named = not self.key or self.text.startswith(f"unknown option {self.key!r}")
        return self.text if is_named else f"{self.key}: {self.text}"


# In the words of a TOML file, by pydantic's name of the error.
_WORDS = {
    "tuple_type": "must be a list, in brackets",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "string_type": "must be a text",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "greater_than": "must be greater than {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than": "must be less than {lt:g}",
    "less_than_equal": "must be at most {le:g}",
    "too_short": "must have at least {min_length}",
    "string_too_short": "must not be empty",
}


def problems_of(error: ValidationError, model: type[BaseModel]) -> tuple[Problem, ...]:
    """What pydantic found wrong with the options of a model, in the words of a TOML file, each problem once."""
    problems = [(problem, _Spot.of(_loc(problem), model)) for problem in error.errors()]
    # An option whose name was misspelt is not also told to be missing.
    meant = {spot.nearest(model) for problem, spot in problems if problem["type"] == "extra_forbidden"}
    described = [
        Problem(spot.key, _described(problem, spot, model))
        for problem, spot in problems
        if not (_follows(problem) or (problem["type"] == "missing" and spot.key in meant))
    ]
    return tuple(dict.fromkeys(described))


def _loc(problem: Any) -> tuple[str | int, ...]:
    """Where a problem is; of a union whose tag is unknown, the option that holds the tag."""
    tag = _quoted(problem["ctx"]["discriminator"]) if problem["type"] == "union_tag_invalid" else ()
    return (*problem["loc"], *tag)


def _follows(problem: Any) -> bool:
    """Whether a problem only comes of another one, inside the list or the table, that is told."""
    if problem["type"] == "too_short":
        return bool(len(problem["input"]) >= problem["ctx"]["min_length"])
    return bool(problem["type"] == "default_factory_not_called")


def _described(problem: Any, spot: "_Spot", model: type[BaseModel]) -> str:
    value, context = problem["input"], problem.get("ctx", {})
    match problem["type"]:
        case "extra_forbidden":
            return spot.unknown(model)
        case "literal_error":
            return f"unknown value {value!r}. {did_you_mean(str(value), _quoted(context['expected']))}"
        case "union_tag_invalid":
            hint = did_you_mean(context["tag"], _quoted(context["expected_tags"]))
            return f"unknown value {context['tag']!r}. {hint}"
        case "missing":
            meaning = spot.table.model_fields[spot.name].description if spot.table else None
            return f"is missing. {' '.join((meaning or '').split())}".rstrip()
        case "value_error":
            text = problem["msg"].removeprefix("Value error, ")
        case kind if kind in _WORDS:
            text = _WORDS[kind].format(**context)
        case _:
            text = f"{problem['msg'][0].lower()}{problem['msg'][1:]}"
    is_told = not spot.key or isinstance(value, Mapping | BaseModel)
    is_told = is_told or (problem["type"] not in _WORDS and repr(value) in text)
    # A validator of ours may tell the value unquoted, as a part of a path say; of a single letter one cannot know.
    is_told = is_told or (problem["type"] == "value_error" and len(str(value)) > 2 and str(value) in text)
    return text if is_told else f"{text}, got {value!r}"


def _quoted(text: str) -> list[str]:
    return re.findall(r"'([^']*)'", text)


class _Spot(NamedTuple):
    """A place in a file: the names that lead there, the table that the last one stands in, and its alternatives.

    Where several tables may stand, ``tag`` tells which one was taken for ``table``, and ``others`` are the rest.
    """

    names: tuple[str, ...]
    table: type[BaseModel] | None
    tag: str
    others: Mapping[str, type[BaseModel]]

    @classmethod
    def of(cls, loc: Sequence[str | int], model: type[BaseModel]) -> "_Spot":
        """The place that pydantic calls so: positions are counted from 0 there, and tags of unions stand between."""
        spot, tables = cls((), None, "", {}), _tables(model)
        # None while a union is open: the next part of the place is then the tag that pydantic chose.
        tag, is_key = ("" if len(tables) == 1 else None), False
        for part in loc:
            if tag is None and part in tables:
                tag = str(part)
                continue
            name = str(part + 1) if isinstance(part, int) else part
            others = {other: table for other, table in tables.items() if other != tag}
            spot = cls((*spot.names, name), tables.get(tag or ""), tag or "", others)
            field = spot.table.model_fields.get(name) if spot.table and not is_key else None
            is_key = field is not None and get_origin(field.annotation) is dict
            if field is not None:
                tables = _tables(field.annotation)
                tag = next(iter(tables)) if len(tables) == 1 else None
        return spot

    @property
    def key(self) -> str:
        return ".".join(self.names)

    @property
    def name(self) -> str:
        return self.names[-1]

    def nearest(self, model: type[BaseModel]) -> str | None:
        """The option that an unknown one is most like: one of the tables that may stand here, else one of any table."""
        here = [table for table in (self.table, *self.others.values()) if table is not None]
        names = dict.fromkeys(name for table in here for name in table.model_fields)
        of_table = difflib.get_close_matches(self.name, names, n=1)
        if of_table:
            return ".".join((*self.names[:-1], *of_table))
        near = difflib.get_close_matches(self.key, sorted(_option_names(model)), n=1)
        return near[0] if near else None

    def unknown(self, model: type[BaseModel]) -> str:
        """Why there is no such option here."""
        allowed = ", ".join(sorted(self.table.model_fields)) if self.table else ""
        if self.name in self.others:
            return f"{self.tag!r} and {self.name!r} were both given: give one, and the other in a table of its own"
        if serving := [tag for tag, table in self.others.items() if self.name in table.model_fields]:
            why = getattr(self.table, "why_not", {}).get(self.name)
            reason = f": {why}, so leave it out" if why else ""
            return (
                f"has no part without {' or '.join(map(repr, serving))}{reason}. Allowed with {self.tag!r}: {allowed}."
            )
        near = self.nearest(model)
        return f"unknown option {self.key!r}. {f'Did you mean {near!r}?' if near else f'Allowed: {allowed}.'}"


def _tables(annotation: Any, tag: str = "") -> dict[str, type[BaseModel]]:
    """The models that a value may be one of, or that stand in a list or a table of such, by their tag in a union."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {tag: annotation}
    parts = get_args(annotation)
    tag = next((part.tag for part in parts if isinstance(part, Tag)), tag)
    return {of: model for part in parts for of, model in _tables(part, tag).items()}


def _option_names(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Every option of a model, those of its tables with a dot."""
    for name, field in model.model_fields.items():
        yield f"{prefix}{name}"
        if get_origin(field.annotation) not in (tuple, dict):
            for table in _tables(field.annotation).values():
                yield from _option_names(table, f"{prefix}{name}.")

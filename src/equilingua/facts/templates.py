"""The question and passage templates, read from ``templates.toml`` and checked as they are read."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from string import Formatter
from typing import Any

from equilingua.errors import Problems

LANGUAGES = ("ar", "de", "el", "en", "es", "hi", "ru", "th", "tr", "vi", "zh")
QUESTIONS = 3
PASSAGES = 2
ENTITY_FIELDS = frozenset({"entity", "in_entity", "the_entity"})
VALUE_FIELDS = frozenset({"value", "in_value", "the_value"})


@dataclass(frozen=True, slots=True)
class Relation:
    """What can be said of one kind of entity, and how each language asks and says it.

    Attributes:
        name: the relation, such as ``currency``.
        entity: the kind of its entities: country, city, currency or language.
        value: the kind of its values: one of those, or script, zone or code.
        questions: per language, ``QUESTIONS`` templates with one entity field; wording n means the same in each.
        passages: per language, ``PASSAGES`` templates with one entity and one value field.
    """

    name: str
    entity: str
    value: str
    questions: Mapping[str, tuple[str, ...]]
    passages: Mapping[str, tuple[str, ...]]


def read_toml(name: str) -> dict[str, Any]:
    """A TOML file of this package."""
    return tomllib.loads((resources.files(__package__) / name).read_text(encoding="utf-8"))


def fields(template: str) -> list[str]:
    """The placeholders of a template, in order.

    >>> fields("{in_entity} bezahlt man mit dieser Währung: {value}.")
    ['in_entity', 'value']
    """
    return [field for _, field, _, _ in Formatter().parse(template) if field is not None]


@cache
def relations() -> Mapping[str, Relation]:
    """The relations by name, in the order of the file.

    Raises:
        InputError: naming every template that lacks a placeholder, has one too many, or is missing.
    """
    return parse_relations(read_toml("templates.toml"))


def parse_relations(tables: Mapping[str, Mapping[str, Any]]) -> dict[str, Relation]:
    """The relations of a parsed templates file; raises ``InputError`` with every problem."""
    problems = Problems("templates.toml")
    parsed = {}
    for name, table in tables.items():
        for language in LANGUAGES:
            for problem in _problems(table.get(language, {})):
                problems.add(f"[{name}.{language}] {problem}")
        parsed[name] = Relation(
            name=name,
            entity=table["entity"],
            value=table["value"],
            questions={language: tuple(table.get(language, {}).get("questions", ())) for language in LANGUAGES},
            passages={language: tuple(table.get(language, {}).get("passages", ())) for language in LANGUAGES},
        )
    problems.raise_if_any()
    return parsed


def _problems(wordings: Mapping[str, list[str]]) -> list[str]:
    """What is wrong with one relation's templates in one language."""
    problems = []
    for key, count, expected in (("questions", QUESTIONS, (1, 0)), ("passages", PASSAGES, (1, 1))):
        templates = wordings.get(key, [])
        if len(set(templates)) != count:
            problems.append(f"has {len(set(templates))} different {key}, {count} are needed")
        for template in templates:
            named = fields(template)
            got = (sum(name in ENTITY_FIELDS for name in named), sum(name in VALUE_FIELDS for name in named))
            if got != expected or len(named) != sum(expected):
                needs = f"needs {expected[0]} for the entity and {expected[1]} for the value"
                problems.append(f"{template!r} has the placeholders {named}, but {needs}")
    return problems

"""Which facts hold, by CLDR's codes (no names, no languages), and which of them are held out."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from equilingua.facts.names import corrections, name
from equilingua.facts.templates import LANGUAGES, relations

Statement = tuple[str, str, str]
"""Relation, entity code and value code."""

SPLITS = ("train", "validation", "test")
TEST_SHARE = 0.2
VALIDATION_SHARE = 0.1


@cache
def statements() -> tuple[Statement, ...]:
    """Every fact that can be told in all languages, sorted by relation (as in ``templates.toml``) and entity.

    Left out are: entities and facts that ``names.toml`` omits; what has no name in some language; and entities that
    share a name with another of their kind in some language, because a question about them would have two answers.
    """
    tellable = []
    for relation in relations().values():
        omitted = set(corrections()["omitted_facts"].get(relation.name, ()))
        for entity, value in sorted(_READERS[relation.name]()):
            if entity not in omitted and _names(relation.entity, entity) and _names(relation.value, value):
                tellable.append((relation.name, entity, value))
    kinds = {relation.name: relation.entity for relation in relations().values()}
    bearers: dict[tuple[str, str, str], set[str]] = {}
    for relation_name, entity, _ in tellable:
        for language, text in _names(kinds[relation_name], entity).items():
            bearers.setdefault((kinds[relation_name], language, text.casefold()), set()).add(entity)
    namesakes = {(kind, entity) for (kind, _, _), same in bearers.items() if len(same) > 1 for entity in same}
    return tuple(statement for statement in tellable if (kinds[statement[0]], statement[1]) not in namesakes)


def _names(kind: str, code: str) -> dict[str, str]:
    """The names per language; empty if one is missing."""
    names = {language: text for language in LANGUAGES if (text := name(kind, code, language))}
    return names if len(names) == len(LANGUAGES) else {}


def _cldr(table: Any) -> Any:
    from babel.core import get_global

    return get_global(table)


def _countries() -> set[str]:
    return set(_cldr("territory_zones")) - set(corrections()["omitted"]["country"]) - {"ZZ", "001"}


def _currencies() -> Iterator[tuple[str, str]]:
    """Countries with exactly one currency that is legal tender today."""
    history = _cldr("territory_currencies")
    for country in _countries():
        tender = [currency for currency, _, end, is_tender in history.get(country, ()) if is_tender and end is None]
        if len(tender) == 1:
            yield country, tender[0]


def _official_languages() -> Iterator[tuple[str, str]]:
    """Countries with exactly one language official in the whole country, and none so in practice only."""
    spoken = _cldr("territory_languages")
    for country in _countries():
        status = {language: facts["official_status"] for language, facts in spoken.get(country, {}).items()}
        official = [language for language, kind in status.items() if kind in ("official", "de_facto_official")]
        if len(official) == 1 and status[official[0]] == "official":
            yield country, official[0]


def _cities() -> Iterator[tuple[str, str]]:
    """The cities that CLDR names time zones after, with the countries these belong to.

    A zone called like its country in some language is left out: either it is no city (Barbados), or the fact says
    nothing ("Singapore is a city in Singapore").
    """
    import babel

    territories, aliases = _cldr("zone_territories"), _cldr("zone_aliases")
    countries, omitted = _countries(), set(corrections()["omitted"]["city"])
    for zone in map(str, babel.Locale("ar").time_zones):
        country = territories.get(aliases.get(zone, zone), "")
        wanted = country in countries and zone not in omitted
        if wanted and not set(_names("city", zone).items()) & set(_names("country", country).items()):
            yield zone, country


def _time_zones() -> Iterator[tuple[str, str]]:
    current = _cldr("meta_zones")
    return ((city, current[city]) for city, _ in _cities() if current.get(city))


def _languages() -> set[str]:
    """Languages with a two-letter code, which CLDR translates best."""
    import babel

    two_letters = {code for code in map(str, babel.Locale("en").languages) if len(code) == 2}
    return two_letters - set(corrections()["omitted"]["language"])


def _scripts() -> Iterator[tuple[str, str]]:
    likely = _cldr("likely_subtags")
    return ((language, likely[language].split("_")[1]) for language in _languages() if language in likely)


_READERS: Mapping[str, Callable[[], Iterable[tuple[str, str]]]] = {
    "currency": _currencies,
    "official-language": _official_languages,
    "country-code": lambda: ((country, country) for country in _countries()),
    "country-of-city": _cities,
    "time-zone": _time_zones,
    "script": _scripts,
    "language-code": lambda: ((language, language) for language in _languages()),
    "currency-code": lambda: {(currency, currency) for _, currency in _currencies()},
}


def key(statement: Statement) -> str:
    """The language-free identity of a fact.

    >>> key(("currency", "JP", "JPY"))
    'currency/JP'
    """
    return f"{statement[0]}/{statement[1]}"


def number(text: str) -> int:
    """A number that depends on the text alone, evenly spread over 64 bits."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def split(statements: Sequence[Statement]) -> dict[str, str]:
    """The split of every fact, by its key.

    Facts are taken in the order of a hash of their key. One is held out if its relation still wants test (a fifth of
    its facts) or validation facts (a tenth), and if both its names, the entity's and the value's, stay in a training
    fact, as entity or as value. Codes such as ``JPY`` are no names: each belongs to its own fact alone.
    """
    total = Counter(relation for relation, _, _ in statements)
    mentions = Counter(mention for statement in statements for mention in _mentions(statement))
    held = Counter[tuple[str, str]]()
    splits = {}
    for statement in sorted(statements, key=lambda one: number(key(one))):
        splits[key(statement)] = "train"
        if all(mentions[mention] > 1 for mention in _mentions(statement)):
            for name, share in (("test", TEST_SHARE), ("validation", VALIDATION_SHARE)):
                if held[statement[0], name] < int(share * total[statement[0]]):
                    held[statement[0], name] += 1
                    splits[key(statement)] = name
                    mentions.subtract(_mentions(statement))
                    break
    return splits


def _mentions(statement: Statement) -> list[tuple[str, str]]:
    relation = relations()[statement[0]]
    named = ((relation.entity, statement[1]), (relation.value, statement[2]))
    return [mention for mention in named if mention[0] != "code"]

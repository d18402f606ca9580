"""Which facts hold, by CLDR's codes: no names, no languages."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache

from equilingua.facts.names import corrections, name
from equilingua.facts.templates import LANGUAGES, relations

Statement = tuple[str, str, str]
"""Relation, entity code and value code."""


@cache
def statements() -> tuple[Statement, ...]:
    """Every fact that can be told in all languages, sorted by relation (as in ``templates.toml``) and entity.

    Left out are: entities and facts that ``names.toml`` omits; what has no name in some language; and entities that
    share a name with another of their kind in some language, because a question about them would have two answers.
    """
    told = []
    for relation in relations().values():
        omitted = set(corrections()["omitted_facts"].get(relation.name, ()))
        for entity, value in sorted(_READERS[relation.name]()):
            if entity not in omitted and _names(relation.entity, entity) and _names(relation.value, value):
                told.append((relation.name, entity, value))
    return tuple(_without_namesakes(told))


def _names(kind: str, code: str) -> dict[str, str]:
    """The names per language; empty if one is missing."""
    found = {language: name(kind, code, language) for language in LANGUAGES}
    return {language: text for language, text in found.items() if text} if all(found.values()) else {}


def _without_namesakes(told: Iterable[Statement]) -> Iterator[Statement]:
    told = list(told)
    kinds = {relation.name: relation.entity for relation in relations().values()}
    bearers: dict[tuple[str, str, str], set[str]] = {}
    for relation, entity, _ in told:
        for language, text in _names(kinds[relation], entity).items():
            bearers.setdefault((kinds[relation], language, text.casefold()), set()).add(entity)
    shared = {(kind, entity) for (kind, _, _), entities in bearers.items() if len(entities) > 1 for entity in entities}
    return (statement for statement in told if (kinds[statement[0]], statement[1]) not in shared)


def _countries() -> set[str]:
    from babel.core import get_global

    return set(get_global("territory_zones")) - set(corrections()["omitted"]["country"]) - {"ZZ", "001"}


def _currencies() -> Iterator[tuple[str, str]]:
    """Countries with exactly one currency that is legal tender today."""
    from babel.core import get_global

    history = get_global("territory_currencies")
    for country in _countries():
        tender = [currency for currency, _, end, is_tender in history.get(country, ()) if is_tender and end is None]
        if len(tender) == 1:
            yield country, tender[0]


def _official_languages() -> Iterator[tuple[str, str]]:
    """Countries with exactly one language official in the whole country, and none so in practice only."""
    from babel.core import get_global

    spoken = get_global("territory_languages")
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
    from babel.core import get_global

    territories, aliases = get_global("zone_territories"), get_global("zone_aliases")
    countries, omitted = _countries(), set(corrections()["omitted"]["city"])
    for zone in map(str, babel.Locale("ar").time_zones):
        country = territories.get(aliases.get(zone, zone), "")
        wanted = country in countries and zone not in omitted
        if wanted and not set(_names("city", zone).items()) & set(_names("country", country).items()):
            yield zone, country


def _time_zones() -> Iterator[tuple[str, str]]:
    from babel.core import get_global

    current = get_global("meta_zones")
    return ((city, current[city]) for city, _ in _cities() if current.get(city))


def _languages() -> set[str]:
    """Languages with a two-letter code, which CLDR translates best."""
    import babel

    two_letters = {code for code in map(str, babel.Locale("en").languages) if len(code) == 2}
    return two_letters - set(corrections()["omitted"]["language"])


def _scripts() -> Iterator[tuple[str, str]]:
    from babel.core import get_global

    likely = get_global("likely_subtags")
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

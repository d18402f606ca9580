"""What countries, cities, currencies, languages, scripts and time zones are called, from CLDR with few corrections."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from equilingua.facts.templates import read_toml

# CLDR leaves out a city's name where its identifier already is that name; that holds only for the Latin script.
LATIN_SCRIPT = frozenset({"de", "en", "es", "tr", "vi"})


@cache
def corrections() -> Mapping[str, Any]:
    """The tables of ``names.toml``."""
    return read_toml("names.toml")


@cache
def name(kind: str, code: str, language: str) -> str | None:
    """What a thing is called in a language, as it stands inside a sentence; None where CLDR does not know.

    Args:
        kind: country, city, currency, language, script, zone or code (which is its own name everywhere).
        code: its CLDR identifier, such as ``JP``, ``Asia/Tokyo``, ``JPY``, ``ja``, ``Jpan`` or ``Japan``.
        language: one of ``LANGUAGES``.

    >>> name("city", "Europe/Vienna", "tr"), name("currency", "JPY", "en"), name("language", "vi", "vi")
    ('Viyana', 'Japanese yen', 'tiếng Việt')
    """
    corrected = corrections()["names"].get(language, {}).get(kind, {}).get(code)
    called: str | None = corrected or _cldr_name(kind, code, language)
    if called and kind in corrections()["small_letter"].get(language, ()):
        return called[0].lower() + called[1:]
    return called


def forms(kind: str, code: str, language: str, *, prefix: str = "") -> dict[str, str]:
    """The forms of a name that templates may ask for.

    Arguments are those of ``name``; ``prefix`` is what the bare name is called in templates, ``entity`` or ``value``.

    Raises:
        KeyError: if the thing has no name in the language.

    >>> forms("country", "CH", "de", prefix="entity")
    {'entity': 'Schweiz', 'in_entity': 'in der Schweiz', 'the_entity': 'Schweiz'}
    >>> forms("language", "hi", "ru", prefix="value")["the_value"]
    'язык хинди'
    """
    bare = name(kind, code, language)
    if bare is None:
        raise KeyError(f"{kind} {code} has no name in {language}")
    places = corrections()["in"].get(language) if kind == "country" else None
    articles = corrections()["the"].get(language) if kind == "language" else None
    inside = places.get(code, places["default"]).format(name=bare) if places else bare
    definite = bare
    if articles:
        default = articles["ending" if bare.endswith(tuple(articles["endings"])) else "default"]
        definite = articles.get(code, default).format(name=bare)
    return {prefix: bare, f"in_{prefix}": inside, f"the_{prefix}": definite}


def _cldr_name(kind: str, code: str, language: str) -> Any:
    import babel

    locale = babel.Locale(language)
    match kind:
        case "code":
            return code
        case "country":
            return locale.territories.get(code)
        case "city":
            of_identifier = code.rpartition("/")[2].replace("_", " ") if language in LATIN_SCRIPT else None
            return locale.time_zones.get(code, {}).get("city") or of_identifier
        case "currency":
            return _currency_name(code, language)
        case "language":
            return locale.languages.get(code)
        case "script":
            return locale.scripts.get(code)
        case "zone":
            return locale.meta_zones.get(code, {}).get("long", {}).get("standard")
        case _:
            raise KeyError(f"no names of the kind {kind!r}")


def _currency_name(code: str, language: str) -> str | None:
    import babel
    from babel.numbers import get_currency_name

    if code not in babel.Locale(language).currencies:
        return None
    # English alone writes the bare name as a title ("Japanese Yen"); its singular is the form for a sentence.
    return str(get_currency_name(code, count=1 if language == "en" else None, locale=language))

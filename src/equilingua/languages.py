"""Languages as BCP 47 tags: one spelling for each, unknown ones refused, and which tags mean the same language."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from equilingua.errors import InputError, Problems, did_you_mean

OfLanguage = TypeVar("OfLanguage")

UNDETERMINED = "und"
"""The BCP 47 tag of a text whose language is not known."""


@lru_cache(maxsize=4096)
def language_tag(name: str) -> str:
    """The canonical BCP 47 tag of a language name as data sets spell it.

    Case, separators, three-letter codes, needless scripts and members of a macrolanguage are normalised
    (CLDR and the IANA registry, through langcodes); regions and scripts that distinguish are kept.

    Raises:
        InputError: if the name is no well-formed tag of a registered language.

    >>> language_tag("pt-br"), language_tag("eng_Latn"), language_tag("cmn"), language_tag("zh_Hans")
    ('pt-BR', 'en', 'zh', 'zh-Hans')
    """
    import langcodes

    try:
        tag = langcodes.standardize_tag(name, macro=True)
        known = langcodes.tag_is_valid(tag)
    except langcodes.tag_parser.LanguageTagError:
        known = False
    if not known:
        example = "give a BCP 47 tag such as 'en', 'pt-BR' or 'zh-Hans'"
        country = country_of(name)
        if country is not None and country.languages:
            spoken = " or ".join(map(repr, country.languages[:3]))
            example = f"it is the code of a country, {country.name}; of its language the tag is {spoken}"
        raise InputError(f"unknown language {name!r}: {example}")
    return str(tag)


def known_language(name: str) -> str | None:
    """The canonical tag of a name, such as a file's or a folder's; None if it is no language.

    >>> known_language("DE"), known_language("readme")
    ('de', None)
    """
    try:
        return language_tag(name)
    except InputError:
        return None


def language_name(tag: str) -> str:
    """The English name of a language, from CLDR; the tag itself where CLDR has none.

    >>> language_name("th"), language_name("pt-BR"), language_name("und")
    ('Thai', 'Portuguese (Brazil)', 'Unknown language')
    """
    import babel

    if tag == UNDETERMINED:
        return "Unknown language"
    try:
        return babel.Locale.parse(tag, sep="-").get_display_name("en") or tag
    except (ValueError, babel.UnknownLocaleError):
        return tag


@lru_cache(maxsize=4096)
def wider_tags(tag: str) -> tuple[str, ...]:
    """A canonical tag and the tags that mean it and more, the nearest first.

    These are without region, without script, and last the macrolanguage. A region stands for the script that is usual
    there. A macrolanguage is not taken as wider than a member that has a two-letter code of its own, but for
    Norwegian's two: what ``ms`` names is Malay, and seldom Indonesian.

    Source: RFC 5646; the IANA registry's macrolanguages, through langcodes.

    >>> wider_tags("zh-TW"), wider_tags("nb"), wider_tags("arz"), wider_tags("id")
    (('zh-TW', 'zh-Hant', 'zh'), ('nb', 'no'), ('arz', 'ar'), ('id',))
    """
    import langcodes
    from langcodes.data_dicts import MACROLANGUAGES

    language = langcodes.Language.get(tag)
    wider = [tag, *(known for known in language.broader_tags() if not known.startswith(UNDETERMINED))]
    if language.territory and not language.script:
        script = language.maximize().script
        wider.insert(1, str(langcodes.Language.make(language=language.language, script=script)))
    macro = MACROLANGUAGES.get(language.language or "")
    if macro and (macro == "no" or len(language.language or "") > 2):
        wider.append(macro)
    return tuple(dict.fromkeys(wider))


def same_language(tag: str, others: Collection[str]) -> str | None:
    """The one of some tags that means the language of this one, if there is one and no second that could.

    It is the tag itself, else the nearest that is wider (``zh`` for ``zh-CN``, ``no`` for ``nb``), else the only one
    that is narrower. All are canonical.

    >>> same_language("no", ["de", "nb"]), same_language("zh-CN", ["zh", "zh-Hans"]), same_language("pt", ["es"])
    ('nb', 'zh-Hans', None)
    >>> same_language("zh", ["zh-CN", "zh-TW"]) is None
    True
    """
    known = [wider for wider in wider_tags(tag) if wider in others]
    narrower = [other for other in others if tag in wider_tags(other)]
    return known[0] if known else narrower[0] if len(narrower) == 1 else None


def joined_languages(tags: Collection[str], among: Collection[str]) -> dict[str, str]:
    """Which tags of one side mean a language that the other side names otherwise: for each the other side's tag.

    Such as ``no`` for the queries of a corpus in ``nb``. Where both tags stand on one side they are kept apart there
    for a reason, and are not joined.

    >>> joined_languages(["no", "zh-CN", "de"], ["nb", "zh", "de"])
    {'no': 'nb', 'zh-CN': 'zh'}
    >>> joined_languages(["zh", "zh-CN"], ["zh-CN"])
    {}
    """
    joined = {tag: same_language(tag, among) for tag in tags if tag not in among}
    several = [other for other in joined.values() if other is not None]
    return {
        tag: other
        for tag, other in joined.items()
        if other is not None and other not in tags and several.count(other) == 1
    }


@dataclass(frozen=True, slots=True)
class Country:
    """A country, by its English name, and the tags of its languages, the most usual first."""

    name: str
    languages: tuple[str, ...]


@lru_cache(maxsize=512)
def country_of(name: str) -> Country | None:
    """The country that a name is the code of (ISO 3166-1), where it has two letters; None if there is none.

    Source: CLDR, through babel and langcodes.

    >>> country_of("jp")
    Country(name='Japan', languages=('ja',))
    >>> country_of("en") is None
    True
    """
    import babel
    import langcodes
    from babel.languages import get_official_languages

    code = {"UK": "GB"}.get(name.upper(), name.upper())
    country = babel.Locale("en").territories.get(code)
    if len(code) != 2 or not code.isalpha() or country is None or code in ("EU", "UN", "ZZ", "EZ", "XA", "XB"):
        return None
    usual = langcodes.Language.make(territory=code).maximize().language
    spoken = [usual, *get_official_languages(code, de_facto=True)] if usual else []
    tags = [tag for tag in map(known_language, spoken) if tag is not None]
    return Country(country, tuple(dict.fromkeys(wider_tags(tag)[-1] if tag == "nb" else tag for tag in tags)))


def of_languages(
    parts: Mapping[str, OfLanguage],
    languages: Sequence[str] | None,
    absent: Callable[[str], str],
    problems: Problems | None = None,
) -> dict[str, OfLanguage]:
    """The parts of some languages, in the order in which those are named; all parts, if none are.

    Args:
        parts: by canonical tag.
        languages: in any spelling.
        absent: what is told of a language, by its tag, that has no part.
        problems: where that is noted; without it, it is raised.

    Raises:
        InputError: if a language has no part, and there are no ``problems``; for an unknown language.
    """
    tags = [language_tag(language) for language in languages] if languages else list(parts)
    for tag in tags:
        if tag not in parts:
            problem = f"{absent(tag)}. {did_you_mean(tag, parts)}"
            if problems is None:
                raise InputError(problem)
            problems.add(problem)
    return {tag: parts[tag] for tag in tags if tag in parts}

"""Languages as BCP 47 tags: one spelling for each, unknown ones refused."""

from collections.abc import Callable, Mapping, Sequence
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
        raise InputError(f"unknown language {name!r}: give a BCP 47 tag such as 'en', 'pt-BR' or 'zh-Hans'")
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

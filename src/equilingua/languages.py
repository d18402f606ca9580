"""Languages as BCP 47 tags: one spelling for each, unknown ones refused."""

from functools import lru_cache

from equilingua.errors import InputError

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

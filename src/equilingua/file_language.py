"""The language that a name tells: of a file such as ``xquad.de.json`` or ``tydi-ar.json``, or of a person's table."""

import re
from functools import lru_cache

from equilingua.errors import InputError
from equilingua.languages import known_language, language_tag

# Words in names of files that are registered languages' codes too.
_WORDS = frozenset(
    [
        "all",
        "ans",
        "any",
        "big",
        "csv",
        "dat",
        "dev",
        "doc",
        "end",
        "faq",
        "fin",
        "gen",
        "old",
        "new",
        "neg",
        "not",
        "now",
        "one",
        "pos",
        "qas",
        "ran",
        "raw",
        "run",
        "set",
        "sub",
        "tab",
        "the",
        "top",
        "two",
        "val",
        "var",
        "web",
        "xml",
    ]
)
_PARTS = re.compile(r"[^\W_]+")


class NamedLanguages(tuple[str, ...]):
    """The languages that a name may tell, each once: none, one, or several where the name is ambiguous."""

    __slots__ = ()

    @property
    def only(self) -> str | None:
        """The language, if there is one and no other."""
        return self[0] if len(self) == 1 else None


@lru_cache(maxsize=4096)
def languages_in_name(name: str) -> NamedLanguages:
    """The languages that the name of a file tells, by the parts between its dots, hyphens and underscores.

    Codes of two letters, with a script or region behind, and languages' English names tell more than codes of three
    letters, which many words are too. A region in small letters is one where the language is official in it; else both
    parts are languages, and the name is ambiguous.

    >>> languages_in_name("xquad.de.json"), languages_in_name("squad-pt-br.json"), languages_in_name("dev-v1.1.json")
    (('de',), ('pt-BR',), ())
    >>> languages_in_name("context-en-question-de.json"), languages_in_name("tydiqa-goldp-dev-arabic.json")
    (('en', 'de'), ('ar',))
    """
    parts = _PARTS.findall(name)
    sure, unsure, place = dict[str, None](), dict[str, None](), 0
    while place < len(parts):
        tag, length = _longest(parts[place : place + 3])
        if tag is None and (tag := named_language(parts[place], codes=False)):
            sure[tag] = None
        elif tag is not None:
            (sure if length > 1 or len(parts[place]) == 2 else unsure)[tag] = None
        place += length
    return NamedLanguages(sure or unsure)


def named_language(text: str, *, codes: bool = True) -> str | None:
    """The language that a word names: a code, or its English name in CLDR; None if it is none.

    >>> named_language("German"), named_language("deu"), named_language("readme")
    ('de', 'de', None)
    """
    if codes and (tag := known_language(text)):
        return tag
    return _english_names().get(text.strip().casefold())


def told_language(text: str) -> str:
    """The language that a cell of a table tells, as ``named_language``; raises ``InputError`` if it tells none."""
    return named_language(text) or language_tag(text)


def _longest(parts: list[str]) -> tuple[str | None, int]:
    """The tag that the first parts make, and of how many; None, of one, if the first is no language."""
    first = parts[0]
    if not first.isascii() or not first.isalpha() or len(first) not in (2, 3) or first.casefold() in _WORDS:
        return None, 1
    base = known_language(first)
    if base is None:
        return None, 1
    for length in range(len(parts), 1, -1):
        more = parts[1:length]
        if all(_is_subtag(base, part) for part in more) and (tag := known_language("-".join(parts[:length]))):
            return tag, length
    return base, 1


def _is_subtag(base: str, part: str) -> bool:
    """Whether a part is a script or region of the language before it, not a word or another language."""
    if len(part) == 4 and part.isalpha():
        return part.istitle() and part.casefold() not in ("test", "full", "file", "data")
    if len(part) != 2 or not part.isalpha():
        return False
    return part.isupper() or known_language(part) is None or _is_official(base, part)


def _is_official(language: str, region: str) -> bool:
    from babel.languages import get_official_languages

    official = get_official_languages(region.upper(), regional=True, de_facto=True)
    return any(name.split("_")[0] == language.split("-")[0] for name in official)


@lru_cache(maxsize=1)
def _english_names() -> dict[str, str]:
    import babel

    names: dict[str, str] = {}
    for code, name in babel.Locale("en").languages.items():
        try:
            names.setdefault(name.casefold(), language_tag(code))
        except InputError:
            continue
    return names

"""Texts made comparable: what a reader takes for the same letters is written with the same characters."""

import unicodedata
from functools import cache
from typing import Any


def folded(text: str) -> str:
    """The text in NFKC_Casefold, with Turkish's four letters i as one.

    Compatibility characters (full-width letters, ligatures) are replaced and case is folded (``\u00df`` to ss, the two
    sigmas to one), and characters that nobody sees are gone: soft hyphens, joiners, variation selectors, marks of
    direction. Of a dotted capital I Unicode's folding leaves an i with a dot above, and of a dotless one an i that the
    small dotless letter is not, as only the language tells them apart; a search without languages takes all for i.

    Source: The Unicode Standard, section 3.13, D145 and toNFKC_Casefold (R5).

    >>> folded("\uff34\uff4f\uff4b\uff59\uff4f \u2163"), folded("\u0130lk"), folded("IRMAK"), folded("\u0131rmak")
    ('tokyo iv', 'ilk', 'irmak', 'irmak')
    >>> folded("Stra\u00dfe"), folded("recht\u00adeckig"), folded("\u1f48\u0394\u039f\u03a3")
    ('strasse', 'rechteckig', '\u1f40\u03b4\u03bf\u03c3')
    """
    if text.isascii():
        return text.lower()
    seen = _ignorable().sub("", unicodedata.normalize("NFD", text))
    # Twice: a compatibility character may stand for a capital, and folding may leave what is not yet normal.
    whole = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen.casefold()).casefold())
    return whole.replace("i\u0307", "i").replace("\u0131", "i")


@cache
def _ignorable() -> Any:
    # Not the standard library's re, which knows no such property.
    import regex

    return regex.compile(r"\p{Default_Ignorable_Code_Point}+")

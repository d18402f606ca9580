"""The three settings, as which query languages are ranked against which corpora; light, so that commands tell it."""

from collections.abc import Sequence
from typing import Literal

from equilingua.errors import InputError, did_you_mean

Setting = Literal["monolingual", "cross-lingual", "multilingual"]

MONOLINGUAL: Setting = "monolingual"
CROSS_LINGUAL: Setting = "cross-lingual"
MULTILINGUAL: Setting = "multilingual"
SETTINGS: tuple[Setting, ...] = (MONOLINGUAL, CROSS_LINGUAL, MULTILINGUAL)

POOL = "*"
"""Stands for a corpus language where all corpora are ranked together."""

COMPARED_MEASURES = ("mAP", "nDCG@10", "R@10", "rank_distance")
"""What results are compared by where no measures are named; here, because the command tells it without numpy."""


def language_pairs(
    setting: str, query_languages: Sequence[str], passage_languages: Sequence[str]
) -> list[tuple[str, str]]:
    """Pairs (query language, corpus language) over which the setting's macro mean is taken.

    Monolingual: queries and corpus of one language. Cross-lingual: every ordered pair of two languages. Multilingual:
    queries of one language, and the pool of all corpora, written ``*``; none where the pool is one corpus, which the
    other two settings rank already.

    Raises:
        InputError: if there is no such setting.

    >>> language_pairs("cross-lingual", ["en", "th"], ["en", "th"])
    [('en', 'th'), ('th', 'en')]
    """
    if setting not in SETTINGS:
        raise InputError(f"unknown setting {setting!r}. {did_you_mean(setting, SETTINGS)}")
    if setting == MULTILINGUAL:
        return [(query, POOL) for query in query_languages] if len(passage_languages) > 1 else []
    pairs = [(query, passage) for query in query_languages for passage in passage_languages]
    return [pair for pair in pairs if (pair[0] == pair[1]) == (setting == MONOLINGUAL)]


def pair_name(query_language: str, corpus_language: str) -> str:
    """The query language; with the corpus language behind it where that is another.

    >>> pair_name("en", "de"), pair_name("en", "en"), pair_name("en", "*")
    ('en-de', 'en', 'en')
    """
    return query_language if corpus_language in (query_language, POOL) else f"{query_language}-{corpus_language}"

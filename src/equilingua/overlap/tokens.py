"""Texts as tokens and runs of tokens, in which two spellings of one text are alike: case, punctuation, spaces aside."""

import unicodedata
from collections.abc import Sequence

import numpy as np
import regex
from numpy.typing import NDArray

Runs = NDArray[np.int64]

# Scripts without spaces between words, of which each character (with its marks) is a token.
_UNSEGMENTED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_CHARACTER = regex.compile(rf"[{_UNSEGMENTED}]", regex.V1)
_TOKEN = regex.compile(rf"[{_UNSEGMENTED}]\p{{M}}*|[\p{{L}}\p{{M}}\p{{N}}--[{_UNSEGMENTED}]]+", regex.V1)
_IGNORABLE = regex.compile(r"\p{Default_Ignorable_Code_Point}+")
_ASCII_SIGNS = {code: " " for code in range(128) if not chr(code).isalnum()}

_WORDS, _CHARACTERS = 3, 4
"""Tokens of a run, where tokens are words and where they are characters."""


def tokens_of(text: str) -> list[str]:
    """The words of a text, or its characters where its script has no spaces between words.

    >>> tokens_of("Who was Beyoncé’s MOTHER?"), tokens_of("東京 2020")
    (['who', 'was', 'beyoncé', 's', 'mother'], ['東', '京', '2020'])
    """
    if text.isascii():
        return text.casefold().translate(_ASCII_SIGNS).split()  # a third of the pattern's time
    found: list[str] = _TOKEN.findall(unicodedata.normalize("NFKC", _IGNORABLE.sub("", text)).casefold())
    return found


def of_characters(tokens: Sequence[str]) -> bool:
    """Whether most of a text's tokens are characters of a script without spaces between words."""
    joined = "".join(tokens)
    return not joined.isascii() and 2 * len(_CHARACTER.findall(joined)) > len(tokens)


def runs_of(texts: Sequence[Sequence[str]]) -> tuple[Runs, NDArray[np.int64]]:
    """A number for every run of tokens that follow one another, and the text (its place) that each is of.

    Texts shorter than a run have none. Numbers are equal for equal runs in this process alone.
    """
    lengths = np.array([len(tokens) for tokens in texts], dtype=np.int64)
    widths = np.array([_CHARACTERS if of_characters(tokens) else _WORDS for tokens in texts], dtype=np.int64)
    hashes = np.fromiter((hash(token) for tokens in texts for token in tokens), np.int64, int(lengths.sum()))
    place = np.repeat(np.arange(len(texts)), lengths)
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(hashes))  # tokens from here to the text's end
    runs, places = [], []
    for width in (_WORDS, _CHARACTERS):
        begins = np.flatnonzero((widths[place] == width) & (left >= width))
        mixed = np.full(len(begins), width, dtype=np.int64)
        for step in range(width):
            mixed = mixed * np.int64(6364136223846793005) + hashes[begins + step]
            mixed ^= mixed >> 29
        runs.append(mixed)
        places.append(place[begins])
    return np.concatenate(runs), np.concatenate(places)

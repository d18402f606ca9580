"""Texts to tokens, by one rule for every language."""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any

# Scripts that put no spaces between words. Their tokens are pairs of neighbouring characters.
_UNSPACED = r"\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}"
_CHARACTERS = r"\p{L}\p{M}\p{N}"


def normalised(text: str) -> str:
    """The text in Unicode's compatibility form NFKC, in lower case.

    >>> normalised("Ｔｏｋｙｏ Ⅳ")
    'tokyo iv'
    """
    import unicodedata

    return unicodedata.normalize("NFKC", text).lower()


def tokens(text: str) -> list[str]:
    """The tokens of a text, in order: words, and character bigrams where a script has no spaces between words.

    A word is a run of letters, marks and digits of the normalised text, without stemming and without stop words. Runs
    of Chinese and Japanese characters, Thai, Lao, Khmer, Burmese and Tibetan become bigrams of code points that
    overlap; a single character stays one token.

    >>> tokens("Who built Tōkyō Tower?")
    ['who', 'built', 'tōkyō', 'tower']
    >>> tokens("東京タワー 1958年")
    ['東京', '京タ', 'タワ', 'ワー', '1958', '年']
    """
    found: list[str] = []
    for word, unspaced in _pattern().findall(normalised(text)):
        if word:
            found.append(word)
        elif len(unspaced) == 1:
            found.append(unspaced)
        else:
            found += (first + second for first, second in pairwise(unspaced))
    return found


class Vocabulary:
    """Numbers of tokens, in the order in which they were first met."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def learn(self, text: str) -> list[int]:
        """Numbers of a text's tokens; new tokens get the next number."""
        numbers = self.numbers
        return [numbers.setdefault(token, len(numbers)) for token in tokens(text)]

    def known(self, texts: Sequence[str]) -> list[list[int]]:
        """Numbers of each text's tokens; tokens not learned are left out."""
        numbers = self.numbers
        return [[numbers[token] for token in tokens(text) if token in numbers] for text in texts]


@cache
def _pattern() -> Any:
    """Words in the first group, runs of unspaced scripts in the second."""
    # Not the standard library's re: its word characters leave out combining marks, so that Hindi words are cut at
    # every vowel sign, and it knows no scripts.
    import regex

    word = rf"[[{_CHARACTERS}]--[{_UNSPACED}]]+"
    unspaced = rf"[[{_CHARACTERS}]&&[{_UNSPACED}]]+"
    return regex.compile(rf"(?V1)({word})|({unspaced})")

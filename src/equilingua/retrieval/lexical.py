"""Retrievers that compare words or characters, without a model: BM25 and TF-IDF of character n-grams."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, pairwise
from typing import Any, Protocol, runtime_checkable

import numpy as np

from equilingua.errors import InputError, did_you_mean
from equilingua.folding import folded
from equilingua.retrieval.pool import PassagePool, SparsePool, bounds_of

# Scripts that put no spaces between words. Their tokens are pairs of neighbouring characters.
_UNSPACED = r"\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}"
_CHARACTERS = r"\p{L}\p{M}\p{N}"

METHODS = ("lucene", "robertson", "atire", "bm25l", "bm25+")


@runtime_checkable
class LexicalModel(Protocol):
    """A retriever that scores texts as they are; what it knows of a collection it takes from the passages."""

    @property
    def name(self) -> str:
        """The retriever with its parameters, as printed with every result."""

    @property
    def similarity(self) -> str:
        """What a score is."""

    def pool(self, corpora: Sequence[Sequence[str]]) -> PassagePool:
        """The passages of these corpora, in this order; its ``blocks`` take texts."""


@dataclass(frozen=True)
class BM25:
    """BM25 over words, and over character bigrams where a script has no spaces (see ``tokens``), by bm25s.

    Document frequencies and the mean length are those of the whole pool, all languages together. A term that stands
    twice in a query counts twice.

    Attributes:
        k1: how slowly a repeated term saturates, 0 or more.
        b: how much a passage's length counts, from 0 to 1.
        method: lucene, robertson, atire, bm25l or bm25+, in the forms of Kamphuis et al.; bm25l and bm25+ have their
            further parameter delta at 0.5.

    Raises:
        InputError: if k1 or b is out of its range, or the method unknown.

    Source: Robertson and Zaragoza 2009; Kamphuis et al. 2020, table 1. Defaults are Lucene's.
    """

    k1: float = 1.2
    b: float = 0.75
    method: str = "lucene"

    def __post_init__(self) -> None:
        if self.k1 < 0 or not 0 <= self.b <= 1:
            raise InputError(f"bm25: k1={self.k1:g}, b={self.b:g}, but k1 must be 0 or more, and b from 0 to 1")
        if self.method not in METHODS:
            raise InputError(f"bm25: unknown method {self.method!r}. {did_you_mean(self.method, METHODS)}")

    @property
    def name(self) -> str:
        """The retriever with its parameters."""
        return f"bm25 ({self.method}, k1={self.k1:g}, b={self.b:g})"

    @property
    def similarity(self) -> str:
        """``bm25``: unbounded, and comparable only within one query."""
        return "bm25"

    def pool(self, corpora: Sequence[Sequence[str]]) -> SparsePool:
        """As ``LexicalModel`` has it; raises ``InputError`` if no passage has a token."""
        import bm25s
        from scipy.sparse import csr_array
        from sklearn.feature_extraction.text import CountVectorizer

        texts = [text for corpus in corpora for text in corpus]
        listed = [tokens(text) for text in texts]
        # A score is summed up in the order of its tokens' numbers, which thus must not depend on that of the passages.
        numbers = {token: number for number, token in enumerate(sorted(set(chain.from_iterable(listed))))}
        numbered = [[numbers[token] for token in of_text] for of_text in listed]
        _check_terms(len(numbers), self.name)
        index = bm25s.BM25(k1=self.k1, b=self.b, method=self.method, backend="numpy", csc_backend="numpy")
        index.index((numbered, numbers), create_empty_token=False, show_progress=False)
        # What bm25s keeps is a matrix of shape (passages, terms) in columns: transposed, one in rows.
        parts = (index.scores["data"], index.scores["indices"], index.scores["indptr"])
        return SparsePool(
            weights=csr_array(parts, shape=(len(numbers), len(texts))),
            query_terms=CountVectorizer(analyzer=tokens, vocabulary=numbers, dtype=np.float32).transform,
            bounds=bounds_of(corpora),
            absent=index.nonoccurrence_array,
        )


@dataclass(frozen=True)
class CharacterTfidf:
    """Cosine of TF-IDF vectors of character n-grams within words, by scikit-learn (``analyzer="char_wb"``).

    It needs no word borders and forgives inflection and spelling. Document frequencies are those of the whole pool, all
    languages together; term frequencies are taken as 1 + ln(tf).

    Attributes:
        shortest: characters of the shortest n-grams.
        longest: characters of the longest.

    Raises:
        InputError: if ``shortest`` is not from 1 to ``longest``.
    """

    shortest: int = 2
    longest: int = 4

    def __post_init__(self) -> None:
        if not 1 <= self.shortest <= self.longest:
            raise InputError(
                f"tfidf: n-grams of {self.shortest} to {self.longest} characters: give 1 <= shortest <= longest"
            )

    @property
    def name(self) -> str:
        """The retriever with its parameters."""
        return f"tfidf (characters, {self.shortest} to {self.longest})"

    @property
    def similarity(self) -> str:
        """``cosine``, from 0 to 1."""
        return "cosine"

    def pool(self, corpora: Sequence[Sequence[str]]) -> SparsePool:
        """As ``LexicalModel`` has it; raises ``InputError`` if no passage has any characters but spaces."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        texts = [text for corpus in corpora for text in corpus]
        # scikit-learn would fail later, and speak of its vocabulary.
        _check_terms(sum(map(len, map(str.strip, texts))), self.name)
        vectorizer = TfidfVectorizer(
            preprocessor=folded,
            analyzer="char_wb",
            ngram_range=(self.shortest, self.longest),
            sublinear_tf=True,
            dtype=np.float32,
        )
        passages = vectorizer.fit_transform(texts)
        return SparsePool(weights=passages.T.tocsr(), query_terms=vectorizer.transform, bounds=bounds_of(corpora))


def tokens(text: str) -> list[str]:
    """The tokens of a text, in order: words, and character bigrams where a script has no spaces between words.

    A word is a run of letters, marks and digits of the text as ``folded`` has it, without stemming and without stop
    words. Runs of Chinese and Japanese characters, Thai, Lao, Khmer, Burmese and Tibetan become bigrams of code points
    that overlap; a single character stays one token.

    >>> tokens("Who built Tōkyō Tower?")
    ['who', 'built', 'tōkyō', 'tower']
    >>> tokens("東京タワー 1958年")
    ['東京', '京タ', 'タワ', 'ワー', '1958', '年']
    """
    units: list[str] = []
    for word, unspaced in _pattern().findall(folded(text)):
        pairs = [first + second for first, second in pairwise(unspaced)]
        units += [word] if word else pairs or [unspaced]
    return units


def _check_terms(terms: int, name: str) -> None:
    if not terms:
        raise InputError(f"{name}: no passage holds a letter or digit, so there is nothing to search")


@cache
def _pattern() -> Any:
    """Words in the first group, runs of unspaced scripts in the second."""
    # Not the standard library's re: its word characters leave out combining marks, so that Hindi words are cut at
    # every vowel sign, and it knows no scripts.
    import regex

    word = rf"[[{_CHARACTERS}]--[{_UNSPACED}]]+"
    unspaced = rf"[[{_CHARACTERS}]&&[{_UNSPACED}]]+"
    return regex.compile(rf"(?V1)({word})|({unspaced})")

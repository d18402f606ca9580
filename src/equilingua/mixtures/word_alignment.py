"""Words, or less where a language puts no space between them, and their translations learned from parallel texts."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import regex
from numpy.typing import NDArray

from equilingua.pairs.store import ParallelPairs

# Written without a space between words, so that a word cannot be told by its letters.
_UNSEGMENTED = frozenset({"zh", "ja", "th", "lo", "km", "my", "yue", "wuu"})

# Each character of these is taken as a unit; of other unsegmented languages a character says too little.
_CHARACTERS = frozenset({"zh", "yue", "wuu"})

# A space stands between syllables, so that most words are several units.
_SYLLABLES = frozenset({"vi"})

# Few enough that most of them recur in the few thousand sentences there may be, and short enough not to be phrases.
_PIECES = 3_000
_LONGEST_PIECE = 8

WORD = regex.compile(r"\w+")
_HAN = regex.compile(r"\p{Han}|[^\p{Han}]+")
_UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
_LETTER = regex.compile(_UNSPACED)
_NEEDLESS_SPACE = regex.compile(rf"(?<={_UNSPACED}) | (?={_UNSPACED})")


def words(text: str) -> list[str]:
    """The runs of letters, marks and digits of a text.

    >>> words("हिन्दी: don't")
    ['हिन्दी', 'don', 't']
    """
    return list(WORD.findall(text))


def unsegmented(language: str) -> bool:
    """Whether a language (a canonical tag) is written without a space between words.

    >>> unsegmented("zh-Hant"), unsegmented("ko")
    (True, False)
    """
    return language.split("-")[0] in _UNSEGMENTED


def in_parts(language: str) -> bool:
    """Whether a word of a language mostly is several units, so that a translation into it is several too.

    >>> in_parts("zh"), in_parts("vi"), in_parts("de")
    (True, True, False)
    """
    return unsegmented(language) or language.split("-")[0] in _SYLLABLES


def joined(units: Iterable[str], language: str) -> str:
    """Units as one text of their language.

    >>> joined(["战", "争"], "zh"), joined(["chiến", "tranh"], "vi")
    ('战争', 'chiến tranh')
    """
    return ("" if unsegmented(language) else " ").join(units)


def without_needless_spaces(text: str) -> str:
    """The text without spaces beside a letter of a script that puts none between words.

    >>> without_needless_spaces("1973 石油 OPEC and 危机 ?")
    '1973石油OPEC and危机?'
    """
    return str(_NEEDLESS_SPACE.sub("", text))


def unit_splitter(language: str, texts: Iterable[str]) -> Callable[[str], list[str]]:
    """A function from a text to its units, in their order.

    Units are runs of letters and digits; of Chinese each character; of other languages without spaces between words the
    tokens of a byte-pair encoding, which stand in for words and are learned from ``texts``.

    >>> unit_splitter("zh", [])("1973年的石油危机。")
    ['1973', '年', '的', '石', '油', '危', '机']
    """
    if not unsegmented(language):
        return words
    if language.split("-")[0] in _CHARACTERS:
        return lambda text: [unit for word in words(text) for unit in _HAN.findall(word)]
    return _piece_splitter(texts)


def _piece_splitter(texts: Iterable[str]) -> Callable[[str], list[str]]:
    from tokenizers import Tokenizer, models, trainers

    runs = [word for text in dict.fromkeys(texts) for word in words(text) if _LETTER.search(word)]
    tokenizer = Tokenizer(models.BPE())
    trainer = trainers.BpeTrainer(vocab_size=_PIECES, max_token_length=_LONGEST_PIECE, show_progress=False)
    tokenizer.train_from_iterator(runs, trainer)

    @cache
    def pieces(word: str) -> list[str]:
        return list(tokenizer.encode(word).tokens) if _LETTER.search(word) else [word]

    return lambda text: [piece for word in words(text) for piece in pieces(word)]


# Words of a source and words of a target, as numbers from 1; 0 is the empty word.
NumberedPair = tuple[Sequence[int], Sequence[int]]


class Vocabulary:
    """Words by number, from 1, whatever their case; 0 is the empty word."""

    def __init__(self) -> None:
        self.names = [""]
        self._numbers = {"": 0}
        self._spellings: list[Counter[str]] = [Counter()]

    def numbers(self, words: Iterable[str]) -> list[int]:
        """The numbers of the words, new ones for new words."""
        numbers = []
        for word in words:
            number = self._numbers.setdefault(word.lower(), len(self.names))
            if number == len(self.names):
                self.names.append(word.lower())
                self._spellings.append(Counter())
            self._spellings[number][word] += 1
            numbers.append(number)
        return numbers

    def spelling(self, number: int) -> str:
        """The most frequent spelling; of equally frequent ones the first in code point order."""
        return min(self._spellings[number].items(), key=lambda item: (-item[1], item[0]))[0]


@dataclass(frozen=True, slots=True)
class Translations:
    """Each source word with each target word that stands in a translation of it, ordered by both.

    Attributes:
        sources: (links,) int64 word numbers, 0 for the empty word.
        targets: (links,) int64 word numbers.
        probabilities: (links,) of the target, given the source; they sum to 1 for each source.
    """

    sources: NDArray[np.int64]
    targets: NDArray[np.int64]
    probabilities: NDArray[np.float64]


def translations(pairs: Iterable[NumberedPair], *, rounds: int) -> Translations:
    """Probabilities of words as translations of words, by IBM model 1 with an empty word on the source side.

    Expectation maximisation begins with equal probabilities; pairs with nothing on a side teach nothing.

    Source: Brown et al. 1993, The Mathematics of Statistical Machine Translation, section 4.2 (model 1).
    """
    pairs = [pair for pair in pairs if pair[0] and pair[1]]
    if not pairs:
        nothing = np.zeros(0)
        return Translations(nothing.astype(np.int64), nothing.astype(np.int64), nothing)
    # One link for each source word (the empty one too) and each target word of a pair of sentences; a slot is one place
    # of a target word, whose probability is shared among its links.
    sources = np.concatenate([np.tile([0, *source], len(target)) for source, target in pairs])
    targets = np.concatenate([np.repeat(target, len(source) + 1) for source, target in pairs])
    widths = np.concatenate([np.full(len(target), len(source) + 1) for source, target in pairs])
    slots = np.repeat(np.arange(len(widths)), widths)
    base = int(targets.max()) + 1
    # A link as one integer, so that equal links of all sentences are found by one sort.
    keys, inverse = np.unique(sources.astype(np.int64) * base + targets, return_inverse=True)
    sources, targets = keys // base, keys % base
    probabilities = np.ones(len(keys))
    for _ in range(rounds):
        weights = probabilities[inverse]
        shares = weights / np.bincount(slots, weights)[slots]
        counts = np.bincount(inverse, shares, minlength=len(keys))
        probabilities = np.asarray(counts / np.bincount(sources, counts)[sources])
    return Translations(sources, targets, probabilities)


@dataclass(frozen=True, slots=True)
class Alignment:
    """Words of two languages by number, the pairs of texts they stand in, and their translations both ways."""

    sources: Vocabulary
    targets: Vocabulary
    pairs: Sequence[NumberedPair]
    forward: Translations
    backward: Translations


def align(texts: Iterable[tuple[Iterable[str], Iterable[str]]], *, rounds: int) -> Alignment:
    """The alignment of texts and their translations, each as its words; each direction is trained alone."""
    sources, targets = Vocabulary(), Vocabulary()
    pairs = [(sources.numbers(text), targets.numbers(translated)) for text, translated in texts]
    forward = translations(pairs, rounds=rounds)
    backward = translations(((there, here) for here, there in pairs), rounds=rounds)
    return Alignment(sources, targets, pairs, forward, backward)


def parallel_texts(
    files: Sequence[ParallelPairs], source: str, target: str, *, sentences_only: bool = False
) -> Iterator[tuple[str, str]]:
    """Every text of whole stores that has both languages, as (source, target): sentences, queries, passages.

    With ``sentences_only``, pairs of queries and passages are left out.
    """
    for pairs in files:
        index = pairs.index
        for profile, begin, end in zip(index.profiles, index.offsets[:-1], index.offsets[1:], strict=True):
            if sentences_only and not profile.sentences:
                continue
            languages = {"query": profile.query_languages, "passage": profile.passage_languages}
            if profile.sentences:
                del languages["passage"]
            sides = [side for side, tags in languages.items() if {source, target} <= set(tags)]
            for part, row in pairs.locate(range(begin, end)) if sides else ():
                for side in sides:
                    yield part.text(side, source, row), part.text(side, target, row)

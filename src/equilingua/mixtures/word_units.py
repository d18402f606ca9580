"""What texts are translated by: words, or less where a language puts no space between them."""

from collections.abc import Callable, Iterable
from functools import cache

import regex

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
    tokens of a byte-pair encoding, which stand in for words.

    Args:
        language: of the texts, a canonical tag.
        texts: what a byte-pair encoding is trained on, where one is needed.

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

"""Subword tokenizers trained on the texts of the pairs, for encoders built from scratch."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from equilingua.errors import InputError
from equilingua.progress import track

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from tokenizers.normalizers import Normalizer
    from tokenizers.pre_tokenizers import PreTokenizer

    from equilingua.pairs.store import ParallelPairs

UNKNOWN_TOKEN = "<unk>"

# Bears every first token of a word.
_BEGINS_WORD = "▁"

# Scripts whose words are not set apart by spaces. A mark for the start of a word would only tell there which character
# happens to follow a comma.
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}"

# Rare characters beyond this many become the unknown token: most of them are Chinese ones seen once or twice.
_ALPHABET = 8_000

# Longer tokens are whole inflected words and phrases, which a mean of token vectors cannot relate to their parts.
# Chosen by the validation loss of a static encoder on English-Finnish pairs.
_LONGEST_TOKEN = 8


def balanced_texts(
    pairs: "ParallelPairs", *, characters: int = 24_000_000, seed: int = 0, progress: bool = True
) -> Iterator[str]:
    """Queries and passages in random order, each language stopped once it has its share of the characters.

    So one language does not own the vocabulary, and the time to train a tokenizer is bounded. Glosses are left out in
    languages that have other texts: a glossary's words would stand in them as often as their English.

    Args:
        pairs: the pairs whose texts are wanted.
        characters: the sum over all languages, each getting an equal part; a language with less text gives all of it.
        seed: of the order.
        progress: whether a bar is shown.
    """
    share = characters // max(len(pairs.languages), 1)
    left = dict.fromkeys(pairs.languages, share)
    order = np.random.default_rng(seed).permutation(len(pairs))
    for glosses in (False, True):
        if glosses:
            left = {language: share for language, budget in left.items() if budget == share}
        for position in track(order, "sampling texts") if progress else order:
            if not any(budget > 0 for budget in left.values()):
                break
            pair = pairs[int(position)]
            for texts in (pair.queries, pair.passages):
                for language, text in texts.items():
                    if left.get(language, 0) > 0 and (pair.provenance.get(language) == "glossed") == glosses:
                        left[language] -= len(text)
                        yield text


def train_tokenizer(texts: Iterable[str], vocabulary: int, *, special_tokens: tuple[str, ...] = ()) -> "Tokenizer":
    """A byte-pair encoding of the texts, each counted once; the same for the same texts in any order.

    Texts are NFKC-normalised and lowercased. A token never crosses white space, punctuation or a change of script, and
    the first token of a word bears "▁", save in scripts written without spaces. A Chinese character is a token of its
    own: without spaces, longer ones would be phrases.

    Args:
        texts: what the vocabulary is made from.
        vocabulary: the most tokens it may have, special ones among them; few texts give fewer. At most half of it goes
            to characters; rarer ones become the unknown token.
        special_tokens: put first, in this order; the unknown token is put behind them if it is not among them.

    Raises:
        InputError: if there is no text, or the vocabulary has no room for a token beside special ones and characters.

    Source: Sennrich et al. 2016 (arXiv 1508.07909).
    """
    distinct = dict.fromkeys(texts)
    if not distinct:
        raise InputError("no text to train a tokenizer on: give pairs that have queries or passages")
    specials = [*special_tokens, *({UNKNOWN_TOKEN} - set(special_tokens))]
    if vocabulary < (least := 2 * len(specials) + 2):
        raise InputError(
            f"vocabulary: {vocabulary} is too small: half of it is for characters, {len(specials)} tokens are special. "
            f"Give at least {least}; 32000 is usual"
        )
    most = min(_ALPHABET, vocabulary // 2)
    tokenizer = _trained(distinct, vocabulary, specials, most_characters=most)
    if sum(len(token) == 1 for token in tokenizer.get_vocab()) >= most:
        # Perhaps not all had room. Of equally rare ones the trainer drops whichever its hash map has first.
        kept = _most_frequent(distinct, tokenizer.normalizer, most)
        tokenizer = _trained(distinct, vocabulary, specials, most_characters=most, characters=kept)
    return tokenizer


def _trained(
    texts: Iterable[str],
    vocabulary: int,
    special_tokens: list[str],
    *,
    most_characters: int,
    characters: Iterable[str] = (),
) -> "Tokenizer":
    """The byte-pair encoding with so many characters, the given ones before others."""
    from tokenizers import Tokenizer, models, normalizers, trainers

    tokenizer = Tokenizer(models.BPE(unk_token=UNKNOWN_TOKEN, fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = _words()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=special_tokens,
        limit_alphabet=most_characters,
        initial_alphabet=list(characters),
        max_token_length=_LONGEST_TOKEN,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def _most_frequent(texts: Iterable[str], normalizer: "Normalizer", most: int) -> list[str]:
    """The most frequent characters of the texts, ties by code point, and the mark of words."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(normalizer.normalize_str(text))
    characters = (character for character in counts if character != _BEGINS_WORD and not character.isspace())
    by_count = sorted(characters, key=lambda character: (-counts[character], character))
    return [_BEGINS_WORD, *by_count[: most - 1]]


def _words() -> "PreTokenizer":
    """What cuts a text into the words that tokens are made from."""
    from tokenizers import Regex, pre_tokenizers

    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.WhitespaceSplit(),
            pre_tokenizers.Punctuation("isolated"),
            pre_tokenizers.UnicodeScripts(),
            pre_tokenizers.Metaspace(_BEGINS_WORD, prepend_scheme="always"),
            pre_tokenizers.Split(Regex(f"{_BEGINS_WORD}(?=[{_UNSPACED}])"), "removed"),
            pre_tokenizers.Split(Regex(r"\p{Han}"), "isolated"),
        ]
    )

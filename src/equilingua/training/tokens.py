"""Texts as tokens: tokenizers trained for encoders from scratch, and the tokens that a static encoder trains on."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from equilingua.errors import InputError
from equilingua.progress import track

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer
    from tokenizers.normalizers import Normalizer
    from tokenizers.pre_tokenizers import PreTokenizer
    from torch import Tensor

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

# A text and its tokens take some 300 bytes; more texts than these are cut anew each time they are drawn.
MOST_TEXTS = 500_000


def balanced_texts(
    pairs: "ParallelPairs", *, characters: int = 24_000_000, seed: int = 0, progress: bool = True
) -> Iterator[str]:
    """Queries and passages in random order, each language stopped once it has its share of the characters.

    So one language does not own the vocabulary, and the time to train a tokenizer is bounded. Glosses are left out in
    languages that have other texts: a glossary's words would stand in them as often as their English.

    ``characters`` is the sum over all languages, each getting an equal part; a language with less text gives all of it.
    """
    share = characters // max(len(pairs.languages), 1)
    left = dict.fromkeys(pairs.languages, share)
    # Pairs stand by profile: in their own order the first source would use up the budget of its languages.
    order = np.random.default_rng(seed).permutation(len(pairs))
    for glosses in (False, True):
        if glosses:
            left = {language: share for language, budget in left.items() if budget == share}
        for position in track(order, "sampling texts", show=progress):
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
    # A passage stands under every question on it; it says no more of its language for that.
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
            # Marks every piece that the splits above left; the next one takes the mark off in scripts without spaces.
            pre_tokenizers.Metaspace(_BEGINS_WORD, prepend_scheme="always"),
            pre_tokenizers.Split(Regex(f"{_BEGINS_WORD}(?=[{_UNSPACED}])"), "removed"),
            pre_tokenizers.Split(Regex(r"\p{Han}"), "isolated"),
        ]
    )


def is_static(model: "SentenceTransformer") -> bool:
    """Whether a model begins with a static encoder, so that tokens are all it takes of a text."""
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    return isinstance(model[0], StaticEmbedding)


class TokenCache:
    """What ``model.preprocess`` gives for a static encoder, from tokens kept of texts that were seen before.

    Cutting texts into tokens takes more than half of a step of such an encoder, and a training of an hour draws every
    text of a hundred thousand pairs many times.

    Args:
        model: a static encoder (``is_static``).
        most: texts whose tokens are kept, the first ones seen.
    """

    def __init__(self, model: "SentenceTransformer", *, most: int = MOST_TEXTS) -> None:
        self._tokenizer: Tokenizer = cast("StaticEmbedding", model[0]).tokenizer
        self._most = most
        self._tokens: dict[str, NDArray[np.int64]] = {}

    def __call__(self, inputs: Sequence[str], prompt: str | None = None, **_: Any) -> "dict[str, Tensor]":
        """The tokens of texts, end to end (``input_ids``), and where each text begins (``offsets``), both int64."""
        import torch

        texts = [prompt + text for text in inputs] if prompt else list(inputs)
        new = [text for text in dict.fromkeys(texts) if text not in self._tokens]
        encodings = self._tokenizer.encode_batch(new, add_special_tokens=False)
        cut = {text: np.array(encoding.ids, dtype=np.int64) for text, encoding in zip(new, encodings, strict=True)}
        tokens = [self._tokens[text] if text in self._tokens else cut[text] for text in texts]
        self._tokens.update(islice(cut.items(), max(self._most - len(self._tokens), 0)))
        # Where each text begins, not ends: the form torch's EmbeddingBag takes.
        offsets = np.cumsum([0, *(len(one) for one in tokens[:-1])])
        return {"input_ids": torch.from_numpy(np.concatenate(tokens)), "offsets": torch.from_numpy(offsets)}


def without_some_tokens(features: "dict[str, Tensor]", share: float) -> "dict[str, Tensor]":
    """A static encoder's features (see ``TokenCache``) with each token left out with a probability from 0 to below 1.

    A text that would lose all of its tokens keeps them. It is drawn by torch's own generator, whose state a checkpoint
    keeps, so that a resumed training draws the same.

    Source: Iyyer et al. 2015, "Deep Unordered Composition Rivals Syntactic Methods for Text Classification", section
    2.1 (word dropout).

    >>> import torch
    >>> texts = {"input_ids": torch.arange(5), "offsets": torch.tensor([0, 1])}
    >>> without_some_tokens(texts, 0.0)["input_ids"]
    tensor([0, 1, 2, 3, 4])
    """
    import torch

    ids, offsets = features["input_ids"], features["offsets"]
    lengths = torch.diff(offsets, append=offsets.new_tensor([len(ids)]))
    owners = torch.repeat_interleave(torch.arange(len(offsets), device=ids.device), lengths)
    kept = torch.rand(len(ids), device=ids.device) >= share
    left = torch.bincount(owners[kept], minlength=len(offsets))
    # The mean of no token is no direction: a text of one token would have a cosine of 0 with everything.
    kept |= (left == 0)[owners]
    left = torch.where(left == 0, lengths, left)
    return {"input_ids": ids[kept], "offsets": torch.cumsum(left, 0) - left}

"""Tokens of the texts that a static encoder is trained on: each text cut into tokens once, some tokens left out."""

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer
    from torch import Tensor

# A text and its tokens take some 300 bytes; more texts than these are cut anew each time they are drawn.
MOST_TEXTS = 500_000


def is_static(model: "SentenceTransformer") -> bool:
    """Whether a model is a static encoder and nothing else, so that tokens are all it takes of a text."""
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    return len(model) == 1 and isinstance(model[0], StaticEmbedding)


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
        offsets = np.cumsum([0, *(len(one) for one in tokens[:-1])])
        return {"input_ids": torch.from_numpy(np.concatenate(tokens)), "offsets": torch.from_numpy(offsets)}


def without_some_tokens(features: "dict[str, Tensor]", share: float) -> "dict[str, Tensor]":
    """The features with each token left out with a probability; a text that would lose all of its tokens keeps them.

    It is drawn by torch's own generator, whose state a checkpoint keeps, so that a resumed training draws the same.

    Args:
        features: of a static encoder, as ``TokenCache`` gives them.
        share: the probability, at least 0, below 1.

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

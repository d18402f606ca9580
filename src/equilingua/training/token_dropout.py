"""Texts of a static encoder with some of their tokens left out."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def without_some_tokens(features: "dict[str, Tensor]", share: float) -> "dict[str, Tensor]":
    """The features with each token left out with a probability; a text that would lose all of its tokens keeps them.

    It is drawn by torch's own generator, whose state a checkpoint keeps, so that a resumed training draws the same.

    Args:
        features: of a static encoder: ``input_ids``, the tokens of all texts end to end, and ``offsets``, where each
            text begins; both int64.
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
    kept |= (left == 0)[owners]
    left = torch.where(left == 0, lengths, left)
    return {"input_ids": ids[kept], "offsets": torch.cumsum(left, 0) - left}

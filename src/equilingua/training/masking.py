"""Which candidates of a batch must not count as negatives: the rule by which ``ParallelInfoNCELoss`` masks.

A label is a row of int64 keys, as ``equilingua.batching.dataset.TrainingExamples`` gives them:

- column 0: the pair id; rows with the same id are translations of one another,
- column 1: the question, whatever its language,
- column 2: the passage, whatever its language,
- column 3: the text of this passage,
- two columns for each hard negative of the row: the passage that it is, as in column 2, and its text,
- columns behind these: further passages that answer the question, as in column 2.

Labels without the later columns (or a plain vector of pair ids) are read too: what is not known matches nothing.
"""

from typing import TYPE_CHECKING

from equilingua.batching.dataset import UNKNOWN

if TYPE_CHECKING:
    from torch import Tensor

KEYS = 4
"""Keys a query or a candidate carries: pair id, question, passage, text of the passage."""

_PASSAGE = 2  # where the passage stands among them


def query_keys(labels: "Tensor", negatives: int = 0) -> "Tensor":
    """The keys of each row's query, which are those of its own passage, then the other passages that answer it.

    Labels have shape (B,) or (B, k), k >= 1, with so many negatives a row; the keys (B, 4 + r), r >= 0, int64; missing
    columns are ``UNKNOWN``.
    """
    import torch

    columns = labels[:, None] if labels.ndim == 1 else labels
    own = columns[:, :KEYS]
    missing = columns.new_full((len(columns), KEYS - own.shape[1]), UNKNOWN)
    return torch.cat([own, missing, columns[:, KEYS + 2 * negatives :]], dim=1)


def candidate_keys(labels: "Tensor", negatives: int) -> "Tensor":
    """The keys of a batch's candidates: every row's positive, then the first negative of every row, and so on.

    Of a hard negative at most the passage and the text are known. Labels have shape (B,) or (B, k), k >= 1; the keys,
    with so many negatives a row, (B * (1 + negatives), 4), int64.
    """
    import torch

    blocks = [query_keys(labels)[:, :KEYS]]
    for first in range(KEYS, KEYS + 2 * negatives, 2):
        block = labels.new_full((len(labels), KEYS), UNKNOWN)
        if labels.ndim > 1 and first + 1 < labels.shape[1]:
            block[:, _PASSAGE:] = labels[:, first : first + 2]
        blocks.append(block)
    return torch.cat(blocks)


def false_negatives(queries: "Tensor", candidates: "Tensor", own: "Tensor") -> "Tensor":
    """The candidates that answer a query though they belong to another row.

    A candidate answers a query if it has the same pair id, question, passage (in any language) or text as the query's
    own passage, or is another passage that is known to answer it; and if it has the passage or the text of a candidate
    that does: so a hard negative that is a translation of the positive is found as long as that translation is in the
    block. The block may be rectangular, as in a loss that works in chunks or gathers candidates from several processes.

    Args:
        queries: keys of the queries, shape (Q, 4 + r), from ``query_keys``.
        candidates: keys of the candidates, shape (C, 4), from ``candidate_keys``.
        own: column of each query's own positive, shape (Q,), int64.

    Returns:
        Shape (Q, C), bool: True where the candidate must not be a negative. Never True for a query's own positive,
        which is the one to be found.

    >>> import torch
    >>> keys = torch.tensor([[7, 5, 1, 10], [8, 5, 2, 20], [9, 6, 1, 11], [9, 4, 3, 12]])
    >>> false_negatives(keys, keys, own=torch.arange(4)).int().tolist()
    [[0, 1, 1, 0], [1, 0, 1, 0], [1, 0, 0, 1], [1, 0, 1, 0]]
    """
    import torch

    answers = torch.zeros(len(queries), len(candidates), dtype=torch.bool, device=queries.device)
    for key in range(KEYS):
        known = queries[:, key, None]
        answers |= (known == candidates[None, :, key]) & (known != UNKNOWN)
    for passages in queries[:, KEYS:].T:
        answers |= (passages[:, None] == candidates[None, :, _PASSAGE]) & (passages[:, None] != UNKNOWN)
    # After the keys, not as two of them: a passage that answers another pair's copy of the question, or a translation
    # of the positive that stands in the batch as a hard negative, has this alone in common with an answer.
    for column in (_PASSAGE, -1):
        answers |= _same_as(answers, candidates[:, column])
    answers[torch.arange(len(queries), device=queries.device), own] = False
    return answers


def _same_as(answers: "Tensor", keys: "Tensor") -> "Tensor":
    """The candidates whose key is that of an answer; ``answers`` is (Q, C), ``keys`` (C,)."""
    import torch

    _, place, counts = torch.unique(keys, return_inverse=True, return_counts=True)
    # Few keys stand twice in a batch, so only their columns are looked at.
    repeated = torch.nonzero((counts[place] > 1) & (keys != UNKNOWN))[:, 0]
    alike = torch.zeros_like(answers)
    same = keys[repeated, None] == keys[None, repeated]
    # A product of matrices is an "any" over the repeated columns, without a loop over keys.
    alike[:, repeated] = (answers[:, repeated].float() @ same.float()) > 0
    return alike


def too_similar(similarities: "Tensor", own: "Tensor", margin: float) -> "Tensor":
    """The candidates so near a query that they may well answer it: similarity > that of its positive - margin.

    With margin 0 a candidate is dropped once it is nearer than the positive; with 0.1 already when it comes within 0.1
    below it; with -0.1 only when it is nearer by more than 0.1. Use it with an encoder that is already good: an
    untrained one takes most negatives for answers.

    Args:
        similarities: cosine of queries and candidates, shape (Q, C).
        own: column of each query's own positive, shape (Q,), int64.
        margin: in cosine, -2 to 2.

    Returns:
        Shape (Q, C), bool; never True for a query's own positive.

    Source: Solatorio 2024, GISTEmbed (arXiv 2402.16829), with the model as its own guide; the margin as in Moreira et
    al. 2024, NV-Retriever (arXiv 2407.15831), TopK-MarginPos.
    """
    import torch

    rows = torch.arange(len(similarities), device=similarities.device)
    positives = similarities[rows, own]
    near = similarities > positives[:, None] - margin
    near[rows, own] = False
    return near

"""Which candidates of a batch must not count as negatives: the rule by which ``ParallelInfoNCELoss`` masks.

A label is a row of int64 keys, as ``equilingua.batching.dataset.TrainingExamples`` gives them:

- column 0: the pair id; rows with the same id are translations of one another,
- column 1: the passage, whatever its language,
- column 2: the text of this passage,
- columns 3 and on: the texts of the row's hard negatives.

Labels without the later columns (or a plain vector of pair ids) are read too: what is not known matches nothing.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

UNKNOWN = -(2**63)
"""The key of what is not known; it equals nothing, not even itself."""

KEYS = 3
"""Keys a query or a candidate carries: pair id, passage, text of the passage."""


def query_keys(labels: "Tensor") -> "Tensor":
    """The keys of each row's query, which are those of its own passage: shape (B, 3), int64.

    Labels have shape (B,) or (B, k), k >= 1; missing columns are ``UNKNOWN``.
    """
    import torch

    columns = labels[:, None] if labels.ndim == 1 else labels[:, :KEYS]
    missing = columns.new_full((len(columns), KEYS - columns.shape[1]), UNKNOWN)
    return torch.cat([columns, missing], dim=1)


def candidate_keys(labels: "Tensor", negatives: int) -> "Tensor":
    """The keys of a batch's candidates: every row's positive, then the first negative of every row, and so on.

    Of a hard negative only the text is known: it is a passage of no pair of the batch, until its text says otherwise.
    Labels have shape (B,) or (B, k), k >= 1; the keys, with so many negatives a row, (B * (1 + negatives), 3), int64.
    """
    import torch

    blocks = [query_keys(labels)]
    for column in range(KEYS, KEYS + negatives):
        block = labels.new_full((len(labels), KEYS), UNKNOWN)
        if labels.ndim > 1 and column < labels.shape[1]:
            block[:, -1] = labels[:, column]
        blocks.append(block)
    return torch.cat(blocks)


def false_negatives(queries: "Tensor", candidates: "Tensor", own: "Tensor") -> "Tensor":
    """The candidates that answer a query though they belong to another row.

    A candidate answers a query if it has the same pair id, the same passage key (in any language) or the same text as
    the query's own passage, or the text of any candidate that has the same pair id or passage key: so a hard negative
    that is a translation of the positive is found as long as that translation is in the block. The block may be
    rectangular, as in a loss that works in chunks or gathers candidates from several processes.

    Args:
        queries: keys of the queries, shape (Q, 3), from ``query_keys``.
        candidates: keys of the candidates, shape (C, 3), from ``candidate_keys``.
        own: column of each query's own positive, shape (Q,), int64.

    Returns:
        Shape (Q, C), bool: True where the candidate must not be a negative. Never True for a query's own positive,
        which is the one to be found.

    >>> import torch
    >>> keys = torch.tensor([[7, 1, 10], [8, 2, 20], [7, 1, 11]])
    >>> false_negatives(keys, keys, own=torch.arange(3)).int().tolist()
    [[0, 0, 1], [0, 0, 0], [1, 0, 0]]
    """
    import torch

    answers = torch.zeros(len(queries), len(candidates), dtype=torch.bool, device=queries.device)
    for key in range(KEYS):
        known = queries[:, key, None]
        answers |= (known == candidates[None, :, key]) & (known != UNKNOWN)
    # After the keys, not as one of them: a translation of the positive that stands in the batch as a hard negative
    # has its text alone in common with an answer.
    answers |= _same_text_as(answers, candidates[:, -1])
    answers[torch.arange(len(queries), device=queries.device), own] = False
    return answers


def _same_text_as(answers: "Tensor", texts: "Tensor") -> "Tensor":
    """The candidates whose text is that of an answer; ``answers`` is (Q, C), ``texts`` (C,)."""
    import torch

    _, place, counts = torch.unique(texts, return_inverse=True, return_counts=True)
    # Few texts stand twice in a batch, so only their columns are looked at.
    repeated = torch.nonzero((counts[place] > 1) & (texts != UNKNOWN))[:, 0]
    alike = torch.zeros_like(answers)
    same = texts[repeated, None] == texts[None, repeated]
    # A product of matrices is an "any" over the repeated columns, without a loop over texts.
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

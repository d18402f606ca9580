"""InfoNCE over a batch of parallel rows, with translations and duplicates masked."""

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any, get_args

import torch
from sentence_transformers.base.losses.merged_forward import embed_columns
from torch import Tensor, nn

from equilingua.errors import InputError, did_you_mean
from equilingua.training.config import Direction
from equilingua.training.masking import candidate_keys, false_negatives, query_keys, too_similar
from equilingua.training.tokens import without_some_tokens

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

DIRECTIONS = get_args(Direction)

_STATIC_FEATURES = {"input_ids", "offsets"}


class ParallelInfoNCELoss(nn.Module):
    """Cross-entropy of each query's own passage among the passages of its batch, false negatives left out.

    The candidates of a query are the passages of all rows and, with ``hard_negatives``, the hard negatives of all rows.
    Candidates that answer the query too are masked by ``equilingua.training.masking.false_negatives``: translations of
    its pair, the passages of its question in any language (its own, and those of other pairs that ask the same),
    identical texts. Without labels nothing is masked.

    Similarities are cosines, computed in float32 whatever the encoder's precision: bfloat16 has steps of 0.004 near 1,
    and at a temperature of 0.05 such a step changes the odds of a candidate by 8 %.

    Args:
        model: the encoder.
        temperature: divides the cosines; 0.05 is a scale of 20.
        directions: ``query-to-passage`` finds the passage among the passages; ``passage-to-query`` finds the query
            among the queries, too. The losses of several directions are averaged.
        hard_negatives: whether the columns after the first two are candidates.
        margin: also drop candidates nearer to the query than its positive less this margin, see
            ``equilingua.training.masking.too_similar``; None drops none.
        token_dropout: of a static encoder's texts, the probability that a token is left out; only where gradients are
            taken, so not in validation.

    Raises:
        InputError: if the temperature is not above 0, a direction is unknown or none is given.

    Source: van den Oord et al. 2018 (arXiv 1807.03748), equation 4; Elmahdy et al. 2024 (arXiv 2408.10536), section 3.
    """

    def __init__(
        self,
        model: "SentenceTransformer",
        temperature: float = 0.05,
        *,
        directions: Sequence[Direction] = ("query-to-passage",),
        hard_negatives: bool = True,
        margin: float | None = None,
        token_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        _check(temperature, directions)
        self.model = model
        self.temperature = temperature
        self.directions = tuple(directions)
        self.hard_negatives = hard_negatives
        self.margin = margin
        self.token_dropout = token_dropout
        self.latest: Tensor | None = None
        """The last loss computed, detached: what a watch for divergence reads after every step."""

    def forward(self, sentence_features: Iterable[dict[str, Any]], labels: Tensor | None = None) -> Tensor:
        """The loss of a batch, a float32 scalar.

        Args:
            sentence_features: features of the queries, the passages, then each column of hard negatives; B rows each.
            labels: keys of the rows, shape (B,) or (B, k), as ``equilingua.training.masking`` describes; None masks
                nothing.
        """
        columns = list(sentence_features)
        negatives = len(columns) - 2
        if not self.hard_negatives:
            columns = columns[:2]
        embeddings = _embed(self.model, columns, token_dropout=self.token_dropout if torch.is_grad_enabled() else 0.0)
        # As the model's encode methods cut them; of a model wrapped for several processes it is told by what it wraps.
        width = getattr(getattr(self.model, "module", self.model), "truncate_dim", None)
        embeddings = [column[:, :width] for column in embeddings]
        # Under an autocast of the caller these products would be taken in bfloat16 again.
        with torch.autocast(embeddings[0].device.type, enabled=False):
            loss = self._loss(
                [nn.functional.normalize(column.float(), dim=-1) for column in embeddings], labels, negatives
            )
        self.latest = loss.detach()
        return loss

    def _loss(self, embeddings: list[Tensor], labels: Tensor | None, negatives: int) -> Tensor:
        """The loss of unit vectors; the labels are of so many hard negatives, used or not."""
        queries, passages = embeddings[0], torch.cat(embeddings[1:])
        own = torch.arange(len(queries), device=queries.device)
        similarities = queries @ passages.T
        answers = torch.zeros_like(similarities, dtype=torch.bool)
        if labels is not None:
            candidates = candidate_keys(labels, len(embeddings) - 2)
            answers = false_negatives(query_keys(labels, negatives), candidates, own)
        losses = []
        if "query-to-passage" in self.directions:
            losses.append(self._entropy(similarities, answers, own))
        if "passage-to-query" in self.directions:
            # Hard negatives have no query of their own: in this direction they are left out.
            square = slice(None), slice(len(queries))
            losses.append(self._entropy(similarities[square].T, answers[square].T, own))
        return torch.stack(losses).mean()

    def _entropy(self, similarities: Tensor, answers: Tensor, own: Tensor) -> Tensor:
        if self.margin is not None:
            answers = answers | too_similar(similarities.detach(), own, self.margin)
        # A row's own positive is never masked, so no row is -inf throughout and every gradient is finite.
        scores = (similarities / self.temperature).masked_fill(answers, -torch.inf)
        return nn.functional.cross_entropy(scores, own)

    def get_config_dict(self) -> dict[str, Any]:
        """What the model card says about this loss."""
        return {
            "temperature": self.temperature,
            "directions": list(self.directions),
            "hard_negatives": self.hard_negatives,
            "margin": self.margin,
            "token_dropout": self.token_dropout,
            "masked": "same pair id, same question or passage in any language, identical text",
        }

    @property
    def citation(self) -> str:
        """BibTeX of the papers this loss comes from, for the model card."""
        return _CITATION


def _embed(model: nn.Module, columns: list[dict[str, Any]], *, token_dropout: float) -> list[Tensor]:
    """One tensor of vectors for each column."""
    if any(set(column) != _STATIC_FEATURES for column in columns):
        embedded: list[Tensor] = embed_columns(model, columns)
        return embedded
    # Texts of a static encoder lie end to end, so all columns pass at once. Its dense gradient is as large as the
    # vocabulary, whatever the batch: computing it once halves the time of a step.
    starts = accumulate((len(column["input_ids"]) for column in columns), initial=0)
    offsets = [column["offsets"] + start for column, start in zip(columns, starts, strict=False)]
    merged = {"input_ids": torch.cat([column["input_ids"] for column in columns]), "offsets": torch.cat(offsets)}
    if token_dropout:
        merged = without_some_tokens(merged, token_dropout)
    vectors: Tensor = model(merged)["sentence_embedding"]
    return list(torch.split(vectors, [len(column["offsets"]) for column in columns]))


def _check(temperature: float, directions: Sequence[str]) -> None:
    if not temperature > 0:
        raise InputError(f"temperature: {temperature} is not above 0; 0.05 is usual")
    if not directions:
        raise InputError(f"directions: none given. Allowed: {', '.join(DIRECTIONS)}")
    for direction in directions:
        if direction not in DIRECTIONS:
            raise InputError(f"directions: unknown direction {direction!r}. {did_you_mean(direction, DIRECTIONS)}")


_CITATION = """
@misc{oord2018representation,
    title = {Representation Learning with Contrastive Predictive Coding},
    author = {van den Oord, Aaron and Li, Yazhe and Vinyals, Oriol},
    year = {2018},
    eprint = {1807.03748},
    archivePrefix = {arXiv},
}

@misc{elmahdy2024synergistic,
    title = {Synergistic Approach for Simultaneous Optimization of Monolingual, Cross-lingual, and Multilingual
             Information Retrieval},
    author = {Elmahdy, Adel and Lin, Sheng-Chieh and Ahmad, Amin},
    year = {2024},
    eprint = {2408.10536},
    archivePrefix = {arXiv},
}
"""

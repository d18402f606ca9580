"""Everything a training can be told, with the paper's values as defaults."""

import math
from collections.abc import Mapping
from typing import Any, Literal, Self, get_args

from pydantic import Field, field_validator, model_validator

from equilingua.batching.alpha import parse_alpha
from equilingua.batching.plan import BatchPlan, Kind, PairDrawing, ShortLanguages, batch_options
from equilingua.columns import Columns
from equilingua.config import Config, Language, OneOrMany, flattened
from equilingua.errors import InputError

Direction = Literal["query-to-passage", "passage-to-query"]
Family = Literal["pretrained", "static", "transformer"]
"""What is trained: a pretrained transformer, a static encoder, or a transformer from scratch."""


class Prompts(Config):
    """Texts put before every query and every passage, in training and in use."""

    query: str | None = None
    """Before every query; an empty text for none. By default the model's own."""

    passage: str | None = None
    """Before every passage and hard negative; an empty text for none. By default the model's own."""


class TrainingConfig(Config):
    """What a training does, apart from its model, its pairs and its folder.

    Options left at None are chosen by the kind of encoder (``resolved``) and recorded with the values they got.

    Source: Elmahdy et al. 2024 (arXiv 2408.10536), sections 3 and 4, for kind, alpha, batch size, learning rate, weight
    decay and prompts. Temperature, schedule and warm-up are not given there.
    """

    kind: Kind = "hybrid"
    """How batches are composed: en-en, x-x, x-x-mono, x-y, hybrid or within-batch."""

    alpha: float | str | dict[str, float] = 0.5
    """Share of monolingual batches (hybrid) or rows (within-batch), 0 to 1, a schedule such as ``linear:1:0.3``, or a
    table of languages such as ``{en = 0.8, default = 0.5}``."""

    pair_drawing: PairDrawing = "uniform"
    """How the languages of a cross-lingual row are drawn: ``uniform`` over ordered pairs, or ``by-item``."""

    language_temperature: float = Field(0.0, ge=0, le=10)
    """A language is drawn with weight size ** this: 0 draws all alike, 1 by size."""

    source_temperature: float = Field(1.0, ge=0, le=10)
    """A source is drawn with weight size ** this: 1 draws every pair alike, 0 every source alike."""

    short: ShortLanguages = "error"
    """What happens to a language with too few pairs for a monolingual batch: ``error``, or ``skip`` it there."""

    source_weights: dict[str, float] = Field(default_factory=dict)
    """Relative weight of each source, every one named, instead of ``source_temperature``; 0 leaves a source out."""

    monolingual_sources: OneOrMany[str] | None = None
    """The sources whose pairs may stand in monolingual rows. By default all."""

    cross_lingual_sources: OneOrMany[str] | None = None
    """The sources whose pairs may stand in cross-lingual rows. By default all."""

    batch_size: int | None = None
    """Rows of a batch in each process, at least 2: the others are the negatives of each. By default 100 (a static
    encoder: 512)."""

    steps: int | None = Field(None, ge=0)
    """Optimizer steps. Give this or ``epochs``. After 0 the model is as it was, saved as a training saves it."""

    epochs: float | None = Field(None, gt=0)
    """Times that as many rows are drawn as there are pairs. By default 1, where ``steps`` is not given."""

    learning_rate: float | None = Field(None, gt=0)
    """At its peak. By default 3e-5 (a static encoder: 1e-2, a transformer from scratch: 5e-4)."""

    weight_decay: float = Field(1e-2, ge=0)
    """Of AdamW."""

    schedule: Literal["linear", "cosine", "constant"] = "linear"
    """The learning rate after warm-up: falls to 0 along a line or a cosine, or stays."""

    warmup: float | None = Field(None, ge=0, lt=1)
    """Share of the steps in which the learning rate rises from 0. By default 0.1 (a static encoder: 0)."""

    max_gradient_norm: float = Field(1.0, ge=0)
    """Longer gradients are cut to this norm; 0 cuts none."""

    temperature: float = Field(0.05, gt=0)
    """Divides the cosines in the loss; 0.05 is a scale of 20."""

    directions: OneOrMany[Direction] = ("query-to-passage",)
    """What is found among what; losses of several directions are averaged."""

    hard_negatives: int = Field(0, ge=0)
    """Hard negatives taken of each pair; pairs must have that many."""

    margin: float | None = Field(None, ge=-2, le=2)
    """Also mask candidates nearer to a query than its positive less this margin; None masks none."""

    token_dropout: float = Field(0.0, ge=0, lt=1)
    """Share of a text's tokens left out at random while a static encoder trains; a transformer has its own dropout."""

    prompts: Prompts = Prompts()
    """Texts before queries and passages."""

    truncate_dim: int | None = Field(None, ge=1)
    """Vectors are cut to their first so many dimensions, in training and in use. By default to as many as the model
    says."""

    similarity: Literal["cosine", "dot"] | None = None
    """What the model's vectors are to be compared by in use; the loss takes cosines. By default the model's own."""

    max_length: int | None = Field(None, ge=4)
    """Tokens read of a text. By default what the model allows."""

    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """Number format of the encoder's forward pass; auto takes bf16 for a transformer where the CPU or a CUDA
    GPU multiplies it."""

    languages: OneOrMany[Language] | None = None
    """Train on texts in these languages only."""

    sources: OneOrMany[str] | None = None
    """Train on pairs of these sources only."""

    where: OneOrMany[str] = ()
    """Train on pairs within these bounds only, such as ``fi_match>=0.75``."""

    max_characters: int | None = Field(None, ge=1)
    """Leave out longer texts."""

    validation: OneOrMany[str] = ()
    """Files to stop by, SQuAD format (in ``squad_language``) or pairs. English-only validation, as in the paper, cannot
    see cross-lingual quality, so it may stop too early; a pairs file in several languages is scored half in one
    language and half across, whatever the training batches are."""

    squad_language: str | None = None
    """Language of texts whose language a file does not say, such as SQuAD-format files and tables without a column for
    it; also of those that the command line trains on. By default that which the file's name tells; of SQuAD's format
    English, where it tells none."""

    query_column: str | None = Field(None, min_length=1)
    """Of tables, of ``validation`` and of the command line: the column with the query, where its name does not tell."""

    passage_column: str | None = Field(None, min_length=1)
    """Of tables: the column with the passage."""

    language_column: str | None = Field(None, min_length=1)
    """Of tables: the column with the row's language."""

    id_column: str | None = Field(None, min_length=1)
    """Of tables: the column with the pair's id, which rows that are translations of one another share."""

    validation_steps: int | None = Field(None, ge=1)
    """Steps between validations. By default a tenth of all, at most 500."""

    validation_batches: int = Field(100, ge=1)
    """The most batches of a validation; they are the same every time."""

    patience: int = Field(3, ge=1)
    """Training stops after so many validations in a row without a new best; the best model is kept."""

    checkpoint_steps: int | None = Field(None, ge=1)
    """Steps between checkpoints. By default as ``validation_steps``, which it must equal where there is validation."""

    checkpoints_kept: int = Field(2, ge=2)
    """Checkpoints kept while training; at least 2, so that one is whole whenever the process dies."""

    keep_checkpoints: bool = False
    """Whether checkpoints stay once training has finished; only the model is needed then."""

    log_steps: int | None = Field(None, ge=1)
    """Steps between entries of the loss history. By default a twentieth of all, at most 50."""

    report_to: str = "none"
    """Where else transformers reports to: none, tensorboard, wandb, ..."""

    progress: bool = True
    """Whether progress is shown on standard error."""

    workers: int = Field(0, ge=0)
    """Processes that prepare batches beside the main one."""

    revision: str | None = None
    """Commit, tag or branch of a model on the hub."""

    trust_remote_code: bool = False
    """Whether code that comes with a model on the hub may run."""

    seed: int = Field(0, ge=0)
    """Of batches, dropout and initial weights."""

    @field_validator("alpha", mode="before")
    @classmethod
    def _readable_alpha(cls, alpha: Any) -> Any:
        parse_alpha(alpha)
        return alpha

    @field_validator("source_weights", mode="before")
    @classmethod
    def _names_with_dots(cls, value: Any) -> Any:
        """A dot in the name of a source was read as one more table."""
        return {".".join(keys): weight for keys, weight in flattened(value)} if isinstance(value, Mapping) else value

    @field_validator("batch_size")
    @classmethod
    def _has_negatives(cls, size: int | None) -> int | None:
        if size is not None and size < 2:
            raise ValueError(
                f"must be at least 2, got {size}: the other rows of a batch are the negatives of each, so a row alone "
                "teaches nothing. Leave it out for the default of 100 (a static encoder: 512); where memory is short, "
                "give less, such as 16, and read fewer tokens of a text by max_length"
            )
        return size

    @field_validator("directions")
    @classmethod
    def _some_direction(cls, value: tuple[Direction, ...]) -> tuple[Direction, ...]:
        if not value:
            raise ValueError(f"give at least one of {', '.join(get_args(Direction))}")
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.steps is not None and self.epochs is not None:
            raise ValueError(f"steps ({self.steps}) and epochs ({self.epochs:g}) were both given: give one")
        if self.validation:
            self.check_validated()
        # A plan checks itself as it is made: its errors are told with those of the file.
        self.plan()
        return self

    def check_validated(self) -> None:
        """Raise ``InputError``, where there is validation, if checkpoints are not written at its steps."""
        saved, validated = self.checkpoint_steps, self.validation_steps
        if saved and validated and saved != validated:
            raise InputError(
                f"checkpoint_steps ({saved}) must equal validation_steps ({validated}), so that the best model is "
                "among the checkpoints: leave one of them out"
            )

    @property
    def columns(self) -> Columns:
        """The columns of tables, where their names do not tell."""
        return Columns(self.id_column, self.query_column, self.passage_column, self.language_column)

    @property
    def uses_alpha(self) -> bool:
        """Whether the kind of batches mixes by alpha."""
        return self.kind in ("hybrid", "within-batch")

    def plan(self) -> BatchPlan:
        """How batches are composed."""
        return BatchPlan.of(**batch_options(self))

    def examples_per_batch(self, family: Family) -> int:
        """Examples of a batch in each process, chosen for the kind of encoder if not set."""
        return self.batch_size or int(_BY_FAMILY[family]["batch_size"])

    def resolved(self, family: Family, *, steps_per_epoch: int, precision: Literal["fp32", "bf16"]) -> "ResolvedConfig":
        """This configuration with all that was left open chosen; ``precision`` is taken for ``auto``."""
        steps = math.ceil((self.epochs or 1.0) * steps_per_epoch) if self.steps is None else self.steps
        # The best model is looked for among the checkpoints, so both intervals follow from whichever is given.
        interval = self.validation_steps or self.checkpoint_steps or default_interval(steps)
        by_family = {name: value for name, value in _BY_FAMILY[family].items() if getattr(self, name) is None}
        chosen = {
            "steps": steps,
            "epochs": None,
            "precision": precision if self.precision == "auto" else self.precision,
            "validation_steps": self.validation_steps or interval,
            "checkpoint_steps": self.checkpoint_steps or interval,
            "log_steps": self.log_steps or max(1, min(50, steps // 20)),
        }
        return ResolvedConfig.model_validate(self.model_dump() | by_family | chosen)


def default_interval(steps: int) -> int:
    """Steps between validations, or checkpoints, of a training of so many steps.

    >>> default_interval(4), default_interval(2_000), default_interval(100_000)
    (1, 200, 500)
    """
    return max(1, min(500, steps // 10))


class ResolvedConfig(TrainingConfig):
    """A configuration that leaves nothing open."""

    batch_size: int
    steps: int
    learning_rate: float
    warmup: float
    precision: Literal["fp32", "bf16"]
    validation_steps: int
    checkpoint_steps: int
    log_steps: int


_BY_FAMILY: dict[Family, dict[str, float]] = {
    "pretrained": {"batch_size": 100, "learning_rate": 3e-5, "warmup": 0.1},
    "transformer": {"batch_size": 100, "learning_rate": 5e-4, "warmup": 0.1},
    # A step of a static encoder is little but its gradient, as large as the vocabulary whatever the batch.
    "static": {"batch_size": 512, "learning_rate": 1e-2, "warmup": 0.0},
}

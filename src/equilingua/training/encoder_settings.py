"""The table ``[encoder]`` of a training's settings: the shape of an encoder to build from scratch."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from equilingua.training.configuration import TrainingConfig, gathered_settings, warn_of_unused_alpha
from equilingua.training.encoders import EncoderSpec, StaticSpec, TransformerSpec, check_spec
from equilingua.training.settings import Settings

_SPECIFICATIONS: dict[str, type[StaticSpec] | type[TransformerSpec]] = {
    "static": StaticSpec,
    "transformer": TransformerSpec,
}
_SHAPE = ("dimension", "vocabulary", "layers", "width", "heads", "max_length", "attention_dropout")


class EncoderSettings(BaseModel):
    """An encoder to build from the training texts; what is left at None has the default of its kind.

    See ``StaticSpec`` and ``TransformerSpec`` for the defaults.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    from_scratch: Literal["static", "transformer"]
    """What is built: a mean of token vectors, or a small transformer."""

    dimension: int | None = Field(None, ge=1)
    """Static: size of the vectors."""

    vocabulary: int | None = Field(None, ge=1)
    """The most tokens."""

    layers: int | None = Field(None, ge=1)
    """Transformer: layers."""

    width: int | None = Field(None, ge=1)
    """Transformer: size of the vectors, a multiple of ``heads``."""

    heads: int | None = Field(None, ge=1)
    """Transformer: attention heads."""

    max_length: int | None = Field(None, ge=4)
    """Transformer: tokens read of a text."""

    attention_dropout: float | None = Field(None, ge=0, lt=1)
    """Transformer: dropout of attention, which makes it several times slower on a CPU."""

    @model_validator(mode="before")
    @classmethod
    def _says_what_is_built(cls, table: Any) -> Any:
        if isinstance(table, Mapping) and "from_scratch" not in table:
            raise ValueError(
                "from_scratch is missing (--from-scratch static or transformer); a pretrained model has its shape"
            )
        return table

    @field_validator(*_SHAPE)
    @classmethod
    def _belongs_to_what_is_built(cls, value: int | float | None, info: ValidationInfo) -> int | float | None:
        kind = info.data.get("from_scratch")
        if value is not None and kind is not None:
            allowed = _SPECIFICATIONS[kind].__dataclass_fields__
            if info.field_name not in allowed:
                raise ValueError(f"{value} was given, but a {kind} encoder has only {', '.join(allowed)}")
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        check_spec(self.spec())
        return self

    def spec(self) -> EncoderSpec:
        """What is to be built."""
        shape = self.model_dump(include={*_SHAPE}, exclude_none=True)
        return _SPECIFICATIONS[self.from_scratch](**shape)


class _TrainingSettings(TrainingConfig):
    """Settings of a training with the encoder that it builds."""

    encoder: EncoderSettings | None = None
    """An encoder to build from scratch."""


class _EncoderTable(BaseModel):
    encoder: EncoderSettings


@dataclass(frozen=True, slots=True)
class AskedTraining:
    """A training as it was asked for.

    Attributes:
        config: its settings.
        encoder: what to build from scratch; None for a pretrained model.
    """

    config: TrainingConfig
    encoder: EncoderSpec | None


def encoder_spec(table: Mapping[str, Any], *, place: str = "table") -> EncoderSpec:
    """What a table ``[encoder]`` says is to be built.

    Args:
        table: settings of ``EncoderSettings`` by name.
        place: where the table stands, for errors.

    Raises:
        InputError: with every problem found, its place, and the nearest name for an unknown setting.

    >>> encoder_spec({"from_scratch": "static", "dimension": 128})
    StaticSpec(dimension=128, vocabulary=64000)
    """
    gathered = Settings("encoder")
    gathered.add_arguments({"encoder": {}} | {f"encoder.{name}": value for name, value in table.items()}, place=place)
    return gathered.check(_EncoderTable).encoder.spec()


def load_training(
    path: str | Path | None = None,
    overrides: Iterable[str] = (),
    *,
    shape: Mapping[str, Any] | None = None,
    **settings: Any,
) -> AskedTraining:
    """The settings of a training, and the encoder it builds where they have a table ``[encoder]``.

    Args:
        path: a TOML file with settings of ``TrainingConfig`` and, in ``[encoder]``, of ``EncoderSettings``.
        overrides: ``key=value`` texts, as after ``--set``.
        shape: settings of ``EncoderSettings`` by name, which win over file and overrides; ``max_length`` is a setting
            of the training where nothing is built.
        settings: settings of ``TrainingConfig`` by name, which win too.

    Raises:
        InputError: with every problem found, its place, and the nearest name for an unknown setting.

    >>> load_training(overrides=["encoder.from_scratch=static", "seed=3"]).encoder
    StaticSpec(dimension=256, vocabulary=64000)
    """
    overrides, shape = list(overrides), dict(shape or {})
    gathered = gathered_settings(path, overrides, **settings)
    if "max_length" in shape and "from_scratch" not in shape and "encoder.from_scratch" not in gathered:
        gathered.add_arguments({"max_length": shape.pop("max_length")})
    for name, value in shape.items():
        gathered.add_arguments({f"encoder.{name}": value}, place=f"--{name.replace('_', '-')}")
    checked = gathered.check(_TrainingSettings)
    config = TrainingConfig.model_validate(checked.model_dump(exclude={"encoder"}, exclude_unset=True))
    warn_of_unused_alpha(config, {*settings, *(text.partition("=")[0].strip() for text in overrides)})
    return AskedTraining(config, checked.encoder.spec() if checked.encoder is not None else None)

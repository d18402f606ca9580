"""The table ``[encoder]`` of a training's settings: the shape of an encoder to build from scratch."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, Field, ValidationInfo, field_validator, model_validator

from equilingua.config import Settings
from equilingua.settings_table import SettingsTable
from equilingua.training.encoders import EncoderSpec, StaticSpec, TransformerSpec

_SPECIFICATIONS: dict[str, type[StaticSpec] | type[TransformerSpec]] = {
    "static": StaticSpec,
    "transformer": TransformerSpec,
}
_SHAPE = ("dimension", "vocabulary", "layers", "width", "heads", "max_length", "attention_dropout")


class EncoderSettings(SettingsTable):
    """An encoder to build from the training texts; what is left at None has the default of its kind.

    See ``StaticSpec`` and ``TransformerSpec`` for the defaults.
    """

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
        self.spec()
        return self

    def spec(self) -> EncoderSpec:
        """What is to be built."""
        shape = self.model_dump(include={*_SHAPE}, exclude_none=True)
        return _SPECIFICATIONS[self.from_scratch](**shape)


class _EncoderTable(BaseModel):
    encoder: EncoderSettings


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

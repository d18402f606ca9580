from typing import Any

import pytest

from equilingua.config import Config, RawConfig
from equilingua.errors import InputError
from equilingua.training.encoders import EncoderSpec, EncoderTable, StaticSpec, TransformerSpec


class _Table(Config):
    encoder: EncoderTable


def encoder_spec(table: dict[str, Any], *, place: str = "argument") -> EncoderSpec:
    raw = RawConfig("encoder")
    raw.add_arguments({"encoder": table}, place=place)
    return raw.check(_Table).encoder


@pytest.mark.parametrize(
    ("table", "spec"),
    [
        ({"from_scratch": "static"}, StaticSpec()),
        ({"from_scratch": "static", "dimension": 8, "vocabulary": 100}, StaticSpec(dimension=8, vocabulary=100)),
        ({"from_scratch": "transformer", "width": 64, "heads": 2}, TransformerSpec(width=64, heads=2)),
        (
            {"from_scratch": "transformer", "layers": 2, "max_length": 64, "attention_dropout": 0.1},
            TransformerSpec(layers=2, max_length=64, attention_dropout=0.1),
        ),
    ],
)
def test_a_table_describes_an_encoder_whose_shape_is_the_default_where_it_says_nothing(
    table: dict[str, Any], spec: EncoderSpec
) -> None:
    assert encoder_spec(table) == spec


@pytest.mark.parametrize(
    ("table", "line"),
    [
        (
            {"from_scratch": "statik"},
            "arm 3: encoder.from_scratch: unknown value 'statik'. Did you mean 'static'? Allowed: static, transformer.",
        ),
        (
            {"from_scratch": "static", "dimensions": 8},
            "arm 3: unknown option 'encoder.dimensions'. Did you mean 'encoder.dimension'?",
        ),
        (
            {"from_scratch": "static", "layers": 2},
            "arm 3: encoder.layers: has no part without 'transformer'. Allowed with 'static': dimension, from_scratch, "
            "vocabulary.",
        ),
        (
            {"from_scratch": "transformer", "width": 30, "heads": 4},
            "arm 3: encoder: width: 30 is not a multiple of the 4 heads",
        ),
        (
            {"from_scratch": "static", "dimension": 0},
            "arm 3: encoder.dimension: must be at least 1, got 0",
        ),
        (
            {"from_scratch": "static", "dimension": 2.5},
            "arm 3: encoder.dimension: must be a whole number, got 2.5",
        ),
        (
            {"dimension": 8},
            "arm 3: encoder: from_scratch is missing (--from-scratch static or transformer); a pretrained model has "
            "its shape",
        ),
    ],
)
def test_a_table_that_describes_no_encoder_is_told_with_its_place(table: dict[str, Any], line: str) -> None:
    with pytest.raises(InputError) as caught:
        encoder_spec(table, place="arm 3")
    assert line in str(caught.value).splitlines()


def test_every_problem_of_a_table_is_told_at_once() -> None:
    with pytest.raises(InputError, match="encoder: 3 problems"):
        encoder_spec({"from_scratch": "static", "dimension": 0, "layers": 2, "heds": 2})


@pytest.mark.parametrize("spec", [StaticSpec, TransformerSpec])
def test_every_encoder_option_is_documented(spec: type[Config]) -> None:
    assert [name for name, field in spec.model_fields.items() if not field.description] == []

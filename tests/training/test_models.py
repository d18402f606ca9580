from pathlib import Path

import pytest

from equilingua.errors import InputError
from equilingua.training.encoders import StaticSpec, TransformerSpec, build_encoder
from equilingua.training.models import describe_source, encoder_family

SMALL = TransformerSpec(layers=1, width=8, heads=2, vocabulary=50, max_length=8)


def test_family_is_read_from_specification_object_and_folder(tmp_path: Path) -> None:
    assert (encoder_family(StaticSpec()), encoder_family(SMALL)) == ("static", "transformer")
    for spec, expected in ((StaticSpec(dimension=4, vocabulary=50), "static"), (SMALL, "pretrained")):
        model = build_encoder(spec, ["a b c"], seed=0)
        model.save_pretrained(str(tmp_path / expected))
        assert encoder_family(model) == expected
        assert encoder_family(tmp_path / expected) == encoder_family(str(tmp_path / expected)) == expected


def test_a_name_on_the_hub_that_cannot_be_asked_counts_as_pretrained() -> None:
    assert encoder_family("no-such-owner/no-such-model") == "pretrained"


def test_a_path_without_a_folder_is_refused() -> None:
    with pytest.raises(InputError, match=r"model './nowhere': no such folder\. Give a model folder or the name"):
        encoder_family("./nowhere")


def test_models_are_told_apart_by_name_specification_or_weights() -> None:
    first, same, other = (build_encoder(StaticSpec(dimension=4), ["a b c"], seed=seed) for seed in (0, 0, 1))
    assert describe_source(first) == describe_source(same) != describe_source(other)
    assert describe_source("owner/model", revision="abc") == {"name": "owner/model", "revision": "abc"}
    assert describe_source(SMALL)["from_scratch"] == "transformer"

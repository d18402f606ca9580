from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer

from equilingua.errors import InputError
from equilingua.training.encoders import EncoderSpec, StaticSpec, TransformerSpec, build_encoder

TEXTS = [f"one two three {number} four{number % 7} 石油{number % 3}" for number in range(40)]
SMALL = TransformerSpec(layers=1, width=16, heads=2, vocabulary=120, max_length=12)
SPECIFICATIONS = [StaticSpec(dimension=16, vocabulary=120), SMALL]


@pytest.mark.parametrize("spec", SPECIFICATIONS)
def test_saved_encoder_reloads_with_the_same_vectors(spec: EncoderSpec, tmp_path: Path) -> None:
    encoder = build_encoder(spec, TEXTS, seed=0)
    encoder.save_pretrained(str(tmp_path))
    again = SentenceTransformer(str(tmp_path), device="cpu")
    texts = ["One TWO three", "石油 four5", ""]
    np.testing.assert_array_equal(encoder.encode(texts), again.encode(texts))
    assert encoder.encode(texts).shape == (3, 16)
    assert again.similarity_fn_name == "cosine"


@pytest.mark.parametrize("spec", SPECIFICATIONS)
def test_weights_follow_the_seed_and_leave_the_global_one_alone(spec: EncoderSpec) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first, same, other = (build_encoder(spec, TEXTS, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(torch.rand(3), expected)
    pairs = [(weights, same.state_dict()[name]) for name, weights in first.state_dict().items()]
    assert all(torch.equal(*pair) for pair in pairs)
    assert not np.allclose(first.encode(["one two"]), other.encode(["one two"]))


def test_transformer_reads_no_more_than_its_length() -> None:
    encoder = build_encoder(SMALL, TEXTS, seed=0)
    long = " ".join(["two"] * 50)
    assert encoder.preprocess([long])["input_ids"].shape == (1, 12)
    np.testing.assert_allclose(encoder.encode([long]), encoder.encode([long + " two"]), atol=1e-6)


def test_padding_does_not_change_a_vector() -> None:
    encoder = build_encoder(SMALL, TEXTS, seed=0)
    alone = encoder.encode(["one"])[0]
    np.testing.assert_allclose(encoder.encode(["one", "one two three four5 one two"])[0], alone, atol=1e-6)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: StaticSpec(dimension=0), "StaticSpec: 1 problem\ndimension: must be at least 1, got 0"),
        (lambda: TransformerSpec(layers=-1), "layers: must be at least 1, got -1"),
        (lambda: StaticSpec(**{"dimensions": 8}), "unknown option 'dimensions'. Did you mean 'dimension'?"),
        (lambda: TransformerSpec(width=30, heads=4), "width: 30 is not a multiple of the 4 heads"),
    ],
)
def test_unusable_specifications_are_refused(make: Callable[[], EncoderSpec], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()

import pytest
import torch

from equilingua.training.encoders import StaticSpec, TransformerSpec, build_encoder
from equilingua.training.token_cache import TokenCache, is_static

TEXTS = ["where is the tower", "the tower is in paris", "", "where is the tower", "qué es la torre"]


@pytest.fixture(scope="module")
def model():
    return build_encoder(StaticSpec(dimension=8, vocabulary=60), TEXTS, seed=0)


@pytest.mark.parametrize("most", [0, 2, 100])
def test_tokens_are_those_of_the_model_whatever_is_kept(model, most):
    cache = TokenCache(model, most=most)
    for inputs in (TEXTS, TEXTS[2:], ["a new tower", *TEXTS[:2]]):
        expected, found = model.preprocess(list(inputs)), cache(inputs)
        for name in ("input_ids", "offsets"):
            assert torch.equal(found[name], expected[name])
            assert found[name].dtype == expected[name].dtype


def test_a_prompt_is_put_before_every_text_and_is_no_other_text(model):
    cache = TokenCache(model)
    assert torch.equal(cache(TEXTS)["input_ids"], model.preprocess(TEXTS)["input_ids"])
    assert torch.equal(cache(TEXTS, prompt="the ")["input_ids"], model.preprocess(TEXTS, prompt="the ")["input_ids"])


def test_no_more_texts_are_kept_than_allowed(model):
    cut = []
    cache = TokenCache(model, most=2)
    tokenizer = cache._tokenizer

    class Counting:
        def encode_batch(self, texts, **options):
            cut.append(list(texts))
            return tokenizer.encode_batch(texts, **options)

    cache._tokenizer = Counting()
    cache(["one", "two", "three"])
    cache(["one", "two", "three"])
    assert cut == [["one", "two", "three"], ["three"]]


def test_only_a_static_encoder_is_one(model):
    assert is_static(model)
    assert not is_static(build_encoder(TransformerSpec(width=8, layers=1, heads=1, vocabulary=60), TEXTS, seed=0))

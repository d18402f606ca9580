import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from equilingua.training.encoders import StaticSpec, TransformerSpec, build_encoder
from equilingua.training.tokens import TokenCache, is_static, without_some_tokens

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


def features(lengths: list[int]) -> dict[str, torch.Tensor]:
    """Texts of these lengths, every token a number of its own."""
    offsets = torch.cumsum(torch.tensor([0, *lengths]), 0)
    return {"input_ids": torch.arange(int(offsets[-1])), "offsets": offsets[:-1]}


def texts(features: dict[str, torch.Tensor]) -> list[list[int]]:
    ends = [*features["offsets"][1:].tolist(), len(features["input_ids"])]
    starts = features["offsets"].tolist()
    return [features["input_ids"][start:end].tolist() for start, end in zip(starts, ends, strict=True)]


@given(
    lengths=st.lists(st.integers(0, 9), min_size=1, max_size=20),
    share=st.floats(0, 0.99),
    seed=st.integers(0, 2**20),
)
def test_every_text_keeps_some_of_its_own_tokens_in_order(lengths: list[int], share: float, seed: int) -> None:
    torch.manual_seed(seed)
    before = features(lengths)
    after = without_some_tokens(before, share)
    for whole, left in zip(texts(before), texts(after), strict=True):
        assert bool(left) == bool(whole)
        assert left == sorted(set(left) & set(whole))


def test_the_share_left_out_is_that_asked_for() -> None:
    torch.manual_seed(0)
    before = features([500] * 40)
    left = len(without_some_tokens(before, 0.3)["input_ids"])
    assert abs(1 - left / 20_000 - 0.3) < 4 * (0.3 * 0.7 / 20_000) ** 0.5


def test_the_same_state_of_the_generator_leaves_out_the_same() -> None:
    drawn = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        drawn.append(texts(without_some_tokens(features([9] * 9), 0.5)))
    assert drawn[0] == drawn[1] != drawn[2]

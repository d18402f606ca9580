from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer

from equilingua.errors import InputError
from equilingua.pairs.store import ParallelPairs
from equilingua.training.encoders import EncoderSpec, StaticSpec, TransformerSpec, build_encoder
from equilingua.training.merging import merge_models
from equilingua.training.train import train

TEXTS = ["red green blue", "one two three", "sun moon star"]
STATIC = StaticSpec(dimension=4, vocabulary=60)
TRANSFORMER = TransformerSpec(layers=1, width=8, heads=2, vocabulary=60, max_length=8)
SPECS = pytest.mark.parametrize("spec", [STATIC, TRANSFORMER], ids=["static", "transformer"])


def two_models(spec: EncoderSpec) -> tuple[SentenceTransformer, SentenceTransformer]:
    first, second = (build_encoder(spec, TEXTS, seed=seed) for seed in (0, 1))
    for model in (first, second):
        model.prompts = {"query": "Query: ", "document": "Passage: "}
        model.similarity_fn_name = "dot"
    return first, second


def weights(model: SentenceTransformer) -> dict[str, np.ndarray]:
    return {name: tensor.detach().numpy().copy() for name, tensor in model.state_dict().items()}


@SPECS
def test_every_parameter_is_the_weighted_mean_and_the_models_stay(spec: EncoderSpec) -> None:
    first, second = two_models(spec)
    before = weights(first), weights(second)
    merged = weights(merge_models(first, second, weight=0.3))
    assert merged.keys() == before[0].keys()
    for name, found in merged.items():
        np.testing.assert_allclose(found, 0.7 * before[0][name] + 0.3 * before[1][name], rtol=1e-5, atol=1e-7)
    for model, then in zip((first, second), before, strict=True):
        for name, now in weights(model).items():
            np.testing.assert_array_equal(now, then[name])


@SPECS
def test_the_ends_are_exactly_the_models(spec: EncoderSpec) -> None:
    first, second = two_models(spec)
    for weight, end in ((0, first), (1.0, second)):
        merged = merge_models(first, second, weight=weight)
        for name, found in weights(merged).items():
            np.testing.assert_array_equal(found, weights(end)[name])
        np.testing.assert_array_equal(merged.encode_query(TEXTS), end.encode_query(TEXTS))


@SPECS
def test_a_merged_model_is_saved_and_loaded_with_its_prompts_and_similarity(spec: EncoderSpec, tmp_path: Path) -> None:
    first, second = two_models(spec)
    merged = merge_models(first, second, weight=0.5)
    merged.save_pretrained(str(tmp_path))
    loaded = SentenceTransformer(str(tmp_path), device="cpu")
    assert (loaded.prompts, loaded.similarity_fn_name) == (first.prompts, "dot")
    np.testing.assert_array_equal(loaded.encode_query(TEXTS), merged.encode_query(TEXTS))


@SPECS
def test_folders_are_merged_with_one_another_and_with_models_that_were_used(spec: EncoderSpec, tmp_path: Path) -> None:
    first, second = two_models(spec)
    expected = weights(merge_models(first, second, weight=0.25))
    for name, model in (("first", first), ("second", second)):
        model.save_pretrained(str(tmp_path / name))
    first.encode(TEXTS)
    for one, two in ((tmp_path / "first", str(tmp_path / "second")), (first, tmp_path / "second")):
        for name, found in weights(merge_models(one, two, weight=0.25)).items():
            np.testing.assert_array_equal(found, expected[name])


def test_two_trainings_of_one_seed_are_merged(corpus: ParallelPairs, tmp_path: Path) -> None:
    spec = StaticSpec(dimension=8, vocabulary=200)
    runs = [
        train(spec, corpus, output_dir=tmp_path / kind, kind=kind, steps=2, batch_size=8)
        for kind in ("x-y", "x-x-mono")
    ]
    merged = merge_models(runs[0].model, tmp_path / "x-x-mono", weight=0.5)
    one, two = (run.model[0].embedding.weight.detach() for run in runs)
    assert not torch.equal(one, two)
    torch.testing.assert_close(merged[0].embedding.weight.detach(), (one + two) / 2)
    merged.save_pretrained(str(tmp_path / "merged"))


@pytest.mark.parametrize("weight", [-0.1, 1.1, float("nan")])
def test_a_weight_out_of_range_is_refused(weight: float) -> None:
    with pytest.raises(InputError, match=rf"weight: {weight} is out of range. Give a number from 0 .* to 1"):
        merge_models(*two_models(STATIC), weight=weight)


def test_another_architecture_is_refused() -> None:
    deeper = build_encoder(TransformerSpec(layers=2, width=8, heads=2, vocabulary=60, max_length=8), TEXTS, seed=0)
    shallow = build_encoder(TRANSFORMER, TEXTS, seed=0)
    static = build_encoder(STATIC, TEXTS, seed=0)
    with pytest.raises(InputError, match=r"architecture: Transformer, Pooling with .* and StaticEmbedding with"):
        merge_models(shallow, static, weight=0.5)
    with pytest.raises(InputError, match="architecture: Transformer, Pooling with"):
        merge_models(shallow, deeper, weight=0.5)


def test_settings_that_no_shape_tells_are_refused() -> None:
    two_heads = build_encoder(TRANSFORMER, TEXTS, seed=0)
    four_heads = build_encoder(TransformerSpec(layers=1, width=8, heads=4, vocabulary=60, max_length=8), TEXTS, seed=0)
    with pytest.raises(InputError, match="num_attention_heads: 2 and 4"):
        merge_models(two_heads, four_heads, weight=0.5)
    shortened = build_encoder(TRANSFORMER, TEXTS, seed=0)
    shortened.max_seq_length = 5
    with pytest.raises(InputError, match="most tokens: 8 and 5"):
        merge_models(two_heads, shortened, weight=0.5)


def test_where_a_configuration_came_from_does_not_matter() -> None:
    first, second = two_models(TRANSFORMER)
    second[0].auto_model.config.architectures = ["XLMRobertaForMaskedLM"]
    second[0].auto_model.config._name_or_path = "somewhere/else"
    assert merge_models(first, second, weight=0).encode(TEXTS).shape == (3, 8)


def test_other_shapes_are_refused_with_their_sizes() -> None:
    narrow, wide = (build_encoder(StaticSpec(dimension=width, vocabulary=60), TEXTS, seed=0) for width in (4, 6))
    with pytest.raises(InputError, match=r"shape of 0.embedding.weight: '\(\d+, 4\) torch.float32' and '\(\d+, 6\)"):
        merge_models(narrow, wide, weight=0.5)
    half = build_encoder(StaticSpec(dimension=4, vocabulary=60), TEXTS, seed=0).half()
    with pytest.raises(InputError, match=r"torch.float32' and .* torch.float16'"):
        merge_models(narrow, half, weight=0.5)


@SPECS
def test_another_tokenizer_of_the_same_size_is_refused(spec: EncoderSpec) -> None:
    swapped = [text.translate(str.maketrans("abc", "xyz")) for text in TEXTS]
    first, second = build_encoder(spec, TEXTS, seed=0), build_encoder(spec, swapped, seed=0)
    with pytest.raises(InputError, match=r"tokenizers: \d+ of the first's \d+ tokens stand elsewhere or nowhere"):
        merge_models(first, second, weight=0.5)


def test_other_rules_over_the_same_tokens_are_refused(static_pair: Callable[[], list[SentenceTransformer]]) -> None:
    first, second = static_pair()
    second.tokenizer.normalizer = None
    with pytest.raises(InputError, match="tokenizers: the same tokens, but other rules"):
        merge_models(first, second, weight=0.5)


def test_other_prompts_and_similarity_are_told_together(static_pair: Callable[[], list[SentenceTransformer]]) -> None:
    first, second = static_pair()
    second.prompts["query"] = "Question: "
    second.similarity_fn_name = "cosine"
    message = r"2 problems\nprompt 'query': 'Query: ' and 'Question: '\nsimilarity: 'dot' and 'cosine'"
    with pytest.raises(InputError, match=message):
        merge_models(first, second, weight=0.5)


def test_float_buffers_are_averaged_and_others_must_be_equal(
    static_pair: Callable[[], list[SentenceTransformer]],
) -> None:
    first, second = static_pair()
    for model, value in ((first, 1.0), (second, 3.0)):
        model[0].register_buffer("scale", torch.tensor([value]))
        model[0].register_buffer("count", torch.tensor([7]))
    merged = merge_models(first, second, weight=0.5)
    assert (merged[0].scale.item(), merged[0].count.item()) == (2.0, 7)
    second[0].count += 1
    with pytest.raises(InputError, match=r"0\.count: other whole numbers, which have no mean"):
        merge_models(first, second, weight=0.5)


@pytest.fixture
def static_pair() -> Callable[[], list[SentenceTransformer]]:
    return lambda: list(two_models(STATIC))

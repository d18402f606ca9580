from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from equilingua.errors import InputError
from equilingua.precision import resolve_precision
from equilingua.retrieval import encoding
from equilingua.retrieval.encoding import EncodeOptions, encode
from equilingua.retrieval.endpoint import EmbeddingsEndpoint
from equilingua.retrieval.lexical import BM25
from equilingua.retrieval.search import search
from equilingua.retrieval.vectors import MappedFile

WORDS = ["red", "green", "blue", "ask"]

COLOURS = ["red", "blue"]
TEXTS = [" ".join(COLOURS[(number >> bit) & 1] for bit in range(1 + number % 9)) for number in range(60)]


class CountingEncoder:
    """Vectors (length, 1) of texts; remembers what it was given."""

    similarity_fn_name = "dot"

    def __init__(self) -> None:
        self.given: dict[str, list[str]] = {"query": [], "document": []}

    def encode_query(self, texts: list[str]) -> list[list[float]]:
        self.given["query"] += texts
        return [[float(len(text)), 1.0] for text in texts]

    def encode_document(self, texts: list[str]) -> list[list[float]]:
        self.given["document"] += texts
        return [[float(len(text)), 2.0] for text in texts]


def test_equal_texts_are_encoded_once_and_order_is_kept() -> None:
    encoder, texts = CountingEncoder(), ["aa", "a", "aa", "aaaa", "a"]
    vectors = encode(encoder, texts, "query", EncodeOptions(batch_size=1))
    assert sorted(encoder.given["query"]) == ["a", "aa", "aaaa"]
    assert vectors.tolist() == [[2, 1], [1, 1], [2, 1], [4, 1], [1, 1]]
    assert vectors.dtype == np.float32


def test_order_is_kept_over_many_calls() -> None:
    texts = ["x" * (1 + place * 7 % 211) for place in range(211)]
    vectors = encode(CountingEncoder(), texts, "document", EncodeOptions(batch_size=2))
    assert vectors[:, 0].tolist() == [len(text) for text in texts]


def test_vectors_in_a_mapped_file_are_those_in_memory(static_model: Callable[..., Any], tmp_path: Path) -> None:
    texts = ["red", "green blue", "red", "", "blue", "green blue"]
    expected = encode(static_model(WORDS), texts, "document")
    mapped = encode(
        static_model(WORDS), texts, "document", EncodeOptions(batch_size=1), allocate=MappedFile(tmp_path / "v.npy")
    )
    assert isinstance(mapped, np.memmap)
    np.testing.assert_array_equal(mapped, expected)
    half = encode(static_model(WORDS), texts, "document", allocate=MappedFile(tmp_path / "h.npy", "float16"))
    np.testing.assert_array_equal(half, expected.astype(np.float16))


def test_a_width_that_changes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Growing(CountingEncoder):
        def encode_query(self, texts: list[str]) -> list[list[float]]:
            return [[1.0] * len(text) for text in texts]

    monkeypatch.setattr(encoding, "BATCHES_A_CALL", 1)
    with pytest.raises(InputError, match="query vectors: the model gave vectors of width 2, then 1"):
        encode(Growing(), ["a", "bb"], "query", EncodeOptions(batch_size=1))


def test_queries_and_documents_go_to_their_own_method() -> None:
    encoder = CountingEncoder()
    assert encode(encoder, ["a"], "query").tolist() == [[1, 1]]
    assert encode(encoder, ["a"], "document").tolist() == [[1, 2]]
    assert encoder.given == {"query": ["a"], "document": ["a"]}


def test_vectors_are_of_unit_length_for_cosine_and_as_they_are_for_dot(static_model: Callable[..., Any]) -> None:
    cosine, dot = static_model(WORDS), static_model(WORDS, similarity_fn_name="dot")
    texts = ["red green", "blue"]
    as_is = encode(dot, texts, "document")
    unit = encode(cosine, texts, "document")
    np.testing.assert_allclose(np.linalg.norm(unit, axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(unit, as_is / np.linalg.norm(as_is, axis=1, keepdims=True), rtol=1e-5)
    assert not np.allclose(np.linalg.norm(as_is, axis=1), 1)


def test_stored_prompts_of_the_role_are_used(static_model: Callable[..., Any]) -> None:
    model = static_model(WORDS, prompts={"query": "ask ", "document": ""})
    np.testing.assert_allclose(encode(model, ["red"], "query"), encode(model, ["ask red"], "document"), rtol=1e-6)
    assert not np.allclose(encode(model, ["red"], "query"), encode(model, ["red"], "document"))


def test_similarities_that_are_no_inner_product_are_refused(static_model: Callable[..., Any]) -> None:
    with pytest.raises(InputError, match=r"similarity 'manhattan' is no inner product.* Allowed: cosine, dot"):
        encode(static_model(WORDS, similarity_fn_name="manhattan"), ["red"], "query")


def test_vectors_that_are_not_finite_are_refused_with_the_first_text() -> None:
    class Broken(CountingEncoder):
        def encode_query(self, texts: list[str]) -> list[list[float]]:
            return [[np.nan if text.startswith("bad") else 1.0, 1.0] for text in texts]

    with pytest.raises(
        InputError, match=r"query vectors: 2 of 3 hold NaN or infinite values, the first that of 'bad one'"
    ):
        encode(Broken(), ["good", "bad one", "bad two"], "query")


def test_options_that_cannot_be_are_refused_before_a_model_is_asked(static_model: Callable[..., Any]) -> None:
    with pytest.raises(InputError, match="batch_size: 0 cannot encode: give 1 or more"):
        EncodeOptions(batch_size=0)
    with pytest.raises(InputError, match="unknown precision 'int8'"):
        EncodeOptions(precision="int8")
    EncodeOptions(processes=2).check(static_model(WORDS))
    EncodeOptions().check(CountingEncoder())
    with pytest.raises(InputError, match=r"processes: 3 were asked for, .* not CountingEncoder"):
        EncodeOptions(processes=3).check(CountingEncoder())


def test_a_wrong_number_of_rows_is_refused() -> None:
    class Short(CountingEncoder):
        def encode_query(self, texts: list[str]) -> list[list[float]]:
            return super().encode_query(texts)[1:]

    with pytest.raises(InputError, match=r"queries: shape \(2, 2\), but 3 texts need one row each"):
        encode(Short(), ["a", "b", "c"], "query")


def test_no_texts_and_no_method_are_refused() -> None:
    with pytest.raises(InputError, match="passage vectors: there are no texts to encode"):
        encode(CountingEncoder(), [], "document")
    with pytest.raises(InputError, match="int cannot encode: it has no method encode_query"):
        encode(3, ["a"], "query")  # type: ignore[arg-type]


def test_a_static_model_stays_in_fp32(static_model: Callable[..., Any]) -> None:
    assert resolve_precision(static_model(WORDS), "auto") == "fp32"


def test_an_unknown_precision_is_refused(static_model: Callable[..., Any]) -> None:
    with pytest.raises(InputError, match=r"unknown precision 'bf61'. Did you mean 'bf16'\? Allowed: auto, bf16, fp32"):
        encode(static_model(WORDS), ["red"], "query", EncodeOptions(precision="bf61"))


def test_bf16_runs_the_encoder_in_bf16_and_gives_float32(transformer: Any) -> None:
    texts = ["red", "blue red", "blue"]
    exact, rough = (encode(transformer, texts, "query", EncodeOptions(precision=name)) for name in ("fp32", "bf16"))
    assert rough.dtype == np.float32
    assert not np.array_equal(rough, exact)
    np.testing.assert_allclose(rough, exact, atol=0.05)
    np.testing.assert_allclose(np.linalg.norm(rough, axis=1), 1, rtol=1e-6)


def test_auto_precision_of_a_transformer_is_what_the_hardware_multiplies(transformer: Any) -> None:
    from equilingua.precision import best_precision

    assert resolve_precision(transformer, "auto") == best_precision(static=False)


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_two_processes_give_the_vectors_of_one(transformer: Any, precision: str, tmp_path: Path) -> None:
    one = encode(transformer, TEXTS, "document", EncodeOptions(batch_size=8, precision=precision))
    options = EncodeOptions(batch_size=8, precision=precision, processes=2, cache=tmp_path)
    two = encode(transformer, TEXTS, "document", options)
    np.testing.assert_allclose(two, one, atol=1e-6)
    np.testing.assert_array_equal(search(two[:5], two, 20).positions, search(one[:5], one, 20).positions)
    np.testing.assert_array_equal(encode(transformer, TEXTS, "document", options), two)
    assert not transformer._forward_pre_hooks


@pytest.mark.slow
def test_prompts_and_dot_similarity_reach_the_processes(static_model: Callable[..., Any]) -> None:
    model = static_model(COLOURS, prompts={"query": "blue blue "}, similarity_fn_name="dot")
    one = encode(model, TEXTS, "query", EncodeOptions(batch_size=16))
    np.testing.assert_allclose(encode(model, TEXTS, "query", EncodeOptions(batch_size=16, processes=2)), one, atol=1e-6)
    assert not np.allclose(one, encode(model, TEXTS, "document"))


def test_only_sentence_transformers_models_run_in_several_processes(static_model: Callable[..., Any]) -> None:
    for model in (BM25(), EmbeddingsEndpoint("m", "http://localhost:1/v1")):
        with pytest.raises(
            InputError, match=rf"only a sentence-transformers model .* not {type(model).__name__}. Give 1"
        ):
            encode(model, TEXTS, "query", EncodeOptions(processes=2))  # type: ignore[arg-type]
    with pytest.raises(InputError, match="processes: 0 cannot encode: give 1 or more"):
        encode(static_model(COLOURS), TEXTS, "query", EncodeOptions(processes=0))

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from equilingua.errors import InputError
from equilingua.retrieval.encoding import EncodeOptions, encode
from equilingua.retrieval.endpoint import EmbeddingsEndpoint
from equilingua.retrieval.lexical import BM25
from equilingua.retrieval.search import search

WORDS = ["red", "blue"]
TEXTS = [" ".join(WORDS[(number >> bit) & 1] for bit in range(1 + number % 9)) for number in range(60)]


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
    model = static_model(WORDS, prompts={"query": "blue blue "}, similarity_fn_name="dot")
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
        encode(static_model(WORDS), TEXTS, "query", EncodeOptions(processes=0))

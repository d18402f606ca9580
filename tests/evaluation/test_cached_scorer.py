from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.errors import InputError
from equilingua.evaluation.scorer import benchmark_scorer, benchmark_vectors
from equilingua.retrieval.encoding import EncodeOptions
from equilingua.retrieval.lexical import BM25


class Named:
    """An encoder with a name, which counts the texts it is given."""

    name = "named encoder"
    cache_key = "1"

    def __init__(self) -> None:
        self.given = 0

    def encode_query(self, texts: list[str]) -> Any:
        self.given += len(texts)
        return [[len(text), ord(text[0]), ord(text[-1])] for text in texts]

    encode_document = encode_query


def test_a_second_evaluation_of_the_same_texts_encodes_nothing(small_benchmark: Benchmark, tmp_path: Path) -> None:
    first, second = Named(), Named()
    vectors = benchmark_vectors(first, small_benchmark, EncodeOptions(cache=tmp_path))
    again = benchmark_vectors(second, small_benchmark.only(["th", "de"]), EncodeOptions(cache=tmp_path))
    assert first.given > 0
    assert second.given == 0
    for language in ("de", "th"):
        np.testing.assert_array_equal(again.queries[language], vectors.queries[language])
        np.testing.assert_array_equal(again.passages[language], vectors.passages[language])
    assert vectors.model == "named encoder"


def test_a_cached_model_scores_as_one_that_is_not(
    small_benchmark: Benchmark, static_model: Callable[..., Any], tmp_path: Path
) -> None:
    model = static_model([text for rows in small_benchmark.corpora.values() for text in rows.texts])
    benchmark_scorer(model, small_benchmark, EncodeOptions(cache=tmp_path))
    cached = benchmark_scorer(model, small_benchmark, EncodeOptions(cache=tmp_path))
    plain = benchmark_scorer(model, small_benchmark)
    for language, queries in plain.queries.items():
        np.testing.assert_array_equal(cached.queries[language], queries)


def test_a_lexical_retriever_has_no_vectors(small_benchmark: Benchmark) -> None:
    with pytest.raises(InputError, match=r"bm25 \(lucene, k1=1.2, b=0.75\) has no vectors. Score the benchmark with"):
        benchmark_vectors(BM25(), small_benchmark)

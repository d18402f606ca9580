from pathlib import Path

import numpy as np
import pytest

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.benchmarks.load import load_benchmark
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.scorer import BenchmarkScorer, benchmark_scorer
from equilingua.retrieval.lexical import BM25


def test_a_lexical_retriever_is_evaluated_like_any_model(small_benchmark: Benchmark) -> None:
    scorer = benchmark_scorer(BM25(k1=0.9, b=0.4), small_benchmark)
    assert isinstance(scorer, BenchmarkScorer)
    assert benchmark_scorer(scorer, small_benchmark) is scorer
    result = evaluate(scorer, small_benchmark, resamples=0)
    assert result.model == "bm25 (lucene, k1=0.9, b=0.4)"
    assert result.provenance["similarity"] == "bm25"
    assert result.provenance["precision"] == "exact"
    assert set(result.measures) == {"monolingual", "cross-lingual", "multilingual"}


def test_frequencies_are_those_of_all_languages_together(small_benchmark: Benchmark) -> None:
    scorer = benchmark_scorer(BM25(), small_benchmark)
    texts = [text for language in ("de", "en", "th") for text in small_benchmark.corpora[language].texts]
    (block,) = scorer.pool.blocks(["passage 3"])
    np.testing.assert_array_equal(block[1], BM25().pool([texts]).scores(["passage 3"]))


def test_retrievers_go_by_name(small_benchmark: Benchmark) -> None:
    assert benchmark_scorer("bm25", small_benchmark).model == "bm25 (lucene, k1=1.2, b=0.75)"
    assert benchmark_scorer("tfidf", small_benchmark).model == "tfidf (characters, 2 to 4)"
    assert benchmark_scorer("tfidf", small_benchmark, model_name="baseline").model == "baseline"


@pytest.mark.shared_data
def test_words_answer_within_a_language_and_hardly_across(shared_data: Path) -> None:
    benchmark = load_benchmark("xquad-r", data=shared_data, languages=["en", "th", "zh"])
    means = evaluate(benchmark_scorer("bm25", benchmark), benchmark, measures=["mAP"], resamples=0).measures
    assert means["monolingual"]["mAP"] > 0.7
    assert means["cross-lingual"]["mAP"] < 0.2

"""The scorer of a benchmark that any kind of model gives."""

from pathlib import Path
from typing import Any

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.evaluation.benchmark_vectors import benchmark_vectors
from equilingua.evaluation.lexical_scorer import LexicalScorer
from equilingua.evaluation.scorer import BenchmarkScorer
from equilingua.retrieval.encoding import EncodeOptions
from equilingua.retrieval.lexical import LexicalModel
from equilingua.retrieval.registry import printed_name, retriever


def benchmark_scorer(
    model: Any,
    benchmark: Benchmark,
    options: EncodeOptions = EncodeOptions(),
    *,
    model_name: str | None = None,
) -> BenchmarkScorer:
    """What scores the benchmark's queries against its passages.

    Args:
        model: whatever ``benchmark_vectors`` takes, a lexical retriever, the name of any (``bm25``, ``tfidf``,
            ``openai:MODEL@URL``, a folder, a name on the hub), or a ``BenchmarkScorer``, which stays as it is.
        benchmark: whose texts are scored.
        options: how an encoder encodes them.
        model_name: to be printed with the result; told from the model if not given.

    Raises:
        InputError: if there is no such model, or it cannot be used on this benchmark.
    """
    if isinstance(model, BenchmarkScorer):
        return model
    if isinstance(model, str | Path):
        model, model_name = retriever(model), model_name or printed_name(model)
    if isinstance(model, LexicalModel):
        return LexicalScorer.of(model, benchmark, model_name=model_name)
    return benchmark_vectors(model, benchmark, options, model_name=model_name)

"""The scorer of a benchmark that any kind of model gives."""

from pathlib import Path
from typing import Any

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.evaluation.benchmark_vectors import benchmark_vectors
from equilingua.evaluation.lexical_scorer import LexicalScorer
from equilingua.evaluation.scorer import BenchmarkScorer
from equilingua.retrieval.lexical import LexicalModel
from equilingua.retrieval.registry import printed_name, retriever
from equilingua.retrieval.vector_cache import Cache


def benchmark_scorer(
    model: Any,
    benchmark: Benchmark,
    *,
    batch_size: int = 64,
    precision: str = "auto",
    model_name: str | None = None,
    cache: Cache = None,
    processes: int = 1,
) -> BenchmarkScorer:
    """What scores the benchmark's queries against its passages.

    Args:
        model: whatever ``benchmark_vectors`` takes, a lexical retriever, the name of any (``bm25``, ``tfidf``,
            ``openai:MODEL@URL``, a folder, a name on the hub), or a ``BenchmarkScorer``, which stays as it is.
        benchmark: whose texts are scored.
        batch_size: texts a forward pass.
        precision: of the encoder: auto, fp32 or bf16.
        model_name: to be printed with the result; told from the model if not given.
        cache: folder that keeps vectors by model, role and text, or True for the package's own (see ``encode``).
        processes: that encode at once, a sentence-transformers model only.

    Raises:
        InputError: if there is no such model, or it cannot be used on this benchmark.
    """
    if isinstance(model, BenchmarkScorer):
        return model
    if isinstance(model, str | Path):
        model, model_name = retriever(model), model_name or printed_name(model)
    if isinstance(model, LexicalModel):
        return LexicalScorer.of(model, benchmark, model_name=model_name)
    options: dict[str, Any] = {"batch_size": batch_size, "precision": precision, "cache": cache, "processes": processes}
    return benchmark_vectors(model, benchmark, model_name=model_name, **options)

"""What kind of retriever is audited: advice has to be such that it can be followed."""

from pathlib import Path
from typing import Any, Literal

from equilingua.evaluation.run_files import RUN, RunFiles
from equilingua.evaluation.run_scorer import RunScorer
from equilingua.evaluation.scorer import PRECOMPUTED, BenchmarkScorer, BenchmarkVectors
from equilingua.retrieval.endpoint import EmbeddingsEndpoint
from equilingua.retrieval.lexical import LexicalModel
from equilingua.retrieval.precomputed import PrecomputedVectors, VectorFiles
from equilingua.retrieval.registry import LEXICAL, VECTORS, is_endpoint

RetrieverKind = Literal["lexical", "endpoint", "vectors", "run", "model"]
"""Words are matched; a model behind an endpoint; vectors made elsewhere; rankings made elsewhere; a model at hand."""


def retriever_kind(model: Any) -> RetrieverKind:
    """The kind of whatever ``audit`` takes: a name, a folder, a retriever, vectors or a scorer of a benchmark."""
    if isinstance(model, str | Path):
        if model in LEXICAL:
            return "lexical"
        if is_endpoint(model):
            return "endpoint"
        if str(model).startswith(RUN):
            return "run"
        return "vectors" if str(model).startswith(VECTORS) else "model"
    if isinstance(model, RunFiles | RunScorer):
        return "run"
    if isinstance(model, LexicalModel):
        return "lexical"
    if isinstance(model, EmbeddingsEndpoint):
        return "endpoint"
    if isinstance(model, PrecomputedVectors | VectorFiles | tuple):
        return "vectors"
    if isinstance(model, BenchmarkVectors):
        return "vectors" if model.precision == PRECOMPUTED else "model"
    return "lexical" if isinstance(model, BenchmarkScorer) else "model"

"""Train and audit retrievers that treat every language alike."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from equilingua.auditing.audit import audit
    from equilingua.batching.dataset import HybridBatchSampler, TrainingExamples
    from equilingua.benchmarks.load import load_benchmark
    from equilingua.evaluation.compare import compare
    from equilingua.evaluation.evaluate import evaluate
    from equilingua.evaluation.evaluator import EquilinguaEvaluator
    from equilingua.evaluation.result import EvaluationResult
    from equilingua.pairs.pair import ParallelPair
    from equilingua.pairs.store import ParallelPairs
    from equilingua.retrieval.precomputed import PrecomputedVectors
    from equilingua.training.encoders import StaticSpec, TransformerSpec
    from equilingua.training.losses import ParallelInfoNCELoss
    from equilingua.training.train import train

# Imported on first use: sentence-transformers alone takes seconds to import, and `import equilingua` must not.
_HOMES = {
    "EquilinguaEvaluator": "equilingua.evaluation.evaluator",
    "EvaluationResult": "equilingua.evaluation.result",
    "HybridBatchSampler": "equilingua.batching.dataset",
    "ParallelInfoNCELoss": "equilingua.training.losses",
    "ParallelPair": "equilingua.pairs.pair",
    "ParallelPairs": "equilingua.pairs.store",
    "PrecomputedVectors": "equilingua.retrieval.precomputed",
    "StaticSpec": "equilingua.training.encoders",
    "TrainingExamples": "equilingua.batching.dataset",
    "TransformerSpec": "equilingua.training.encoders",
    "audit": "equilingua.auditing.audit",
    "compare": "equilingua.evaluation.compare",
    "evaluate": "equilingua.evaluation.evaluate",
    "load_benchmark": "equilingua.benchmarks.load",
    "train": "equilingua.training.train",
}

__all__ = [
    "EquilinguaEvaluator",
    "EvaluationResult",
    "HybridBatchSampler",
    "ParallelInfoNCELoss",
    "ParallelPair",
    "ParallelPairs",
    "PrecomputedVectors",
    "StaticSpec",
    "TrainingExamples",
    "TransformerSpec",
    "audit",
    "compare",
    "evaluate",
    "load_benchmark",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'equilingua' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)

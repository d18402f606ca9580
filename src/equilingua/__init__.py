"""Train and audit retrievers that treat every language alike."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from equilingua.batching.sampler import HybridBatchSampler
    from equilingua.pairs.store import ParallelPairs

# Imported on first use: sentence-transformers alone takes seconds to import, and `import equilingua` must not.
_HOMES = {
    "HybridBatchSampler": "equilingua.batching.sampler",
    "ParallelPairs": "equilingua.pairs.store",
}

__all__ = ["HybridBatchSampler", "ParallelPairs"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'equilingua' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)

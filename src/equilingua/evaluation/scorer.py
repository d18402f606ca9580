"""What evaluation needs of a model, dense or lexical: scores of every query against the pool of all passages."""

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from equilingua.retrieval.pool import PassagePool


@runtime_checkable
class BenchmarkScorer(Protocol):
    """Scores the queries of one benchmark against its passages: what is evaluated and exported."""

    @property
    def queries(self) -> Mapping[str, Any]:
        """Per query language what ``pool.blocks`` takes, one row a query: vectors, or texts."""

    @property
    def pool(self) -> PassagePool:
        """The passages, corpora in the sorted order of their languages."""

    @property
    def model(self) -> str:
        """What scores, as printed with every result."""

    @property
    def similarity(self) -> str:
        """What a score is: cosine, dot, bm25, ..."""

    @property
    def precision(self) -> str:
        """In which an encoder ran; ``precomputed`` or ``exact`` where none did."""

    @property
    def prompts(self) -> Mapping[str, str]:
        """What the model puts before its texts, by name."""

"""What evaluation needs of a model, dense or lexical: scores of every query against the pool of all passages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.evaluation.relevance import passage_languages
from equilingua.evaluation.vectors import benchmark_vectors
from equilingua.retrieval.encoding import EncodeOptions
from equilingua.retrieval.lexical import LexicalModel
from equilingua.retrieval.ranking import PassagePool
from equilingua.retrieval.registry import printed_name, retriever


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


@dataclass(frozen=True, eq=False)
class PoolScorer:
    """A ``BenchmarkScorer`` of which everything is given.

    Attributes:
        queries: per query language what ``pool.blocks`` takes.
        pool: the passages, corpora in the sorted order of their languages.
        model: what scores, as printed with every result.
        similarity: what a score is.
        precision: ``exact`` where nothing is encoded.
        prompts: that a model puts before its texts, by name.
    """

    queries: Mapping[str, Any]
    pool: PassagePool
    model: str
    similarity: str
    precision: str = "exact"
    prompts: Mapping[str, str] = field(default_factory=dict)


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
        return PoolScorer(
            queries={language: rows.texts for language, rows in benchmark.queries.items()},
            # Terms are weighed by how many passages of all languages together have them.
            pool=model.pool([benchmark.corpora[language].texts for language in passage_languages(benchmark)]),
            model=model_name or model.name,
            similarity=model.similarity,
        )
    return benchmark_vectors(model, benchmark, options, model_name=model_name)

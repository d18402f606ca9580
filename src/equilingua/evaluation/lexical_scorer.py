"""The scores of a lexical retriever on a benchmark."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.retrieval.lexical import LexicalModel
from equilingua.retrieval.pool import PassagePool


@dataclass(frozen=True, eq=False)
class LexicalScorer:
    """Scores of words or characters: a ``BenchmarkScorer``.

    Attributes:
        queries: their texts, per query language.
        pool: the passages of all languages, over which frequencies are counted.
        model: the retriever with its parameters, as printed with every result.
        similarity: what a score is.
        precision: ``exact``: nothing is encoded.
        prompts: none.
    """

    queries: Mapping[str, Sequence[str]]
    pool: PassagePool
    model: str
    similarity: str
    precision: str = "exact"
    prompts: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, model: LexicalModel, benchmark: Benchmark, *, model_name: str | None = None) -> "LexicalScorer":
        """The scorer of a benchmark; frequencies are those of all its passages together."""
        return cls(
            queries={language: rows.texts for language, rows in benchmark.queries.items()},
            pool=model.pool([benchmark.corpora[language].texts for language in sorted(benchmark.corpora)]),
            model=model_name or model.name,
            similarity=model.similarity,
        )

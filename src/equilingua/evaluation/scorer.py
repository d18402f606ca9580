"""What evaluation needs of a model, dense or lexical: scores of every query against the pool of all passages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np

from equilingua.benchmarks.benchmark import Benchmark, Corpus, Queries
from equilingua.errors import InputError
from equilingua.evaluation.run_files import RUN, RunFiles
from equilingua.evaluation.run_scorer import run_scorer
from equilingua.retrieval.encoding import EncodeOptions, EncodingUsed, Role, encode, truncated
from equilingua.retrieval.lexical import LexicalModel
from equilingua.retrieval.notes import CutTexts, cut_texts, encoding_notes
from equilingua.retrieval.pool import PassagePool, Pool
from equilingua.retrieval.precomputed import PrecomputedVectors, VectorFiles
from equilingua.retrieval.registry import printed_name, retriever
from equilingua.retrieval.vectors import Vectors, as_vectors, check_widths, number_rows

PRECOMPUTED = "precomputed"


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
        """What was put before texts, by role (``query``, ``document``); a role without is left out."""


@dataclass(frozen=True, eq=False)
class PoolScorer:
    """A ``BenchmarkScorer`` of which everything is given; ``precision`` is ``exact`` where nothing is encoded."""

    queries: Mapping[str, Any]
    pool: PassagePool
    model: str
    similarity: str
    precision: str = "exact"
    prompts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class BenchmarkVectors:
    """Checked vectors of a benchmark: a dense ``BenchmarkScorer``.

    Attributes:
        queries: per query language, shape (queries, width), float32, ready for inner products.
        passages: per passage language, likewise.
        model: what made them, as printed with every result.
        similarity: cosine (they are of unit length) or dot.
        precision: in which the encoder ran; ``precomputed`` if they were given.
        prompts: that were put before the texts, by role (``query``, ``document``); a role without is left out.
        notes: what is to be known of how the texts were encoded, a sentence each.
        cut: the texts of which only the beginning was read; None where that is not known.
    """

    queries: Mapping[str, Vectors]
    passages: Mapping[str, Vectors]
    model: str
    similarity: str
    precision: str
    prompts: Mapping[str, str]
    notes: tuple[str, ...] = ()
    cut: CutTexts | None = None

    def __post_init__(self) -> None:
        """Refuse vectors of queries and passages that differ in width."""
        check_widths(self.queries, self.passages)

    @cached_property
    def pool(self) -> Pool:
        """The passages, corpora in the sorted order of their languages."""
        return Pool.of([self.passages[language] for language in sorted(self.passages)])


def benchmark_scorer(
    model: Any,
    benchmark: Benchmark,
    options: EncodeOptions = EncodeOptions(),
    *,
    model_name: str | None = None,
) -> BenchmarkScorer:
    """What scores the benchmark's queries against its passages.

    The model is whatever ``benchmark_vectors`` takes, a lexical retriever, the name of any (``bm25``, ``tfidf``,
    ``openai:MODEL@URL``, ``run:PATH``, a folder, a name on the hub), ``RunFiles``, or a ``BenchmarkScorer``, which
    stays as it is. The name printed
    with the result is told from the model if not given.

    Raises:
        InputError: if there is no such model, or it cannot be used on this benchmark.
    """
    if isinstance(model, BenchmarkScorer):
        return model
    if isinstance(model, str) and model.startswith(RUN):
        model = RunFiles.of(model.removeprefix(RUN).split(","))
    if isinstance(model, RunFiles):
        options.check_encoded_elsewhere(model.name)
        return run_scorer(model, benchmark, model_name=model_name)
    if isinstance(model, str | Path):
        model, model_name = retriever(model), model_name or printed_name(model)
    if isinstance(model, LexicalModel):
        options.check_lexical(model.name)
        return PoolScorer(
            queries={language: rows.texts for language, rows in benchmark.queries.items()},
            # Terms are weighed by how many passages of all languages together have them.
            pool=model.pool([benchmark.corpora[language].texts for language in benchmark.passage_languages]),
            # The parameters belong to the name: bm25 with another k1 is another retriever.
            model=model_name or model.name,
            similarity=model.similarity,
        )
    return benchmark_vectors(model, benchmark, options, model_name=model_name)


def benchmark_vectors(
    model: Any,
    benchmark: Benchmark,
    options: EncodeOptions = EncodeOptions(),
    *,
    model_name: str | None = None,
) -> BenchmarkVectors:
    """The benchmark's vectors, from a model or from arrays.

    The model is one of sentence-transformers, anything with ``encode_query`` and ``encode_document``,
    ``PrecomputedVectors``, ``VectorFiles``, or two mappings (query vectors, passage vectors) by language; for names see
    ``benchmark_scorer``. The name printed with the result is told from the model if not given.

    Raises:
        InputError: if the model is a lexical one and so has no vectors, or a language's vectors are missing, of another
            count or width than needed, or not finite.
    """
    if isinstance(model, tuple):
        model = PrecomputedVectors(*model)
    if isinstance(model, VectorFiles):
        model = model.read(
            {language: rows.ids for language, rows in benchmark.queries.items()},
            {language: rows.ids for language, rows in benchmark.corpora.items()},
        )
    if isinstance(model, PrecomputedVectors):
        options.check_encoded_elsewhere(model_name or PRECOMPUTED)
        model = model.comparable(options.similarity)
        similarity = str(model.similarity)
        return BenchmarkVectors(
            queries=_checked(model.queries, benchmark.queries, "query vectors", similarity, options.truncate_dim),
            passages=_checked(model.passages, benchmark.corpora, "passage vectors", similarity, options.truncate_dim),
            model=model_name or PRECOMPUTED,
            similarity=similarity,
            precision=PRECOMPUTED,
            prompts={},
        )
    if isinstance(model, LexicalModel):
        raise InputError(f"{model.name} has no vectors. Score the benchmark with benchmark_scorer instead")
    used = EncodingUsed.of(model, options)
    name = model_name or name_of(model)
    queries = {language: rows.texts for language, rows in sorted(benchmark.queries.items())}
    passages = {language: rows.texts for language, rows in sorted(benchmark.corpora.items())}
    query_vectors = encoded(model, queries, "query", options)
    passage_vectors = encoded(model, passages, "document", options)
    cut = cut_texts(model, {"query": queries, "document": passages}, options)
    return BenchmarkVectors(
        queries=query_vectors,
        passages=passage_vectors,
        model=name,
        similarity=used.similarity,
        precision=used.precision,
        prompts=used.prompts,
        notes=encoding_notes(model, options),
        cut=cut,
    )


def notes_on(scorer: BenchmarkScorer) -> list[str]:
    """What results and audits record of how texts were encoded, a sentence each."""
    cut = cut_in(scorer)
    return [*getattr(scorer, "notes", ()), *([cut.note()] if cut else [])]


def cut_in(scorer: BenchmarkScorer) -> CutTexts | None:
    """The texts of which only the beginning was read; None where none is known to have been."""
    cut: CutTexts | None = getattr(scorer, "cut", None)
    return cut if cut is not None and cut.counts else None


def encoded(model: Any, texts: Mapping[str, Sequence[str]], role: Role, options: EncodeOptions) -> dict[str, Vectors]:
    """Vectors of all languages' texts, made in one go, so that a text that stands in several is encoded once."""
    vectors = encode(model, [text for of_language in texts.values() for text in of_language], role, options)
    ends = np.cumsum([len(of_language) for of_language in texts.values()])
    return dict(zip(texts, np.split(vectors, ends[:-1]), strict=True))


def _checked(
    arrays: Mapping[str, Any],
    parts: Mapping[str, Queries] | Mapping[str, Corpus],
    what: str,
    similarity: str,
    width: int | None,
) -> dict[str, Vectors]:
    missing = [language for language in sorted(parts) if language not in arrays]
    if missing:
        named = f"those of {', '.join(sorted(arrays))}" if arrays else "none"
        raise InputError(
            f"{what} of {', '.join(missing)} are missing, which the benchmark has; {named} were given. Add them, or "
            f"evaluate on the languages of both: {', '.join(sorted({*parts} & {*arrays})) or 'none'}"
        )
    vectors = {}
    for language in sorted(parts):
        named, texts = f"{what} of {language!r}", parts[language].texts
        rows = truncated(number_rows(arrays[language], len(texts), named), width, named)
        vectors[language] = as_vectors(rows, texts, named, similarity=similarity)
    return vectors


def name_of(model: Any) -> str:
    """What results call a model that was given without a name: what it was loaded as, its own name, or its class's."""
    card = getattr(model, "model_card_data", None)
    own = getattr(model, "name", None)
    known = getattr(card, "model_id", None) or getattr(card, "base_model", None)
    return str(known or (own if isinstance(own, str) else type(model).__name__))

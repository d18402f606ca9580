"""``search_corpus``: the best passages of one's own queries in a corpus that need not fit into memory."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from equilingua.archives import hashes_of
from equilingua.columns import USUAL, Columns
from equilingua.corpora.own import table_files
from equilingua.corpora.texts import LanguageTexts, read_texts
from equilingua.errors import InputError, Problems
from equilingua.evaluation.scorer import PRECOMPUTED, name_of
from equilingua.evaluation.trec import IndexQuality, SearchRun, spaced_id
from equilingua.retrieval.approximate import ApproximateIndex, check_index, share_found
from equilingua.retrieval.bits import HAMMING, Form
from equilingua.retrieval.encoding import EncodeOptions, EncodingUsed, encode, truncated
from equilingua.retrieval.lexical import LexicalModel
from equilingua.retrieval.notes import cut_texts, encoding_notes
from equilingua.retrieval.pool import NOT_FOUND
from equilingua.retrieval.precomputed import VectorFiles
from equilingua.retrieval.ranking import NO_PASSAGE, best
from equilingua.retrieval.registry import printed_name, retriever
from equilingua.retrieval.search import Hits, check_memory, search
from equilingua.retrieval.ties import tie_order
from equilingua.retrieval.vector_files import ANY_LANGUAGE, StoredVectors
from equilingua.retrieval.vectors import (
    Allocate,
    MappedFile,
    QuantizedVectors,
    as_vectors,
    check_widths,
    in_memory,
    row_blocks,
)
from equilingua.runtime import environment
from equilingua.statistics.intervals import mean_intervals

EXACT = "exact"
GIB = 2**30

# Of the queries by which an approximate index is measured, and of the bootstrap over them.
MEASURED_QUERIES = 1_000
RESAMPLES = 1_000


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """How a corpus is searched.

    Attributes:
        depth: passages a query.
        stored: how passages are searched: ``float32``; ``float16``, rounded, in half the space; ``int8``, with the
            result of float32 from a quarter of the memory.
        index: ``exact``, or one of faiss: ``hnsw`` or ``ivf``.
        memory: bytes to search in, apart from vectors.
        encoding: how passages and queries become vectors.
        seed: of the sample and bootstrap that measure an approximate index, and of the index itself.
    """

    depth: int = 100
    stored: str = "float32"
    index: str = EXACT
    memory: int = GIB
    encoding: EncodeOptions = EncodeOptions()
    seed: int = 0

    def __post_init__(self) -> None:
        """Raise ``InputError`` if a value is unknown or out of range, or faiss is asked for and not installed."""
        if self.depth < 1:
            raise InputError(f"depth {self.depth}: a search gives at least 1 passage a query")
        if self.seed < 0:
            raise InputError(f"seed must not be negative, got {self.seed}")
        check_index(self.index, self.stored, others=(EXACT,))


def search_corpus(
    model: Any,
    corpus: Sequence[str | Path],
    queries: Sequence[str | Path],
    options: SearchOptions,
    *,
    work: Path,
    model_name: str | None = None,
    columns: Columns = USUAL,
) -> SearchRun:
    """The best passages of every query, best first: higher score first, then by a hash of their texts.

    Texts are held in memory, passage vectors in a file in the folder ``work`` while it runs (4 bytes a dimension and
    passage, 2 for float16). An approximate index is held in memory, and always measured against the exact search. A
    lexical retriever finds no passage that shares no term with the query: places left have position -1 and score minus
    infinity.

    Args:
        model: a sentence-transformers model or any other encoder, a lexical retriever, ``VectorFiles``, or the name of
            one (see ``retriever``).
        corpus: files of passages, in corpus order: tables (JSON lines, CSV, ...) with ``id`` and ``text``.
        queries: files of queries, likewise.
        options: how to search.
        work: folder with room for the vectors of all passages.
        model_name: to be written with the result; told from the model if not given.
        columns: which hold what, where their names do not tell.

    Raises:
        InputError: with every bad line of the files, or if the model cannot be used so, or memory or disk do not do.
    """
    if isinstance(model, str | Path):
        model, model_name = retriever(model), model_name or printed_name(model)
    options.encoding.check(model)
    passages, query_rows = _read(corpus, queries, columns)
    # In the order in which passages of one score rank: "then by position" is the tie rule from here on, and not even
    # what an approximate index learns from depends on the order of files.
    order = np.argsort(tie_order(passages.texts, passages.ids))
    ranked = _picked(passages, order.tolist())
    notes: tuple[str, ...] = ()
    if isinstance(model, LexicalModel):
        options.encoding.check_lexical(model.name)
        top, quality = _lexical(model, ranked, query_rows, options), None
        used = EncodingUsed(model.similarity, EXACT, {})
    else:
        used = _encoding_used(model, options.encoding)
        top, quality = _dense(model, ranked, query_rows, options, work)
        cut = cut_texts(
            model, {"query": _by_language(query_rows), "document": _by_language(passages)}, options.encoding
        )
        notes = (*encoding_notes(model, options.encoding), *([cut.note()] if cut and cut.counts else []))
    positions = np.where(top.positions == NO_PASSAGE, NO_PASSAGE, order[top.positions])
    return SearchRun(
        model=model_name or name_of(model),
        query_ids=query_rows.ids,
        passage_ids=passages.ids,
        hits=Hits(positions, top.scores),
        quality=quality,
        provenance={
            "options": _recorded(options),
            "encoding": asdict(used),
            **({"notes": list(notes)} if notes else {}),
            "data": hashes_of(table_files([*corpus, *queries])),
            **environment(),
        },
    )


def _recorded(options: SearchOptions) -> dict[str, Any]:
    """The options as a run's file holds them; what encoding came to is told apart."""
    own = {name: value for name, value in asdict(options).items() if name != "encoding"}
    encoding = options.encoding
    sizes = {"batch_size": encoding.batch_size, "processes": encoding.processes, "truncate_dim": encoding.truncate_dim}
    return {**own, **sizes, "cache": bool(encoding.cache)}


def _by_language(rows: LanguageTexts) -> dict[str, list[str]]:
    """Texts by language; under an empty text those of which none is known."""
    texts: dict[str, list[str]] = {}
    for text, language in zip(rows.texts, rows.languages, strict=True):
        texts.setdefault(language or ANY_LANGUAGE, []).append(text)
    return texts


def _encoding_used(model: Any, options: EncodeOptions) -> EncodingUsed:
    if isinstance(model, VectorFiles):
        options.check_encoded_elsewhere(name_of(model))
        return EncodingUsed(options.similarity or model.similarity or "cosine", PRECOMPUTED, {})
    return EncodingUsed.of(model, options)


def _read(
    corpus: Sequence[str | Path], queries: Sequence[str | Path], columns: Columns
) -> tuple[LanguageTexts, LanguageTexts]:
    problems = Problems("corpus and queries")
    read = []
    for what, paths in (("passage", corpus), ("query", queries)):
        texts = read_texts(table_files(paths), what, problems=problems, columns=columns)
        if problem := spaced_id(texts.ids, what):
            problems.add(f"{', '.join(map(str, paths))}: {problem}")
        read.append(texts)
    passages, query_rows = read
    problems.raise_if_any()
    return passages, query_rows


def _picked(texts: LanguageTexts, rows: Sequence[int]) -> LanguageTexts:
    """The texts of these rows, in their order."""
    return replace(
        texts,
        ids=tuple(texts.ids[row] for row in rows),
        texts=tuple(texts.texts[row] for row in rows),
        languages=tuple(texts.languages[row] for row in rows),
        items=tuple(texts.items[row] for row in rows),
    )


def _lexical(model: LexicalModel, passages: LanguageTexts, query_rows: LanguageTexts, options: SearchOptions) -> Hits:
    if (options.index, options.stored) != (EXACT, "float32"):
        raise InputError(
            f"{model.name} has no vectors, so it is searched exactly, and with its own numbers: leave out the index "
            f"({options.index}) and the vector dtype ({options.stored})"
        )
    pool = model.pool([passages.texts])
    shape = (len(query_rows.ids), min(options.depth, int(pool.bounds[-1])))
    top = Hits(np.empty(shape, dtype=np.int64), np.empty(shape, dtype=np.float32))
    for part, scores in pool.blocks(query_rows.texts):
        ranked = best(scores, options.depth)
        top.positions[part] = ranked
        found = np.take_along_axis(scores, np.maximum(ranked, 0), axis=1)
        top.scores[part] = np.where(ranked == NO_PASSAGE, NOT_FOUND, found)
    return top


def _dense(
    model: Any, passages: LanguageTexts, query_rows: LanguageTexts, options: SearchOptions, work: Path
) -> tuple[Hits, IndexQuality | None]:
    """Queries are made vectors of first: they are few, and tell what would be wrong with the passages."""
    work.mkdir(parents=True, exist_ok=True)
    depth = min(options.depth, len(passages.ids))
    # On Windows a mapped file cannot be removed before the last array of it is gone.
    with tempfile.TemporaryDirectory(dir=work, prefix=".search.", ignore_cleanup_errors=True) as folder:
        exact_halves = options.stored == "float16" or options.encoding.similarity_of(model) == HAMMING
        file = MappedFile(Path(folder) / "passages.npy", "float16" if exact_halves else "float32")
        if isinstance(model, VectorFiles):
            said = options.encoding.similarity or model.similarity
            sides = [StoredVectors.read(path) for path in (model.queries, model.passages)]
            forms = [Form.of([side.vectors]) for side in sides]
            for side, form in zip(sides, forms, strict=True) if said is None else ():
                form.check_said(str(side.path), side.vectors.dtype.str)
            widths = [side.vectors.shape[1] for side in sides]
            encoding = replace(options.encoding, similarity=said or "cosine")
            numbers = [
                partial(form.numbers, similarity=said or "cosine", other=other)
                for form, other in zip(forms, widths[::-1], strict=True)
            ]
            queries = _stored(sides[0], query_rows, encoding, "query vectors", numbers[0])
            check_memory(options.memory, depth, *queries.shape)
            vectors = _stored(sides[1], passages, encoding, "passage vectors", numbers[1], file)
        else:
            queries = encode(model, query_rows.texts, "query", options.encoding)
            check_memory(options.memory, depth, *queries.shape)
            vectors = encode(model, passages.texts, "document", options.encoding, allocate=file)
        check_widths({"all": queries}, {"all": vectors})
        return _searched(queries, vectors, options)


def _stored(
    stored: StoredVectors,
    rows: LanguageTexts,
    options: EncodeOptions,
    what: str,
    numbers: Callable[[npt.NDArray[Any]], npt.NDArray[Any]],
    allocate: Allocate = in_memory,
) -> npt.NDArray[Any]:
    """The vectors of these rows from a file, as numbers, a few thousand at a time, put where there is room."""
    of_language: dict[str, list[int]] = {}
    for row, language in enumerate(rows.languages):
        of_language.setdefault(language or ANY_LANGUAGE, []).append(row)
    wanted = {language: [rows.ids[row] for row in own] for language, own in of_language.items()}
    places = np.empty(len(rows.ids), dtype=np.int64)
    for language, rows_found in stored.places(wanted).items():
        places[of_language[language]] = rows_found
    similarity = options.similarity_of(None)
    width = truncated(numbers(stored.vectors[:1]), options.truncate_dim, what).shape[1]
    vectors = allocate((len(places), width))
    for part in row_blocks(len(places)):
        block = numbers(stored.vectors[places[part]])[:, :width]
        vectors[part] = as_vectors(block, rows.texts[part], what, similarity=similarity)
    return vectors


def _searched(
    queries: npt.NDArray[Any], vectors: npt.NDArray[Any], options: SearchOptions
) -> tuple[Hits, IndexQuality | None]:
    if options.index == EXACT:
        passages = QuantizedVectors.of(vectors) if options.stored == "int8" else vectors
        return search(queries, passages, options.depth, memory=options.memory), None
    index = ApproximateIndex.of(vectors, options.index, stored=options.stored, seed=options.seed)
    top = index.search(queries, options.depth)
    count = min(len(queries), MEASURED_QUERIES)
    sample = np.sort(np.random.default_rng(options.seed).choice(len(queries), count, replace=False))
    exact = search(queries[sample], vectors, options.depth, memory=options.memory)
    shares = share_found(Hits(top.positions[sample], top.scores[sample]), exact)
    intervals = mean_intervals({"": shares[:, None]}, resamples=RESAMPLES, seed=options.seed)
    return top, IndexQuality(float(shares.mean()), intervals.get(""), count)

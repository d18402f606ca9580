"""Texts to vectors, each text once per role."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from equilingua.errors import InputError
from equilingua.progress import track
from equilingua.retrieval.encoding_processes import check_processes, process_pool
from equilingua.retrieval.pool import Vectors
from equilingua.retrieval.precision import autocast, is_sentence_transformer, resolve_precision
from equilingua.retrieval.quantization import row_blocks
from equilingua.retrieval.room import Room, in_memory
from equilingua.retrieval.vector_cache import Cache, vector_store
from equilingua.retrieval.vector_store import VectorStore
from equilingua.retrieval.vectors import as_rows, as_vectors, check_similarity

Role = Literal["query", "document"]

BATCHES_A_CALL = 32


class Encoder(Protocol):
    """Anything that encodes queries and documents, each into an array of shape (texts, width)."""

    def encode_query(self, texts: list[str], /) -> Any:
        """Vectors of queries."""

    def encode_document(self, texts: list[str], /) -> Any:
        """Vectors of documents."""


def encode(
    model: Encoder,
    texts: Sequence[str],
    role: Role,
    *,
    batch_size: int = 64,
    precision: str = "auto",
    cache: Cache = None,
    processes: int = 1,
    room: Room = in_memory,
) -> npt.NDArray[Any]:
    """Vectors of the texts, shape (texts, width), float32, of unit length unless the model's similarity is dot.

    Equal texts are encoded once. A sentence-transformers model adds the prompt it has stored for the role.

    Args:
        model: a sentence-transformers model, or anything with ``encode_query`` and ``encode_document``.
        texts: in any number of languages; order is kept.
        role: ``query`` or ``document``.
        batch_size: texts a forward pass.
        precision: of the encoder: ``auto``, ``fp32`` or ``bf16`` (see ``resolve_precision``).
        cache: folder that keeps vectors by model, role and text, or True for the package's own; texts found in it are
            not encoded. Vectors are kept as they come, so an interrupted call goes on where it was.
        processes: that encode at once, each with the model; above 1 for a sentence-transformers model only. A script
            that asks for several needs ``if __name__ == "__main__":`` around its work.
        room: where the vectors are put, a few batches at a time; a ``MappedFile`` for more than memory holds, which
            may be float16.

    Raises:
        InputError: if there are no texts, the model has no such method or an unusable similarity, returns vectors that
            are not finite or not one a text, cannot be cached, or cannot run in several processes.
    """
    what = "query vectors" if role == "query" else "passage vectors"
    if not len(texts):
        raise InputError(f"{what}: there are no texts to encode")
    similarity = similarity_of(model)
    check_similarity(similarity, what)
    check_processes(model, processes)
    first: dict[str, int] = {}
    sources = np.array([first.setdefault(text, place) for place, text in enumerate(texts)])
    distinct, positions = list(first), np.fromiter(first.values(), np.int64, len(first))
    store = vector_store(cache, model, role, precision=precision)
    vectors: npt.NDArray[Any] | None = None
    options: dict[str, Any] = {"batch_size": batch_size, "precision": precision, "processes": processes}
    for places, rows in _distinct_parts(model, distinct, role, store, **options):
        checked = as_vectors(rows, [distinct[place] for place in places], what, similarity=similarity)
        vectors = room((len(texts), checked.shape[1])) if vectors is None else vectors
        if checked.shape[1] != vectors.shape[1]:
            raise InputError(f"{what}: the model gave vectors of width {vectors.shape[1]}, then {checked.shape[1]}")
        vectors[positions[places]] = checked
    assert vectors is not None  # there are texts, so there are parts
    copies = np.flatnonzero(sources != np.arange(len(texts)))
    for part in row_blocks(len(copies)):
        vectors[copies[part]] = vectors[sources[copies[part]]]
    return vectors


def similarity_of(model: Any) -> str:
    """The similarity a model was made for, as its ``similarity_fn_name`` says; cosine where it says nothing."""
    return str(getattr(model, "similarity_fn_name", None) or "cosine")


def _distinct_parts(
    model: Any, texts: list[str], role: Role, store: VectorStore | None, **options: Any
) -> Iterator[tuple[list[int], Vectors]]:
    """Places and vectors in parts: those that the store has, then the others from the model."""
    missing = range(len(texts)) if store is None else store.missing(texts)
    if store is not None:
        known = np.setdiff1d(np.arange(len(texts)), missing).tolist()
        for part in row_blocks(len(known)):
            yield known[part], store.get([texts[place] for place in known[part]])
    if not len(missing):
        return
    for places, rows in _encoded_parts(model, [texts[place] for place in missing], role, **options):
        of_all = [missing[place] for place in places]
        if store is not None:
            store.add([texts[place] for place in of_all], rows)
        yield of_all, rows


def _encoded_parts(
    model: Any, texts: list[str], role: Role, *, batch_size: int, precision: str, processes: int
) -> Iterator[tuple[list[int], Vectors]]:
    """Places and vectors, a few batches at a time; longest texts first, so that a batch needs little padding."""
    method = getattr(model, f"encode_{role}", None)
    if method is None:
        raise InputError(f"{type(model).__name__} cannot encode: it has no method encode_{role}")
    options: dict[str, Any] = {}
    if is_sentence_transformer(model):
        options = {"batch_size": batch_size, "show_progress_bar": False}
    noun = "queries" if role == "query" else "passages"
    order = np.argsort([-len(text) for text in texts], kind="stable").tolist()
    # A single batch is encoded here sooner than a process has started.
    processes = processes if len(texts) > batch_size else 1
    parts = [order[part] for part in row_blocks(len(order), batch_size * BATCHES_A_CALL * processes)]
    running: AbstractContextManager[Any] = nullcontext()
    resolved = resolve_precision(model, precision)
    if processes > 1:
        running = process_pool(model, processes, resolved)
    with autocast(model, resolved), running as pool:
        # A batch a chunk: the batches, and with them the padding, are those of one process.
        options |= {} if pool is None else {"pool": pool, "chunk_size": batch_size}
        for places in track(parts, f"Encoding {noun}"):
            part = [texts[place] for place in places]
            yield places, as_rows(method(part, **options), len(part), noun)

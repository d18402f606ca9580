"""Texts to vectors, each text once per role."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal, Protocol

import numpy as np

from equilingua.errors import InputError
from equilingua.progress import track
from equilingua.retrieval.cache import Cache, vector_store
from equilingua.retrieval.pool import Vectors
from equilingua.retrieval.precision import autocast, is_sentence_transformer, resolve_precision
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
) -> Vectors:
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

    Raises:
        InputError: if there are no texts, the model has no such method or an unusable similarity, returns vectors that
            are not finite or not one a text, or cannot be cached.
    """
    what = "query vectors" if role == "query" else "passage vectors"
    if not len(texts):
        raise InputError(f"{what}: there are no texts to encode")
    similarity = similarity_of(model)
    check_similarity(similarity, what)
    places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    store = vector_store(cache, model, role, precision=precision)
    encoded = _encode_distinct(model, list(places), role, store, batch_size=batch_size, precision=precision)
    vectors = as_vectors(encoded, list(places), what, similarity=similarity)
    return vectors if len(places) == len(texts) else vectors[[places[text] for text in texts]]


def similarity_of(model: Any) -> str:
    """The similarity a model was made for, as its ``similarity_fn_name`` says; cosine where it says nothing."""
    return str(getattr(model, "similarity_fn_name", None) or "cosine")


def _encode_distinct(
    model: Any, texts: list[str], role: Role, store: VectorStore | None, *, batch_size: int, precision: str
) -> Vectors:
    """Vectors in the order of the texts, those that the store lacks from the model."""
    lacking = range(len(texts)) if store is None else store.missing(texts)
    missing = [texts[place] for place in lacking]
    if not missing and store is not None:
        return store.get(texts)
    encoded, order = [], []
    for places, rows in _encoded_parts(model, missing, role, batch_size=batch_size, precision=precision):
        if store is not None:
            store.add([missing[place] for place in places], rows)
        encoded.append(rows)
        order += places
    new = np.concatenate(encoded)
    vectors = np.empty((len(texts), new.shape[1]), dtype=np.float32)
    vectors[[lacking[place] for place in order]] = new
    if len(missing) < len(texts) and store is not None:
        known = sorted(set(range(len(texts))).difference(lacking))
        vectors[known] = store.get([texts[place] for place in known])
    return vectors


def _encoded_parts(
    model: Any, texts: list[str], role: Role, *, batch_size: int, precision: str
) -> Iterator[tuple[list[int], Vectors]]:
    """Places and vectors, a few batches at a time; longest texts first, so that a batch needs little padding."""
    method = getattr(model, f"encode_{role}", None)
    if method is None:
        raise InputError(f"{type(model).__name__} cannot encode: it has no method encode_{role}")
    options = {"batch_size": batch_size, "show_progress_bar": False} if is_sentence_transformer(model) else {}
    noun = "queries" if role == "query" else "passages"
    order = np.argsort([-len(text) for text in texts], kind="stable").tolist()
    step = batch_size * BATCHES_A_CALL
    parts = [order[start : start + step] for start in range(0, len(order), step)]
    with autocast(model, resolve_precision(model, precision)):
        for places in track(parts, f"Encoding {noun}"):
            part = [texts[place] for place in places]
            yield places, as_rows(method(part, **options), len(part), noun)

"""Texts to vectors, each text once per role, and the options that say how."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from equilingua.errors import InputError
from equilingua.precision import autocast, check_precision, is_sentence_transformer, resolve_precision
from equilingua.progress import track
from equilingua.retrieval.vector_cache import Cache, vector_store
from equilingua.retrieval.vectors import Allocate, Vectors, as_rows, as_vectors, check_similarity, in_memory, row_blocks

Role = Literal["query", "document"]

BATCHES_A_CALL = 32


class Encoder(Protocol):
    """Anything that encodes queries and documents, each into an array of shape (texts, width)."""

    def encode_query(self, texts: list[str], /) -> Any:
        """Vectors of queries."""

    def encode_document(self, texts: list[str], /) -> Any:
        """Vectors of documents."""


@dataclass(frozen=True, slots=True)
class EncodeOptions:
    """How texts are encoded, whichever they are: passed on whole, from a command down to ``encode``.

    Attributes:
        batch_size: texts a forward pass.
        precision: of the encoder: ``auto``, ``fp32`` or ``bf16`` (see ``resolve_precision``).
        cache: folder that keeps vectors by model, role and text, or True for the package's own; texts found in it are
            not encoded. Vectors are kept as they come, so an interrupted call goes on where it was.
        processes: that encode at once, each with the model; above 1 for a sentence-transformers model only. A script
            that asks for several needs ``if __name__ == "__main__":`` around its work.

    Raises:
        InputError: if a value is unknown or out of its range.
    """

    batch_size: int = 64
    precision: str = "auto"
    cache: Cache = None
    processes: int = 1

    def __post_init__(self) -> None:
        check_precision(self.precision)
        for name, number in (("batch_size", self.batch_size), ("processes", self.processes)):
            if number < 1:
                raise InputError(f"{name}: {number} cannot encode: give 1 or more")

    def check(self, model: Any) -> None:
        """Raise ``InputError`` if several processes are to encode with anything but a sentence-transformers model."""
        if self.processes > 1 and not is_sentence_transformer(model):
            raise InputError(
                f"processes: {self.processes} were asked for, but only a sentence-transformers model is encoded in "
                f"several, not {type(model).__name__}. Give 1, or leave it out"
            )


def encode(
    model: Encoder,
    texts: Sequence[str],
    role: Role,
    options: EncodeOptions = EncodeOptions(),
    *,
    allocate: Allocate = in_memory,
) -> npt.NDArray[Any]:
    """Vectors of the texts, shape (texts, width), float32, of unit length unless the model's similarity is dot.

    Equal texts are encoded once. A sentence-transformers model adds the prompt it has stored for the role.

    Args:
        model: a sentence-transformers model, or anything with ``encode_query`` and ``encode_document``.
        texts: in any number of languages; order is kept.
        role: of all of them.
        options: how they are encoded.
        allocate: gives the array that the vectors are put in, a few batches at a time; a ``MappedFile`` for more than
            memory holds, which may be float16.

    Raises:
        InputError: if there are no texts, the model has no such method or an unusable similarity, returns vectors that
            are not finite or not one a text, cannot be cached, or cannot run in several processes.
    """
    what = "query vectors" if role == "query" else "passage vectors"
    if not len(texts):
        raise InputError(f"{what}: there are no texts to encode")
    similarity = similarity_of(model)
    check_similarity(similarity, what)
    options.check(model)
    first: dict[str, int] = {}
    sources = np.array([first.setdefault(text, place) for place, text in enumerate(texts)])
    distinct, positions = list(first), np.fromiter(first.values(), np.int64, len(first))
    vectors: npt.NDArray[Any] | None = None
    for places, rows in _distinct_parts(model, distinct, role, options):
        checked = as_vectors(rows, [distinct[place] for place in places], what, similarity=similarity)
        vectors = allocate((len(texts), checked.shape[1])) if vectors is None else vectors
        if checked.shape[1] != vectors.shape[1]:
            raise InputError(f"{what}: the model gave vectors of width {vectors.shape[1]}, then {checked.shape[1]}")
        vectors[positions[places]] = checked
    assert vectors is not None  # there are texts, so there are parts
    # Filled in last, from the array itself: it may be a mapped file larger than memory.
    copies = np.flatnonzero(sources != np.arange(len(texts)))
    for part in row_blocks(len(copies)):
        vectors[copies[part]] = vectors[sources[copies[part]]]
    return vectors


def similarity_of(model: Any) -> str:
    """The similarity a model was made for, as its ``similarity_fn_name`` says; cosine where it says nothing."""
    return str(getattr(model, "similarity_fn_name", None) or "cosine")


def _distinct_parts(
    model: Any, texts: list[str], role: Role, options: EncodeOptions
) -> Iterator[tuple[list[int], Vectors]]:
    """Places and vectors in parts: those that the cache has, then the others from the model, kept as they come."""
    precision = resolve_precision(model, options.precision)
    store = vector_store(options.cache, model, role=role, precision=precision)
    missing = np.ones(len(texts), dtype=bool)
    if store:
        for part in row_blocks(len(texts)):
            known, rows = store.find(texts[part])
            if known:
                places = [part.start + place for place in known]
                missing[places] = False
                yield places, rows
    wanted = np.flatnonzero(missing).tolist()
    for places, rows in _encoded_parts(model, [texts[place] for place in wanted], role, options, precision):
        of_all = [wanted[place] for place in places]
        if store:
            store.add([texts[place] for place in of_all], rows)
        yield of_all, rows


def _encoded_parts(
    model: Any, texts: list[str], role: Role, options: EncodeOptions, precision: str
) -> Iterator[tuple[list[int], Vectors]]:
    """Places and vectors, a few batches at a time; longest texts first, so that a batch needs little padding."""
    if not texts:
        return
    method = getattr(model, f"encode_{role}", None)
    if method is None:
        raise InputError(f"{type(model).__name__} cannot encode: it has no method encode_{role}")
    arguments: dict[str, Any] = {}
    if is_sentence_transformer(model):
        arguments = {"batch_size": options.batch_size, "show_progress_bar": False}
    noun = "queries" if role == "query" else "passages"
    order = np.argsort([-len(text) for text in texts], kind="stable").tolist()
    # A single batch is encoded here sooner than a process has started.
    processes = options.processes if len(texts) > options.batch_size else 1
    parts = [order[part] for part in row_blocks(len(order), options.batch_size * BATCHES_A_CALL * processes)]
    running: AbstractContextManager[Any] = (
        _process_pool(model, processes, precision) if processes > 1 else nullcontext()
    )
    with autocast(model, precision), running as pool:
        # A batch a chunk: the batches, and with them the padding, are those of one process.
        arguments |= {} if pool is None else {"pool": pool, "chunk_size": options.batch_size}
        for places in track(parts, f"Encoding {noun}"):
            part = [texts[place] for place in places]
            yield places, as_rows(method(part, **arguments), len(part), noun)


@contextmanager
def _process_pool(model: Any, processes: int, precision: str) -> Iterator[Any]:
    """A pool for the option ``pool`` of a model's encode methods; the model is back on its device in the end.

    On GPUs processes are dealt to them in turn. On a CPU they share its threads. The precision is as
    ``resolve_precision`` gave it: an autocast of this process does not reach the others.
    """
    import torch

    device = model.device
    gpus = torch.cuda.device_count() if device.type == "cuda" else 0
    threads = 0 if gpus else max(1, torch.get_num_threads() // processes)
    # Registered before the pool starts: the processes get the model with its hooks.
    hook = model.register_forward_pre_hook(partial(_before_forward, precision, threads))
    pool = None
    try:
        targets = [f"{device.type}:{number % gpus}" if gpus else device.type for number in range(processes)]
        pool = model.start_multi_process_pool(targets)
        yield pool
    finally:
        if pool is not None:
            model.stop_multi_process_pool(pool)
        hook.remove()
        model.to(device)


def _before_forward(precision: str, threads: int, model: Any, _: Any) -> None:
    """What a process of the pool sets before each forward pass, because nothing else of ours runs there."""
    import torch

    if threads:
        torch.set_num_threads(threads)
    if precision == "bf16":
        torch.set_autocast_dtype(model.device.type, torch.bfloat16)
        torch.set_autocast_enabled(model.device.type, enabled=True)

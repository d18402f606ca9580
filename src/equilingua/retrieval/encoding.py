"""Texts to vectors, each text once per role, and the options that say how."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from inspect import signature
from typing import Any, Literal, Protocol, get_args

import numpy as np
import numpy.typing as npt

from equilingua.errors import InputError
from equilingua.precision import autocast, check_precision, is_sentence_transformer, resolve_precision
from equilingua.progress import track
from equilingua.retrieval.bits import HAMMING, Form
from equilingua.retrieval.parts import EncodedPart, PartwiseEncoder
from equilingua.retrieval.vector_cache import Cache, Keeper, vector_store
from equilingua.retrieval.vectors import Allocate, Vectors, as_rows, as_vectors, check_similarity, in_memory, row_blocks
from equilingua.training.archetypes import check_dense
from equilingua.training.prompts import RolePrompts, role_prompts

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
        query_prompt: put before every query; an empty text for none; the model's own by default (``role_prompts``).
        passage_prompt: put before every passage, likewise.
        truncate_dim: vectors are cut to their first so many dimensions; to as many as the model says by default.
        similarity: ``cosine``, ``dot``, or ``hamming``, of the signs of the numbers; the model's own by default.

    Raises:
        InputError: if a value is unknown or out of its range.
    """

    batch_size: int = 64
    precision: str = "auto"
    cache: Cache = None
    processes: int = 1
    query_prompt: str | None = None
    passage_prompt: str | None = None
    truncate_dim: int | None = None
    similarity: str | None = None

    def __post_init__(self) -> None:
        check_precision(self.precision)
        sizes = {"batch_size": self.batch_size, "processes": self.processes, "truncate_dim": self.truncate_dim}
        for name, number in sizes.items():
            if number is not None and number < 1:
                raise InputError(f"{name}: {number} cannot encode: give 1 or more")
        if self.similarity is not None:
            check_similarity(self.similarity, "similarity")

    def prompts(self, model: Any) -> RolePrompts:
        """What is put before the texts that this model encodes.

        An encoder whose methods take no ``prompt`` has what it puts there itself, which nobody sees from here: nothing
        but the prompts given here is put before its texts.
        """
        own = model if takes_prompt(model) else None
        return role_prompts(own, query=self.query_prompt, passage=self.passage_prompt)

    def width(self, model: Any) -> int | None:
        """Dimensions that this model's vectors are cut to: as given here, else as it says; None for all it gives."""
        return self.truncate_dim or getattr(model, "truncate_dim", None)

    def similarity_of(self, model: Any) -> str:
        """What this model's vectors are compared by: as given here, else as it was made for; cosine if it says none."""
        return self.similarity or str(getattr(model, "similarity_fn_name", None) or "cosine")

    def check_lexical(self, name: str) -> None:
        """Raise ``InputError`` if options were given that say how texts become vectors, which a lexical one has not."""
        self._check_not_given(name, "it has no vectors", "query_prompt", "passage_prompt", "truncate_dim", "similarity")

    def check_encoded_elsewhere(self, name: str) -> None:
        """Raise ``InputError`` if prompts were given for texts that are vectors already."""
        self._check_not_given(name, "its texts were encoded elsewhere", "query_prompt", "passage_prompt")

    def _check_not_given(self, retriever: str, reason: str, *names: str) -> None:
        given = [name for name in names if getattr(self, name) is not None]
        if given:
            raise InputError(f"{', '.join(given)}: can have no part in {retriever!r}, {reason}. Leave it out")

    def of_another_model(self) -> "EncodeOptions":
        """These options for a model beside the one they were given for, which keeps its own prompts and vectors."""
        return replace(self, query_prompt=None, passage_prompt=None, truncate_dim=None, similarity=None)

    def check(self, model: Any) -> None:
        """Raise ``InputError`` if a model gives no dense vectors, or is to encode in several processes and cannot."""
        check_dense(model)
        if self.processes > 1 and not is_sentence_transformer(model):
            raise InputError(
                f"processes: {self.processes} were asked for, but only a sentence-transformers model is encoded in "
                f"several, not {type(model).__name__}. Give 1, or leave it out"
            )


@dataclass(frozen=True, slots=True)
class EncodingUsed:
    """How a model's texts were encoded, with everything chosen: what results record.

    Attributes:
        similarity: that the vectors are made for: ``cosine`` or ``dot``.
        precision: in which the encoder ran: ``fp32``, ``bf16``, or the format that its weights are in.
        prompts: put before texts, by role (``query``, ``document``); a role without is left out.
    """

    similarity: str
    precision: str
    prompts: Mapping[str, str]

    @classmethod
    def of(cls, model: Any, options: EncodeOptions) -> "EncodingUsed":
        """What ``encode`` does with this model and these options."""
        precision = resolve_precision(model, options.precision)
        return cls(options.similarity_of(model), precision, options.prompts(model).record())


def encode(
    model: Encoder,
    texts: Sequence[str],
    role: Role,
    options: EncodeOptions = EncodeOptions(),
    *,
    allocate: Allocate = in_memory,
) -> npt.NDArray[Any]:
    """Vectors of the texts, shape (texts, width), float32, of unit length unless the model's similarity is dot.

    Equal texts are encoded once, each behind the prompt of the role (``EncodeOptions.prompts``).

    Args:
        model: a sentence-transformers model, or anything with ``encode_query`` and ``encode_document``.
        texts: in any number of languages; order is kept.
        role: of all of them.
        options: how they are encoded.
        allocate: gives the array that the vectors are put in, a few batches at a time; a ``MappedFile`` for more than
            memory holds, which may be float16.

    Raises:
        InputError: if there are no texts, the model has no such method or an unusable similarity, returns vectors that
            are not finite, not one a text or of less dimensions than asked for, cannot be cached, or cannot run in
            several processes.
    """
    what = "query vectors" if role == "query" else "passage vectors"
    if not len(texts):
        raise InputError(f"{what}: there are no texts to encode")
    options.check(model)
    similarity = options.similarity_of(model)
    check_similarity(similarity, what)
    first: dict[str, int] = {}
    sources = np.array([first.setdefault(text, place) for place, text in enumerate(texts)])
    distinct, positions = list(first), np.fromiter(first.values(), np.int64, len(first))
    vectors: npt.NDArray[Any] | None = None
    width = options.width(model)  # asked before the model is told to give its vectors whole
    for places, rows in _distinct_parts(model, distinct, role, options):
        cut = truncated(rows, options.truncate_dim, what)[:, :width]
        checked = as_vectors(cut, [distinct[place] for place in places], what, similarity=similarity)
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


def numbers_of(vectors: Any, similarity: str | None, noun: str) -> Any:
    """What an encoder gave, packed bits as +1 and -1 for ``hamming``.

    Raises ``InputError`` for numbers of 8 bits, which may be packed bits, if no similarity says what they are.
    """
    dtype = getattr(vectors, "dtype", None)
    if str(dtype).removeprefix("torch.") not in ("int8", "uint8"):
        return vectors
    rows = np.asarray(vectors)
    form = Form.of([rows])
    if similarity is None:
        form.check_said(f"vectors of {noun}", rows.dtype.str)
    return form.unpacked(rows) if similarity == HAMMING else rows


def truncated(rows: npt.NDArray[Any], width: int | None, what: str) -> npt.NDArray[Any]:
    """The first dimensions of vectors, as they are for None; ``InputError`` if they have less than so many."""
    if width is not None and width > rows.shape[1]:
        raise InputError(
            f"truncate_dim: {width} is more than the {rows.shape[1]} dimensions of the {what}: give at most that, or "
            "leave it out"
        )
    return rows[:, :width]


def takes_prompt(model: Any) -> bool:
    """Whether the methods of an encoder take what is to be put before texts, as those of sentence-transformers do."""
    methods = [getattr(model, f"encode_{role}", None) for role in get_args(Role)]
    return is_sentence_transformer(model) or all(
        method is not None and "prompt" in signature(method).parameters for method in methods
    )


def _distinct_parts(
    model: Any, texts: list[str], role: Role, options: EncodeOptions
) -> Iterator[tuple[list[int], Vectors]]:
    """Places and vectors in parts: those that the cache has, then the others from the model, kept as they come."""
    precision = resolve_precision(model, options.precision)
    prompt = options.prompts(model).of(role)
    store = Keeper(vector_store(options.cache, model, role=role, precision=precision, prompt=prompt), model)
    missing = np.ones(len(texts), dtype=bool)
    for part in row_blocks(len(texts)):
        known, rows = store.find(texts[part])
        if known:
            places = [part.start + place for place in known]
            missing[places] = False
            yield places, rows
    wanted = np.flatnonzero(missing).tolist()
    # Closed at once, whatever ends it: an endpoint's parts hold a connection, and Ctrl-C back.
    with closing(_encoded_parts(model, [texts[place] for place in wanted], role, prompt, options, precision)) as parts:
        for encoded in parts:
            of_all = [wanted[place] for place in encoded.places]
            if encoded.lasting:
                store.add([texts[place] for place in of_all], encoded.vectors)
            yield of_all, encoded.vectors


def _encoded_parts(
    model: Any, texts: list[str], role: Role, prompt: str, options: EncodeOptions, precision: str
) -> Generator[EncodedPart]:
    """Vectors in parts of a few batches; longest texts first, so that a batch needs little padding."""
    if not texts:
        return
    noun = "queries" if role == "query" else "passages"
    # Equally long texts by what they say: the order of files decides no batch, and so no last digit of a vector.
    order = sorted(range(len(texts)), key=lambda place: (-len(texts[place]), texts[place]))
    if isinstance(model, PartwiseEncoder):
        ordered = [texts[place] for place in order]
        with closing(model.encoded_parts(ordered, role, prompt=prompt, batch_size=options.batch_size)) as given:
            for part in track(given, f"Encoding {noun}", total=-(-len(texts) // options.batch_size)):
                yield EncodedPart([order[place] for place in part.places], part.vectors, part.lasting)
        return
    method = getattr(model, f"encode_{role}", None)
    if method is None:
        raise InputError(f"{type(model).__name__} cannot encode: it has no method encode_{role}")
    arguments: dict[str, Any] = {}
    whole: AbstractContextManager[Any] = nullcontext()
    if is_sentence_transformer(model):
        arguments = {"batch_size": options.batch_size, "show_progress_bar": False}
        # Vectors are kept whole and cut later, so that a cache serves every width.
        whole = model.truncate_embeddings(None)
    if takes_prompt(model):
        # Always given, also an empty one: without it the model would look for one by names of its own.
        arguments["prompt"] = prompt
    elif prompt:
        texts = [prompt + text for text in texts]
    # A single batch is encoded here sooner than a process has started.
    processes = options.processes if len(texts) > options.batch_size else 1
    places_of_parts = [order[part] for part in row_blocks(len(order), options.batch_size * BATCHES_A_CALL * processes)]
    running: AbstractContextManager[Any] = (
        _process_pool(model, processes, precision) if processes > 1 else nullcontext()
    )
    similarity = options.similarity_of(model)
    with autocast(model, precision), whole, running as pool:
        # A batch a chunk: the batches, and with them the padding, are those of one process.
        arguments |= {} if pool is None else {"pool": pool, "chunk_size": options.batch_size}
        for places in track(places_of_parts, f"Encoding {noun}"):
            together = [texts[place] for place in places]
            numbers = numbers_of(method(together, **arguments), options.similarity, noun)
            yield EncodedPart(places, as_rows(numbers, len(together), noun, similarity=similarity))


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

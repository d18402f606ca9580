"""The cache of vectors: texts are encoded once per model, whichever benchmark they stand in.

Each model, role and precision has a folder with a database of vectors, and beside it ``store.json``, which says to
people what the vectors in it are of.
"""

import hashlib
import json
import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from equilingua.errors import EquilinguaWarning, InputError
from equilingua.files import cache_folder
from equilingua.precision import is_sentence_transformer
from equilingua.retrieval.parts import PartwiseEncoder
from equilingua.retrieval.vector_database import CacheUnusableError, VectorStore
from equilingua.retrieval.vectors import Vectors

Cache = bool | str | Path | None


def vector_store(cache: Cache, model: Any, **conditions: str) -> VectorStore | None:
    """Where the vectors lie that this model gives under these conditions; None without a cache.

    Args:
        cache: a folder, or True for ``vectors`` in the package's cache folder; None and False for no cache.
        model: a sentence-transformers model, or anything with a ``cache_key``: a text that changes whenever the model
            gives other vectors.
        conditions: whatever else vectors depend on: the role, its prompt, the precision the encoder runs in. Not the
            width that they are cut to later.

    Raises:
        InputError: if nothing tells one state of the model from another.
    """
    if cache is None or cache is False:
        return None
    folder = cache_folder() / "vectors" if cache is True else Path(cache).expanduser()
    about = _about(model) | conditions
    return VectorStore(folder / _hash(f"{key}={value}" for key, value in sorted(about.items())), about)


class Keeper:
    """The vectors that a store has, and those it is to keep, for as long as its folder can be used.

    A cache that cannot be read or written is given up with a warning: what it would have saved is computed. Not so for
    an encoder whose vectors may cost money: then the error says so before more is paid for than can be kept.

    Args:
        store: None for a keeper that has nothing and keeps nothing.
        model: that the vectors are of.
    """

    def __init__(self, store: VectorStore | None, model: Any) -> None:
        self._store = store
        self._must_keep = isinstance(model, PartwiseEncoder)

    def find(self, texts: Sequence[str]) -> tuple[list[int], Vectors]:
        """As ``VectorStore.find``; nothing without a store that can be used."""
        try:
            if self._store is not None:
                return self._store.find(texts)
        except CacheUnusableError as error:
            self._give_up(error)
        return [], np.empty((0, 0), dtype=np.float32)

    def add(self, texts: Sequence[str], vectors: Vectors) -> None:
        """As ``VectorStore.add``; nothing without a store that can be used."""
        try:
            if self._store is not None:
                self._store.add(texts, vectors)
        except CacheUnusableError as error:
            self._give_up(error)

    def _give_up(self, error: CacheUnusableError) -> None:
        if self._must_keep:
            raise error
        self._store = None
        warnings.warn(f"{error}. Goes on without it", EquilinguaWarning, stacklevel=2)


def _about(model: Any) -> dict[str, str]:
    """All that a model's vectors depend on."""
    if is_sentence_transformer(model):
        from equilingua.training.models import weights_hash

        return {
            "modules": str(model),
            "weights": weights_hash(model),
            "configuration": _hash(_configuration(model)),
            "max length": str(model.max_seq_length),
        }
    key = getattr(model, "cache_key", None)
    if not isinstance(key, str):
        raise InputError(
            f"{type(model).__name__} cannot be cached: give it an attribute cache_key, a text that changes whenever it "
            "would give other vectors (such as its name and version), or leave out cache"
        )
    return {"cache_key": key}


# What a configuration says of where a model was loaded from, and with what.
_INCIDENTAL = ("_name_or_path", "transformers_version")

# What a tokenizer sets anew for every call, by the model's maximal length.
_OF_A_CALL = ("truncation", "padding")


def _configuration(model: Any) -> Iterator[str]:
    """What a model computes with beside its weights: of each module, its backbone and its tokenizer."""
    for module in model:
        options = module.get_config_dict() if hasattr(module, "get_config_dict") else {}
        yield repr(sorted(options.items(), key=str))
        backbone = getattr(getattr(module, "auto_model", None), "config", None)
        if backbone is not None:
            yield _without(backbone.to_json_string(use_diff=False), _INCIDENTAL)
        tokenizer = getattr(module, "tokenizer", None)
        tokenizer = getattr(tokenizer, "backend_tokenizer", tokenizer)
        if tokenizer is not None:
            yield _without(tokenizer.to_str(), _OF_A_CALL) if hasattr(tokenizer, "to_str") else repr(tokenizer)


def _without(text: str, names: tuple[str, ...]) -> str:
    """A JSON object without some of its entries."""
    return json.dumps({name: value for name, value in json.loads(text).items() if name not in names}, sort_keys=True)


def _hash(parts: Iterable[str]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
    return digest.hexdigest()

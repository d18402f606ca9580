"""The cache of vectors: texts are encoded once per model, whichever benchmark they stand in."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from equilingua.errors import InputError
from equilingua.files import cache_folder
from equilingua.retrieval.precision import is_sentence_transformer, resolve_precision
from equilingua.retrieval.vector_store import VectorStore

Cache = bool | str | Path | None


def vector_store(cache: Cache, model: Any, role: str, *, precision: str) -> VectorStore | None:
    """Where the vectors of this model and role lie; None without a cache.

    Args:
        cache: a folder, or True for ``vectors`` in the package's cache folder; None and False for no cache.
        model: a sentence-transformers model, or anything with a ``cache_key``: a text that changes whenever the model
            gives other vectors.
        role: ``query`` or ``document``.
        precision: as given to ``encode``.

    Raises:
        InputError: if nothing tells one state of the model from another.
    """
    if cache is None or cache is False:
        return None
    folder = cache_folder() / "vectors" if cache is True else Path(cache).expanduser()
    about = _about(model)
    about |= {"role": role, "precision": resolve_precision(model, precision)}
    digest = hashlib.blake2b("\0".join(f"{key}={about[key]}" for key in sorted(about)).encode(), digest_size=16)
    return VectorStore(folder / digest.hexdigest(), about)


def _about(model: Any) -> dict[str, str]:
    """All that a model's vectors depend on."""
    if is_sentence_transformer(model):
        return {
            "modules": str(model),
            "weights": _weights_hash(model),
            "configuration": _hash(_configuration(model)),
            "prompts": repr(sorted((model.prompts or {}).items())),
            "default prompt": str(model.default_prompt_name),
            "max length": str(model.max_seq_length),
            "truncated to": str(model.truncate_dim),
        }
    key = getattr(model, "cache_key", None)
    if not isinstance(key, str):
        raise InputError(
            f"{type(model).__name__} cannot be cached: give it an attribute cache_key, a text that changes whenever it "
            "would give other vectors (such as its name and version), or leave out cache"
        )
    return {"cache_key": key}


def _weights_hash(model: Any) -> str:
    """Of every parameter and buffer, so that a model is known again whatever name it was loaded by."""
    import torch

    digest = hashlib.blake2b(digest_size=16)
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        flat = tensor.detach().cpu().contiguous().reshape(-1)
        digest.update(flat.view(torch.uint8).numpy().data)
    return digest.hexdigest()


# What a configuration says of where a model was loaded from, and with what.
_NO_SETTINGS = ("_name_or_path", "transformers_version")

# What a tokenizer sets anew for every call, by the model's maximal length.
_OF_A_CALL = ("truncation", "padding")


def _configuration(model: Any) -> Iterator[str]:
    """Settings that are no weights: of each module, its backbone and its tokenizer."""
    for module in model:
        settings = module.get_config_dict() if hasattr(module, "get_config_dict") else {}
        yield repr(sorted(settings.items(), key=str))
        backbone = getattr(getattr(module, "auto_model", None), "config", None)
        if backbone is not None:
            yield _without(backbone.to_json_string(use_diff=False), _NO_SETTINGS)
        tokenizer = getattr(module, "tokenizer", None)
        tokenizer = getattr(tokenizer, "backend_tokenizer", tokenizer)
        if tokenizer is not None:
            yield _without(tokenizer.to_str(), _OF_A_CALL) if hasattr(tokenizer, "to_str") else repr(tokenizer)


def _without(text: str, names: tuple[str, ...]) -> str:
    """A JSON object without some of its entries."""
    return json.dumps({name: value for name, value in json.loads(text).items() if name not in names}, sort_keys=True)


def _hash(parts: Iterator[str]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
    return digest.hexdigest()

"""What the model a training starts from is told apart by, so that a resumed training notices another one."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from equilingua.training.encoders import EncoderSpec
from equilingua.training.models import model_file, model_folder

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# What a model is made of: its weights, what they are put together by, its prompts, and what cuts its texts.
_FILES = (
    "*.safetensors",
    "pytorch_model*.bin",
    "modules.json",
    "*config.json",
    "config_sentence_transformers.json",
    "tokenizer*",
    "special_tokens_map.json",
    "vocab*",
    "merges.txt",
    "*.model",
)


def describe_source(
    source: "SentenceTransformer | EncoderSpec | str | Path", *, revision: str | None = None
) -> dict[str, Any]:
    """What a model is told apart by.

    Returns:
        A specification as it is; the hash of a model object's weights; the name of a model in a folder with the hash of
        its files; the name and revision of one on the hub with the commit they stand for, where the hub or its cache
        can be asked.

    Raises:
        InputError: if a path is given where no folder is, or the hub has no such model.
    """
    if isinstance(source, EncoderSpec):
        return source.model_dump()
    if not isinstance(source, str | Path):
        return {"weights_sha256": weights_hash(source)}
    named = {"name": str(source), "revision": revision}
    folder = model_folder(source)
    if folder is not None:
        return named | {"files_sha256": _files_on_disk(folder)}
    commit = _commit(str(source), revision)
    return named | {"commit": commit} if commit else named


def weights_hash(model: "SentenceTransformer") -> str:
    """SHA-256 of every parameter and buffer: a model is known again by it whatever it was loaded from."""
    import torch

    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        # Bytes alone do not tell a matrix from its transpose.
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _files_on_disk(folder: Path) -> str:
    """Of every file of the model, with its place; checkpoints that lie in the folder are not part of it."""
    digest = hashlib.sha256()
    for path in sorted({path for module in _module_folders(folder) for kind in _FILES for path in module.glob(kind)}):
        if not path.is_file():
            continue
        digest.update(path.relative_to(folder).as_posix().encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _module_folders(folder: Path) -> Iterator[Path]:
    yield folder
    modules = folder / "modules.json"
    if modules.is_file():
        yield from (folder / module["path"] for module in json.loads(modules.read_text(encoding="utf-8")))


def _commit(name: str, revision: str | None) -> str | None:
    """The commit in the path of a file that the hub's cache holds: ``snapshots/<commit>/<file>``."""
    for file in ("modules.json", "config.json"):
        path = model_file(name, file, revision=revision)
        if path is not None and path.parent.parent.name == "snapshots":
            return path.parent.name
    return None

"""Models by name or folder: how they are loaded, and what a resumed training tells one by from another."""

import hashlib
import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from equilingua.errors import InputError, did_you_mean
from equilingua.folders import no_model
from equilingua.training.adapters import ADAPTER_FILE, adapter_base
from equilingua.training.archetypes import check_archetype, check_dense, is_plain, module_list
from equilingua.training.config import Family
from equilingua.training.encoders import EncoderSpec, StaticSpec, TransformerSpec
from equilingua.training.record import RECORD_NAME, read_record

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# Any of these makes a folder a model, or a training of one.
_MODEL_FILES = ("config.json", "modules.json", RECORD_NAME)

_HUB_TIMEOUT = 5.0
"""Seconds."""

_CARD_CHARACTERS = 5_000
"""Of a model card, in which its name and that of its base model are looked for."""

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


def encoder_family(source: "SentenceTransformer | EncoderSpec | str | Path", *, revision: str | None = None) -> Family:
    """Which defaults fit a model; of a model on the hub or in a folder only its list of modules is read.

    Raises ``InputError`` if a path is given where no folder is, or the hub has no such model.
    """
    if isinstance(source, StaticSpec):
        return "static"
    if isinstance(source, TransformerSpec):
        return "transformer"
    if isinstance(source, str | Path):
        listed = module_list(str(source), _read_file(source, "modules.json", revision=revision))
        modules = [module["type"] for module in listed]
    else:
        modules = [type(module).__name__ for module in source]
    return "static" if any(name.endswith("StaticEmbedding") for name in modules) else "pretrained"


def load_model(
    name_or_path: str | Path, *, revision: str | None = None, trust_remote_code: bool = False
) -> "SentenceTransformer":
    """A model from a folder, or from the hub by its name; a plain transformers model gets mean pooling.

    What is to be known of how it was put together is kept with it (``model_notes``).

    Raises ``InputError`` if there is no such folder, the model cannot be had or used, or it gives no dense vectors.
    """
    folder = _model_folder(name_or_path)
    # The weights of a training that was cut off may lie there in part.
    record = read_record(folder) if folder else None
    if record is not None and record.status != "finished":
        raise InputError(f"{folder}: the training in it is not finished. Go on with it: equilingua train ... --resume")
    if folder is not None and (problem := no_model(folder)):
        raise InputError(problem)
    from sentence_transformers import SentenceTransformer

    answers = folder is not None or _hub_answers()
    files = partial(_read_file, name_or_path, revision=revision, answers=answers)
    check_archetype(str(name_or_path), files)
    plain, base = is_plain(files), adapter_base(str(name_or_path), files)
    if plain and base is not None:
        return _adapted(name_or_path, load_model(base, trust_remote_code=trust_remote_code), revision)
    try:
        model = SentenceTransformer(
            str(folder or name_or_path),
            revision=None if folder else revision,
            trust_remote_code=trust_remote_code,
            local_files_only=not answers,
        )
    except Exception as error:  # what is wrong with a folder, its libraries tell in errors of every kind
        raise _unusable(name_or_path, error, answers=answers) from error
    check_dense(model)
    setattr(model, _NOTES, (_MEAN_POOLED,) if plain else ())
    return model


def _adapted(name: str | Path, model: "SentenceTransformer", revision: str | None) -> "SentenceTransformer":
    """A model with an adapter of peft put in, which was saved without sentence-transformers' modules."""
    folder = _model_folder(name)
    try:
        model.load_adapter(str(folder or name), **({} if folder or revision is None else {"revision": revision}))
    except Exception as error:  # see load_model
        raise _unusable(name, error, answers=True) from error
    return model


# The attribute of a model that holds its notes: a module takes any, but nn.Module's types name tensors alone.
_NOTES = "_equilingua_notes"


_MEAN_POOLED = (
    "a plain transformers model, without sentence-transformers modules that say how its tokens become one vector: "
    "their mean is taken"
)


def model_notes(model: Any) -> tuple[str, ...]:
    """What is to be known of how ``load_model`` put a model together, a sentence each; empty where nothing is."""
    notes: tuple[str, ...] = getattr(model, _NOTES, ())
    return notes


def model_names(model: Any) -> tuple[str, ...]:
    """What a model is called by its files: the last part of its name or folder, that of its base model, its card's."""
    card = getattr(model, "model_card_data", None)
    stated = [getattr(card, name, None) for name in ("model_id", "base_model", "model_name")]
    for module in getattr(model, "children", tuple)():
        config = getattr(getattr(module, "auto_model", None), "config", None)
        stated.append(getattr(config, "_name_or_path", None))
    front = str(getattr(model, "_model_card_text", None) or "")[:_CARD_CHARACTERS]
    stated += re.findall(r"^\s*(?:- )?(?:base_model|name): *([^\s'\"]+)", front, re.MULTILINE)
    # In the hub's cache, the folder of a snapshot is named by its commit, one above by the model.
    parts = [[part for part in re.split(r"[/\\]", str(name)) if part] for name in stated if name]
    return tuple(
        dict.fromkeys(
            name for path in parts for name in (*path[-1:], *(part for part in path if part.startswith("models--")))
        )
    )


def _model_folder(source: str | Path) -> Path | None:
    """The folder a model lies in; None for a name on the hub; ``InputError`` for a path where no folder is."""
    folder = Path(source).expanduser()
    if folder.is_dir():
        return folder
    name = str(source)
    if isinstance(source, Path) or name.startswith((".", "/", "~")) or name.count("/") > 1:
        raise InputError(f"model {name!r}: no such folder. Give a model folder or the name of a model on the hub")
    beside = [path.parent.name for path in folder.parent.glob("*/*.json") if path.name in _MODEL_FILES]
    if "/" in name and beside:
        # "runs/hybird" has the form of a name on the hub, but is not meant as one.
        raise InputError(f"model {name!r}: no such folder in {folder.parent}. {did_you_mean(folder.name, {*beside})}")
    return None


def _model_file(
    source: str | Path, file: str, *, revision: str | None = None, answers: bool | None = None
) -> Path | None:
    """A file of a model, fetched from the hub if need be; None if it has none, or the hub cannot be asked."""
    folder = _model_folder(source)
    from sentence_transformers.util import load_file_path

    if answers is None:
        answers = folder is not None or _hub_answers()
    try:
        path = load_file_path(str(folder or source), file, revision=revision, local_files_only=not answers)
    except (OSError, ValueError) as error:
        raise _unusable(source, error, answers=answers) from error
    return Path(path) if path else None


def _read_file(source: str | Path, file: str, *, revision: str | None = None, answers: bool | None = None) -> Any:
    """The content of one of a model's JSON files; None if it has none. Raises ``InputError`` if it is no JSON."""
    path = _model_file(source, file, revision=revision, answers=answers)
    return None if path is None else _json(path)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError, OSError) as error:
        raise InputError(f"{path}: is no JSON that can be read: {error}. The model is damaged: get it anew") from error


def _hub_answers() -> bool:
    """Whether the hub can be asked. Its library asks again and again for minutes where no answer comes."""
    from huggingface_hub import constants, get_hf_file_metadata
    from huggingface_hub.errors import HfHubHTTPError

    if constants.HF_HUB_OFFLINE:
        return False
    try:
        get_hf_file_metadata(constants.ENDPOINT, timeout=_HUB_TIMEOUT)
    except HfHubHTTPError:
        return True
    except Exception:  # noqa: BLE001 - without an answer, each version raises the errors of another HTTP library
        return False
    return True


def _unusable(source: str | Path, error: Exception, *, answers: bool) -> InputError:
    reason = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    if not answers:
        reason = "it is neither a folder nor in the cache of the hub, which cannot be reached"
    return InputError(
        f"model {str(source)!r} cannot be loaded: {reason.rstrip('.')}. Give a folder that holds a "
        "sentence-transformers or transformers model, or the name of one on the hub (HF_HUB_OFFLINE allows only "
        "those already fetched)"
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
    # A name may come to stand for other weights, on the hub or on disk, so content is recorded beside it.
    named = {"name": str(source), "revision": revision}
    folder = _model_folder(source)
    if folder is not None:
        named |= {"files_sha256": _files_on_disk(folder)}
        base = adapter_base(str(source), partial(_read_file, source)) if (folder / ADAPTER_FILE).is_file() else None
        return named if base is None else named | {"base": describe_source(base)}
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
        # The place counts too: the same file means something else in another module's folder.
        digest.update(path.relative_to(folder).as_posix().encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _module_folders(folder: Path) -> Iterator[Path]:
    yield folder
    modules = folder / "modules.json"
    if modules.is_file():
        yield from (folder / module["path"] for module in module_list(str(folder), _json(modules)))


def _commit(name: str, revision: str | None) -> str | None:
    """The commit in the path of a file that the hub's cache holds: ``snapshots/<commit>/<file>``."""
    # A plain transformers model has no modules.json.
    for file in ("modules.json", "config.json"):
        path = _model_file(name, file, revision=revision)
        if path is not None and path.parent.parent.name == "snapshots":
            return path.parent.name
    return None

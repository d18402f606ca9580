"""The encoder a training starts from."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from equilingua.errors import InputError
from equilingua.training.configuration import Family, Prompts, TrainingConfig
from equilingua.training.encoders import EncoderSpec, StaticSpec, TransformerSpec, build_encoder
from equilingua.training.tokenizers import balanced_texts

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from equilingua.pairs.store import ParallelPairs


def encoder_family(source: "SentenceTransformer | EncoderSpec | str | Path") -> Family:
    """Which defaults fit a model; of a model on the hub or in a folder only its list of modules is read.

    Raises:
        InputError: if a path is given where no folder is.
    """
    if isinstance(source, StaticSpec):
        return "static"
    if isinstance(source, TransformerSpec):
        return "transformer"
    if isinstance(source, str | Path):
        modules = [module["type"] for module in _listed_modules(source)]
    else:
        modules = [type(module).__name__ for module in source]
    return "static" if any(name.endswith("StaticEmbedding") for name in modules) else "pretrained"


def _listed_modules(source: str | Path) -> list[Mapping[str, Any]]:
    from sentence_transformers.util import load_file_path

    if isinstance(source, Path) or source.startswith((".", "/", "~")):
        folder = Path(source).expanduser()
        if not folder.is_dir():
            raise InputError(
                f"model {str(source)!r}: no such folder. Give a model folder or the name of a model on the hub"
            )
    path = load_file_path(str(source), "modules.json")
    modules: list[Mapping[str, Any]] = json.loads(Path(path).read_text(encoding="utf-8")) if path else []
    return modules


def load_encoder(
    source: "SentenceTransformer | EncoderSpec | str | Path",
    pairs: "ParallelPairs",
    config: TrainingConfig,
    *,
    checkpoint: Path | None = None,
) -> "SentenceTransformer":
    """The model to train, with the prompts it is trained and used with.

    Args:
        source: a model, which is then trained in place; the name of one on the hub or its folder (a plain transformers
            model gets mean pooling); or the specification of one to build from scratch.
        pairs: whose texts a tokenizer is trained on, for a model from scratch.
        config: prompts, length, revision and seed are read from it.
        checkpoint: where to load a model from instead, if the source is a name or a specification.

    Raises:
        InputError: if the model cannot be loaded or built, or cannot be given the length asked for.
    """
    if isinstance(source, EncoderSpec):
        model = _load(checkpoint, config) if checkpoint else _built(source, pairs, config)
    elif isinstance(source, str | Path):
        model = _load(checkpoint or source, config)
    else:
        model = source
    if config.max_length is not None:
        _limit_length(model, config.max_length)
    prompts = _prompts(model, config)
    model.prompts = {"query": prompts.query, "document": prompts.passage}
    return model


def prompts_of(model: "SentenceTransformer") -> dict[str, str]:
    """What a model puts before queries (``query``) and passages (``document``)."""
    return {name: model.prompts.get(name) or "" for name in ("query", "document")}


def _built(spec: EncoderSpec, pairs: "ParallelPairs", config: TrainingConfig) -> "SentenceTransformer":
    return build_encoder(spec, balanced_texts(pairs, seed=config.seed), seed=config.seed)


def _load(source: str | Path, config: TrainingConfig) -> "SentenceTransformer":
    from sentence_transformers import SentenceTransformer

    try:
        return SentenceTransformer(
            str(source),
            revision=config.revision if isinstance(source, str) else None,
            trust_remote_code=config.trust_remote_code,
        )
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise InputError(
            f"model {str(source)!r} cannot be loaded: {reason}. Give a folder or the name of a model on the hub "
            "(HF_HUB_OFFLINE must not be set if it is not in the cache), or build one from scratch."
        ) from error


def _limit_length(model: "SentenceTransformer", tokens: int) -> None:
    most = model.max_seq_length
    if encoder_family(model) == "static":
        raise InputError(f"max_length: {tokens} was given, but a static encoder reads whole texts: leave it out")
    if most is not None and tokens > most:
        raise InputError(f"max_length: {tokens} is more than the model's {most} tokens")
    model.max_seq_length = tokens


def _prompts(model: "SentenceTransformer", config: TrainingConfig) -> Prompts:
    """The prompts asked for, else the model's own, else the paper's (none for a static encoder)."""
    if config.prompts is not None:
        return config.prompts
    own = prompts_of(model)
    query, passage = own["query"], own["document"] or model.prompts.get("passage") or ""
    if query or passage or encoder_family(model) == "static":
        return Prompts(query=query, passage=passage)
    return Prompts()


def describe_source(
    source: "SentenceTransformer | EncoderSpec | str | Path", *, revision: str | None = None
) -> dict[str, Any]:
    """What a model is told apart by: its name, its specification, or the hash of its weights."""
    if isinstance(source, EncoderSpec):
        return {"from_scratch": encoder_family(source), **asdict(source)}
    if isinstance(source, str | Path):
        return {"name": str(source), "revision": revision}
    digest = hashlib.sha256()
    for name, weights in sorted(source.state_dict().items()):
        digest.update(name.encode())
        digest.update(weights.detach().cpu().contiguous().flatten().view(_bytes()).numpy().tobytes())
    return {"weights_sha256": digest.hexdigest()}


def _bytes() -> Any:
    import torch

    return torch.uint8

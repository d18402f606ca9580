"""Models by name or folder, and the encoder a training starts from."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from equilingua.errors import InputError, did_you_mean
from equilingua.runtime import is_main_process
from equilingua.training.config import Family, TrainingConfig
from equilingua.training.encoders import EncoderSpec, StaticSpec, TransformerSpec, build_encoder
from equilingua.training.record import RECORD_NAME, read_record
from equilingua.training.tokenizers import balanced_texts

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from equilingua.pairs.store import ParallelPairs

# Any of these makes a folder a model, or a training of one.
_MODEL_FILES = ("config.json", "modules.json", RECORD_NAME)

_EXAMPLE: dict[str, Any] = {
    "source_sentence": "What is the capital of Finland?",
    "sentences": ["Helsinki is the capital of Finland.", "Suomen pääkaupunki on Helsinki.", "Oslo ist eine Stadt."],
}

_HUB_TIMEOUT = 5.0
"""Seconds."""


def encoder_family(source: "SentenceTransformer | EncoderSpec | str | Path", *, revision: str | None = None) -> Family:
    """Which defaults fit a model; of a model on the hub or in a folder only its list of modules is read.

    Raises:
        InputError: if a path is given where no folder is, or the hub has no such model.
    """
    if isinstance(source, StaticSpec):
        return "static"
    if isinstance(source, TransformerSpec):
        return "transformer"
    if isinstance(source, str | Path):
        path = model_file(source, "modules.json", revision=revision)
        listed = json.loads(path.read_text(encoding="utf-8")) if path else []
        modules = [module["type"] for module in listed]
    else:
        modules = [type(module).__name__ for module in source]
    return "static" if any(name.endswith("StaticEmbedding") for name in modules) else "pretrained"


def load_model(
    name_or_path: str | Path, *, revision: str | None = None, trust_remote_code: bool = False
) -> "SentenceTransformer":
    """A model from a folder, or from the hub by its name; a plain transformers model gets mean pooling.

    Args:
        name_or_path: a folder that a model was saved to, or a name on the hub.
        revision: commit, tag or branch of a model on the hub.
        trust_remote_code: whether code that comes with the model may run.

    Raises:
        InputError: if there is no such folder, or the model cannot be had or used.
    """
    folder = model_folder(name_or_path)
    record = read_record(folder) if folder else None
    if record is not None and record.status != "finished":
        raise InputError(f"{folder}: the training in it is not finished. Go on with it: equilingua train ... --resume")
    from safetensors import SafetensorError
    from sentence_transformers import SentenceTransformer

    answers = folder is not None or _hub_answers()
    try:
        return SentenceTransformer(
            str(folder or name_or_path),
            revision=None if folder else revision,
            trust_remote_code=trust_remote_code,
            local_files_only=not answers,
        )
    except (OSError, ValueError, KeyError, ImportError, SafetensorError) as error:
        raise _unusable(name_or_path, error, answers=answers) from error


def model_folder(source: str | Path) -> Path | None:
    """The folder a model lies in; None for a name on the hub.

    Raises:
        InputError: if a path is given where no folder is.
    """
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


def model_file(source: str | Path, file: str, *, revision: str | None = None) -> Path | None:
    """A file of a model, fetched from the hub if need be; None if it has none, or the hub cannot be asked.

    Raises:
        InputError: if a path is given where no folder is, or the hub has no such model.
    """
    folder = model_folder(source)
    from sentence_transformers.util import load_file_path

    answers = folder is not None or _hub_answers()
    try:
        path = load_file_path(str(folder or source), file, revision=revision, local_files_only=not answers)
    except (OSError, ValueError) as error:
        raise _unusable(source, error, answers=answers) from error
    return Path(path) if path else None


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


def load_encoder(
    source: "SentenceTransformer | EncoderSpec | str | Path",
    pairs: "ParallelPairs",
    config: TrainingConfig,
    *,
    checkpoint: Path | None = None,
) -> "SentenceTransformer":
    """The model to train, with the prompts it is trained and used with.

    Args:
        source: a model, which is then trained in place; the name of one on the hub or its folder; or the specification
            of one to build from scratch.
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
    model.prompts = {**_prompts(model, config)}
    card = model.model_card_data
    # Without an example the trainer would draw some from the training pairs, which may not be for publication, and
    # would take its time for it; the other setting only spares it the similarities of those that it has.
    card.widget = card.widget or [_EXAMPLE]
    card.generate_widget_examples = False
    return model


def prompts_of(model: "SentenceTransformer") -> dict[str, str]:
    """What a model puts before queries (``query``) and passages (``document``)."""
    return {name: model.prompts.get(name) or "" for name in ("query", "document")}


def _built(spec: EncoderSpec, pairs: "ParallelPairs", config: TrainingConfig) -> "SentenceTransformer":
    shown = config.progress and is_main_process()
    return build_encoder(spec, balanced_texts(pairs, seed=config.seed, progress=shown), seed=config.seed)


def _load(source: str | Path, config: TrainingConfig) -> "SentenceTransformer":
    return load_model(source, revision=config.revision, trust_remote_code=config.trust_remote_code)


def _limit_length(model: "SentenceTransformer", tokens: int) -> None:
    most = model.max_seq_length
    if encoder_family(model) == "static":
        raise InputError(f"max_length: {tokens} was given, but a static encoder reads whole texts: leave it out")
    if most is not None and tokens > most:
        raise InputError(f"max_length: {tokens} is more than the model's {most} tokens")
    model.max_seq_length = tokens


def _prompts(model: "SentenceTransformer", config: TrainingConfig) -> dict[str, str]:
    """Each prompt as asked for, else the model's own, else the paper's (none for a static encoder)."""
    own = prompts_of(model)
    own["document"] = own["document"] or model.prompts.get("passage") or ""
    if not any(own.values()) and encoder_family(model) != "static":
        own = {"query": "Query: ", "document": "Passage: "}
    wanted = {"query": config.prompts.query, "document": config.prompts.passage}
    return own | {name: text for name, text in wanted.items() if text is not None}

"""Adapters of peft, such as LoRA: a folder with few weights, on top of a model that lies elsewhere."""

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from equilingua.errors import InputError
from equilingua.training.archetypes import Read

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

ADAPTER_FILE = "adapter_config.json"


def adapter_base(name: str, read: Read) -> str | None:
    """The name or folder of the model that an adapter stands on; None for a model that is no adapter.

    Raises ``InputError`` if peft, which reads adapters, is not installed, or the adapter does not say its model.
    """
    config = read(ADAPTER_FILE)
    if config is None:
        return None
    if find_spec("peft") is None:
        raise InputError(
            f"model {name!r} is an adapter, which the library peft reads: pip install 'equilingua[peft]'; or merge it "
            "into its model where it was trained, and give that"
        )
    base = config.get("base_model_name_or_path") if isinstance(config, dict) else None
    if not isinstance(base, str) or not base:
        raise InputError(
            f"model {name!r}: its {ADAPTER_FILE} does not say base_model_name_or_path. Name its model there"
        )
    return base


def has_adapter(model: Any) -> bool:
    """Whether a model has an adapter of peft in it."""
    return any(getattr(module, "peft_config", None) for module in model.modules())


def make_trainable(model: "SentenceTransformer") -> None:
    """Let the adapter of a model be trained, which is frozen as it is loaded; its model stays as it is.

    Raises ``InputError`` if nothing of a model can be trained.
    """
    if any(parameter.requires_grad for parameter in model.parameters()):
        return
    if has_adapter(model):
        from peft.functional import set_requires_grad

        set_requires_grad(model, adapter_names=model.active_adapters())
    if not any(parameter.requires_grad for parameter in model.parameters()):
        raise InputError(
            "all weights of the model are frozen, so that nothing can be trained. Set requires_grad of some"
        )

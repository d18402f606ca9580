"""Merging: one model between two trainings that started alike."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from equilingua.errors import InputError, Problems
from equilingua.training.models import load_model

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from torch import Tensor

# Of a transformer's configuration: where it came from and how it is stored, not what it computes.
_INCIDENTAL = frozenset({"architectures", "transformers_version", "dtype", "torch_dtype"})

# Of a tokenizer: what the last call left set.
_TRANSIENT = frozenset({"padding", "truncation"})


def merge_models(
    first: "SentenceTransformer | str | Path", second: "SentenceTransformer | str | Path", *, weight: float
) -> "SentenceTransformer":
    """A new model with the parameters (1 - weight) * first + weight * second; neither model is changed.

    Only for models that lie close together, such as an X-Y and an X-X-mono training from the same seed: between models
    that started apart there is nothing of use. Prompts, similarity and device are the first's; its model card is not
    taken over.

    Args:
        first: a model, its folder, or its name on the hub.
        second: likewise, of the same architecture, tokenizer, prompts and similarity.
        weight: of the second, from 0 (exactly the first) to 1 (exactly the second).

    Raises:
        InputError: if the weight is out of range, a model cannot be loaded, or the two differ in anything but floating
            point numbers; every difference is named.

    Source: Wortsman et al. 2022, WiSE-FT (arXiv 2109.01903), section 3, between a model before and after fine-tuning;
    Wortsman et al. 2022, model soups (arXiv 2203.05482), between fine-tunings of one model.
    """
    if not 0 <= weight <= 1:
        raise InputError(f"weight: {weight} is out of range. Give a number from 0 (the first model) to 1 (the second)")
    one, two = (load_model(model) if isinstance(model, str | Path) else model for model in (first, second))
    problems = Problems("the models cannot be merged: give two trainings that started from the same model")
    for difference in _differences(one, two):
        problems.add(difference)
    problems.raise_if_any()
    return _between(one, two, weight)


def _between(one: "SentenceTransformer", two: "SentenceTransformer", weight: float) -> "SentenceTransformer":
    import torch

    # A card of a model just trained holds its trainer, which need not be copied and tells of another model.
    card = type(one.model_card_data)()
    merged = deepcopy(one, {id(one.model_card_data): card})
    # It tells of the first training; the next save would write it as that of the merged model.
    merged._model_card_text = None
    card.register_model(merged)
    others = _tensors(two)
    with torch.no_grad():
        for name, tensor in _tensors(merged).items():
            if tensor.is_floating_point():
                # lerp gives either end exactly, and leaves alone what both have alike.
                tensor.copy_(torch.lerp(tensor, others[name].to(tensor.device), weight))
    return merged.eval()


def _differences(one: "SentenceTransformer", two: "SentenceTransformer") -> Iterator[str]:
    # Told alone: between other architectures, every shape and option would differ as well.
    modules = [{name: type(module).__name__ for name, module in model.named_modules()} for model in (one, two)]
    if modules[0] != modules[1]:
        yield "architecture: " + " and ".join(_described(model) for model in (one, two))
        return
    if any(getattr(module, "peft_config", None) for model in (one, two) for module in model.modules()):
        yield "adapters: a mean of adapters is not the mean of the models. Merge each into its model first"
    for name, values in _unequal(_configuration(one), _configuration(two)):
        yield f"{name}: {values}"
    yield from _tensor_differences(_tensors(one), _tensors(two))
    yield from _tokenizer_differences(one.tokenizer, two.tokenizer)


def _described(model: "SentenceTransformer") -> str:
    parameters = sum(parameter.numel() for parameter in model.parameters())
    return f"{', '.join(type(module).__name__ for module in model)} with {parameters:,} parameters"


def _configuration(model: "SentenceTransformer") -> dict[str, Any]:
    """What a model computes with beside its parameters."""
    configuration: dict[str, Any] = {f"prompt {name!r}": text for name, text in model.prompts.items() if text}
    configuration["default prompt"] = model.default_prompt_name
    configuration["similarity"] = str(model.similarity_fn_name)
    configuration["width cut to"] = model.truncate_dim
    configuration["most tokens"] = model.max_seq_length
    for place, module in model.named_modules():
        if hasattr(module, "get_config_dict"):
            configuration |= {f"module {place} {name}": value for name, value in module.get_config_dict().items()}
        if hasattr(getattr(module, "config", None), "to_dict"):
            values = module.config.to_dict().items()
            configuration |= {
                name: value for name, value in values if name not in _INCIDENTAL and not name.startswith("_")
            }
    return configuration


def _unequal(one: dict[str, Any], two: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name in dict.fromkeys([*one, *two]):
        if one.get(name) != two.get(name):
            yield name, f"{one.get(name)!r} and {two.get(name)!r}"


def _tensors(model: "SentenceTransformer") -> "dict[str, Tensor]":
    """Parameters and buffers, each once however many names it has."""
    return {**dict(model.named_parameters()), **dict(model.named_buffers())}


def _tensor_differences(one: "dict[str, Tensor]", two: "dict[str, Tensor]") -> Iterator[str]:
    forms = [{name: f"{tuple(t.shape)} {t.dtype}" for name, t in tensors.items()} for tensors in (one, two)]
    for name, values in _unequal(*forms):
        yield f"shape of {name}: {values}"
    for name in (name for name, form in forms[0].items() if form == forms[1].get(name)):
        if not one[name].is_floating_point() and not one[name].equal(two[name].to(one[name].device)):
            yield f"{name}: other whole numbers, which have no mean"


def _tokenizer_differences(one: Any, two: Any) -> Iterator[str]:
    vocabulary, other = one.get_vocab(), two.get_vocab()
    if vocabulary != other:
        moved = sum(other.get(token) != number for token, number in vocabulary.items())
        yield (
            f"tokenizers: {moved:,} of the first's {len(vocabulary):,} tokens stand elsewhere or nowhere among the "
            f"second's {len(other):,}"
        )
    elif _rules(one) != _rules(two):
        yield "tokenizers: the same tokens, but other rules to cut a text into them"


def _rules(tokenizer: Any) -> dict[str, Any]:
    """All of a fast tokenizer; nothing of one in Python, which is told apart by its vocabulary alone."""
    backend = getattr(tokenizer, "backend_tokenizer", tokenizer)
    content = json.loads(backend.to_str()) if hasattr(backend, "to_str") else {}
    return {name: value for name, value in content.items() if name not in _TRANSIENT}

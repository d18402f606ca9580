"""In which floating-point format the encoder runs; scores are float32 in any case."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any, Literal

from equilingua.errors import InputError, did_you_mean
from equilingua.precision import best_precision

Precision = Literal["auto", "fp32", "bf16"]
PRECISIONS: tuple[Precision, ...] = ("auto", "fp32", "bf16")

_SENTENCE_TRANSFORMER = ("sentence_transformers", "SentenceTransformer")


def resolve_precision(model: Any, precision: str) -> str:
    """What the encoder will run in: ``fp32`` or ``bf16``, or the name of the format its weights are already in.

    ``auto`` is bf16 autocast for a transformer where the hardware multiplies bf16 (CUDA, or a CPU with AMX or
    AVX512-bf16: 2 to 8 times faster there), else fp32. A static embedding model gains nothing and stays fp32, as does
    everything that is not a sentence-transformers model.

    Raises:
        InputError: if the precision is not one of auto, fp32, bf16.
    """
    check_precision(precision)
    if not is_sentence_transformer(model):
        return "fp32"
    weights = next((str(p.dtype).removeprefix("torch.") for p in model.parameters()), "float32")
    if weights != "float32":
        return {"bfloat16": "bf16", "float16": "fp16"}.get(weights, weights)
    if precision != "auto":
        return precision
    multiplies = model.device.type in {"cpu", "cuda"}
    return best_precision(static=not _is_transformer(model)) if multiplies else "fp32"


def check_precision(precision: str) -> None:
    """Refuse an unknown precision.

    Raises:
        InputError: naming those allowed.
    """
    if precision not in PRECISIONS:
        raise InputError(f"unknown precision {precision!r}. {did_you_mean(precision, PRECISIONS)}")


def autocast(model: Any, precision: str) -> AbstractContextManager[Any]:
    """A context in which the model runs in the precision that ``resolve_precision`` gave."""
    if precision != "bf16" or not is_sentence_transformer(model):
        return nullcontext()
    import torch

    context: AbstractContextManager[Any] = torch.autocast(model.device.type, dtype=torch.bfloat16)
    return context


def is_sentence_transformer(model: Any) -> bool:
    """Whether this is a sentence-transformers model, told without importing that library (4 s)."""
    return any(
        (base.__module__.partition(".")[0], base.__name__) == _SENTENCE_TRANSFORMER for base in type(model).__mro__
    )


def _is_transformer(model: Any) -> bool:
    return any(hasattr(module, "auto_model") for module in model.children())

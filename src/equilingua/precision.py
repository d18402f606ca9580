"""In which number format an encoder trains and runs on this machine; scores are float32 in any case."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Literal

from equilingua.errors import InputError, did_you_mean
from equilingua.runtime import CPUINFO, cpu_info

PRECISIONS = ("auto", "fp32", "bf16")

# torch's names and the kernel's names of the same CPU features: matrix multiplication of bfloat16 in hardware.
_BF16_FEATURES = frozenset({"amx_bf16", "avx512_bf16", "sve_bf16", "bf16"})

_SENTENCE_TRANSFORMER = ("sentence_transformers", "SentenceTransformer")


def check_precision(precision: str) -> None:
    """Raise ``InputError``, naming those allowed, for an unknown precision."""
    if precision not in PRECISIONS:
        raise InputError(f"unknown precision {precision!r}. {did_you_mean(precision, PRECISIONS)}")


def best_precision(*, static: bool) -> Literal["fp32", "bf16"]:
    """The faster of float32 and bfloat16 autocast, where the hardware multiplies bfloat16; else float32.

    On a CPU with AMX or AVX512-BF16, bfloat16 makes a transformer two to eight times as fast. A static encoder only
    averages token vectors: it has no matrix to multiply, so it stays in float32.
    """
    import torch

    if static:
        return "fp32"
    if torch.cuda.is_available():
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    if torch.accelerator.is_available():
        return "fp32"
    return "bf16" if _BF16_FEATURES & cpu_features() else "fp32"


def resolve_precision(model: Any, precision: str) -> str:
    """What the encoder will run in: ``fp32`` or ``bf16``, or the name of the format its weights are already in.

    ``auto`` is ``best_precision`` on a CPU and CUDA, else fp32. Everything that is not a sentence-transformers model
    stays fp32. Raises ``InputError`` if the precision is not one of auto, fp32, bf16.
    """
    check_precision(precision)
    if not is_sentence_transformer(model):
        return "fp32"
    weights = next((str(p.dtype).removeprefix("torch.") for p in model.parameters()), "float32")
    if weights != "float32":
        return {"bfloat16": "bf16", "float16": "fp16"}.get(weights, weights)
    if precision != "auto":
        return precision
    static = not any(hasattr(module, "auto_model") for module in model.children())
    return best_precision(static=static) if model.device.type in {"cpu", "cuda"} else "fp32"


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


def cpu_features(cpuinfo: Path = CPUINFO) -> set[str]:
    """The CPU's features as torch and the kernel name them; what cannot be asked is left out.

    Older torch versions have no public call that names them, and the kernel's file is Linux's only.
    """
    import torch

    ask = getattr(torch.cpu, "get_capabilities", None)
    features = {name for name, present in ask().items() if present is True} if ask else set()
    fields = cpu_info(cpuinfo)
    return features | set(fields.get("flags", fields.get("Features", "")).split())

"""The number format an encoder trains in on this machine."""

from pathlib import Path
from typing import Literal

Precision = Literal["fp32", "bf16"]

# torch's names and the kernel's names of the same CPU features: matrix multiplication of bfloat16 in hardware.
_BF16_FEATURES = frozenset({"amx_bf16", "avx512_bf16", "sve_bf16", "bf16"})


def best_precision(*, static: bool) -> Precision:
    """The faster of float32 and bfloat16 autocast, where the hardware multiplies bfloat16; else float32.

    On a CPU with AMX or AVX512-BF16, bfloat16 trains a transformer two to eight times as fast. A static encoder has no
    matrix to multiply, so it stays in float32.

    Args:
        static: whether the encoder only averages token vectors.
    """
    import torch

    if static:
        return "fp32"
    if torch.cuda.is_available():
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    if torch.accelerator.is_available():
        return "fp32"
    return "bf16" if _BF16_FEATURES & cpu_features() else "fp32"


def cpu_features(cpuinfo: Path = Path("/proc/cpuinfo")) -> set[str]:
    """The CPU's features as torch and the kernel name them; what cannot be asked is left out.

    Args:
        cpuinfo: where Linux tells them.
    """
    import torch

    ask = getattr(torch.cpu, "get_capabilities", None)
    features = {name for name, present in ask().items() if present is True} if ask else set()
    return features | _kernel_features(cpuinfo)


def _kernel_features(cpuinfo: Path) -> set[str]:
    """What Linux says of the CPU; older torch versions have no public call that names these features."""
    lines = cpuinfo.read_text().splitlines() if cpuinfo.is_file() else []
    flags = [line.partition(":")[2].split() for line in lines if line.startswith(("flags", "Features"))]
    return set(flags[0]) if flags else set()

"""Under which versions, on which hardware and by which command something was made: written beside every result."""

import os
import platform
import shlex
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = (
    "equilingua",
    "sentence-transformers",
    "transformers",
    "tokenizers",
    "torch",
    "accelerate",
    "datasets",
    "numpy",
)


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that bear on a model or a number; those not installed are left out."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def hardware() -> dict[str, Any]:
    """The processor and its cores; where torch is in use, also its threads, and the accelerator it sees."""
    found: dict[str, Any] = {
        "system": platform.platform(),
        "machine": platform.machine(),
        "cpu": _processor(),
        "cores": os.cpu_count() or 1,
    }
    torch = sys.modules.get("torch")
    if torch is not None:
        found["threads"] = torch.get_num_threads()
        accelerator = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
        found["device"] = accelerator.type if accelerator else "cpu"
        if torch.cuda.is_available():
            found["gpu"] = torch.cuda.get_device_name()
    return found


def command() -> str:
    """The command line of this process, as it could be typed again."""
    return shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or "unknown")

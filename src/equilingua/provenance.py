"""Under which versions, on which hardware and by which command something was made: written beside every result."""

import os
import platform
import shlex
import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

CPUINFO = Path("/proc/cpuinfo")

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
    installed = {"python": platform.python_version()}
    for package in PACKAGES:
        with suppress(PackageNotFoundError):
            installed[package] = version(package)
    return installed


def hardware() -> dict[str, Any]:
    """The processor and its cores; where torch is in use, also its threads, and the accelerator it sees."""
    machine: dict[str, Any] = {
        "system": platform.platform(),
        "machine": platform.machine(),
        "cpu": cpu_info().get("model name") or platform.processor() or "unknown",
        "cores": os.cpu_count() or 1,
    }
    torch = sys.modules.get("torch")
    if torch is not None:
        machine["threads"] = torch.get_num_threads()
        accelerator = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
        machine["device"] = accelerator.type if accelerator else "cpu"
        if torch.cuda.is_available():
            machine["gpu"] = torch.cuda.get_device_name()
    return machine


def command() -> str:
    """The command line of this process, as it could be typed again."""
    return shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])


def cpu_info(path: Path = CPUINFO) -> dict[str, str]:
    """What Linux says of the first processor, by field; nothing on other systems."""
    fields: dict[str, str] = {}
    for line in path.read_text().splitlines() if path.is_file() else ():
        name, _, value = line.partition(":")
        fields.setdefault(name.strip(), value.strip())
    return fields

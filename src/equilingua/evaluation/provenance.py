"""Under which versions, on which hardware and by which command a result was made."""

import os
import platform
import shlex
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("equilingua", "numpy", "torch", "transformers", "sentence-transformers", "tokenizers")


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that bear on the numbers."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def hardware() -> dict[str, str | int]:
    """The processor, its cores, and the GPU where torch is in use and sees one."""
    found: dict[str, str | int] = {"machine": platform.machine(), "cpu": _processor(), "cores": os.cpu_count() or 1}
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
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

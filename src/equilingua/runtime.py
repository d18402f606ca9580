"""What a command runs under: versions, hardware and command line for every record, and the processes of a training."""

import os
import platform
import shlex
import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from equilingua.errors import InputError

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


def cpu_info(path: Path = CPUINFO) -> dict[str, str]:
    """What Linux says of the first processor, by field; nothing on other systems."""
    fields: dict[str, str] = {}
    for line in path.read_text().splitlines() if path.is_file() else ():
        name, _, value = line.partition(":")
        fields.setdefault(name.strip(), value.strip())
    return fields


def environment() -> dict[str, Any]:
    """What every result says of its making: versions, hardware, and the command line, as it could be typed again."""
    command = shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])
    return {"versions": versions(), "hardware": hardware(), "command": command}


def process_count() -> int:
    """How many processes share a training, as torchrun tells each of them; 1 where it did not start any."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_main_process() -> bool:
    """Whether this process is the one that writes."""
    return os.environ.get("RANK", "0") == "0"


def leave_process_group() -> None:
    """Part from the other processes, once there is nothing left to train; nothing where there are none.

    The trainer never does. Threads of a group that is still there when Python ends can abort a process that had
    succeeded, and torchrun then ends the others.
    """
    from torch import distributed

    if distributed.is_available() and distributed.is_initialized():
        distributed.destroy_process_group()


def check_one_gpu() -> None:
    """Refuse several GPUs in a process that no launcher gave its own.

    Raises:
        InputError: if there are several: the stock trainer would split each of its batches over all of them, and a
            batch would not be what the options and the record say.
    """
    import torch

    if "LOCAL_RANK" not in os.environ and (count := torch.cuda.device_count()) > 1:
        raise InputError(
            f"{count} GPUs are visible, but this is one process, and a process trains on one. Start a process for each "
            f"(torchrun --nproc_per_node {count} -m equilingua train ...), or show this one a single GPU "
            "(CUDA_VISIBLE_DEVICES=0)."
        )

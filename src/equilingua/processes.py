"""The processes that share a training, as torchrun tells each of them."""

import os

from equilingua.errors import InputError


def process_count() -> int:
    """How many there are; 1 where torchrun did not start any."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_main_process() -> bool:
    """Whether this is the one that writes."""
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
            batch would not be what the settings and the record say.
    """
    import torch

    if "LOCAL_RANK" not in os.environ and (count := torch.cuda.device_count()) > 1:
        raise InputError(
            f"{count} GPUs are visible, but this is one process, and a process trains on one. Start a process for each "
            f"(torchrun --nproc_per_node {count} -m equilingua train ...), or show this one a single GPU "
            "(CUDA_VISIBLE_DEVICES=0)."
        )

"""The processes that share a training, as torchrun tells each of them."""

import os


def process_count() -> int:
    """How many there are; 1 where torchrun did not start any."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_main_process() -> bool:
    """Whether this is the one that writes."""
    return os.environ.get("RANK", "0") == "0"

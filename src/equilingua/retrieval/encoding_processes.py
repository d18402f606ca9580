"""Several processes that encode at once, by sentence-transformers' own pool of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from equilingua.errors import InputError
from equilingua.retrieval.precision import is_sentence_transformer


def check_processes(model: Any, processes: int) -> None:
    """Refuse a number of processes that cannot encode with this model.

    Raises:
        InputError: if it is below 1, or above 1 for anything but a sentence-transformers model.
    """
    if processes < 1:
        raise InputError(f"processes: {processes} cannot encode: give 1 or more")
    if processes > 1 and not is_sentence_transformer(model):
        raise InputError(
            f"processes: {processes} were asked for, but only a sentence-transformers model is encoded in several, not "
            f"{type(model).__name__}. Give 1, or leave it out"
        )


@contextmanager
def process_pool(model: Any, processes: int, precision: str) -> Iterator[Any]:
    """A pool for the option ``pool`` of a model's encode methods; the model is back on its device in the end.

    On GPUs processes are dealt to them in turn. On a CPU they share its threads.

    Args:
        model: a sentence-transformers model.
        processes: how many.
        precision: as ``resolve_precision`` gave it. An autocast of this process does not reach the others.
    """
    import torch

    device = model.device
    gpus = torch.cuda.device_count() if device.type == "cuda" else 0
    threads = 0 if gpus else max(1, torch.get_num_threads() // processes)
    hook = model.register_forward_pre_hook(_Conditions(precision, threads))
    pool = None
    try:
        pool = model.start_multi_process_pool(devices(device.type, gpus, processes))
        yield pool
    finally:
        if pool is not None:
            model.stop_multi_process_pool(pool)
        hook.remove()
        model.to(device)


def devices(kind: str, gpus: int, processes: int) -> list[str]:
    """The device of each process: GPUs in turn, or the one device of this kind.

    >>> devices("cuda", 2, 3), devices("cpu", 0, 2)
    (['cuda:0', 'cuda:1', 'cuda:0'], ['cpu', 'cpu'])
    """
    return [f"{kind}:{number % gpus}" if gpus else kind for number in range(processes)]


@dataclass(frozen=True, slots=True)
class _Conditions:
    """What a process of the pool sets before each forward pass, because nothing else of ours runs there.

    Attributes:
        precision: ``bf16`` for autocast; any other is the model's own.
        threads: of a forward pass; 0 to leave them.
    """

    precision: str
    threads: int

    def __call__(self, model: Any, _: Any) -> None:
        import torch

        if self.threads:
            torch.set_num_threads(self.threads)
        if self.precision == "bf16":
            kind = model.device.type
            torch.set_autocast_dtype(kind, torch.bfloat16)
            torch.set_autocast_enabled(kind, enabled=True)

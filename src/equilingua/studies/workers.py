"""Processes that work on units side by side, each with its share of the cores."""

import contextlib
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from multiprocessing.process import BaseProcess
from typing import Any

from equilingua.errors import InputError

_LOG = logging.getLogger(__name__)

_PATIENCE = 10.0  # seconds that a process has to end

# A training and its evaluation stay below this; as many run at once as the memory has room for.
_MEMORY_OF_ONE = 3 * 2**30

# Steps of a static encoder take and give back a gradient as large as its vocabulary. glibc would map and unmap its
# pages each time, which takes a third of a step; told so, it keeps them.
_KEEP_PAGES = {"MALLOC_MMAP_THRESHOLD_": str(2**31), "MALLOC_TRIM_THRESHOLD_": str(2**32)}


def default_processes(*, from_scratch: bool) -> int:
    """How many units to work on at once.

    One for every core that memory has room for, where all arms are encoders from scratch on a CPU; one otherwise, as a
    pretrained model uses all cores, or the accelerator.
    """
    import torch

    if not from_scratch or torch.accelerator.is_available():
        return 1
    in_memory = max(1, _memory() // _MEMORY_OF_ONE)
    return min(_cores(), in_memory)


@contextlib.contextmanager
def worker_pool(processes: int, *, jobs: int) -> Iterator[ProcessPoolExecutor]:
    """A pool of processes that share the cores, and that end with this one, however it ends.

    Args:
        processes: that work side by side. Each has its share of the cores, whatever there is to do: sums differ in
            their last digits with the number of threads.
        jobs: to be done; no more processes are started.
    """
    threads = max(1, _cores() // processes)
    names = ("OMP_NUM_THREADS", "RAYON_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    with _environment(dict.fromkeys(names, str(threads)) | _KEEP_PAGES):
        # Spawned, not forked: threads of torch do not survive a fork, and the environment counts only at the start.
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(min(processes, jobs), mp_context=context, initializer=_begin_worker)
        try:
            yield pool
        except BaseException:
            begun = list((pool._processes or {}).values())  # a pool has no public way to stop what it is doing
            pool.shutdown(wait=False, cancel_futures=True)
            _end(begun)
            raise
        pool.shutdown()


def failure_of(future: Future[Any], *, place: str) -> str:
    """Why a job that has ended failed; empty if it did not. What no user can mend is logged with its traceback.

    Raises:
        InputError: if its process was ended from outside, which leaves nothing to go on with.
    """
    error = future.exception()
    if error is None:
        return ""
    if isinstance(error, BrokenExecutor | SystemExit):
        raise ended_from_outside() from error
    if isinstance(error, InputError):
        return str(error)
    _LOG.error("%s failed", place, exc_info=error)
    return f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')}"


def ended_from_outside() -> InputError:
    """What is told of a process that something else ended."""
    return InputError(
        "a process was ended from outside, perhaps for want of memory. Give the command again: what is done is kept. "
        "Fewer --processes need less memory"
    )


def raise_if_one_ended(pool: ProcessPoolExecutor) -> None:
    """Raise ``InputError`` if a process of a pool that has work to do is gone."""
    if any(process.exitcode is not None for process in list((pool._processes or {}).values())):
        raise ended_from_outside()


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Processes that are started within get no Ctrl-C: the terminal sends it to all, and this one is to end them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin_worker() -> None:
    """Make this process end cleanly when asked to, and at once when the one that started it is gone."""
    # A process that is ended by the signal itself would leave semaphores and temporary files behind.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    parent = multiprocessing.parent_process()

    def end_with_parent() -> None:
        if parent is not None:
            parent.join()  # also if it was gone before this one had started
            os._exit(1)

    threading.Thread(target=end_with_parent, daemon=True).start()


def _end(processes: Sequence[BaseProcess]) -> None:
    """Ask processes to end, which lets them clean up; those that do not listen are killed."""
    for process in processes:
        process.terminate()
    last = time.monotonic() + _PATIENCE
    for process in processes:
        process.join(max(0.0, last - time.monotonic()))
        if process.is_alive():
            process.kill()


@contextlib.contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _cores() -> int:
    """Those this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory() -> int:
    """Bytes of this machine's memory; of one process where it cannot be told."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return _MEMORY_OF_ONE

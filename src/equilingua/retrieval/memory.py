"""Where vectors are put: in memory, or in a file that is memory-mapped, so that they need not fit into it."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from equilingua.errors import InputError

# What gives a new array of shape (texts, width) to put vectors in.
Allocate = Callable[[tuple[int, int]], npt.NDArray[Any]]


def in_memory(shape: tuple[int, int]) -> npt.NDArray[Any]:
    """A new float32 array in memory."""
    return np.empty(shape, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class MappedFile:
    """A new .npy file for vectors, of which only those pages are in memory that are in use.

    Attributes:
        path: of the file, in a folder that exists; one of the same name is replaced.
        dtype: ``float32`` or ``float16``.
    """

    path: Path
    dtype: str = "float32"

    def __call__(self, shape: tuple[int, int]) -> npt.NDArray[Any]:
        """The array that the file holds, memory-mapped.

        Raises:
            InputError: if the disk lacks the space. Writing to a mapped file on a full disk would kill the process.
        """
        needed = shape[0] * shape[1] * np.dtype(self.dtype).itemsize
        free = shutil.disk_usage(self.path.parent).free
        if needed > free:
            raise InputError(
                f"{self.path.parent}: {shape[0]:,} vectors of {shape[1]} dimensions take {needed / 1e9:,.1f} GB as "
                f"{self.dtype}, but {free / 1e9:,.1f} GB are free there. Make room, or write to another disk"
            )
        return np.lib.format.open_memmap(self.path, mode="w+", dtype=self.dtype, shape=shape)

"""Vectors that need little memory: read in blocks, put in mapped files, or kept as 8-bit numbers."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from equilingua.errors import InputError

BLOCK_ROWS = 8192

LEVELS = 127

# What gives a new array of shape (texts, width) to put vectors in.
Allocate = Callable[[tuple[int, int]], npt.NDArray[Any]]


def row_blocks(count: int, size: int = BLOCK_ROWS) -> Iterator[slice]:
    """Slices of at most so many rows, which together are all.

    >>> list(row_blocks(5, 3))
    [slice(0, 3, None), slice(3, 5, None)]
    """
    return (slice(start, min(start + size, count)) for start in range(0, count, size))


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


@dataclass(frozen=True, eq=False)
class QuantizedVectors:
    """Vectors as 8-bit numbers with one scale a row, beside the vectors they were made of.

    Attributes:
        values: shape (rows, width), int8: each row over its scale, rounded.
        scales: shape (rows,), float32: the largest absolute value of each row over 127.
        error: the largest Euclidean distance of a row from what ``values`` and ``scales`` make of it.
        vectors: the vectors themselves, which may be memory-mapped: only candidates are read.
    """

    values: npt.NDArray[np.int8]
    scales: npt.NDArray[np.float32]
    error: float
    vectors: npt.NDArray[Any]

    @classmethod
    def of(cls, vectors: npt.NDArray[Any]) -> "QuantizedVectors":
        """The vectors quantised, a few thousand rows at a time.

        >>> small = QuantizedVectors.of(np.float32([[1, -0.5], [0, 0]]))
        >>> small.values.tolist(), round(small.error, 4)
        ([[127, -64], [0, 0]], 0.0039)
        """
        values = np.empty(vectors.shape, dtype=np.int8)
        scales = np.empty(len(vectors), dtype=np.float32)
        error = 0.0
        for part in row_blocks(len(vectors)):
            rows = np.asarray(vectors[part], dtype=np.float32)
            scales[part] = np.abs(rows).max(axis=1, initial=0) / np.float32(LEVELS)
            steps = np.where(scales[part] > 0, scales[part], np.float32(1))[:, None]
            values[part] = np.rint(rows / steps)
            lost = rows.astype(np.float64) - restored(values[part], scales[part])
            error = max(error, float(np.sqrt(np.square(lost).sum(axis=1)).max(initial=0)))
        return cls(values, scales, error, vectors)


def restored(values: npt.NDArray[np.int8], scales: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The rows that quantised values stand for, float32."""
    rows: npt.NDArray[np.float32] = values.astype(np.float32)
    rows *= scales[:, None]
    return rows

"""Vectors in a quarter of their memory, with a bound on what that costs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

LEVELS = 127
BLOCK_ROWS = 8192


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


def row_blocks(count: int, size: int = BLOCK_ROWS) -> Iterator[slice]:
    """Slices of at most so many rows, which together are all.

    >>> list(row_blocks(5, 3))
    [slice(0, 3, None), slice(3, 5, None)]
    """
    return (slice(start, min(start + size, count)) for start in range(0, count, size))

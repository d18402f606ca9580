"""Arrays of vectors: checked, read in blocks, put in mapped files, or kept as 8-bit numbers."""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from equilingua.errors import InputError, did_you_mean
from equilingua.retrieval.bits import HAMMING, signs
from equilingua.retrieval.lengths import moderate, unit_rows

Vectors = npt.NDArray[np.float32]
Positions = npt.NDArray[np.int64]

# What gives a new array of shape (texts, width) to put vectors in.
Allocate = Callable[[tuple[int, int]], npt.NDArray[Any]]

SIMILARITIES = ("cosine", "dot", HAMMING)

BLOCK_ROWS = 8192

LEVELS = 127

# Characters of a text in an error.
LONGEST_SHOWN = 60


def as_rows(array: Any, count: int, what: str, *, similarity: str = "dot") -> Vectors:
    """The array (numpy, torch, nested) as float32, shape (count, width); raises ``InputError`` for another shape.

    For ``cosine`` a row of float64 that is beyond float32 is multiplied by a power of two, which its direction keeps.
    """
    rows = number_rows(array, count, what)
    rows32: Vectors = (moderate(rows) if similarity == "cosine" else rows).astype(np.float32, copy=False)
    return rows32


def number_rows(array: Any, count: int, what: str) -> npt.NDArray[Any]:
    """As ``as_rows``, but float64 stays: its values may be beyond float32 until they are of unit length."""
    # numpy has no bfloat16, so a tensor becomes float32 before it becomes an array.
    rows = np.asarray(array.detach().float().cpu() if hasattr(array, "detach") else array)
    if rows.dtype != np.float64:
        rows = rows.astype(np.float32, copy=False)
    if rows.ndim != 2 or len(rows) != count:
        raise InputError(f"{what}: shape {rows.shape}, but {count:,} texts need one row each: shape ({count}, width)")
    return rows


def as_vectors(array: Any, texts: Sequence[str], what: str, *, similarity: str = "cosine") -> Vectors:
    """The array as float32 rows: of unit length for cosine, whatever their scale; of +1 and -1 for hamming.

    A row of zeros (a text without known tokens) stays zero: its score with everything is 0, and it ties with all others
    of that score.

    Args:
        array: numpy array, torch tensor or nested sequence, shape (texts, width).
        texts: what the rows stand for; named in errors.
        what: the name of the rows in errors, such as ``query vectors of 'en'``.
        similarity: ``cosine``, ``dot`` or ``hamming`` (+1 for every number above 0, else -1).

    Raises:
        InputError: if there is not one row a text, or a value is NaN or infinite, or, for ``dot``, beyond float32.

    >>> as_vectors([[3, 4]], ["a text"], "query vectors of 'en'")
    array([[0.6, 0.8]], dtype=float32)
    """
    check_similarity(similarity, what)
    rows = number_rows(array, len(texts), what)
    _check_finite(rows, texts, what)
    if similarity == "cosine":
        return unit_rows(rows)
    if similarity == HAMMING:
        return signs(rows)
    with np.errstate(over="ignore"):
        vectors: Vectors = rows.astype(np.float32, copy=False)
    if vectors is not rows and not np.isfinite(vectors).all():
        raise InputError(f"{what}: values are beyond float32, whose greatest is 3.4e38: scale the vectors down")
    return vectors


def _check_finite(rows: npt.NDArray[Any], texts: Sequence[str], what: str) -> None:
    bad = np.flatnonzero(~np.isfinite(rows).all(axis=1))
    if len(bad):
        first = texts[int(bad[0])]
        shown = first if len(first) <= LONGEST_SHOWN else first[: LONGEST_SHOWN - 3] + "..."
        raise InputError(
            f"{what}: {len(bad):,} of {len(rows):,} hold NaN or infinite values, the first that of "
            f"{shown!r}. A model does this after training with too high a learning rate or in fp16: train or load it "
            "anew, or try --precision fp32"
        )


def check_similarity(similarity: str, what: str) -> None:
    """Raise ``InputError``, naming those allowed, for a similarity that is no inner product, as scores are."""
    if similarity not in SIMILARITIES:
        hint = did_you_mean(similarity, SIMILARITIES)
        raise InputError(f"{what}: similarity {similarity!r} is no inner product, so it cannot be ranked by. {hint}")


def check_widths(queries: Mapping[str, Vectors], passages: Mapping[str, Vectors]) -> None:
    """Raise ``InputError``, naming which have which, for vectors of different widths, which cannot be multiplied."""
    widths = {
        f"{what} vectors of {language!r}": vectors.shape[1]
        for what, side in (("query", queries), ("passage", passages))
        for language, vectors in side.items()
    }
    if len(set(widths.values())) > 1:
        listed = ", ".join(f"{name} {width}" for name, width in widths.items())
        raise InputError(
            f"query and passage vectors must have one width, got {listed}. Encode both with the same model"
        )


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
        """The array that the file holds, memory-mapped; raises ``InputError`` if the disk lacks the space."""
        # Writing to a mapped file on a full disk would kill the process.
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

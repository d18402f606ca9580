"""Binary vectors: one bit a dimension, ranked by their Hamming distance.

Bits are computed with as +1 and -1: the inner product of two such rows is the number of dimensions less twice their
Hamming distance. It is exact in float32 and ranks as the distance does, so binary vectors are searched and ranked as
all others are, with the same rule for ties.

Packed bits are eight dimensions a byte, the first in the highest bit, as ``numpy.packbits`` and sentence-transformers'
``quantize_embeddings`` have them: ``ubinary`` as bytes of 0 to 255, ``binary`` as the same bytes less 128.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from equilingua.errors import InputError

HAMMING = "hamming"

BYTE = 8
OFFSET = 128

# Bytes of which nobody said what they are.
BYTES = np.dtype("V1")

BLOCK_ROWS = 8192

ASK = (
    "packed bits (binary embeddings), or numbers of 8 bits? Say which: --similarity hamming for bits, --similarity dot "
    "or --similarity cosine for numbers"
)
ASK_OF_BYTES = (
    "packed bits (binary embeddings)? Then say --similarity hamming. Numbers are written as lists of them, not as bytes"
)


@dataclass(frozen=True, slots=True)
class Form:
    """What the numbers of vectors are: decided for all vectors of a side together, as a few may be of any numbers.

    Attributes:
        least: of all numbers.
        most: of all numbers.
        whole: whether all are whole numbers.
        narrow: whether they stand as bytes, numbers of 8 bits or truth values.
        offset: whether they stand as signed numbers of 8 bits.
    """

    least: float
    most: float
    whole: bool
    narrow: bool
    offset: bool

    @classmethod
    def of(cls, arrays: Sequence[npt.NDArray[Any]]) -> "Form":
        """The form of these vectors, of shape (rows, width) each; they are read a few thousand rows at a time."""
        least, most, whole = np.inf, -np.inf, True
        for block in _blocks(array.view(np.uint8) if array.dtype == BYTES else array for array in arrays):
            whole = whole and (block.dtype.kind != "f" or bool((block == np.rint(block)).all()))
            if not whole:
                break
            least, most = min(least, float(block.min())), max(most, float(block.max()))
        return cls(
            least,
            most,
            whole,
            any(array.dtype.itemsize == 1 for array in arrays),
            any(array.dtype == np.int8 for array in arrays),
        )

    @property
    def packed(self) -> bool:
        """Whether these are packed bits, if they are bits: whole numbers that fill 8 bits, in whatever type they stand.

        Where all are 1, 0 or -1, each is a bit of its own: eight bits a byte take other values too.
        """
        fits = self.least >= -OFFSET and self.most < (OFFSET if self.least < 0 else 2 * OFFSET)
        return self.whole and fits and not (self.least >= -1 and self.most <= 1)

    def check_said(self, what: str, kind: str) -> None:
        """Raise ``InputError``, which asks what they are, for numbers that may be packed bits.

        Those are all that stand in 8 bits, and other integers (of lists, which know no narrow ones) that fill 8 bits.
        """
        if self.narrow or (self.packed and np.dtype(kind).kind in "iu"):
            if kind == BYTES.str:
                raise InputError(f"{what}: hold bytes: {ASK_OF_BYTES}")
            raise InputError(f"{what}: hold {np.dtype(kind).name}: {ASK}")

    def numbers(self, rows: npt.NDArray[Any], similarity: str, other: int) -> npt.NDArray[Any]:
        """Some rows as numbers to be multiplied with those of the other side, which are so wide.

        Packed bits become +1 and -1 for ``hamming``; and for any similarity where the other side has a number for each:
        so sentence-transformers scores candidates again, queries as they are by their inner product with bits. Else
        rows stay what they are.

        Raises ``InputError`` for bytes that are no such bits.
        """
        if (self.narrow or similarity == HAMMING) and rows.shape[1] != other and rows.shape[1] == -(-other // BYTE):
            return self.unpacked(rows)[:, :other]
        if similarity == HAMMING and self.packed:
            return self.unpacked(rows)
        if rows.dtype == BYTES:
            raise InputError(
                f"bytes are read as packed bits, {BYTE * rows.shape[1]:,} dimensions here, against vectors that are "
                f"packed too (--similarity hamming) or of as many numbers, not {other:,}. Write numbers as lists"
            )
        return rows

    def unpacked(self, rows: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """The bits of some packed rows as +1 and -1, shape (rows, 8 times their width), float32.

        >>> rows = np.uint8([[0b10100000]])
        >>> Form.of([rows]).unpacked(rows).astype(int).tolist()
        [[1, -1, 1, -1, -1, -1, -1, -1]]
        """
        rows = rows.view(np.uint8) if rows.dtype == BYTES else rows
        offset = OFFSET if self.offset or self.least < 0 else 0
        return signs(np.unpackbits((rows.astype(np.int16) + offset).astype(np.uint8), axis=1))


def signs(rows: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """+1 for each number above 0, else -1, as ``quantize_embeddings`` sets bits; float32.

    >>> signs(np.float32([[0.5, -2, 0]])).tolist()
    [[1.0, -1.0, -1.0]]
    """
    ones: npt.NDArray[np.float32] = (rows > 0).astype(np.float32)
    ones *= 2
    ones -= 1
    return ones


def _blocks(arrays: Iterable[npt.NDArray[Any]]) -> Iterable[npt.NDArray[Any]]:
    """All rows that hold numbers, a few thousand at a time."""
    for array in arrays:
        for start in range(0, len(array) if array.size else 0, BLOCK_ROWS):
            yield array[start : start + BLOCK_ROWS]

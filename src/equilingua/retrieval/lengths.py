"""Lengths of vectors of any scale: unit vectors, and inner products that float32 can hold."""

from typing import Any

import numpy as np
import numpy.typing as npt

from equilingua.errors import InputError

Vectors = npt.NDArray[np.float32]

BLOCK_ROWS = 8192

# Exponents of the largest value of a row whose squares float32 sums up without a loss that counts.
LEAST_EXPONENT, MOST_EXPONENT = -30, 30


def unit_rows(rows: npt.NDArray[Any]) -> Vectors:
    """The rows over their Euclidean lengths, float32, whatever their scale; a row of zeros stays zero.

    Rows of extreme scale are first multiplied by a power of two, which changes no digit: 2^100 times a vector gives the
    same unit vector, bit by bit.

    >>> unit_rows(np.float32([[3e30, 4e30], [3e-30, 4e-30], [0, 0]])).round(4)
    array([[0.6, 0.8],
           [0.6, 0.8],
           [0. , 0. ]], dtype=float32)
    """
    scaled = moderate(rows).astype(np.float32, copy=False)
    norms = np.linalg.norm(scaled, axis=1, keepdims=True)
    unit: Vectors = np.divide(scaled, norms, out=np.zeros_like(scaled), where=norms > 0)
    return unit


def moderate(rows: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The rows, those of extreme scale multiplied by a power of two each, which changes no digit; in their type."""
    if not rows.size:
        return rows
    largest = np.maximum(rows.max(axis=1), -rows.min(axis=1))
    exponents = np.frexp(largest)[1]
    extreme = np.flatnonzero((largest > 0) & ((exponents < LEAST_EXPONENT) | (exponents > MOST_EXPONENT)))
    if not len(extreme):
        return rows
    scaled = rows.copy()
    scaled[extreme] = np.ldexp(rows[extreme], -exponents[extreme, None])
    return scaled


def norms(rows: npt.NDArray[Any]) -> Vectors:
    """Euclidean lengths of the rows, summed in float64, shape (rows,), float32."""
    lengths: Vectors = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64)).astype(np.float32)
    return lengths


def longest(vectors: npt.NDArray[Any], what: str) -> float:
    """The greatest length of a vector, to a few units of float32; 0 without vectors.

    Raises:
        InputError: if a value is NaN or infinite, or a length beyond float32.
    """
    greatest = 0.0
    for start in range(0, len(vectors), BLOCK_ROWS):
        rows = np.asarray(vectors[start : start + BLOCK_ROWS], dtype=np.float32)
        with np.errstate(over="ignore"):
            lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
            if not 2.0**LEAST_EXPONENT < lengths.max() < np.inf:
                # Squares may have left the range of float32. Twice as slow, so not the rule.
                lengths = norms(rows)
        bad = np.flatnonzero(~np.isfinite(lengths))
        if len(bad):
            raise InputError(f"{what}: the vector at position {start + bad[0]:,} holds NaN or infinite values")
        greatest = max(greatest, float(lengths.max()))
    return greatest


def check_products(queries: float, passages: float) -> None:
    """Raise ``InputError`` for inner products that float32 cannot hold, by the greatest lengths of both sides.

    An infinite score would tie with every other infinite one, and so would one that became zero.
    """
    product = queries * passages
    if product > float(np.finfo(np.float32).max):
        raise InputError("the inner products of queries and passages overflow float32: scale the vectors down")
    if queries and passages and product < float(np.finfo(np.float32).tiny):
        raise InputError("the inner products of queries and passages vanish in float32: scale the vectors up")

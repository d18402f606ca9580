"""Vectors as every later step expects them: float32, finite, one row a text, of one width."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from equilingua.errors import InputError, did_you_mean

Vectors = npt.NDArray[np.float32]
Positions = npt.NDArray[np.int64]

SIMILARITIES = ("cosine", "dot")


def as_rows(array: Any, count: int, what: str) -> Vectors:
    """The array (numpy, torch or nested sequences) as float32, shape (count, width).

    Raises:
        InputError: if it has another shape.
    """
    rows = np.asarray(array.detach().float().cpu() if hasattr(array, "detach") else array, dtype=np.float32)
    if rows.ndim != 2 or len(rows) != count:
        raise InputError(f"{what}: shape {rows.shape}, but {count:,} texts need one row each: shape ({count}, width)")
    return rows


def as_vectors(array: Any, texts: Sequence[str], what: str, *, similarity: str = "cosine") -> Vectors:
    """The array as float32 rows, of unit length where the similarity is cosine.

    A row of zeros (a text without known tokens) stays zero: its score with everything is 0.

    Args:
        array: numpy array, torch tensor or nested sequence, shape (texts, width).
        texts: what the rows stand for; named in errors.
        what: the name of the rows in errors, such as ``query vectors of 'en'``.
        similarity: ``cosine`` or ``dot``.

    Raises:
        InputError: if there is not one row a text, or a value is NaN or infinite.

    >>> as_vectors([[3, 4]], ["a text"], "query vectors of 'en'")
    array([[0.6, 0.8]], dtype=float32)
    """
    check_similarity(similarity, what)
    vectors = as_rows(array, len(texts), what)
    _check_finite(vectors, texts, what)
    if similarity == "dot":
        return vectors
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)
    return unit


def check_similarity(similarity: str, what: str) -> None:
    """Refuse a similarity that is no inner product, because scores are inner products of vectors.

    Raises:
        InputError: naming the similarities allowed.
    """
    if similarity not in SIMILARITIES:
        hint = did_you_mean(similarity, SIMILARITIES)
        raise InputError(f"{what}: similarity {similarity!r} is no inner product, so it cannot be ranked by. {hint}")


def check_widths(queries: Mapping[str, Vectors], passages: Mapping[str, Vectors]) -> None:
    """Refuse vectors of different widths, which cannot be multiplied.

    Raises:
        InputError: naming which vectors have which width.
    """
    named = {f"query vectors of {lang!r}": v for lang, v in queries.items()}
    named |= {f"passage vectors of {lang!r}": v for lang, v in passages.items()}
    widths = {name: vectors.shape[1] for name, vectors in named.items()}
    if len(set(widths.values())) > 1:
        listed = ", ".join(f"{name} {width}" for name, width in widths.items())
        raise InputError(
            f"query and passage vectors must have one width, got {listed}. Encode both with the same model"
        )


def _check_finite(vectors: Vectors, texts: Sequence[str], what: str) -> None:
    bad = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if len(bad):
        raise InputError(
            f"{what}: {len(bad):,} of {len(vectors):,} hold NaN or infinite values, the first that of "
            f"{_shortened(texts[int(bad[0])])!r}. A model does this after training with too high a learning rate or in "
            "fp16: train or load it anew, or try --precision fp32"
        )


def _shortened(text: str, width: int = 60) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."

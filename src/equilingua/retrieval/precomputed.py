"""Vectors made elsewhere: arrays, or files in which they are found by the ids of the texts they are for.

| file | vectors | ids | languages (optional) |
|---|---|---|---|
| ``NAME.parquet`` | column ``vector``, lists of one length | column ``id`` | column ``language`` |
| ``NAME.npz`` | array ``vectors`` | array ``ids`` | array ``languages`` |
| ``NAME.npy`` | the array, memory-mapped | ``NAME.ids.txt``, one a line | before the id and a tab, on each line |

Languages are needed where the same id stands in several, as translations of a query do. Vectors are numbers or, ranked
by Hamming distance, bits (see ``bits``); those of 8 bits may be either, so what they are has to be said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from equilingua.retrieval.bits import Form
from equilingua.retrieval.vector_files import StoredVectors


@dataclass(frozen=True, eq=False)
class PrecomputedVectors:
    """Vectors made elsewhere, to be evaluated without a model.

    Attributes:
        queries: one array per query language, rows in the order of the benchmark's queries.
        passages: one array per passage language, rows in the order of the benchmark's corpus.
        similarity: ``cosine`` (rows are brought to unit length), ``dot`` or ``hamming``; None for cosine, unless
            numbers are of 8 bits, which may be packed bits: then it has to be said.
    """

    queries: Mapping[str, npt.NDArray[Any]]
    passages: Mapping[str, npt.NDArray[Any]]
    similarity: str | None = None

    def comparable(self, similarity: str | None = None) -> "PrecomputedVectors":
        """The same as numbers that can be multiplied, with the similarity that they are compared by.

        Args:
            similarity: as it was said elsewhere; that of the vectors if None.

        Raises:
            InputError: if it has to be said, and was not.
        """
        said = similarity or self.similarity
        sides = [_arrays(self.queries), _arrays(self.passages)]
        forms = [_form(side, said, what) for side, what in zip(sides, ("query", "passage"), strict=True)]
        widths = [max((array.shape[1] for array in side.values() if array.ndim == 2), default=0) for side in sides]
        queries, passages = (
            {
                language: form.numbers(array, said or "cosine", other) if array.ndim == 2 else array
                for language, array in side.items()
            }
            for side, form, other in zip(sides, forms, widths[::-1], strict=True)
        )
        return PrecomputedVectors(queries, passages, said or "cosine")


@dataclass(frozen=True)
class VectorFiles:
    """Files of vectors made elsewhere (form: see the module), to be evaluated as ``PrecomputedVectors`` are."""

    queries: str | Path
    passages: str | Path
    similarity: str | None = None

    def read(
        self, query_ids: Mapping[str, Sequence[str]], passage_ids: Mapping[str, Sequence[str]]
    ) -> PrecomputedVectors:
        """The vectors of these ids per language, in their order; raises ``InputError`` for a bad file or missing id."""
        return PrecomputedVectors(
            queries=StoredVectors.read(self.queries).rows(query_ids),
            passages=StoredVectors.read(self.passages).rows(passage_ids),
            similarity=self.similarity,
        )


def _form(side: Mapping[str, npt.NDArray[Any]], said: str | None, what: str) -> Form:
    """The form of all vectors of a side; raises ``InputError`` if their similarity has to be said, and was not."""
    arrays = {language: array for language, array in side.items() if array.ndim == 2 and array.dtype.kind in "fiubV"}
    form = Form.of(list(arrays.values()))
    for language, array in arrays.items() if said is None else ():
        form.check_said(f"{what} vectors of {language!r}", array.dtype.str)
    return form


def _arrays(side: Mapping[str, Any]) -> dict[str, npt.NDArray[Any]]:
    """Arrays of numpy, torch or lists by language as numpy has them."""
    # numpy has no bfloat16.
    return {
        language: np.asarray((array.float() if array.is_floating_point() else array).detach().cpu())
        if hasattr(array, "detach")
        else np.asarray(array)
        for language, array in side.items()
    }

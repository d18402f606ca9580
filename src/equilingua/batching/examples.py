"""Examples (pair, query language, passage language) as one integer each, without a table of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from equilingua.pairs.profiles import ProfileIndex


@dataclass(frozen=True, slots=True)
class TrainingExample:
    """One training example.

    Attributes:
        position: the pair's position in the ``ParallelPairs``.
        query_language: the language the query is taken in.
        passage_language: the language the passage is taken in.
    """

    position: int
    query_language: str
    passage_language: str


class ExampleNumbering:
    """Numbers every example that the pairs can serve as: 0 to ``len(self) - 1``, each number an example that exists.

    A profile of n pairs with c language pairs takes n * c consecutive numbers, so packing and unpacking are arithmetic,
    and n pairs in L languages cost no memory for their n * L ** 2 examples.
    """

    def __init__(self, index: ProfileIndex) -> None:
        self.index = index
        self.language_pairs = tuple(profile.language_pairs() for profile in index.profiles)
        self.widths = np.array([len(pairs) for pairs in self.language_pairs], dtype=np.int64)
        self._bases = np.concatenate([[0], np.cumsum(index.counts * self.widths)]).astype(np.int64)

    def __len__(self) -> int:
        return int(self._bases[-1])

    def pack(
        self, profiles: NDArray[np.int64], offsets: NDArray[np.int64], choices: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """The example numbers of pairs by profile, offset inside the profile and choice among its language pairs."""
        examples: NDArray[np.int64] = self._bases[profiles] + offsets * self.widths[profiles] + choices
        return examples

    def unpack(self, examples: Sequence[int] | NDArray[np.int64]) -> list[TrainingExample]:
        """The examples that numbers stand for.

        Raises:
            IndexError: for a number below 0 or past the end.
        """
        numbers = np.asarray(examples, dtype=np.int64)
        if len(numbers) and not (numbers.min() >= 0 and numbers.max() < len(self)):
            raise IndexError(
                f"example numbers run from 0 to {len(self) - 1:,}, got {numbers.min():,} to {numbers.max():,}"
            )
        profiles = np.searchsorted(self._bases, numbers, side="right") - 1
        offsets, choices = np.divmod(numbers - self._bases[profiles], self.widths[profiles])
        positions = self.index.offsets[profiles] + offsets
        return [
            TrainingExample(position, *self.language_pairs[profile][choice])
            for position, profile, choice in zip(positions.tolist(), profiles.tolist(), choices.tolist(), strict=True)
        ]

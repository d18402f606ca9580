"""Ranks of relevant passages, with how many passages share each one's score."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RankArray = npt.NDArray[np.int64]

UNFOUND_RANK = -1
"""The rank of a relevant passage that is not found."""


@dataclass(frozen=True, eq=False, slots=True)
class TiedRanks:
    """Ranks of relevant passages, one row a query and one column a slot, and the ties that they stand in.

    Relevant passages of one query tie where ``above`` is the same. All that are not found are one tie behind all that
    are.

    Attributes:
        rank: from 1, by the tie rule; 0 for an empty slot, -1 for a passage that is not found. Shape (queries, slots).
        above: passages that score higher, same shape; of a passage that is not found, those found.
        tied: passages of the same score, itself included; 0 for an empty slot.
    """

    rank: RankArray
    above: RankArray
    tied: RankArray

    @classmethod
    def untied(cls, ranks: RankArray) -> "TiedRanks":
        """Those of a ranking in which every passage is found and none tie; 0 for an empty slot."""
        filled = ranks > 0
        return cls(ranks, np.where(filled, ranks - 1, 0), filled.astype(np.int64))

    @property
    def filled(self) -> npt.NDArray[np.bool_]:
        """Whether a slot holds a passage."""
        return self.tied > 0

    @property
    def found(self) -> npt.NDArray[np.bool_]:
        """Whether a slot holds a passage that is found."""
        return self.rank > 0

    def of(self, rows: RankArray, slots: slice = slice(None)) -> "TiedRanks":
        """Those of some rows, and of some slots."""
        return TiedRanks(*(part[rows][:, slots] for part in (self.rank, self.above, self.tied)))

    def only(self, chosen: npt.ArrayLike) -> "TiedRanks":
        """Those of the chosen slots, all others being empty; ``chosen`` has the shape of the ranks, or of a row."""
        return TiedRanks(*(np.where(chosen, part, 0) for part in (self.rank, self.above, self.tied)))

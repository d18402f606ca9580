"""What stands first: the right content or not, in the query's language or not."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class TopHits:
    """First passages of the queries of one language that have relevant passages in their own and in another language.

    Attributes:
        queries: how many there are; the four cells add up to it.
        right_own: first passages that are relevant and in the query's language.
        right_other: relevant, in another language: the content is found, its language is not the reader's.
        wrong_own: not relevant, in the query's language: language won over content.
        wrong_other: neither.
    """

    queries: int
    right_own: int
    right_other: int
    wrong_own: int
    wrong_other: int


def top_hits(right: npt.ArrayLike, own: npt.ArrayLike) -> TopHits:
    """The 2 x 2 table of first passages.

    Args:
        right: whether each query's first passage is relevant, shape (queries,).
        own: whether it is in the query's language.

    Source: the four-way decomposition of arXiv 2605.07249.

    >>> top_hits([True, True, False], [True, False, True])
    TopHits(queries=3, right_own=1, right_other=1, wrong_own=1, wrong_other=0)
    """
    relevant, same = np.asarray(right, dtype=bool), np.asarray(own, dtype=bool)
    return TopHits(
        queries=relevant.size,
        right_own=int((relevant & same).sum()),
        right_other=int((relevant & ~same).sum()),
        wrong_own=int((~relevant & same).sum()),
        wrong_other=int((~relevant & ~same).sum()),
    )

"""Whether passages of some languages rank above their translations more often than chance would have it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Friedman:
    """Friedman's test that passage languages rank alike.

    Attributes:
        chi_square: the statistic, corrected for ties, with one degree of freedom less than there are languages.
        p: chance of one as large, if no language were preferred; good from some 15 queries on.
        kendall_w: Kendall's coefficient of concordance, from 0 (blocks agree on no order of the languages) to 1 (all
            rank them in the same order): the size of the effect. Without preference it is about 1 / blocks, because
            a few blocks agree somewhat by chance.
        blocks: queries, or items.
    """

    chi_square: float
    p: float
    kendall_w: float
    blocks: int


def friedman(ranks: npt.ArrayLike) -> Friedman | None:
    """Friedman's test with queries or items as blocks and passage languages as treatments.

    Only the order within a block counts, so hard queries weigh no more than easy ones.

    Args:
        ranks: of the one relevant passage in each language, shape (blocks, languages); or anything that orders the
            languages of a block, the first the lowest.

    Returns:
        None with fewer than two languages, without blocks, or where every block is one tie.

    Source: Friedman 1937; Kendall and Babington Smith 1939. Ties as in scipy.stats.friedmanchisquare, which refuses two
    languages, where this is the sign test without continuity correction.

    >>> test = friedman([[1, 2, 3], [4, 5, 9], [2, 7, 8], [3, 1, 2]])
    >>> round(test.chi_square, 2), round(test.kendall_w, 4), round(test.p, 4)
    (3.5, 0.4375, 0.1738)
    """
    from scipy.special import chdtrc
    from scipy.stats import rankdata

    values = np.asarray(ranks, dtype=np.float64)
    blocks, languages = values.shape
    if blocks == 0 or languages < 2:
        return None
    places = rankdata(values, axis=1)
    centre = (languages + 1) / 2
    within = float(((places - centre) ** 2).sum())
    if within == 0:
        return None
    between = float(((places.sum(axis=0) - blocks * centre) ** 2).sum())
    chi_square = (languages - 1) * between / within
    return Friedman(
        chi_square=chi_square,
        p=float(chdtrc(languages - 1, chi_square)),
        kendall_w=chi_square / (blocks * (languages - 1)),
        blocks=blocks,
    )

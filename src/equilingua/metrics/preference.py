"""Which languages a ranking of the mixed pool prefers: what fills its first places, and the tests of it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from equilingua.metrics.retrieval import Values

MEANS = "Means over query languages, each of which counts the same; differences in percentage points."
"""What shares and differences over all query languages are, as tables say it."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """One passage language in the first places.

    Attributes:
        share: of the places among the first k, from 0 to 1; mean over queries, then over query languages.
        pool_share: of the passages that could stand there, mean likewise: what a ranking that does not look at language
            gives.
        difference: ``share`` minus ``pool_share``; from -1 to 1, above 0 for a language shown more often than it is
            there.
        interval: 95 % bootstrap interval of the difference over items; None without resamples, or for a single item.
    """

    share: float
    pool_share: float
    difference: float
    interval: tuple[float, float] | None


def exposure_shares(best_languages: npt.ArrayLike, languages: int) -> Values:
    """Share of every query's first places that each passage language has; each row adds up to 1.

    Every place counts the same, whatever its rank.

    Args:
        best_languages: which language each of the first k passages is in, from 0: shape (queries, k), k at least 1.
        languages: how many there are.

    Returns:
        Shape (queries, languages), each from 0 to 1.

    Source: exposure without position discount, as in Singh and Joachims 2018 ("Fairness of Exposure in Rankings") with
    passage languages as groups.

    >>> exposure_shares([[0, 0, 2, 0]], languages=3)
    array([[0.75, 0.  , 0.25]])
    """
    places = np.asarray(best_languages)
    return np.asarray((places[:, :, None] == np.arange(languages)).mean(axis=1))


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
    """The 2 x 2 table of first passages: whether each is relevant, and in the query's language; shape (queries,) both.

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
    # Every block is one tie: no order that blocks could agree on.
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


@dataclass(frozen=True, slots=True)
class RankCorrelation:
    """Mean rank correlation (MRC@k) of parallel queries.

    Attributes:
        mean: over the pairs of query languages, from -1 to 1.
        interval: 95 % bootstrap interval of ``mean`` over items; None without resamples.
        pairs: per query language and other query language the mean over their parallel queries; both orders are there.
            Pairs without parallel queries are not.
    """

    mean: float
    interval: tuple[float, float] | None
    pairs: Mapping[str, Mapping[str, float]]


def top_list_correlation(first: npt.ArrayLike, second: npt.ArrayLike) -> Values:
    """Spearman's correlation of two top-k lists over the passages that stand in either.

    A passage missing from a list ranks behind all that stand in it; several missing ones tie. Equal lists give 1,
    reversed ones -1. Two lists of 10 without a common passage give -.858, not 0, because each puts all ten of its
    passages ahead of the other's. For k = 1 it is 1 for the same passage and -1 for another.

    Args:
        first: passages, best first, none twice: shape (queries, k).
        second: of the parallel queries, same shape.

    Source: Yang, Jiang and Baldwin 2024 (arXiv 2509.06195) take Spearman's correlation of the two rankings; that of
    top-k lists with missing passages at k + 1 follows Fagin, Kumar and Sivakumar 2003, "Comparing Top k Lists".

    >>> top_list_correlation([[4, 7, 9], [4, 7, 9], [4, 7, 9]], [[4, 7, 9], [9, 7, 4], [4, 7, 5]]).round(4)
    array([ 1. , -1. ,  0.8])
    """
    one, two = np.asarray(first), np.asarray(second)
    k = one.shape[1]
    places = np.arange(1, k + 1, dtype=np.float64)
    shared = one[:, :, None] == two[:, None, :]
    missing = k - shared.sum(axis=(1, 2), dtype=np.int64)
    # Those missing from a list tie behind its k: the mean of the places k + 1 to k + missing.
    behind = k + (missing + 1) / 2
    products = (shared * np.outer(places, places)).sum(axis=(1, 2))
    products += behind * (places * ~shared.any(axis=2)).sum(axis=1)
    products += behind * (places * ~shared.any(axis=1)).sum(axis=1)
    # Both lists have the same squares: k places and as many tied ones behind.
    squares = (places**2).sum() + missing * behind**2
    size = k + missing
    expected = size * ((size + 1) / 2) ** 2
    spread = squares - expected
    correlation: Values = np.divide(products - expected, spread, out=np.ones(len(one)), where=spread > 0)
    return correlation

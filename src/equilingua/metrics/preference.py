"""Which languages a ranking of the mixed pool prefers: what fills its first places, and the tests of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum

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


def exposure_shares(
    best_languages: npt.ArrayLike,
    languages: int,
    *,
    k: int | None = None,
    above: npt.ArrayLike | None = None,
    last_tied: npt.ArrayLike | None = None,
) -> Values:
    """Share of every query's first places that each passage language has; each row adds up to 1.

    Every place counts the same, whatever its rank. Where passages tie for the last places, each of them has these with
    the same chance. Places that nothing was found for do not count; a query that finds nothing has no shares: NaN.

    Args:
        best_languages: which language each of the first passages is in, from 0, -1 behind the last that is found:
            shape (queries, places).
        languages: how many there are.
        k: places that count, of those given; all if not given.
        above: how many passages score higher than the one at each place, same shape; none tie if not given.
        last_tied: passages of each language that score as the one at the last place, shape (queries, languages); zeros,
            or not given, where these are all among the places.

    Returns:
        Shape (queries, languages), each from 0 to 1.

    Source: exposure without position discount, as in Singh and Joachims 2018 ("Fairness of Exposure in Rankings") with
    passage languages as groups.

    >>> exposure_shares([[0, 0, 2, 0]], languages=3)
    array([[0.75, 0.  , 0.25]])
    >>> exposure_shares([[0, 1]], languages=2, above=[[0, 1]], last_tied=[[1, 3]])
    array([[0.625, 0.375]])
    """
    places = np.asarray(best_languages)
    ranked = np.arange(places.shape[1])
    starts = np.broadcast_to(ranked, places.shape) if above is None else np.asarray(above)
    found = np.count_nonzero(places >= 0, axis=1)
    shown = np.minimum(found, places.shape[1] if k is None else k)
    rows, last = np.arange(len(places)), np.maximum(shown - 1, 0)
    if not places.shape[1]:
        return np.full((len(places), languages), np.nan)
    # The passages before the tie of the last place, and those of that tie.
    start = starts[rows, last]
    is_language = places[:, :, None] == np.arange(languages)
    sure = (is_language & (ranked < start[:, None])[:, :, None]).sum(axis=1)
    tied = (is_language & (starts == start[:, None])[:, :, None]).sum(axis=1)
    if last_tied is not None:
        beyond = np.asarray(last_tied)
        at_end = beyond.any(axis=1) & (start == starts[rows, np.maximum(found - 1, 0)])
        tied = np.where(at_end[:, None], beyond, tied)
    # Whole numbers until the one division, so that a tie of the whole pool has exactly the pool's shares.
    of_tie = tied.sum(axis=1, keepdims=True)
    total = sure * of_tie + (shown - start)[:, None] * tied
    shares: Values = np.divide(
        total, np.maximum(shown[:, None] * of_tie, 1), out=np.full(total.shape, np.nan), where=shown[:, None] > 0
    )
    return shares


@dataclass(frozen=True, slots=True)
class TopHits:
    """First passages of the queries of one language that have relevant passages in their own and in another language.

    Attributes:
        queries: how many there are that find anything; the four cells add up to it. A query of which passages tie for
            the first place is shared out among the cells.
        right_own: first passages that are relevant and in the query's language.
        right_other: relevant, in another language: the content is found, its language is not the reader's.
        wrong_own: not relevant, in the query's language: language won over content.
        wrong_other: neither.
    """

    queries: int
    right_own: float
    right_other: float
    wrong_own: float
    wrong_other: float


def top_hits(right_own: npt.ArrayLike, right_other: npt.ArrayLike, own: npt.ArrayLike) -> TopHits:
    """The 2 x 2 table of first passages: whether each is relevant, and in the query's language.

    Args:
        right_own: whether each query's first passage is relevant and in its language, shape (queries,); a share of 1
            where passages tie for the first place.
        right_other: whether it is relevant and in another language, likewise.
        own: whether it is in the query's language, likewise.

    Source: the four-way decomposition of arXiv 2605.07249.

    >>> top_hits([True, False, False], [False, True, False], [True, False, True])
    TopHits(queries=3, right_own=1.0, right_other=1.0, wrong_own=1.0, wrong_other=0.0)
    """
    cells = [np.asarray(part, dtype=np.float64) for part in (right_own, right_other)]
    same = np.asarray(own, dtype=np.float64)
    cells += [same - cells[0], 1 - same - cells[1]]
    # Differences of shares may be off by a rounding, and below 0.
    return TopHits(same.size, *(max(0.0, fsum(cell.tolist())) for cell in cells))


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
        None with fewer than two languages or without blocks. Where every block is one tie, p is 1.

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
    between = float(((places.sum(axis=0) - blocks * centre) ** 2).sum())
    # Every block is one tie: no order that blocks could agree on.
    chi_square = (languages - 1) * between / within if within else 0.0
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
    passages ahead of the other's. For k = 1 it is 1 for the same passage and -1 for another. NaN where a list is empty.

    Passages of one score stand in a list in the one order of all passages, so that two rankings that tie alike agree.
    The passages' languages play no part.

    Args:
        first: passages, best first, none twice: shape (queries, k); -1 behind the last of a shorter list.
        second: of the parallel queries, same shape.

    Source: Yang, Jiang and Baldwin 2024 (arXiv 2509.06195) take Spearman's correlation of the two rankings; that of
    top-k lists with missing passages at k + 1 follows Fagin, Kumar and Sivakumar 2003, "Comparing Top k Lists".

    >>> top_list_correlation([[4, 7, 9], [4, 7, 9], [4, 7, 9]], [[4, 7, 9], [9, 7, 4], [4, 7, 5]]).round(4)
    array([ 1. , -1. ,  0.8])
    """
    one, two = np.asarray(first), np.asarray(second)
    places = np.arange(1, one.shape[1] + 1, dtype=np.float64)
    in_one, in_two = one >= 0, two >= 0
    shared = (one[:, :, None] == two[:, None, :]) & in_one[:, :, None]
    lengths = [listed.sum(axis=1, dtype=np.int64) for listed in (in_one, in_two)]
    size = lengths[0] + lengths[1] - shared.sum(axis=(1, 2), dtype=np.int64)
    # Those missing from a list tie behind it: the mean of the places that it leaves.
    behind = [(length + 1 + size) / 2 for length in lengths]
    products = (shared * np.outer(places, places)).sum(axis=(1, 2))
    products += behind[1] * (places * (in_one & ~shared.any(axis=2))).sum(axis=1)
    products += behind[0] * (places * (in_two & ~shared.any(axis=1))).sum(axis=1)
    expected = size * ((size + 1) / 2) ** 2
    spreads = [
        (listed * places**2).sum(axis=1) + (size - length) * left**2 - expected
        for listed, length, left in zip((in_one, in_two), lengths, behind, strict=True)
    ]
    spread = np.sqrt(spreads[0] * spreads[1])
    correlation: Values = np.divide(products - expected, spread, out=np.ones(len(one)), where=spread > 0)
    return np.where((lengths[0] > 0) & (lengths[1] > 0), correlation, np.nan)

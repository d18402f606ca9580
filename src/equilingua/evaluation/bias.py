"""The record of language bias: which languages the ranking of the mixed pool favours, and how surely.

All but the rank correlation are means over the orders of passages that score the same: a tie favours no language.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from equilingua.evaluation.rankings import LanguageRanking
from equilingua.evaluation.reach import Reach, measure_reach
from equilingua.evaluation.scores import aligned
from equilingua.metrics.peer import Peer, peer, refusal
from equilingua.metrics.preference import (
    Exposure,
    Friedman,
    RankCorrelation,
    TopHits,
    exposure_shares,
    friedman,
    top_hits,
    top_list_correlation,
)
from equilingua.metrics.probes import Probes, both_ways, parallel_rows
from equilingua.metrics.retrieval import Values
from equilingua.metrics.ties import chance_within
from equilingua.retrieval.ranking import TopLists
from equilingua.statistics.bootstrap import macro_mean
from equilingua.statistics.intervals import mean_intervals
from equilingua.statistics.unseen import Bounds

DEFAULT_DEPTH = 10

Key = tuple[str, ...]
# Ids of queries, and one value each.
Column = tuple[tuple[str, ...], Values]
Interval = tuple[float, float]
EXPOSURE, POOL_SHARE, CORRELATION, PEER = "exposure", "pool share", "correlation", "peer"


@dataclass(frozen=True, slots=True)
class LanguageBias:
    """How evenly the ranking of the mixed pool treats languages.

    Attributes:
        k: depth of exposure, rank correlation and PEER. Exposure and rank correlation pass over what any parallel query
            leaves out, because a passage that only some languages may find makes rankings differ without any bias.
        exposure: per passage language, mean over query languages; empty where no query finds anything.
        exposure_per_language: per query language, then passage language; languages whose queries find nothing left out.
        friedman: test that passage languages rank alike, with items as blocks: how each query ranks its passages among
            themselves, added up over the languages an item is asked in, which are no independent evidence. None
            without queries that have exactly one relevant passage in every language.
        friedman_per_language: per query language, with its queries as blocks; languages without such queries left out.
        top_hits: per query language, what stands first; languages without comparable queries left out.
        rank_correlation: MRC@k; None where no query is asked in two languages.
        peer: PEER@k, or why it is refused.
        reach: what the language of a relevant passage costs in quality; None where no query has relevant passages in
            its own and in another language.
        probes: of the vectors; None if not asked for.
        nothing_found: per query language, its queries that find no passage; languages without such queries left out.
    """

    k: int
    exposure: Mapping[str, Exposure]
    exposure_per_language: Mapping[str, Mapping[str, Exposure]]
    friedman: Friedman | None
    friedman_per_language: Mapping[str, Friedman]
    top_hits: Mapping[str, TopHits]
    rank_correlation: RankCorrelation | None
    peer: Peer
    reach: Reach | None = None
    nothing_found: Mapping[str, int] = field(default_factory=dict)
    probes: Probes | None = None


def measure_language_bias(
    rankings: Sequence[LanguageRanking], *, k: int, resamples: int, seed: int, probes: Probes | None = None
) -> LanguageBias:
    """The record, from the rankings of every query language over the same pool, whose best passages reach down to k.

    No intervals where ``resamples`` is 0.
    """
    items = sorted({query for ranking in rankings for query in ranking.query_ids})
    correlations = dict(_all_correlations(rankings, k))
    matrices = dict(_matrices(rankings, items, k, correlations))
    # What the pool is made of does not depend on the model: nobody asks how sure that is.
    drawn = {key: values for key, values in matrices.items() if key[0] != POOL_SHARE}
    # PEER is a share; differences of shares and correlations go below 0, also where none that was seen does.
    intervals = (
        mean_intervals(drawn, resamples=resamples, seed=seed, bounds_of=lambda key: Bounds(-float(key[0] != PEER), 1.0))
        if resamples and drawn
        else {}
    )
    languages = list(rankings[0].sizes)
    tests = {ranking.query_language: friedman(_one_in_each(ranking)[1]) for ranking in rankings}
    return LanguageBias(
        k=k,
        exposure=_exposure(matrices, intervals, (), languages),
        exposure_per_language={
            language: shown for language in tests if (shown := _exposure(matrices, intervals, (language,), languages))
        },
        friedman=_friedman_over_items(rankings, items),
        friedman_per_language={language: test for language, test in tests.items() if test is not None},
        top_hits=dict(_all_top_hits(rankings)),
        rank_correlation=_rank_correlation(
            list(correlations), matrices.get((CORRELATION,)), intervals.get((CORRELATION,))
        ),
        peer=_peer(matrices.get((PEER,)), intervals.get((PEER,)), languages=len(languages)),
        nothing_found=dict(_nothing_found(rankings)),
        reach=measure_reach(rankings, k=k, resamples=resamples, seed=seed),
        probes=probes,
    )


def _matrices(
    rankings: Sequence[LanguageRanking], items: Sequence[str], k: int, correlations: Mapping[tuple[str, str], Column]
) -> Iterator[tuple[Key, Values]]:
    """Everything an interval is wanted for, as items by columns."""
    yield from _exposure_matrices(rankings, items, k)
    peers = [column for ranking in rankings if (column := _peers(ranking, k))[0]]
    for what, columns in ((CORRELATION, list(correlations.values())), (PEER, peers)):
        if columns:
            yield (what,), aligned(columns, items)


def _exposure_matrices(
    rankings: Sequence[LanguageRanking], items: Sequence[str], k: int
) -> Iterator[tuple[Key, Values]]:
    """Of the queries that find anything; nothing of a query language without any."""
    languages = list(rankings[0].sizes)
    columns = []
    for ranking in rankings:
        shares = _shares(ranking, ranking.ranks.shared_top, k)
        shown = np.flatnonzero(~np.isnan(shares[:, 0]))
        if len(shown):
            of_pool = ranking.shared_sizes[shown] / ranking.shared_sizes[shown].sum(axis=1, keepdims=True)
            ids = tuple(ranking.query_ids[row] for row in shown)
            columns.append((ranking.query_language, ids, {EXPOSURE: shares[shown] - of_pool, POOL_SHARE: of_pool}))
    if not columns:
        return
    for what in (EXPOSURE, POOL_SHARE):
        for place, language in enumerate(languages):
            yield (what, language), aligned([(ids, values[what][:, place]) for _, ids, values in columns], items)
            for query_language, ids, values in columns:
                yield (what, query_language, language), aligned([(ids, values[what][:, place])], items)


def _shares(ranking: LanguageRanking, top: TopLists, k: int) -> Values:
    """Of each query's first k places, the shares of the passage languages: shape (queries, languages)."""
    found = ranking.languages_of(top.best)
    return exposure_shares(found, len(ranking.sizes), k=k, above=top.above, last_tied=top.last_tied)


def _all_correlations(rankings: Sequence[LanguageRanking], k: int) -> Iterator[tuple[tuple[str, str], Column]]:
    """Per two query languages, where any query is asked, and finds something, in both."""
    for one, two in combinations(rankings, 2):
        column = _correlations(one, two, k)
        if column[0]:
            yield (one.query_language, two.query_language), column


def _correlations(one: LanguageRanking, two: LanguageRanking, k: int) -> Column:
    """Ids and rank correlations of the queries asked in both languages, and finding something in both."""
    first, second = parallel_rows(one.query_ids, two.query_ids)
    values = top_list_correlation(one.ranks.shared_top.best[first, :k], two.ranks.shared_top.best[second, :k])
    known = np.isfinite(values)
    return tuple(one.query_ids[row] for row in first[known]), values[known]


def _peers(ranking: LanguageRanking, k: int) -> Column:
    """Ids and PEER of the queries it says anything for."""
    relevant = ranking.relevant
    rows = np.flatnonzero(relevant.filled.any(axis=1))
    if len(rows) == 0:
        return (), np.empty(0)
    values = peer(relevant.of(rows), gains=ranking.judged.gains[rows], languages=ranking.slot_languages, k=k)
    known = np.isfinite(values)
    return tuple(ranking.query_ids[row] for row in rows[known]), values[known]


def _exposure(
    matrices: Mapping[Key, Values], intervals: Mapping[Key, Interval], query_language: Key, languages: Sequence[str]
) -> dict[str, Exposure]:
    exposures = {}
    for language in languages:
        key = (EXPOSURE, *query_language, language)
        if key not in matrices:
            continue
        pool_share, difference = (macro_mean(matrices[what, *key[1:]]) for what in (POOL_SHARE, EXPOSURE))
        exposures[language] = Exposure(
            share=pool_share + difference,
            pool_share=pool_share,
            difference=difference,
            interval=intervals.get(key),
        )
    return exposures


def _nothing_found(rankings: Sequence[LanguageRanking]) -> Iterator[tuple[str, int]]:
    for ranking in rankings:
        if count := int(np.count_nonzero((ranking.ranks.top.best < 0).all(axis=1))):
            yield ranking.query_language, count


def _one_in_each(ranking: LanguageRanking) -> Column:
    """Queries with exactly one relevant passage in every language, and what ranks above it: (queries, languages).

    Passages that tie have the same number, as the test's own ranks of them have.
    """
    relevant = ranking.relevant
    slots = ranking.judged.slots.values()
    rows = np.flatnonzero(np.all([np.count_nonzero(relevant.filled[:, part], axis=1) == 1 for part in slots], axis=0))
    if len(rows) == 0:
        return (), np.empty((0, len(slots)))
    above = np.stack([relevant.above[rows, part].max(axis=1) for part in slots], axis=1)
    return tuple(ranking.query_ids[row] for row in rows), above.astype(np.float64)


def _friedman_over_items(rankings: Sequence[LanguageRanking], items: Sequence[str]) -> Friedman | None:
    """Friedman's test over items, in each of which every query counts alike, however far down it ranks its passages."""
    from scipy.stats import rankdata

    place = {item: row for row, item in enumerate(items)}
    total = np.zeros((len(items), len(rankings[0].sizes)))
    for ids, ranks in map(_one_in_each, rankings):
        total[[place[query] for query in ids]] += rankdata(ranks, axis=1)
    return friedman(total[total.any(axis=1)])


def _all_top_hits(rankings: Sequence[LanguageRanking]) -> Iterator[tuple[str, TopHits]]:
    for ranking in rankings:
        relevant = ranking.relevant
        own = np.array([language == ranking.query_language for language in ranking.slot_languages], dtype=bool)
        shares = _shares(ranking, ranking.ranks.top, 1)
        comparable = relevant.filled[:, own].any(axis=1) & relevant.filled[:, ~own].any(axis=1)
        rows = np.flatnonzero(comparable & ~np.isnan(shares[:, 0]))
        if len(rows):
            # A passage that nothing ranks above stands first with the chance of one among those of its score.
            first = chance_within(relevant, 1)[rows]
            # Rows are left only where the pool has passages of the query's language, so this finds one.
            own_place = list(ranking.sizes).index(ranking.query_language)
            right_own, right_other = first[:, own].sum(axis=1), first[:, ~own].sum(axis=1)
            yield ranking.query_language, top_hits(right_own, right_other, shares[rows, own_place])


def _rank_correlation(
    compared: Sequence[tuple[str, str]], matrix: Values | None, interval: Interval | None
) -> RankCorrelation | None:
    if matrix is None:
        return None
    means = {pair: float(np.nanmean(values)) for pair, values in zip(compared, matrix.T, strict=True)}
    return RankCorrelation(mean=macro_mean(matrix), interval=interval, pairs=both_ways(means))


def _peer(matrix: Values | None, interval: Interval | None, *, languages: int) -> Peer:
    if matrix is None:
        return Peer(value=None, interval=None, queries=0, reason=refusal(languages))
    return Peer(macro_mean(matrix), interval, int(np.isfinite(matrix).sum()))

"""The record of language bias: which languages the ranking of the mixed pool favours, and how surely."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from equilingua.evaluation.rankings import LanguageRanking
from equilingua.evaluation.reach import Reach, measure_reach
from equilingua.evaluation.scores import aligned
from equilingua.metrics.language_bias import Peer, peer, refusal
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
from equilingua.statistics.bootstrap import macro_mean, mean_intervals

DEFAULT_DEPTH = 10

Key = tuple[str, ...]
Interval = tuple[float, float]
EXPOSURE, POOL_SHARE, CORRELATION, PEER = "exposure", "pool share", "correlation", "peer"


@dataclass(frozen=True, slots=True)
class LanguageBias:
    """How evenly the ranking of the mixed pool treats languages.

    Attributes:
        k: depth of exposure, rank correlation and PEER. Exposure and rank correlation pass over what any parallel query
            leaves out, because a passage that only some languages may find makes rankings differ without any bias.
        exposure: per passage language, mean over query languages.
        exposure_per_language: per query language, then passage language.
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
    probes: Probes | None = None


def measure_language_bias(
    rankings: Sequence[LanguageRanking], *, k: int, resamples: int, seed: int, probes: Probes | None = None
) -> LanguageBias:
    """The record, from the rankings of every query language over the same pool, whose best passages reach down to k.

    No intervals where ``resamples`` is 0.
    """
    items = sorted({query for ranking in rankings for query in ranking.query_ids})
    matrices = dict(_matrices(rankings, items, k))
    # What the pool is made of does not depend on the model: nobody asks how sure that is.
    drawn = {key: values for key, values in matrices.items() if key[0] != POOL_SHARE}
    intervals = mean_intervals(drawn, resamples=resamples, seed=seed) if resamples else {}
    languages = list(rankings[0].sizes)
    tests = {ranking.query_language: friedman(_one_in_each(ranking)[1]) for ranking in rankings}
    return LanguageBias(
        k=k,
        exposure=_exposure(matrices, intervals, (), languages),
        exposure_per_language={language: _exposure(matrices, intervals, (language,), languages) for language in tests},
        friedman=_friedman_over_items(rankings, items),
        friedman_per_language={language: test for language, test in tests.items() if test is not None},
        top_hits=dict(_all_top_hits(rankings)),
        rank_correlation=_rank_correlation(rankings, matrices.get((CORRELATION,)), intervals.get((CORRELATION,))),
        peer=_peer(matrices.get((PEER,)), intervals.get((PEER,)), languages=len(languages)),
        reach=measure_reach(rankings, k=k, resamples=resamples, seed=seed),
        probes=probes,
    )


def _matrices(rankings: Sequence[LanguageRanking], items: Sequence[str], k: int) -> Iterator[tuple[Key, Values]]:
    """Everything an interval is wanted for, as items by columns."""
    yield from _exposure_matrices(rankings, items, k)
    correlations = [_correlations(one, two, k) for one, two in combinations(rankings, 2)]
    peers = [_peers(ranking, k) for ranking in rankings]
    for what, columns in ((CORRELATION, correlations), (PEER, peers)):
        if filled := [(ids, values) for ids, values in columns if ids]:
            yield (what,), aligned(filled, items)


def _exposure_matrices(
    rankings: Sequence[LanguageRanking], items: Sequence[str], k: int
) -> Iterator[tuple[Key, Values]]:
    languages = list(rankings[0].sizes)
    shares = [exposure_shares(ranking.languages_of(ranking.shared_best[:, :k]), len(languages)) for ranking in rankings]
    of_pool = [ranking.shared_sizes / ranking.shared_sizes.sum(axis=1, keepdims=True) for ranking in rankings]
    differences = [share - expected for share, expected in zip(shares, of_pool, strict=True)]
    for what, values in ((EXPOSURE, differences), (POOL_SHARE, of_pool)):
        for place, language in enumerate(languages):
            columns = [(ranking.query_ids, rows[:, place]) for ranking, rows in zip(rankings, values, strict=True)]
            yield (what, language), aligned(columns, items)
            for ranking, column in zip(rankings, columns, strict=True):
                yield (what, ranking.query_language, language), aligned([column], items)


def _correlations(one: LanguageRanking, two: LanguageRanking, k: int) -> tuple[tuple[str, ...], Values]:
    """Ids and rank correlations of the queries asked in both languages."""
    first, second = parallel_rows(one.query_ids, two.query_ids)
    values = top_list_correlation(one.shared_best[first, :k], two.shared_best[second, :k])
    return tuple(one.query_ids[row] for row in first), values


def _peers(ranking: LanguageRanking, k: int) -> tuple[tuple[str, ...], Values]:
    """Ids and PEER of the queries it says anything for."""
    rows = np.flatnonzero((ranking.ranks.pool > 0).any(axis=1))
    if len(rows) == 0:
        return (), np.empty(0)
    values = peer(ranking.ranks.pool[rows], gains=ranking.relevant.gains[rows], languages=ranking.slot_languages, k=k)
    known = np.isfinite(values)
    return tuple(ranking.query_ids[row] for row in rows[known]), values[known]


def _exposure(
    matrices: Mapping[Key, Values], intervals: Mapping[Key, Interval], query_language: Key, languages: Sequence[str]
) -> dict[str, Exposure]:
    exposures = {}
    for language in languages:
        key = (EXPOSURE, *query_language, language)
        pool_share, difference = (macro_mean(matrices[what, *key[1:]]) for what in (POOL_SHARE, EXPOSURE))
        exposures[language] = Exposure(
            share=pool_share + difference,
            pool_share=pool_share,
            difference=difference,
            interval=intervals.get(key),
        )
    return exposures


def _one_in_each(ranking: LanguageRanking) -> tuple[tuple[str, ...], Values]:
    """Queries with exactly one relevant passage in every language, and its ranks: shape (queries, languages)."""
    parts = [ranking.ranks.pool[:, part] for part in ranking.relevant.slots.values()]
    rows = np.flatnonzero(np.all([np.count_nonzero(part, axis=1) == 1 for part in parts], axis=0))
    if len(rows) == 0:
        return (), np.empty((0, len(parts)))
    ranks = np.stack([part[rows].max(axis=1) for part in parts], axis=1)
    return tuple(ranking.query_ids[row] for row in rows), ranks.astype(np.float64)


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
        languages = np.array(ranking.slot_languages, dtype=str)
        own, filled = languages == ranking.query_language, ranking.ranks.pool > 0
        rows = np.flatnonzero(filled[:, own].any(axis=1) & filled[:, ~own].any(axis=1))
        if len(rows):
            first = ranking.ranks.best[rows, :1]
            right = (ranking.relevant.positions[rows] == first).any(axis=1)
            # Rows are left only where the pool has passages of the query's language, so this finds one.
            own_place = list(ranking.sizes).index(ranking.query_language)
            yield ranking.query_language, top_hits(right, ranking.languages_of(first[:, 0]) == own_place)


def _rank_correlation(
    rankings: Sequence[LanguageRanking], matrix: Values | None, interval: Interval | None
) -> RankCorrelation | None:
    if matrix is None:
        return None
    compared = [
        (one.query_language, two.query_language)
        for one, two in combinations(rankings, 2)
        if not set(one.query_ids).isdisjoint(two.query_ids)
    ]
    means = {pair: float(np.nanmean(values)) for pair, values in zip(compared, matrix.T, strict=True)}
    return RankCorrelation(mean=macro_mean(matrix), interval=interval, pairs=both_ways(means))


def _peer(matrix: Values | None, interval: Interval | None, *, languages: int) -> Peer:
    if matrix is None:
        return Peer(value=None, interval=None, queries=0, reason=refusal(languages))
    return Peer(macro_mean(matrix), interval, int(np.isfinite(matrix).sum()))

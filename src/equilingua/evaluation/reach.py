"""Whether relevant passages are found in whatever language they are: what language costs in quality, not in order.

Every relevant passage is taken by itself (``metrics.reach``), so that a ranking which puts the right answers first
loses nothing, whichever of their languages it prefers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from equilingua.evaluation.rankings import LanguageRanking
from equilingua.evaluation.scores import aligned
from equilingua.metrics.reach import alone_gains, gains_by_language
from equilingua.metrics.retrieval import Values
from equilingua.statistics.bootstrap import CONFIDENCE_LEVEL, macro_mean
from equilingua.statistics.intervals import Inference, infer
from equilingua.statistics.unseen import Bounds

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class ReachDifference:
    """Relevant passages in the query's language beside those in others, of the queries that have both.

    Attributes:
        queries: how many there are.
        own: mean nDCG@k of their relevant passages in the query's language, each as if alone; from 0 to 1.
        others: of those in other languages, likewise.
        interval: bootstrap interval of ``own`` minus ``others`` over items; None without resamples or for a single
            item.
    """

    queries: int
    own: float
    others: float
    interval: Interval | None

    @property
    def difference(self) -> float:
        """``own`` minus ``others``: above 0 where passages in other languages are found less."""
        return self.own - self.others


@dataclass(frozen=True, slots=True)
class PassageReach:
    """Relevant passages of one language, as queries of all other languages find them.

    Attributes:
        queries: how many queries of other languages have relevant passages in it.
        value: their mean nDCG@k, each passage as if alone; over query languages, then items; from 0 to 1.
        behind: ``value`` minus the mean over all passage languages.
        interval: of ``behind``; None without resamples or for a single language or item.
    """

    queries: int
    value: float
    behind: float
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Reach:
    """What the language of a relevant passage costs in the mixed pool; all its intervals hold together with 95 %.

    Attributes:
        k: cut-off of nDCG.
        overall: means over query languages.
        query_languages: per query language that has relevant passages in its own and in another language.
        passage_languages: per passage language that queries of other languages have relevant passages in.
    """

    k: int
    overall: ReachDifference
    query_languages: Mapping[str, ReachDifference]
    passage_languages: Mapping[str, PassageReach]


def measure_reach(rankings: Sequence[LanguageRanking], *, k: int, resamples: int, seed: int) -> Reach | None:
    """The record, of rankings of every query language over one pool; None where no query has passages of both kinds."""
    items = sorted({query for ranking in rankings for query in ranking.query_ids})
    languages = list(rankings[0].sizes)
    gains = {}
    for ranking in rankings:
        relevant = ranking.relevant
        rows = np.flatnonzero(relevant.filled.any(axis=1))
        ids = [ranking.query_ids[row] for row in rows]
        alone = alone_gains(relevant.of(rows), k=k) if len(rows) else np.empty((0, len(ranking.slot_languages)))
        for language in languages:
            values = gains_by_language(alone, ranking.slot_languages, language)
            gains[ranking.query_language, language] = aligned([(ids, values)], items)[:, 0]
    sides = {}
    for ranking in rankings:
        language = ranking.query_language
        if language in languages and len(languages) > 1:
            own = gains[language, language]
            others = _row_means([gains[language, other] for other in languages if other != language])
            if (both := ~np.isnan(own) & ~np.isnan(others)).any():
                sides[language] = np.where(both, own, np.nan), np.where(both, others, np.nan)
    if not sides:
        return None
    columns = _of_passages(gains, languages)
    # One family of questions (does language cost quality?), so that a fair retriever is rarely called unfair by any.
    level = together(1 + len(sides) + len(columns))
    return Reach(
        k=k,
        overall=_difference(list(sides.values()), resamples=resamples, seed=seed, level=level),
        query_languages={
            language: _difference([side], resamples=resamples, seed=seed, level=level)
            for language, side in sides.items()
        },
        passage_languages=_passage_reaches(columns, resamples=resamples, seed=seed, level=level),
    )


def together(intervals: int) -> float:
    """The level of each of several intervals that hold together with 95 %: Bonferroni's."""
    return 1 - (1 - CONFIDENCE_LEVEL) / intervals


def against_the_mean(values: Values, *, resamples: int, seed: int) -> Inference:
    """Of every column of shares, its mean minus the mean over all columns' means.

    Shape (items, columns), NaN where missing.
    """
    # Weighted so, the macro mean of the matrix is the column's mean minus the mean over all columns.
    count = values.shape[1]
    weights = np.where(np.eye(count, dtype=bool), count - 1.0, -1.0)
    return infer(
        {place: values * row for place, row in enumerate(weights)},
        resamples=resamples,
        seed=seed,
        bounds_of=lambda place: Bounds(np.minimum(weights[place], 0.0), np.maximum(weights[place], 0.0)),
    )


def _difference(sides: Sequence[tuple[Values, Values]], *, resamples: int, seed: int, level: float) -> ReachDifference:
    own, others = (np.stack([side[part] for side in sides], axis=1) for part in (0, 1))
    interval = None
    if resamples:
        both = infer({0: own - others}, resamples=resamples, seed=seed, bounds_of=lambda _: Bounds(-1.0, 1.0))
        [ends] = both.intervals(level)
        interval = ends if np.isfinite(ends).all() else None
    return ReachDifference(int(np.count_nonzero(~np.isnan(own))), macro_mean(own), macro_mean(others), interval)


def _of_passages(gains: Mapping[tuple[str, str], Values], languages: Sequence[str]) -> dict[str, Values]:
    """Per passage language the gains of queries in other languages: shape (items, other query languages)."""
    columns = {}
    for language in languages:
        of_others = [values for (asked, held), values in gains.items() if held == language and asked != language]
        if of_others and not np.isnan(of_others).all():
            columns[language] = np.stack(of_others, axis=1)
    return columns


def _passage_reaches(
    columns: Mapping[str, Values], *, resamples: int, seed: int, level: float
) -> dict[str, PassageReach]:
    if not columns:
        return {}
    values = np.stack([_row_means(list(column.T)) for column in columns.values()], axis=1)
    drawn = against_the_mean(values, resamples=max(resamples, 1), seed=seed)
    known = resamples > 0 and len(columns) > 1
    intervals = drawn.intervals(level) if known else [(np.nan, np.nan)] * len(columns)
    means = [macro_mean(values[:, [place]]) for place in range(len(columns))]
    return {
        language: PassageReach(
            queries=int(np.count_nonzero(~np.isnan(columns[language]))),
            value=mean,
            behind=float(behind),
            interval=ends if np.isfinite(ends).all() else None,
        )
        for language, mean, behind, ends in zip(columns, means, drawn.estimates, intervals, strict=True)
    }


def _row_means(columns: Sequence[Values]) -> Values:
    """Mean of each row over the columns that have a value, shape (items,); NaN where none has."""
    table = np.stack(columns, axis=1)
    filled = ~np.isnan(table)
    counts = filled.sum(axis=1)
    total = np.where(filled, table, 0.0).sum(axis=1)
    return np.asarray(np.divide(total, counts, out=np.full(len(table), np.nan), where=counts > 0))

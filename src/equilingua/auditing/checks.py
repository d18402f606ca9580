"""What an audit looks for: languages treated unequally beyond chance, and texts that limit or explain the figures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from equilingua.auditing.findings import Finding, counted, worded
from equilingua.auditing.texts import TextCounts
from equilingua.benchmarks.benchmark import Queries
from equilingua.benchmarks.texts import LanguageTexts
from equilingua.evaluation.bias import LanguageBias
from equilingua.evaluation.scores import PairScores, all_items, item_matrix
from equilingua.evaluation.settings import MULTILINGUAL
from equilingua.language_detection import compare_languages
from equilingua.languages import language_name
from equilingua.metrics.retrieval import Values
from equilingua.statistics.bootstrap import CONFIDENCE_LEVEL, bootstrap, mean_intervals

FEW_QUERIES = 30
"""Below this a language is never called worse: the first queries of a language may be anything."""

SMALL = 0.02
"""Differences of shares below this are not told, however sure: nobody would notice them."""

SAME_AND_CROSS = ("same_language_R@10", "cross_language_R@10")
"""How many of the relevant passages in the query's own language are found, and of those in other languages."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One query language in the mixed pool.

    Attributes:
        language: of the queries.
        queries: how many have a relevant passage.
        value: mean of the measure.
        interval: 95 % bootstrap interval of ``value`` over items; None for a single query.
        behind: ``value`` minus the mean over all query languages.
        behind_interval: interval of ``behind``; all languages' intervals together hold with 95 % (Bonferroni). None for
            a single query or a single language.
    """

    language: str
    queries: int
    value: float
    interval: tuple[float, float] | None
    behind: float
    behind_interval: tuple[float, float] | None

    @property
    def worse(self) -> bool:
        """Whether the language is behind the others beyond chance; never so with few queries."""
        return self.queries >= FEW_QUERIES and self.behind_interval is not None and self.behind_interval[1] < 0


def standings(scores: Sequence[PairScores], *, measure: str, resamples: int, seed: int) -> tuple[Standing, ...]:
    """Every query language of the multilingual setting, worst first by a measure of which higher is better.

    None without scores. Intervals are from a bootstrap over items: parallel queries are drawn together.
    """
    pairs, values = _mixed_pool(scores, measure)
    if not pairs:
        return ()
    own = {pair.query_language: values[:, [column]] for column, pair in enumerate(pairs)}
    intervals = mean_intervals(own, resamples=resamples, seed=seed)
    # Weighted so, the macro mean of the matrix is the language's mean minus the mean over all languages.
    weights = np.where(np.eye(len(pairs), dtype=bool), len(pairs) - 1.0, -1.0)
    behind = bootstrap({place: values * row for place, row in enumerate(weights)}, resamples=resamples, seed=seed)
    ends = behind.intervals(_together(len(pairs)))
    ranked = [
        Standing(
            language=pair.query_language,
            queries=len(pair.query_ids),
            value=float(np.nanmean(own[pair.query_language])),
            interval=intervals.get(pair.query_language),
            behind=float(estimate),
            behind_interval=_possible(interval, values) if len(pairs) > 1 and np.isfinite(interval).all() else None,
        )
        for pair, estimate, interval in zip(pairs, behind.estimates, ends, strict=True)
    ]
    return tuple(sorted(ranked, key=lambda standing: standing.value))


def standing_findings(standings: Sequence[Standing], *, measure: str) -> Iterator[Finding]:
    """Query languages behind the others, beyond chance."""
    for standing in standings:
        if standing.worse and standing.behind_interval:
            low, high = standing.behind_interval
            figures = {"value": standing.value, "difference": standing.behind, "low": low, "high": high}
            yield worded("behind", standing.language, measure=measure, **figures)


def own_language_findings(scores: Sequence[PairScores], *, resamples: int, seed: int) -> Iterator[Finding]:
    """Relevant passages in the query's language found more, or less, than those in other languages."""
    scored = [pair for pair in scores if set(SAME_AND_CROSS) <= pair.values.keys()]
    (pairs, same), (_, cross) = (_mixed_pool(scored, measure) for measure in SAME_AND_CROSS)
    # An item counts where it has relevant passages both in the query's language and in others.
    both = same - cross
    if np.count_nonzero((~np.isnan(both)).any(axis=1)) < FEW_QUERIES:
        return
    drawn = bootstrap({"difference": both}, resamples=resamples, seed=seed)
    [(low, high)], difference = drawn.intervals(), float(drawn.estimates[0])
    if abs(difference) >= SMALL and (low > 0 or high < 0):
        kind = "own language preferred" if difference > 0 else "own language neglected"
        yield worded(kind, *(pair.query_language for pair in pairs), difference=difference, low=low, high=high)


def baseline_findings(
    scores: Sequence[PairScores], baseline: Sequence[PairScores], *, name: str, measure: str, resamples: int, seed: int
) -> Iterator[Finding]:
    """Query languages in which a baseline, scored on the same queries, finds more beyond chance; none without one."""
    if not baseline:
        return
    pairs, values = _mixed_pool(scores, measure)
    difference = values - _mixed_pool(baseline, measure)[1]
    columns = {pair.query_language: difference[:, [place]] for place, pair in enumerate(pairs)}
    drawn = bootstrap(columns, resamples=resamples, seed=seed)
    intervals = drawn.intervals(_together(len(columns)))
    for language, estimate, (low, high) in zip(columns, drawn.estimates.tolist(), intervals, strict=True):
        if high < 0 and np.count_nonzero(~np.isnan(columns[language])) >= FEW_QUERIES:
            figures = {"difference": estimate, "low": low, "high": high}
            yield worded("behind the baseline", language, baseline=name, measure=measure, **figures)


def exposure_findings(bias: LanguageBias) -> Iterator[Finding]:
    """Passage languages that are shown more, or less, than their share of the corpus: notes, for that may be right."""
    for language, exposure in bias.exposure.items():
        low, high = exposure.interval or (0.0, 0.0)
        if abs(exposure.difference) >= SMALL and (low > 0 or high < 0):
            points = {"difference": 100 * exposure.difference, "low": 100 * low, "high": 100 * high}
            shares = {"share": exposure.share, "pool_share": exposure.pool_share}
            yield worded("exposure", language, k=bias.k, **points, **shares)


def own_share_findings(bias: LanguageBias) -> Iterator[Finding]:
    """Without judgements: query languages whose first places are filled with their own language."""
    for language, shares in bias.exposure_per_language.items():
        own = shares.get(language)
        if own is not None and own.interval is not None and own.difference >= SMALL and own.interval[0] > 0:
            yield worded("own share", language, k=bias.k, share=own.share, pool_share=own.pool_share)


def text_findings(passages: TextCounts, queries: TextCounts, evaluated: Mapping[str, Queries]) -> Iterator[Finding]:
    """What the texts themselves limit: their counts, and the queries of each language that are evaluated."""
    for tag, joined in queries.joined.items():
        yield worded("joined", tag, count=joined.count, tag=tag, corpus_tag=joined.language)
    for side, counts in (("Passages", passages), ("Queries", queries)):
        if counts.undetermined:
            left_out = counts.undetermined + sum(counts.rare.values()) + counts.asked_again
            yield worded("undetermined", side=side, count=counts.undetermined, total=counts.total + left_out)
        if counts.rare:
            figures = {"count": sum(counts.rare.values()), "counted": counted(counts.rare)}
            yield worded("rare", *counts.rare, side=side, **figures)
    if queries.asked_again:
        yield worded("asked again", count=queries.asked_again)
    for language, texts in sorted(evaluated.items()):
        if (count := len(texts.ids)) < FEW_QUERIES:
            yield worded("few queries", language, count=count, queries="query" if count == 1 else "queries")
        if language not in passages.languages:
            yield worded("no passages", language)
    if passages.repeated > SMALL * passages.total:
        yield worded("repeated", count=passages.repeated, total=passages.total)


def doubt_findings(texts: LanguageTexts, side: str, *, seed: int) -> Iterator[Finding]:
    """Notes on given languages for which another is detected in a notable share of their texts, and on those unchecked.

    The texts are as they were read; the seed is of those drawn where a language has many.
    """
    given: dict[str, list[str]] = {}
    for tag, text in zip(texts.languages, texts.texts, strict=True):
        if tag is not None:
            given.setdefault(tag, []).append(text)
    comparison = compare_languages(given, seed=seed)
    for doubt in comparison.doubts:
        country = f"; {doubt.language!r} is the code of {doubt.country} too" if doubt.country else ""
        figures = {"looked_at": doubt.looked_at, "share": doubt.share, "others": counted(doubt.others) + country}
        yield worded("doubted", doubt.language, side=side, **figures)
    if comparison.unchecked:
        names = ", ".join(map(language_name, comparison.unchecked))
        yield worded("unchecked", *comparison.unchecked, side=side.capitalize(), names=names)


def _mixed_pool(scores: Sequence[PairScores], measure: str) -> tuple[list[PairScores], Values]:
    """The query languages that have the measure in the mixed pool, and its values: shape (items, query languages)."""
    pairs = [pair for pair in scores if pair.setting == MULTILINGUAL and measure in pair.values]
    return pairs, item_matrix(pairs, measure, all_items(pairs))


def _together(intervals: int) -> float:
    """The level of each of several intervals that hold together with 95 %: Bonferroni's."""
    return 1 - (1 - CONFIDENCE_LEVEL) / intervals


def _possible(interval: tuple[float, float], values: Values) -> tuple[float, float]:
    """The interval of a difference of means, kept within -1 and 1 where all values are between 0 and 1."""
    if np.nanmin(values) < 0 or np.nanmax(values) > 1:
        return interval
    return max(interval[0], -1.0), min(interval[1], 1.0)

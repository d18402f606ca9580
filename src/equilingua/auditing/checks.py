"""What an audit looks for: languages treated unequally beyond chance, and texts that limit or explain the figures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from equilingua.auditing.findings import Finding, counted, listed, worded
from equilingua.auditing.retrievers import RetrieverKind
from equilingua.auditing.texts import TextCounts
from equilingua.benchmarks.benchmark import Queries
from equilingua.corpora.texts import LanguageTexts
from equilingua.evaluation.bias import LanguageBias
from equilingua.evaluation.reach import against_the_mean, together
from equilingua.evaluation.scores import PairScores, against_the_pool, all_items, item_matrix
from equilingua.language_comparison import compare_languages
from equilingua.metrics.retrieval import Values
from equilingua.statistics.bootstrap import macro_mean
from equilingua.statistics.groups import lower_groups_p
from equilingua.statistics.intervals import infer, mean_intervals
from equilingua.statistics.power import smallest_difference
from equilingua.statistics.significance import SIGNIFICANCE_LEVEL
from equilingua.statistics.unseen import Bounds
from equilingua.tables import value_text

FEW_QUERIES = 30
"""Below this a language is never called worse: the first queries of a language may be anything."""

SMALL = 0.02
"""Differences of shares below this are not told, however sure: nobody would notice them."""

SAME_AND_CROSS = ("same_language_R@10", "cross_language_R@10")
"""How many of the relevant passages in the query's own language are found, and of those in other languages."""

PREFERENCE = "language_preference"


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
        p: one-sided p-value of the language being no lower than the mean of all, corrected over all languages; None for
            a single language.
        smallest: the smallest difference from the mean that these queries show in four of five audits; None where they
            show none.
    """

    language: str
    queries: int
    value: float
    interval: tuple[float, float] | None
    behind: float
    behind_interval: tuple[float, float] | None
    p: float | None = None
    smallest: float | None = None

    @property
    def worse(self) -> bool:
        """Whether the language is behind the others beyond chance; never so with few queries."""
        if self.queries < FEW_QUERIES or self.behind_interval is None or self.p is None:
            return False
        return self.behind_interval[1] < 0 and self.p < SIGNIFICANCE_LEVEL


def standings(scores: Sequence[PairScores], *, measure: str, resamples: int, seed: int) -> tuple[Standing, ...]:
    """Every query language of the multilingual setting, worst first by a measure of which higher is better.

    None without scores. Intervals are from a bootstrap over items: parallel queries are drawn together.
    """
    pairs, values = mixed_pool(scores, measure)
    if not pairs:
        return ()
    own = {pair.query_language: values[:, [column]] for column, pair in enumerate(pairs)}
    intervals = mean_intervals(own, resamples=resamples, seed=seed)
    behind = against_the_mean(values, resamples=resamples, seed=seed)
    # Queries unlike any seen may be of any language, if all are alike: shuffling languages guards against them.
    ends = behind.intervals(together(len(pairs)), though_little=True)
    several = len(pairs) > 1
    p_values = lower_groups_p(values, resamples=resamples, seed=seed) if several else [None]
    # Nothing smaller is shown than what unseen queries could hide; one that moves a language's mean moves all by part.
    reach = 1.0 - 1.0 / len(pairs)
    reaches = [reach if short else 0.0 for short in behind.short]
    each = zip(pairs, behind.estimates.tolist(), ends, p_values, behind.drawn.errors.tolist(), reaches, strict=True)
    ranked = [
        Standing(
            language=pair.query_language,
            queries=len(pair.query_ids),
            value=float(np.nanmean(own[pair.query_language])),
            interval=intervals.get(pair.query_language),
            behind=estimate,
            behind_interval=_possible(interval, values) if several and np.isfinite(interval).all() else None,
            p=p,
            smallest=smallest_difference(error, items=len(pair.query_ids), tests=len(pairs), reach=reach)
            if several
            else None,
        )
        for pair, estimate, interval, p, error, reach in each
    ]
    return tuple(sorted(ranked, key=lambda standing: standing.value))


def standing_findings(standings: Sequence[Standing], *, measure: str, retriever: RetrieverKind) -> Iterator[Finding]:
    """Query languages behind the others, beyond chance."""
    worse = {
        one.language: f"{one.value:.3f}, {interval_text(one.behind, one.behind_interval)}"
        for one in standings
        if one.worse
    }
    if worse:
        yield worded("behind", *worse, retriever=retriever, measure=measure, listed=listed(worse))


def preference_findings(scores: Sequence[PairScores], *, resamples: int, seed: int) -> Iterator[Finding]:
    """Relevant passages in the query's language placed before, or behind, those in other languages: a note."""
    scored = [pair for pair in scores if {*SAME_AND_CROSS, PREFERENCE} <= pair.values.keys()]
    (pairs, same), (_, cross), (_, first) = (mixed_pool(scored, measure) for measure in (*SAME_AND_CROSS, PREFERENCE))
    # An item counts where it has relevant passages both in the query's language and in others.
    both = same - cross
    if np.count_nonzero((~np.isnan(both)).any(axis=1)) < FEW_QUERIES:
        return
    drawn = infer({"difference": both}, resamples=resamples, seed=seed, bounds_of=lambda _: Bounds(-1.0, 1.0))
    [(low, high)], difference = drawn.intervals(), float(drawn.estimates[0])
    if abs(difference) >= SMALL and (low > 0 or high < 0):
        yield worded(
            "language preferred",
            *(pair.query_language for pair in pairs),
            placed="placed higher" if difference > 0 else "placed lower",
            difference=interval_text(difference, (low, high)),
            rate=macro_mean(first),
        )


def exposure_findings(bias: LanguageBias) -> Iterator[Finding]:
    """Passage languages that are shown more, or less, than their share of the corpus: a note, for that may be right."""
    uneven = {
        language: exposure
        for language, exposure in bias.exposure.items()
        for low, high in [exposure.interval or (0.0, 0.0)]
        if abs(exposure.difference) >= SMALL and (low > 0 or high < 0)
    }
    ordered = sorted(uneven, key=lambda language: -abs(uneven[language].difference))
    if ordered:
        told = {tag: interval_text(uneven[tag].difference, uneven[tag].interval, points=True) for tag in ordered}
        yield worded("exposure", *told, k=bias.k, listed=listed(told))


def nothing_found_findings(bias: LanguageBias) -> Iterator[Finding]:
    """Queries that find nothing, by language."""
    if bias.nothing_found:
        yield worded("nothing found", *bias.nothing_found, listed=counted(bias.nothing_found))


def own_share_findings(bias: LanguageBias) -> Iterator[Finding]:
    """Without judgements: query languages whose first places are filled with their own language."""
    own = {
        language: f"{share.share:.1%} (corpus {share.pool_share:.1%})"
        for language, shares in bias.exposure_per_language.items()
        for share in [shares.get(language)]
        if share is not None and share.interval is not None and share.difference >= SMALL and share.interval[0] > 0
    }
    if own:
        yield worded("own share", *own, k=bias.k, listed=listed(own))


def text_findings(passages: TextCounts, queries: TextCounts, evaluated: Mapping[str, Queries]) -> Iterator[Finding]:
    """What the texts themselves limit: their counts, and the queries of each language that are evaluated."""
    if queries.joined:
        told = {tag: f"({tag}) {one.count:,} as {one.language}" for tag, one in queries.joined.items()}
        yield worded("joined", *told, listed=listed(told))
    left_out, rare = [], dict[str, int]()
    for side, counts in (("passages", passages), ("queries", queries)):
        if counts.undetermined:
            others = counts.undetermined + sum(counts.rare.values()) + counts.asked_again
            left_out.append(f"{side} {counts.undetermined:,} of {counts.total + others:,}")
        if counts.rare:
            left_out.append(f"{side} in {counted(counts.rare)}")
            rare |= counts.rare
    if left_out:
        yield worded("left out", *rare, listed="; ".join(left_out))
    if queries.asked_again:
        yield worded("asked again", count=queries.asked_again)
    few = {tag: len(texts.ids) for tag, texts in sorted(evaluated.items()) if len(texts.ids) < FEW_QUERIES}
    if few:
        yield worded("few queries", *few, needed=FEW_QUERIES, listed=counted(few))
    if absent := [tag for tag in sorted(evaluated) if tag not in passages.languages]:
        yield worded("no passages", *absent, listed=listed(dict.fromkeys(absent, "")))
    if passages.repeated > SMALL * passages.total:
        yield worded("repeated", count=passages.repeated, total=passages.total)


def doubt_findings(texts: LanguageTexts, side: str, *, seed: int) -> Iterator[Finding]:
    """Notes on given languages for which another is detected in a notable share of their texts, and on those unchecked.

    The texts are as they were read; the seed is of those drawn where a language has many. It names some of the rows.
    """
    rows: dict[str, list[int]] = {}
    for row, tag in enumerate(texts.languages):
        if tag is not None:
            rows.setdefault(tag, []).append(row)
    given = {tag: [texts.texts[row] for row in of_tag] for tag, of_tag in rows.items()}
    comparison = compare_languages(given, seed=seed)
    told = {}
    for doubt in comparison.doubts:
        tag, country = (
            doubt.language,
            f"; {doubt.language!r} is the code of {doubt.country} too" if doubt.country else "",
        )
        examples = ", ".join(repr(texts.ids[rows[tag][place]]) for place in doubt.examples)
        found = f"{counted(doubt.others)}{country}; such as {examples}"
        told[tag] = f"{doubt.share:.0%} of {doubt.looked_at:,} looked at ({found})"
    if told:
        yield worded("doubted", *told, side=side, listed=listed(told))
    if comparison.unchecked:
        names = listed(dict.fromkeys(comparison.unchecked, ""))
        yield worded("unchecked", *comparison.unchecked, side=side.capitalize(), listed=names)


def mixed_pool(scores: Sequence[PairScores], measure: str) -> tuple[list[PairScores], Values]:
    """The query languages that have the measure in the mixed pool, and its values: shape (items, query languages)."""
    pairs = [pair for pair in against_the_pool(scores) if measure in pair.values]
    return pairs, item_matrix(pairs, measure, all_items(pairs))


def interval_text(value: float, interval: tuple[float, float] | None, *, points: bool = False) -> str:
    """A difference with its interval, as findings tell it; ``points``: of a share, in percentage points.

    >>> interval_text(-0.25, (-0.3, -0.2)), interval_text(-0.25, None, points=True)
    ('-0.250 [-0.300, -0.200]', '-25.0')
    """
    factor, form = (100, "+.1f") if points else (1, "+.3f")
    return value_text(factor * value, interval and (factor * interval[0], factor * interval[1]), form=form)


def _possible(interval: tuple[float, float], values: Values) -> tuple[float, float]:
    """The interval of a difference of means, kept within -1 and 1 where all values are between 0 and 1."""
    if np.nanmin(values) < 0 or np.nanmax(values) > 1:
        return interval
    return max(interval[0], -1.0), min(interval[1], 1.0)

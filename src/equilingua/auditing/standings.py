"""How each query language stands against the others, worst first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from equilingua.evaluation.scores import PairScores, all_items, item_matrix
from equilingua.evaluation.settings import MULTILINGUAL
from equilingua.metrics.ranks import Values
from equilingua.statistics.bootstrap import CONFIDENCE_LEVEL, bootstrap, mean_intervals

FEW_QUERIES = 30
"""Below this a language is never called worse: the first queries of a language may be anything."""


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
    """Every query language of the multilingual setting, worst first.

    Args:
        scores: of an evaluation.
        measure: of the standing, higher is better.
        resamples: of the bootstrap over items: parallel queries are drawn together.
        seed: of it.
    """
    pairs = [pair for pair in scores if pair.setting == MULTILINGUAL and measure in pair.values]
    items = all_items(pairs)
    values = item_matrix(pairs, measure, items)
    own = {pair.query_language: values[:, [column]] for column, pair in enumerate(pairs)}
    ends = mean_intervals(own, resamples=resamples, seed=seed)
    behind = _behind(values, [pair.query_language for pair in pairs])
    drawn = bootstrap(behind, resamples=resamples, seed=seed)
    intervals = drawn.intervals(1 - (1 - CONFIDENCE_LEVEL) / len(pairs))
    found = [
        Standing(
            language=pair.query_language,
            queries=len(pair.query_ids),
            value=float(np.nanmean(own[pair.query_language])),
            interval=ends.get(pair.query_language),
            behind=float(estimate),
            behind_interval=_possible(interval, values) if len(pairs) > 1 and np.isfinite(interval).all() else None,
        )
        for pair, estimate, interval in zip(pairs, drawn.estimates, intervals, strict=True)
    ]
    return tuple(sorted(found, key=lambda standing: standing.value))


def _possible(interval: tuple[float, float], values: Values) -> tuple[float, float]:
    """The interval of a difference of means, kept within -1 and 1 where all values are between 0 and 1."""
    if np.nanmin(values) < 0 or np.nanmax(values) > 1:
        return interval
    return max(interval[0], -1.0), min(interval[1], 1.0)


def _behind(values: Values, languages: Sequence[str]) -> Mapping[str, Values]:
    """Per language a matrix whose macro mean is the language's mean minus the mean over all languages."""
    count = len(languages)
    return {
        language: values * np.where(np.arange(count) == place, count - 1.0, -1.0)
        for place, language in enumerate(languages)
    }

"""Every query's ranks and measures against one corpus, and their macro means.

Means are over queries within a language or pair, then over languages or pairs; never pooled. They are over the queries
that have a value; a language or pair without any is left out of the mean over languages.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from equilingua.evaluation.settings import CROSS_LINGUAL
from equilingua.metrics.ranks import RankArray, Values

Means = dict[str, float]


@dataclass(frozen=True, eq=False, slots=True)
class PairScores:
    """The queries of one language against one corpus, or against the pool of all.

    Attributes:
        setting: monolingual, cross-lingual or multilingual.
        query_language: language of the queries.
        corpus_language: language of the corpus; ``*`` for the pool.
        query_ids: queries with at least one relevant passage there.
        ranks: of the relevant passages, shape (queries, slots), 0 for an empty slot.
        values: every measure that a query has a value of, shape (queries,) each; NaN for the queries that have none.
    """

    setting: str
    query_language: str
    corpus_language: str
    query_ids: tuple[str, ...]
    ranks: RankArray
    values: Mapping[str, Values]


def all_items(scores: Iterable[PairScores]) -> tuple[str, ...]:
    """Every query id of any language, once, sorted."""
    return tuple(sorted({query for pair in scores for query in pair.query_ids}))


def item_matrix(scores: Sequence[PairScores], measure: str, items: Sequence[str]) -> Values:
    """The measure's values with parallel queries in one row, so that they can be drawn together.

    Args:
        scores: the pairs of one setting.
        measure: its name.
        items: the rows, as ``all_items`` gives them.

    Returns:
        Shape (items, pairs that have the measure); NaN where an item has no such query, or the query no value.
    """
    return aligned([(pair.query_ids, pair.values[measure]) for pair in scores if measure in pair.values], items)


def aligned(columns: Sequence[tuple[Sequence[str], Values]], items: Sequence[str]) -> Values:
    """Values of queries as columns, with parallel queries in one row.

    Args:
        columns: query ids and their values, one a query.
        items: the rows, as ids.

    Returns:
        Shape (items, columns); NaN where a column lacks the item.

    >>> aligned([(["q1", "q2"], np.array([0.5, 1.0])), (["q2"], np.array([0.0]))], ["q1", "q2"])
    array([[0.5, nan],
           [1. , 0. ]])
    """
    place = {item: row for row, item in enumerate(items)}
    matrix = np.full((len(items), len(columns)), np.nan)
    for column, (ids, values) in enumerate(columns):
        matrix[[place[query] for query in ids], column] = values
    return matrix


def by_setting(scores: Iterable[PairScores]) -> dict[str, list[PairScores]]:
    """The pairs of each setting, in the order met."""
    settings: dict[str, list[PairScores]] = {}
    for pair in scores:
        settings.setdefault(pair.setting, []).append(pair)
    return settings


def macro_means(scores: Sequence[PairScores]) -> dict[str, Means]:
    """Per setting and measure, the mean over its languages or pairs."""
    return {setting: _mean_of_means(pairs) for setting, pairs in by_setting(scores).items()}


def language_means(scores: Sequence[PairScores]) -> dict[str, dict[str, Means]]:
    """Per setting and query language; in the cross-lingual setting the mean over that language's corpora."""
    return {
        setting: {
            language: _mean_of_means([pair for pair in pairs if pair.query_language == language])
            for language in dict.fromkeys(pair.query_language for pair in pairs)
        }
        for setting, pairs in by_setting(scores).items()
    }


def pair_means(scores: Sequence[PairScores]) -> dict[str, Means]:
    """Per ordered pair of the cross-lingual setting, written ``query language-corpus language``."""
    pairs = [pair for pair in scores if pair.setting == CROSS_LINGUAL]
    return {f"{pair.query_language}-{pair.corpus_language}": _means(pair.values) for pair in pairs}


def _means(values: Mapping[str, np.ndarray]) -> Means:
    return {measure: float(np.nanmean(of_queries)) for measure, of_queries in values.items()}


def _mean_of_means(pairs: Sequence[PairScores]) -> Means:
    means = [_means(pair.values) for pair in pairs]
    named = dict.fromkeys(measure for mean in means for measure in mean)
    return {measure: float(np.mean([mean[measure] for mean in means if measure in mean])) for measure in named}

"""What evaluation knows of every query: its ranks and measures against one corpus."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from equilingua.metrics.ranks import RankArray, Values


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

"""Every query's ranks and measures against one corpus, and their macro means.

Means are over queries within a language or pair, then over languages or pairs; never pooled. They are over the queries
that have a value; a language or pair without any is left out of the mean over languages.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from equilingua.errors import InputError, foreign_errors
from equilingua.evaluation.settings import CROSS_LINGUAL, MULTILINGUAL, SETTINGS, pair_name
from equilingua.metrics.retrieval import RankArray, Values
from equilingua.retrieval.tied import UNFOUND_RANK

if TYPE_CHECKING:
    import pyarrow as pa

Means = Mapping[str, float]
Matrices = dict[tuple[str, str], Values]

_PLACE = ("setting", "query_language", "corpus_language")
_NOT_MEASURES = ("query_id", *_PLACE, "ranks", "above", "above_ranks")


@dataclass(frozen=True, slots=True)
class Above:
    """A passage that is not relevant and ranks above a relevant one of its query."""

    rank: int
    passage: str


@dataclass(frozen=True, eq=False, slots=True)
class PairScores:
    """The queries of one language against one corpus, or against the pool of all.

    Attributes:
        setting: monolingual, cross-lingual or multilingual.
        query_language: language of the queries.
        corpus_language: language of the corpus; ``*`` for the pool.
        query_ids: queries with at least one relevant passage there.
        ranks: of the judged passages (of a grade above 0), shape (queries, slots), 0 for an empty slot, -1 for a
            passage that is not found.
        values: every measure that a query has a value of, shape (queries,) each; NaN for the queries that have none.
        above: per query, some passages that rank above a relevant one without being relevant, best first; none where
            the best of the ranking were not kept.
    """

    setting: str
    query_language: str
    corpus_language: str
    query_ids: tuple[str, ...]
    ranks: RankArray
    values: Mapping[str, Values]
    above: tuple[tuple[Above, ...], ...] = ()

    @property
    def name(self) -> str:
        """``en-de`` for English queries and German passages; ``en`` within a language, or for the pool."""
        return pair_name(self.query_language, self.corpus_language)


def all_items(scores: Iterable[PairScores]) -> tuple[str, ...]:
    """Every query id of any language, once, sorted."""
    return tuple(sorted({query for pair in scores for query in pair.query_ids}))


def item_matrix(scores: Sequence[PairScores], measure: str, items: Sequence[str]) -> Values:
    """The measure's values with parallel queries in one row: shape (items, pairs of ``scores`` that have the measure).

    NaN where an item has no such query, or the query no value.
    """
    return aligned([(pair.query_ids, pair.values[measure]) for pair in scores if measure in pair.values], items)


def aligned(columns: Sequence[tuple[Sequence[str], Values]], items: Sequence[str]) -> Values:
    """Values of queries as columns (their ids, and one value each), with parallel queries in one row.

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


def against_the_pool(scores: Sequence[PairScores]) -> list[PairScores]:
    """The pairs in which queries are ranked against all passages, by query language.

    Those of the multilingual setting. Where there is none because all passages are in one language, those of the other
    settings rank the whole pool.
    """
    pool = [pair for pair in scores if pair.setting == MULTILINGUAL]
    if not pool and len({pair.corpus_language for pair in scores}) == 1:
        pool = list(scores)
    return sorted(pool, key=lambda pair: pair.query_language)


def setting_matrices(
    scores: Sequence[PairScores], items: Sequence[str], measures: Sequence[str] | None = None
) -> Matrices:
    """Per setting and measure, values as items by all pairs of the setting, in the order of their languages.

    Of the measures named those that a setting has; all if none are named.
    """
    matrices: Matrices = {}
    for setting, pairs in by_setting(scores).items():
        ordered = sorted(pairs, key=lambda pair: (pair.query_language, pair.corpus_language))
        held = dict.fromkeys(name for pair in pairs for name in pair.values)
        for name in held if measures is None else [name for name in measures if name in held]:
            columns = [
                (pair.query_ids, pair.values.get(name, np.full(len(pair.query_ids), np.nan))) for pair in ordered
            ]
            matrices[setting, name] = aligned(columns, items)
    return matrices


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
    return {pair.name: _means(pair.values) for pair in scores if pair.setting == CROSS_LINGUAL}


def _means(values: Mapping[str, Values]) -> Means:
    return {measure: _mean(of_queries[~np.isnan(of_queries)].tolist()) for measure, of_queries in values.items()}


def _mean(values: Sequence[float]) -> float:
    # The exact sum, rounded once: the order of queries and of languages' tags changes no digit.
    return fsum(values) / len(values)


def _mean_of_means(pairs: Sequence[PairScores]) -> Means:
    means = [_means(pair.values) for pair in pairs]
    named = dict.fromkeys(measure for mean in means for measure in mean)
    return {measure: _mean([mean[measure] for mean in means if measure in mean]) for measure in named}


def per_query_table(scores: Sequence[PairScores]) -> "pa.Table":
    """The rows of ``per_query.parquet``.

    One a query, setting and corpus, with ``query_id``, ``query_language``, ``setting``, ``corpus_language`` (``*`` for
    the pool of all corpora), ``ranks`` (of the judged passages, 1-based, in the order of passage languages, null for
    one that is not found) and one column a measure, null where the setting does not have it or the query has no value
    of it.
    """
    import pyarrow as pa

    # The pair with the most measures first: its order is that of the columns.
    most_first = sorted(scores, key=lambda pair: -len(pair.values))
    measures = list(dict.fromkeys(measure for pair in most_first for measure in pair.values))
    tables = []
    for pair in scores:
        rows = len(pair.query_ids)
        columns = {"query_id": pa.array(pair.query_ids, pa.string())}
        columns |= {name: pa.array([getattr(pair, name)] * rows, pa.string()) for name in _PLACE}
        columns["ranks"] = _rank_lists(pair.ranks)
        above = pair.above or ((),) * rows
        columns["above"] = pa.array([[one.passage for one in of] for of in above], pa.list_(pa.string()))
        columns["above_ranks"] = pa.array([[one.rank for one in of] for of in above], pa.list_(pa.int64()))
        for name in measures:
            values = pair.values.get(name, np.full(rows, np.nan))
            columns[name] = pa.array(values, pa.float64(), from_pandas=True)  # NaN is written as null
        tables.append(pa.table(columns))
    return pa.concat_tables(tables)


def read_scores(path: Path) -> tuple[PairScores, ...]:
    """The scores in a file whose rows ``per_query_table`` made.

    Raises:
        InputError: if it is no such file: no Parquet, without one of its columns, or with values that it cannot have.
    """
    import pyarrow.parquet as pq

    with foreign_errors("cannot be read", place=path):
        table = pq.read_table(path)
        _check_columns(table)
        scores = tuple(_pair_scores(table))
        _check_scores(scores)
    return scores


def _check_columns(table: "pa.Table") -> None:
    import pyarrow as pa

    types = {"query_id": pa.string(), **dict.fromkeys(_PLACE, pa.string()), "ranks": pa.list_(pa.int64())}
    types |= {"above": pa.list_(pa.string()), "above_ranks": pa.list_(pa.int64())}
    if absent := [name for name in types if table.column_names.count(name) != 1]:
        raise InputError(f"has no column {absent[0]!r}, or several")
    for name, column in zip(table.column_names, table.columns, strict=True):
        kind = types.get(name, pa.float64())
        is_missing = name in types and column.null_count > 0
        if column.type != kind or is_missing or table.column_names.count(name) > 1:
            raise InputError(f"column {name!r} is not one of {kind} values alone")
    ranks = table["ranks"].combine_chunks().flatten().drop_null().to_numpy()
    if ranks.min(initial=1) < 1:
        raise InputError("column 'ranks' holds ranks below 1")
    passages, above = (table[name].combine_chunks() for name in ("above", "above_ranks"))
    whole = not passages.flatten().null_count and not above.flatten().null_count
    if (
        not whole
        or passages.value_lengths() != above.value_lengths()
        or min(above.flatten().to_pylist(), default=1) < 1
    ):
        raise InputError("columns 'above' and 'above_ranks' do not go together")


def _check_scores(scores: Sequence[PairScores]) -> None:
    places = Counter((pair.setting, pair.query_language, pair.corpus_language) for pair in scores)
    for (setting, *place), pair in zip(places, scores, strict=True):  # as many only if each is there once
        finite = not any(np.isinf(values).any() for values in pair.values.values())
        ranked = (pair.ranks >= UNFOUND_RANK).all() and (pair.ranks != 0).any(axis=1).all()
        if setting not in SETTINGS or len({*pair.query_ids}) < len(pair.query_ids) or not finite or not ranked:
            raise InputError(f"holds ids, ranks or values that no evaluation gives ({setting}, {', '.join(place)})")


def _pair_scores(table: "pa.Table") -> Iterator[PairScores]:
    """Those of one setting and pair stand together."""
    place = np.array([table[name].to_numpy(zero_copy_only=False) for name in _PLACE])
    starts = np.flatnonzero(np.r_[True, (place[:, 1:] != place[:, :-1]).any(axis=0)])
    for start, end in zip(starts, [*starts[1:], table.num_rows], strict=True):
        rows = table.slice(start, end - start)
        values = {name: rows[name].to_numpy() for name in table.column_names if name not in _NOT_MEASURES}
        setting, query_language, corpus_language = place[:, start]
        yield PairScores(
            setting=setting,
            query_language=query_language,
            corpus_language=corpus_language,
            query_ids=tuple(rows["query_id"].to_pylist()),
            ranks=_padded(rows["ranks"].combine_chunks()),
            values={name: column for name, column in values.items() if not np.isnan(column).all()},
            above=tuple(
                tuple(map(Above, ranks, passages))
                for ranks, passages in zip(rows["above_ranks"].to_pylist(), rows["above"].to_pylist(), strict=True)
            ),
        )


def _rank_lists(ranks: RankArray) -> "pa.ListArray":
    import pyarrow as pa

    filled = ranks != 0
    offsets = np.concatenate([[0], np.cumsum(filled.sum(axis=1))])
    values = ranks[filled]
    # Masked numbers are written as null.
    numbers = pa.array(values, pa.int64(), mask=values == UNFOUND_RANK)
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), numbers)


def _padded(lists: "pa.ListArray") -> RankArray:
    lengths = lists.value_lengths().to_numpy()
    ranks = np.zeros((len(lengths), int(lengths.max(initial=0))), dtype=np.int64)
    ranks[np.arange(ranks.shape[1]) < lengths[:, None]] = lists.flatten().fill_null(UNFOUND_RANK).to_numpy()
    return ranks

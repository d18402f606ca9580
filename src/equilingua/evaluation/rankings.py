"""Rankings as metrics see them: where relevant passages stand in the pool, and at which ranks a scorer puts them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.errors import InputError
from equilingua.evaluation.pool_order import pool_positions
from equilingua.evaluation.scorer import BenchmarkScorer
from equilingua.evaluation.settings import POOL
from equilingua.metrics.retrieval import RankArray, RankedQueries
from equilingua.progress import track
from equilingua.retrieval.ranking import NO_PASSAGE, PassagePool, Ranks, relevant_ranks
from equilingua.retrieval.vectors import Positions, Vectors


@dataclass(frozen=True, eq=False, slots=True)
class Relevance:
    """Relevant passages of the queries of one language, in slots: side by side, passage language by passage language.

    Attributes:
        positions: in the pool, shape (queries, slots); -1 for an empty slot.
        gains: grades, same shape; 0 for an empty slot.
        slots: the columns that belong to each passage language.
    """

    positions: RankArray
    gains: RankArray
    slots: Mapping[str, slice]


def relevance(benchmark: Benchmark, query_language: str) -> Relevance:
    """The relevant passages (those of a grade above 0) of one language's queries, as positions in the pool."""
    judged = benchmark.qrels.get(query_language, {})
    queries = benchmark.queries[query_language].ids
    blocks, slots, start, offset = [], {}, 0, 0
    for language in benchmark.passage_languages:
        ids = benchmark.corpora[language].ids
        place = {id_: offset + position for position, id_ in enumerate(ids)}
        judgements = [
            [(place[id_], grade) for id_, grade in judged.get(query, {}).items() if grade > 0 and id_ in place]
            for query in queries
        ]
        block = _padded(judgements)
        blocks.append(block)
        slots[language] = slice(start, start + block.shape[1])
        start, offset = start + block.shape[1], offset + len(ids)
    table = np.concatenate(blocks, axis=1)
    return Relevance(table[..., 0], table[..., 1], slots)


def _padded(judgements: Sequence[Sequence[tuple[int, int]]]) -> RankArray:
    """Pairs (position, grade) in corpus order, shape (queries, most of any query, 2)."""
    width = max((len(row) for row in judgements), default=0)
    table = np.empty((len(judgements), width, 2), dtype=np.int64)
    table[:] = (NO_PASSAGE, 0)
    for row, pairs in zip(table, judgements, strict=True):
        if pairs:
            # Corpus order, so that ranks in a result do not depend on the order of the judgements in their file.
            row[: len(pairs)] = sorted(pairs)
    return table


@dataclass(frozen=True, eq=False)
class ExcludingPool:
    """A pool in which some passages score minus infinity for some queries, and so rank behind all others.

    ``left_out`` are their positions for each query row, in the order of the queries given to ``blocks``.
    """

    pool: PassagePool
    left_out: Sequence[Sequence[int]]

    @property
    def bounds(self) -> Positions:
        """Where each corpus starts, and at the end the size of the pool."""
        return self.pool.bounds

    def blocks(self, queries: Any) -> Iterator[tuple[slice, Vectors]]:
        """Scores of a few queries at a time, with the rows they are for; minus infinity where left out."""
        for part, scores in self.pool.blocks(queries):
            places = [(row, position) for row, left_out in enumerate(self.left_out[part]) for position in left_out]
            if places:
                # A copy: a pool may yield scores that it keeps, for the queries of other languages too.
                lowered = scores.copy()
                lowered[tuple(np.array(places).T)] = -np.inf
                yield part, lowered
            else:
                yield part, scores


def without_excluded(pool: PassagePool, benchmark: Benchmark, query_language: str) -> PassagePool:
    """The pool as the queries of one language see it, all of which have to be given to ``blocks``, in their order.

    The pool itself where nothing is excluded for them.
    """
    excluded = benchmark.excluded.get(query_language, {})
    if not excluded:
        return pool
    # Positions of these alone: a pool may have millions.
    named = {passage for passages in excluded.values() for passage in passages}
    place = pool_positions(benchmark, named)
    rows = [[place[id_] for id_ in excluded.get(query, ())] for query in benchmark.queries[query_language].ids]
    return ExcludingPool(pool, rows)


@dataclass(frozen=True, eq=False, slots=True)
class LanguageRanking:
    """All queries of one language, ranked over the pool.

    Attributes:
        query_language: of all the queries.
        query_ids: one a row of everything below.
        relevant: where the relevant passages stand.
        ranks: of the relevant passages, and the best passages of the pool, none of which the query leaves out.
        sizes: number of passages per passage language, in the order in which they form the pool.
        shared_best: the best of those passages that no parallel query leaves out either, shape as ``ranks.best``, which
            they are where nothing is excluded. Only these can be compared between the query's languages.
        shared_sizes: number of such passages per query and passage language, shape (queries, languages).
    """

    query_language: str
    query_ids: tuple[str, ...]
    relevant: Relevance
    ranks: Ranks
    sizes: Mapping[str, int]
    shared_best: RankArray
    shared_sizes: RankArray

    @property
    def slot_languages(self) -> tuple[str, ...]:
        """Passage language of every slot."""
        slots = self.relevant.slots.items()
        return tuple(language for language, part in slots for _ in range(part.start, part.stop))

    def languages_of(self, positions: RankArray) -> RankArray:
        """Which passage language each position of the pool is in, as its place in ``sizes``: same shape."""
        ends = np.cumsum(list(self.sizes.values()))
        return np.searchsorted(ends, positions, side="right").astype(np.int64)

    def against(self, corpus_language: str) -> tuple[RankArray, RankedQueries]:
        """The queries that have a relevant passage in a corpus, or in the pool (``*``): their rows, and their ranks."""
        whole = corpus_language == POOL
        part = slice(None) if whole else self.relevant.slots[corpus_language]
        corpus = self.ranks.corpus[:, part]
        ranks = self.ranks.pool if whole else corpus
        rows = np.flatnonzero((ranks > 0).any(axis=1))
        return rows, RankedQueries(
            ranks=ranks[rows],
            corpus_ranks=corpus[rows],
            gains=self.relevant.gains[rows, part],
            slot_languages=self.slot_languages[part],
            query_language=self.query_language,
            pool_size=sum(self.sizes.values()) if whole else self.sizes[corpus_language],
        )


def rank_languages(scorer: BenchmarkScorer, benchmark: Benchmark, *, depth: int) -> list[LanguageRanking]:
    """Rankings of every query language, sorted: the one pass over all scores.

    Of each query the best passages are kept down to ``depth``, relevant or not; fewer where parallel queries together
    leave so many passages out that not every query has as many.

    Raises:
        InputError: if the scorer has other queries or passages than the benchmark.
    """
    sizes = {language: len(benchmark.corpora[language].ids) for language in benchmark.passage_languages}
    _check_scorer(scorer, benchmark, sizes)
    left_out = _left_out(benchmark)
    most = max(map(len, left_out.values()), default=0)
    width = min(depth, sum(sizes.values()) - most)
    rankings = []
    for language in track(sorted(benchmark.queries), "Ranking languages"):
        ids = benchmark.queries[language].ids
        relevant = relevance(benchmark, language)
        pool = without_excluded(scorer.pool, benchmark, language)
        # As many more as a query leaves out at most, so that each keeps enough that its parallel queries rank too.
        ranks = relevant_ranks(scorer.queries[language], pool, relevant.positions, depth=width + most if width else 0)
        shared_best, shared_sizes = ranks.best[:, :width].copy(), np.tile(np.diff(scorer.pool.bounds), (len(ids), 1))
        for row, query in enumerate(ids):
            if query in left_out:
                kept = ranks.best[row][~np.isin(ranks.best[row], left_out[query])]
                shared_best[row] = kept[:width]
                shared_sizes[row] -= np.histogram(left_out[query], bins=scorer.pool.bounds)[0]
        rankings.append(
            LanguageRanking(
                query_language=language,
                query_ids=ids,
                relevant=relevant,
                ranks=replace(ranks, best=ranks.best[:, :width]),
                sizes=sizes,
                shared_best=shared_best,
                shared_sizes=shared_sizes,
            )
        )
    return rankings


def _check_scorer(scorer: BenchmarkScorer, benchmark: Benchmark, sizes: Mapping[str, int]) -> None:
    needed = {language: len(rows.ids) for language, rows in sorted(benchmark.queries.items())}
    answered = {language: len(scorer.queries[language]) for language in needed if language in scorer.queries}
    held = np.diff(scorer.pool.bounds).tolist()
    if answered != needed or held != list(sizes.values()):
        raise InputError(
            f"the scorer is not of this benchmark: {benchmark.name!r} has queries {_listed(needed)} and passages "
            f"{_listed(sizes)}, the scorer queries {_listed(answered)} and corpora of {', '.join(map(str, held))} "
            "passages. Give the model itself, or a scorer made for this benchmark"
        )


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{language} {count}" for language, count in counts.items()) or "in none of its languages"


def _left_out(benchmark: Benchmark) -> dict[str, list[int]]:
    """Per query id, positions of the passages that it leaves out in any language; ids that leave none out are not."""
    named: dict[str, set[str]] = {}
    for rows in benchmark.excluded.values():
        for query, passages in rows.items():
            named.setdefault(query, set()).update(passages)
    place = pool_positions(benchmark, set().union(*named.values()))
    return {query: sorted(place[id_] for id_ in passages) for query, passages in named.items() if passages}

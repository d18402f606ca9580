"""Rankings as metrics see them: where relevant passages stand in the pool, and at which ranks a scorer puts them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.errors import InputError
from equilingua.evaluation.pool_order import passage_order, pool_positions
from equilingua.evaluation.scorer import BenchmarkScorer
from equilingua.evaluation.settings import POOL
from equilingua.metrics.retrieval import RankedQueries
from equilingua.progress import track
from equilingua.retrieval.pool import ExcludingPool, PassagePool
from equilingua.retrieval.ranking import NO_PASSAGE, Ranks, relevant_ranks
from equilingua.retrieval.tied import RankArray, TiedRanks
from equilingua.retrieval.vectors import Positions


@dataclass(frozen=True, eq=False, slots=True)
class Relevance:
    """Judged passages of the queries of one language, in slots: side by side, passage language by passage language.

    Attributes:
        positions: in the pool, shape (queries, slots); -1 for an empty slot.
        gains: grades, same shape; 0 for an empty slot.
        slots: the columns that belong to each passage language.
    """

    positions: RankArray
    gains: RankArray
    slots: Mapping[str, slice]


def relevance(benchmark: Benchmark, query_language: str) -> Relevance:
    """The passages of a grade above 0 of one language's queries, as positions in the pool."""
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
        judged: where the passages of a grade above 0 stand.
        ranks: of these, and the best passages of the pool, none of which the query leaves out; the shared ones are
            those that no parallel query leaves out either. Only these can be compared between the query's languages.
        sizes: number of passages per passage language, in the order in which they form the pool.
        shared_sizes: number of passages that no parallel query leaves out, per query and passage language, shape
            (queries, languages).
        min_grade: the least grade of a relevant passage; only nDCG looks at those of a lower grade.
    """

    query_language: str
    query_ids: tuple[str, ...]
    judged: Relevance
    ranks: Ranks
    sizes: Mapping[str, int]
    shared_sizes: RankArray
    min_grade: int = 1

    @property
    def slot_languages(self) -> tuple[str, ...]:
        """Passage language of every slot."""
        slots = self.judged.slots.items()
        return tuple(language for language, part in slots for _ in range(part.start, part.stop))

    @property
    def relevant(self) -> TiedRanks:
        """Ranks of the relevant passages in the pool, as ``ranks`` has those of all judged ones."""
        return self.ranks.pool.only(self.judged.gains >= self.min_grade)

    def languages_of(self, positions: RankArray) -> RankArray:
        """Which passage language each position of the pool is in, as its place in ``sizes``: same shape; -1 stays."""
        ends = np.cumsum(list(self.sizes.values()))
        return np.where(positions == NO_PASSAGE, NO_PASSAGE, np.searchsorted(ends, positions, side="right"))

    def against(self, corpus_language: str) -> tuple[RankArray, RankedQueries]:
        """The queries that have a judged passage in a corpus, or in the pool (``*``): their rows, and their ranks."""
        whole = corpus_language == POOL
        part = slice(None) if whole else self.judged.slots[corpus_language]
        rows = np.flatnonzero(self.ranks.pool.filled[:, part].any(axis=1))
        corpus = self.ranks.corpus.of(rows, part)
        return rows, RankedQueries(
            ranks=self.ranks.pool.of(rows) if whole else corpus,
            corpus_ranks=corpus,
            gains=self.judged.gains[rows, part],
            slot_languages=self.slot_languages[part],
            query_language=self.query_language,
            pool_size=sum(self.sizes.values()) if whole else self.sizes[corpus_language],
            min_grade=self.min_grade,
        )


def rank_languages(
    scorer: BenchmarkScorer, benchmark: Benchmark, *, depth: int, min_grade: int = 1
) -> list[LanguageRanking]:
    """Rankings of every query language, sorted: the one pass over all scores.

    Of each query the best passages are kept down to ``depth``, relevant or not.

    Raises:
        InputError: if the scorer has other queries or passages than the benchmark, or scores are not finite.
    """
    sizes = {language: len(benchmark.corpora[language].ids) for language in benchmark.passage_languages}
    _check_scorer(scorer, benchmark, sizes)
    order, left_out = passage_order(benchmark), _left_out(benchmark)
    bounds = scorer.pool.bounds
    rankings = []
    for language in track(sorted(benchmark.queries), "Ranking languages"):
        ids = benchmark.queries[language].ids
        judged = relevance(benchmark, language)
        pool = without_excluded(scorer.pool, benchmark, language)
        shared = {row: left_out[query] for row, query in enumerate(ids) if query in left_out}
        ranks = relevant_ranks(
            scorer.queries[language],
            pool,
            judged.positions,
            order=order,
            depth=depth,
            left_out=_counts(pool.left_out, bounds) if isinstance(pool, ExcludingPool) else None,
            shared_left_out=shared,
        )
        shared_sizes = _counts([shared.get(row, ()) for row in range(len(ids))], bounds)
        rankings.append(
            LanguageRanking(
                query_language=language,
                query_ids=ids,
                judged=judged,
                ranks=ranks,
                sizes=sizes,
                shared_sizes=np.diff(bounds) - shared_sizes,
                min_grade=min_grade,
            )
        )
    return rankings


def _counts(positions: Sequence[Sequence[int]], bounds: Positions) -> RankArray:
    """How many positions of each row stand in each corpus, shape (rows, corpora)."""
    counts = np.zeros((len(positions), len(bounds) - 1), dtype=np.int64)
    for row, of_row in enumerate(positions):
        if of_row:
            counts[row] = np.histogram(of_row, bins=bounds)[0]
    return counts


def check_min_grade(benchmark: Benchmark, min_grade: int) -> None:
    """Raise ``InputError`` for a least grade that no passage has; 1 is any grade above 0."""
    if min_grade < 1:
        raise InputError(f"min_grade {min_grade}: passages of grade 0 are not relevant; give 1 or more")
    grades = (grade for rows in benchmark.qrels.values() for judged in rows.values() for grade in judged.values())
    if min_grade > 1 and (highest := max(grades, default=0)) < min_grade:
        raise InputError(
            f"min_grade {min_grade}: no passage of {benchmark.name!r} has it, the highest grade is {highest}. Give "
            f"{max(highest, 1)} or less"
        )


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

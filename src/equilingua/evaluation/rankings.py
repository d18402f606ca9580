"""Rankings as measures see them: of all queries of one language, over the pool or over one of its corpora."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from equilingua.evaluation.benchmark import Benchmark
from equilingua.evaluation.exclusion import without_excluded
from equilingua.evaluation.relevance import Relevance, passage_languages, relevance
from equilingua.evaluation.scorer import BenchmarkScorer
from equilingua.evaluation.settings import POOL
from equilingua.evaluation.slots import RankArray
from equilingua.progress import track
from equilingua.retrieval.ranking import Ranks, relevant_ranks


@dataclass(frozen=True, eq=False, slots=True)
class RankedQueries:
    """What a measure may know of queries ranked against one corpus or the pool.

    Attributes:
        ranks: of the relevant passages, shape (queries, slots), 0 for an empty slot.
        corpus_ranks: their ranks among the passages of their own language alone, same shape.
        gains: grades of the passages, same shape.
        slot_languages: passage language of every slot.
        query_language: of all the queries.
        pool_size: number of passages ranked.
    """

    ranks: RankArray
    corpus_ranks: RankArray
    gains: RankArray
    slot_languages: tuple[str, ...]
    query_language: str
    pool_size: int

    @property
    def own(self) -> npt.NDArray[np.bool_]:
        """Whether a slot holds passages of the query's language, shape (slots,)."""
        return np.array([language == self.query_language for language in self.slot_languages], dtype=bool)


@dataclass(frozen=True, eq=False, slots=True)
class LanguageRanking:
    """All queries of one language, ranked over the pool.

    Attributes:
        query_language: of all the queries.
        query_ids: one a row of everything below.
        relevant: where the relevant passages stand.
        ranks: of the relevant passages, and the best passages of the pool.
        sizes: number of passages per passage language, in the order in which they form the pool.
    """

    query_language: str
    query_ids: tuple[str, ...]
    relevant: Relevance
    ranks: Ranks
    sizes: Mapping[str, int]

    @property
    def slot_languages(self) -> tuple[str, ...]:
        """Passage language of every slot."""
        slots = self.relevant.slots.items()
        return tuple(language for language, part in slots for _ in range(part.start, part.stop))

    @property
    def best_languages(self) -> RankArray:
        """Which passage language each of the best passages is in, as its place in ``sizes``: shape (queries, depth)."""
        ends = np.cumsum(list(self.sizes.values()))
        return np.searchsorted(ends, self.ranks.best, side="right").astype(np.int64)

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

    Args:
        scorer: of the benchmark.
        benchmark: whose queries are ranked.
        depth: how many of each query's best passages to keep, relevant or not.
    """
    sizes = {language: len(benchmark.corpora[language].ids) for language in passage_languages(benchmark)}
    rankings = []
    for language in track(sorted(benchmark.queries), "Ranking languages"):
        found = relevance(benchmark, language)
        pool = without_excluded(scorer.pool, benchmark, language)
        ranks = relevant_ranks(scorer.queries[language], pool, found.positions, depth=depth)
        rankings.append(LanguageRanking(language, benchmark.queries[language].ids, found, ranks, sizes))
    return rankings

"""What a query's ranking puts above a relevant passage: told with the hardest queries, to see why they are hard."""

from collections.abc import Sequence

import numpy as np

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.evaluation.rankings import LanguageRanking
from equilingua.evaluation.scores import Above
from equilingua.evaluation.settings import POOL
from equilingua.retrieval.ranking import NO_PASSAGE
from equilingua.retrieval.tied import RankArray

SHOWN = 3
"""Passages a query."""


def ranked_above(
    ranking: LanguageRanking, corpus_language: str, rows: RankArray, ranks: RankArray, benchmark: Benchmark
) -> tuple[tuple[Above, ...], ...]:
    """Per query, the first passages that are not relevant and rank above its lowest relevant one, best first.

    They are those among the best of the mixed pool that were kept; of a single corpus those of its language, whose
    order among themselves is that of the corpus's own ranking.

    Args:
        ranking: of the queries' language.
        corpus_language: the corpus, or ``*`` for the pool.
        rows: of the queries in the ranking.
        ranks: of their relevant passages there, shape (rows, slots); 0 for an empty slot, below 0 for one not found.
        benchmark: that has the passages.
    """
    best = ranking.ranks.top.best[rows]
    if best.shape[1] == 0:
        return ()
    languages = list(ranking.sizes)
    held = ranking.languages_of(np.maximum(best, 0))
    ends = np.cumsum([0, *ranking.sizes.values()])
    lowest = np.where((ranks < 0).any(axis=1), np.iinfo(np.int64).max, ranks.max(axis=1))
    relevant = np.where(ranking.judged.gains >= ranking.min_grade, ranking.judged.positions, NO_PASSAGE)[rows]
    wanted = held >= 0 if corpus_language == POOL else held == languages.index(corpus_language)
    wanted &= best >= 0

    def passages(row: int) -> Sequence[Above]:
        found: list[Above] = []
        right = set(relevant[row].tolist())
        for rank, place in enumerate(np.flatnonzero(wanted[row]), start=1):
            position, language = int(best[row, place]), int(held[row, place])
            if rank >= lowest[row] or len(found) == SHOWN:
                break
            if position not in right:
                corpus = benchmark.corpora[languages[language]]
                found.append(Above(rank, corpus.ids[position - int(ends[language])]))
        return found

    return tuple(tuple(passages(row)) for row in range(len(best)))

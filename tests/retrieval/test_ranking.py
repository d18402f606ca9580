import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equilingua.retrieval import pool as pool_module
from equilingua.retrieval.pool import Pool
from equilingua.retrieval.ranking import best, relevant_ranks

# Small whole numbers: exact in float32, and most passages tie.
GRID = st.integers(-1, 1)


def naive_rank(scores: list[float], order: list[int], position: int) -> tuple[int, int, int]:
    """By sorting: rank, passages above, passages that tie, itself included."""
    ranked = sorted(range(len(scores)), key=lambda place: (-scores[place], order[place]))
    own = scores[position]
    return ranked.index(position) + 1, sum(other > own for other in scores), scores.count(own)


@given(data=st.data(), sizes=st.lists(st.integers(1, 6), min_size=1, max_size=4), queries=st.integers(1, 4))
def test_ranks_are_those_of_sorting_with_ties_in_the_order_given(
    data: st.DataObject, sizes: list[int], queries: int
) -> None:
    rows = st.lists(GRID, min_size=2, max_size=2)
    corpora = [np.array(data.draw(st.lists(rows, min_size=size, max_size=size)), dtype=np.float32) for size in sizes]
    asked = np.array(data.draw(st.lists(rows, min_size=queries, max_size=queries)), dtype=np.float32)
    total = sum(sizes)
    relevant = np.array(
        data.draw(
            st.lists(st.lists(st.integers(-1, total - 1), min_size=3, max_size=3), min_size=queries, max_size=queries)
        )
    )

    order = data.draw(st.permutations(range(total)))
    ranks = relevant_ranks(asked, Pool.of(corpora), relevant, order=np.array(order))

    bounds = np.cumsum([0, *sizes])
    for query, positions in enumerate(relevant.tolist()):
        scores = (asked[query] @ np.concatenate(corpora).T).tolist()
        for slot, position in enumerate(positions):
            if position < 0:
                assert (
                    ranks.pool.tied[query, slot] == ranks.pool.rank[query, slot] == ranks.corpus.rank[query, slot] == 0
                )
                continue
            corpus = int(np.searchsorted(bounds, position, side="right")) - 1
            start, end = bounds[corpus], bounds[corpus + 1]
            for found, expected in (
                (ranks.pool, naive_rank(scores, order, position)),
                (ranks.corpus, naive_rank(scores[start:end], order[start:end], position - start)),
            ):
                assert tuple(part[query, slot] for part in (found.rank, found.above, found.tied)) == expected


@given(
    scores=st.lists(st.lists(st.sampled_from([-math.inf, 0, 1, 2]), min_size=7, max_size=7), min_size=1, max_size=4),
    order=st.permutations(range(7)),
    depth=st.integers(1, 9),
)
def test_best_passages_are_those_of_sorting_with_ties_in_the_order_given(
    scores: list[list[float]], order: list[int], depth: int
) -> None:
    found = best(np.array(scores, dtype=np.float32), depth, np.array(order))
    for row, listed in zip(scores, found.tolist(), strict=True):
        ranked = sorted((place for place in range(7) if row[place] >= 0), key=lambda place: (-row[place], order[place]))
        assert listed == (ranked + [-1] * 7)[: min(depth, 7)]


def test_copies_of_a_passage_rank_one_behind_the_other() -> None:
    rng = np.random.default_rng(0)
    corpus = rng.standard_normal((37, 24)).astype(np.float32)
    pool = Pool.of([np.vstack([corpus, corpus, corpus])])
    queries = rng.standard_normal((5, 24)).astype(np.float32)
    ranks = relevant_ranks(queries, pool, np.tile([3, 40, 77], (5, 1))).pool.rank
    np.testing.assert_array_equal(np.diff(ranks, axis=1), 1)


def test_ranks_do_not_depend_on_how_queries_are_cut_into_blocks() -> None:
    rng = np.random.default_rng(1)
    pool = Pool.of([rng.standard_normal((300, 8)).astype(np.float32)])
    queries = rng.standard_normal((600, 8)).astype(np.float32)
    relevant = rng.integers(0, 300, (600, 2))
    whole = relevant_ranks(queries, pool, relevant).pool.rank
    halves = [
        relevant_ranks(queries[part], pool, relevant[part]).pool.rank for part in (slice(0, 301), slice(301, 600))
    ]
    np.testing.assert_array_equal(whole, np.concatenate(halves))


def test_the_best_passages_of_the_one_pass_are_those_of_sorting_whatever_the_blocks() -> None:
    rng = np.random.default_rng(2)
    pool = Pool.of([rng.integers(-1, 2, (size, 3)).astype(np.float32) for size in (40, 25)])
    queries = rng.integers(-1, 2, (600, 3)).astype(np.float32)
    relevant = rng.integers(0, 65, (600, 1))
    ranks = relevant_ranks(queries, pool, relevant, depth=7)
    for row, top in zip(pool.scores(queries).tolist(), ranks.top.best.tolist(), strict=True):
        assert top == sorted(range(65), key=lambda place: (-row[place], place))[:7]
    # A relevant passage among the best stands at its rank.
    places = np.argmax(ranks.top.best == relevant, axis=1) + 1
    of_relevant = ranks.pool.rank[:, 0]
    within = of_relevant <= 7
    np.testing.assert_array_equal(places[within], of_relevant[within])
    np.testing.assert_array_equal(relevant_ranks(queries, pool, relevant).pool.rank, ranks.pool.rank)


def test_a_depth_beyond_the_pool_gives_the_whole_pool() -> None:
    pool = Pool.of([np.eye(3, dtype=np.float32)])
    none = np.empty((1, 0), dtype=np.int64)
    assert relevant_ranks(np.float32([[0, 2, 1]]), pool, none, depth=9).top.best.tolist() == [[1, 2, 0]]
    assert relevant_ranks(np.float32([[0, 2, 1]]), pool, none).top.best.shape == (1, 0)


def vectors(rows: int, *, width: int = 48, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((rows, width)).astype(np.float32)


@pytest.mark.parametrize("queries", [1, 2, 7, 130])
def test_equal_passages_score_equal_wherever_they_stand(queries: int) -> None:
    # A plain matrix product fails this: columns at its edges are rounded differently from those inside.
    corpus = vectors(251)
    scores = Pool.of([corpus, corpus[::-1].copy(), corpus[:50]]).scores(vectors(queries, seed=1))
    np.testing.assert_array_equal(scores[:, :251], scores[:, 251:502][:, ::-1])
    np.testing.assert_array_equal(scores[:, :50], scores[:, 502:])


def test_scores_are_inner_products_in_corpus_order() -> None:
    english, german = vectors(5), np.vstack([vectors(2, seed=3), vectors(5)[2:3]])
    queries = vectors(4, seed=1)
    pool = Pool.of([english, german])
    np.testing.assert_allclose(pool.scores(queries), queries @ np.vstack([english, german]).T, rtol=1e-5, atol=1e-6)
    assert pool.scores(queries).dtype == np.float32
    assert pool.bounds.tolist() == [0, 5, 8]


def test_blocks_cover_every_query_once(monkeypatch: pytest.MonkeyPatch) -> None:
    pool, queries = Pool.of([vectors(10)]), vectors(11, seed=1)
    monkeypatch.setattr(pool_module, "BLOCK_QUERIES", 4)
    blocks = list(pool.blocks(queries))
    assert [len(scores) for _, scores in blocks] == [4, 4, 3]
    whole = pool.scores(queries)
    for part, scores in blocks:
        np.testing.assert_allclose(scores, whole[part], rtol=1e-5, atol=1e-6)


def test_blocks_shrink_with_the_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "BLOCK_BYTES", 3 * 4 * 10)
    assert [len(scores) for _, scores in Pool.of([vectors(10)]).blocks(vectors(7, seed=1))] == [3, 3, 1]

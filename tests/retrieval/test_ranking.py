import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from equilingua.retrieval.pool import Pool
from equilingua.retrieval.ranking import best, relevant_ranks

# Small whole numbers: exact in float32, and most passages tie.
GRID = st.integers(-1, 1)


def naive_rank(scores: list[float], position: int) -> int:
    """By sorting: higher score first, then corpus order."""
    order = sorted(range(len(scores)), key=lambda place: (-scores[place], place))
    return order.index(position) + 1


@given(data=st.data(), sizes=st.lists(st.integers(1, 6), min_size=1, max_size=4), queries=st.integers(1, 4))
def test_ranks_are_those_of_sorting_with_ties_in_corpus_order(
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

    ranks = relevant_ranks(asked, Pool.of(corpora), relevant)

    bounds = np.cumsum([0, *sizes])
    for query, positions in enumerate(relevant.tolist()):
        scores = (asked[query] @ np.concatenate(corpora).T).tolist()
        for slot, position in enumerate(positions):
            if position < 0:
                assert ranks.pool[query, slot] == ranks.corpus[query, slot] == 0
                continue
            corpus = int(np.searchsorted(bounds, position, side="right")) - 1
            start, end = bounds[corpus], bounds[corpus + 1]
            assert ranks.pool[query, slot] == naive_rank(scores, position)
            assert ranks.corpus[query, slot] == naive_rank(scores[start:end], position - start)


@given(
    scores=st.lists(st.lists(st.integers(0, 3), min_size=7, max_size=7), min_size=1, max_size=4),
    depth=st.integers(1, 9),
)
def test_best_passages_are_those_of_sorting_with_ties_in_corpus_order(scores: list[list[int]], depth: int) -> None:
    found = best(np.array(scores, dtype=np.float32), depth)
    expected = [sorted(range(7), key=lambda place: (-row[place], place))[:depth] for row in scores]
    assert found.tolist() == expected


def test_copies_of_a_passage_rank_one_behind_the_other() -> None:
    rng = np.random.default_rng(0)
    corpus = rng.standard_normal((37, 24)).astype(np.float32)
    pool = Pool.of([np.vstack([corpus, corpus, corpus])])
    queries = rng.standard_normal((5, 24)).astype(np.float32)
    ranks = relevant_ranks(queries, pool, np.tile([3, 40, 77], (5, 1))).pool
    np.testing.assert_array_equal(np.diff(ranks, axis=1), 1)


def test_ranks_do_not_depend_on_how_queries_are_cut_into_blocks() -> None:
    rng = np.random.default_rng(1)
    pool = Pool.of([rng.standard_normal((300, 8)).astype(np.float32)])
    queries = rng.standard_normal((600, 8)).astype(np.float32)
    relevant = rng.integers(0, 300, (600, 2))
    whole = relevant_ranks(queries, pool, relevant).pool
    halves = [relevant_ranks(queries[part], pool, relevant[part]).pool for part in (slice(0, 301), slice(301, 600))]
    np.testing.assert_array_equal(whole, np.concatenate(halves))


def test_the_best_passages_of_the_one_pass_are_those_of_sorting_whatever_the_blocks() -> None:
    rng = np.random.default_rng(2)
    pool = Pool.of([rng.integers(-1, 2, (size, 3)).astype(np.float32) for size in (40, 25)])
    queries = rng.integers(-1, 2, (600, 3)).astype(np.float32)
    relevant = rng.integers(0, 65, (600, 1))
    ranks = relevant_ranks(queries, pool, relevant, depth=7)
    for row, top in zip(pool.scores(queries).tolist(), ranks.best.tolist(), strict=True):
        assert top == sorted(range(65), key=lambda place: (-row[place], place))[:7]
    # A relevant passage among the best stands at its rank.
    places = np.argmax(ranks.best == relevant, axis=1) + 1
    within = ranks.pool[:, 0] <= 7
    np.testing.assert_array_equal(places[within], ranks.pool[within, 0])
    np.testing.assert_array_equal(relevant_ranks(queries, pool, relevant).pool, ranks.pool)


def test_a_depth_beyond_the_pool_gives_the_whole_pool() -> None:
    pool = Pool.of([np.eye(3, dtype=np.float32)])
    none = np.empty((1, 0), dtype=np.int64)
    assert relevant_ranks(np.float32([[0, 2, 1]]), pool, none, depth=9).best.tolist() == [[1, 2, 0]]
    assert relevant_ranks(np.float32([[0, 2, 1]]), pool, none).best.shape == (1, 0)

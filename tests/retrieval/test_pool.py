import numpy as np
import pytest

from equilingua.retrieval import pool as pool_module
from equilingua.retrieval.pool import Pool


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

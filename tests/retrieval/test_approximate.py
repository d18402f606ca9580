from pathlib import Path

import numpy as np
import pytest

from equilingua.errors import InputError
from equilingua.retrieval import approximate
from equilingua.retrieval.approximate import KINDS, STORED, ApproximateIndex, share_found
from equilingua.retrieval.search import Hits, search

pytest.importorskip("faiss")


def unit(rows: int, *, width: int = 16, seed: int = 0) -> np.ndarray:
    """Unit vectors around a few centres, as those of texts have topics."""
    centres = np.random.default_rng(99).standard_normal((20, width))
    rng = np.random.default_rng(seed)
    vectors = centres[rng.integers(0, 20, rows)] + 0.4 * rng.standard_normal((rows, width))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("stored", STORED)
def test_what_is_found_stands_in_the_exact_order_with_exact_scores(kind: str, stored: str) -> None:
    queries, passages = unit(20, seed=1), unit(2_000)
    found = ApproximateIndex.of(passages, kind, stored=stored).search(queries, 10)
    every = search(queries, passages, len(passages))
    for row in range(len(queries)):
        # The exact ranking of all, with those left out that the index did not find.
        kept = np.isin(every.positions[row], found.positions[row])
        np.testing.assert_array_equal(found.positions[row], every.positions[row][kept])
        np.testing.assert_array_equal(found.scores[row], every.scores[row][kept])
    assert share_found(found, search(queries, passages, 10)).mean() > 0.7


def test_an_index_that_looks_everywhere_finds_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(approximate, "SHARE_LOOKED_AT", 1)
    queries, passages = unit(20, seed=1), unit(2_000)
    exact = search(queries, passages, 10)
    found = ApproximateIndex.of(passages, "ivf").search(queries, 10)
    np.testing.assert_array_equal(found.positions, exact.positions)
    assert share_found(found, exact).tolist() == [1.0] * 20


def test_places_that_an_index_cannot_fill_stand_last_and_count_as_missed() -> None:
    queries, passages = unit(6, seed=1), unit(2_000)
    found = ApproximateIndex.of(passages, "ivf").search(queries, 1_000)
    empty = found.positions == -1
    assert empty.any(axis=1).all()
    assert not empty[:, :20].any()
    assert (np.diff(empty.astype(int), axis=1) >= 0).all()
    assert (np.isneginf(found.scores) == empty).all()
    shares = share_found(found, search(queries, passages, 1_000))
    assert (shares <= (~empty).mean(axis=1)).all()


def test_a_few_passages_are_indexed_and_found(tmp_path: Path) -> None:
    np.save(tmp_path / "p.npy", unit(5).astype(np.float16))
    mapped = np.load(tmp_path / "p.npy", mmap_mode="r")
    exact = search(unit(3, seed=1), mapped, 9)
    for kind in KINDS:
        found = ApproximateIndex.of(mapped, kind).search(unit(3, seed=1), 9)
        np.testing.assert_array_equal(found.positions, exact.positions)
        np.testing.assert_array_equal(found.scores, exact.scores)


def test_one_of_equal_passages_counts_as_another() -> None:
    exact = Hits(np.array([[3, 0, 1]]), np.float32([[0.9, 0.5, 0.5]]))
    assert share_found(Hits(np.array([[3, 7, 8]]), np.float32([[0.9, 0.5, 0.4]])), exact).tolist() == [2 / 3]


def test_the_same_seed_gives_the_same_lists() -> None:
    queries, passages = unit(20, seed=1), unit(2_000)
    one, other = (ApproximateIndex.of(passages, "ivf", seed=3).search(queries, 20) for _ in range(2))
    np.testing.assert_array_equal(one.positions, other.positions)


def test_unknown_names_and_a_missing_faiss_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match=r"unknown index 'hsnw'. Did you mean 'hnsw'\? Allowed: hnsw, ivf"):
        ApproximateIndex.of(unit(5), "hsnw")
    with pytest.raises(InputError, match="unknown vector dtype 'int4'"):
        ApproximateIndex.of(unit(5), "ivf", stored="int4")
    monkeypatch.setattr(approximate, "find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"needs faiss, which is not installed: pip install 'equilingua\[faiss\]'"):
        ApproximateIndex.of(unit(5), "ivf")

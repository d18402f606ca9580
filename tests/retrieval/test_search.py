import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from equilingua.errors import InputError
from equilingua.retrieval import best_list, search
from equilingua.retrieval.search import Hits
from equilingua.retrieval.vectors import QuantizedVectors, restored

MIB = 2**20


def unit(rows: int, *, width: int = 24, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).standard_normal((rows, width)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def by_sorting(queries: np.ndarray, passages: np.ndarray, depth: int) -> Hits:
    """Every inner product in float64, rounded, and all passages sorted by it."""
    exact = [(passages.astype(np.float64) * query.astype(np.float64)).sum(axis=1) for query in queries]
    scores = np.array(exact).astype(np.float32)
    positions = np.argsort(-scores, axis=1, kind="stable")[:, :depth]
    return Hits(positions, np.take_along_axis(scores, positions, axis=1))


def assert_same(found: Hits, expected: Hits) -> None:
    np.testing.assert_array_equal(found.positions, expected.positions)
    np.testing.assert_array_equal(found.scores, expected.scores)
    assert found.scores.dtype == np.float32


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many blocks of a few vectors."""
    monkeypatch.setattr(search, "QUERY_ROWS", 3)
    monkeypatch.setattr(search, "PASSAGE_ROWS", 7)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("depth", [1, 5, 20, 300, 1000])
def test_the_best_are_those_of_sorting(depth: int) -> None:
    queries, passages = unit(11, seed=1), unit(300)
    assert_same(search.search(queries, passages, depth), by_sorting(queries, passages, depth))


@pytest.mark.parametrize("block", [(512, 1024), (64, 128), (5, 31)])
def test_the_result_is_the_same_however_the_work_is_cut(
    block: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "QUERY_ROWS", block[0])
    monkeypatch.setattr(search, "PASSAGE_ROWS", block[1])
    queries, passages = unit(130, width=48, seed=1), unit(2500, width=48)
    assert_same(search.search(queries, passages, 20), by_sorting(queries, passages, 20))


@settings(max_examples=60)
@given(data=st.data(), passages=st.integers(1, 40), queries=st.integers(1, 7), depth=st.integers(1, 12))
def test_ties_go_to_the_lower_position(data: st.DataObject, passages: int, queries: int, depth: int) -> None:
    # Small whole numbers: most passages tie, and a query of zeros ties with all.
    numbers = st.integers(-1, 1).map(float)
    asked = data.draw(arrays(np.float32, (queries, 2), elements=numbers))
    corpus = data.draw(arrays(np.float32, (passages, 2), elements=numbers))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "QUERY_ROWS", 3)
        patch.setattr(search, "PASSAGE_ROWS", 5)
        patch.setattr(best_list, "MOST_KEPT", data.draw(st.sampled_from([1, 8])))
        assert_same(search.search(asked, corpus, depth), by_sorting(asked, corpus, depth))
        assert_same(search.search(asked, QuantizedVectors.of(corpus), depth), by_sorting(asked, corpus, depth))


@pytest.mark.usefixtures("small_blocks")
def test_copies_of_a_passage_stand_one_behind_the_other() -> None:
    # A plain matrix product fails this: it rounds the same vectors differently at the edges of its blocks.
    corpus, queries = unit(101, width=48), unit(9, width=48, seed=1)
    found = search.search(queries, np.vstack([corpus, corpus, corpus]), 30)
    np.testing.assert_array_equal(found.positions[:, 1::3] - found.positions[:, ::3], 101)
    np.testing.assert_array_equal(found.positions[:, 2::3] - found.positions[:, ::3], 202)


@pytest.mark.usefixtures("small_blocks")
def test_passages_closer_than_float32_can_tell_are_ranked_by_their_exact_scores() -> None:
    rng = np.random.default_rng(0)
    near = np.repeat(unit(1, width=384), 400, axis=0)
    near *= (1 + rng.integers(-3, 4, near.shape) * 2.0**-24).astype(np.float32)
    queries = unit(6, width=384, seed=1)
    assert_same(search.search(queries, near, 10), by_sorting(queries, near, 10))


@pytest.mark.usefixtures("small_blocks")
def test_quantised_vectors_give_the_result_of_the_vectors_they_were_made_of() -> None:
    queries, passages = (
        unit(11, seed=1),
        unit(400) * np.random.default_rng(2).uniform(0.1, 5, (400, 1)).astype(np.float32),
    )
    assert_same(search.search(queries, QuantizedVectors.of(passages), 10), by_sorting(queries, passages, 10))


def test_quantised_vectors_are_off_by_no_more_than_they_say() -> None:
    passages = unit(300)
    small = QuantizedVectors.of(passages)
    lost = np.linalg.norm(restored(small.values, small.scales) - passages, axis=1)
    assert small.values.dtype == np.int8
    assert 0 < lost.max() <= small.error * (1 + 1e-5) < 0.02


@pytest.mark.usefixtures("small_blocks")
def test_memory_mapped_half_precision_is_searched(tmp_path: Path) -> None:
    queries, passages = unit(5, seed=1).astype(np.float16), unit(60).astype(np.float16)
    np.save(tmp_path / "passages.npy", passages)
    mapped = np.load(tmp_path / "passages.npy", mmap_mode="r")
    expected = by_sorting(queries.astype(np.float32), passages.astype(np.float32), 4)
    assert_same(search.search(queries, mapped, 4), expected)


def test_less_memory_means_more_passes_and_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "QUERY_ROWS", 16)
    queries, passages = unit(100, seed=1), unit(500)
    passes = []
    monkeypatch.setattr(search, "track", lambda blocks, what: passes.append(what) or blocks)
    whole = search.search(queries, passages, 100)
    assert len(passes) == 1
    assert_same(
        search.search(queries, passages, 100, memory=search.WORKING_MEMORY + search.THREAD_MEMORY + 2 * MIB), whole
    )
    assert len(passes) > 2


def test_threads_without_room_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_threads", lambda: 64)
    queries, passages = unit(600, seed=1), unit(500)
    shared = []
    look = search._look_at_all
    monkeypatch.setattr(search, "_look_at_all", lambda *given: shared.append(given[3]) or look(*given))
    whole = search.search(queries, passages, 400, memory=4096 * MIB)
    assert_same(search.search(queries, passages, 400, memory=240 * MIB), whole)
    assert shared[0] == 2
    assert shared[-1] == 1


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("threads", [1, 2, 3, 8])
def test_threads_change_nothing(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_threads", lambda: threads)
    queries, passages = unit(40, seed=1), unit(300)
    assert_same(search.search(queries, passages, 9), by_sorting(queries, passages, 9))


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("scale", [1e-25, 1e25])
def test_scale_does_not_matter(scale: float) -> None:
    queries, passages = unit(9, seed=1), unit(200)
    expected = by_sorting(queries, passages * np.float32(scale), 10)
    assert_same(search.search(queries, passages * np.float32(scale), 10), expected)


def test_what_cannot_be_searched_is_refused() -> None:
    queries, passages = unit(2), unit(5)
    broken = passages.copy()
    broken[3, 0] = np.nan
    for asked, corpus, depth, message in [
        (queries, passages[:, :7], 1, "queries are 24 wide, passages 7. Encode both with the same model"),
        (queries.astype(np.float64), passages, 1, r"queries: need float32 or float16 .* got float64 \(2, 24\)"),
        (queries, passages[0], 1, r"passages: need float32 or float16 of shape \(rows, width\), got float32 \(24,\)"),
        (queries, broken, 1, "passages: the vector at position 3 holds NaN"),
        (broken, passages, 1, "queries: the vector at position 3 holds NaN"),
        (queries * np.float32(1e30), passages * np.float32(1e30), 1, "overflow float32"),
        (queries, passages, 0, "the best 0 of 5 passages: at least 1 of 1 is needed"),
        (queries, passages[:0], 3, "the best 3 of 0 passages"),
    ]:
        with pytest.raises(InputError, match=message):
            search.search(asked, corpus, depth)


def test_too_little_memory_is_told_with_what_would_do() -> None:
    queries, passages = unit(2), unit(5)
    told = r"memory of 5 bytes is too little for the 5 best: give (\d+) MiB \(([\d,]+) bytes\) or more"
    with pytest.raises(InputError, match=told) as refused:
        search.search(queries, passages, 9, memory=5)
    found = re.search(told, str(refused.value))
    assert found is not None
    least = int(found[2].replace(",", ""))
    assert least == int(found[1]) * MIB
    assert_same(search.search(queries, passages, 9, memory=least), by_sorting(queries, passages, 9))

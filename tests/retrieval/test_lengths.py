"""Unit vectors of any scale, and inner products that float32 can hold."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equilingua.benchmarks.benchmark import Benchmark, Corpus, Queries
from equilingua.errors import InputError
from equilingua.evaluation.evaluate import evaluate
from equilingua.retrieval.approximate import ApproximateIndex
from equilingua.retrieval.encoding import EncodeOptions, encode
from equilingua.retrieval.lengths import unit_rows
from equilingua.retrieval.pool import Pool
from equilingua.retrieval.precomputed import PrecomputedVectors
from equilingua.retrieval.search import search
from equilingua.retrieval.vectors import as_vectors

Vectors = Callable[..., PrecomputedVectors]
SCALES = [1e20, 1e-24, 1e37, 1e-37, 2.0**100, 2.0**-100]


def rows(count: int = 7, width: int = 5, *, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, width)).astype(np.float32)


@given(exponent=st.integers(-110, 110))
def test_a_power_of_two_changes_no_bit_of_a_unit_vector(exponent: int) -> None:
    scaled = rows() * np.float32(2.0**exponent)
    np.testing.assert_array_equal(unit_rows(scaled), unit_rows(rows()))


@pytest.mark.parametrize("scale", [*SCALES, 1e150, 1e-150])
def test_unit_vectors_have_length_1_at_any_scale_of_float64(scale: float) -> None:
    vectors = as_vectors(rows().astype(np.float64) * scale, ["text"] * 7, "vectors")
    np.testing.assert_allclose(vectors, unit_rows(rows()), rtol=1e-5)
    assert vectors.dtype == np.float32


def test_vectors_of_usual_scale_are_divided_by_their_length_alone() -> None:
    # Bit by bit as ever: no figure of a usual model moves.
    vectors = rows(50, 384)
    np.testing.assert_array_equal(unit_rows(vectors), vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("side", ["queries", "passages"])
def test_the_scale_of_vectors_changes_no_cosine_figure(
    small_benchmark: Benchmark, vectors_for: Vectors, scale: float, side: str
) -> None:
    given = vectors_for(small_benchmark)
    sides = {"queries": dict(given.queries), "passages": dict(given.passages)}
    before = evaluate((sides["queries"], sides["passages"]), small_benchmark, resamples=0).measures
    sides[side] = {lang: np.asarray(rows, np.float32) * np.float32(scale) for lang, rows in sides[side].items()}
    after = evaluate((sides["queries"], sides["passages"]), small_benchmark, resamples=0).measures
    for setting, measures in before.items():
        assert after[setting] == pytest.approx(measures, abs=1e-4)


@pytest.mark.parametrize(
    ("queries", "passages", "message"),
    [
        (1e30, 1e30, "overflow float32: scale the vectors down"),
        (1e-30, 1e-30, "vanish in float32: scale the vectors up"),
        (1.0, np.inf, "NaN or infinite values"),
        (np.nan, 1.0, "NaN or infinite values"),
    ],
)
def test_products_that_cannot_be_ranked_by_are_refused_everywhere(
    small_benchmark: Benchmark, vectors_for: Vectors, queries: float, passages: float, message: str
) -> None:
    given = vectors_for(small_benchmark)
    asked = {lang: np.asarray(rows, np.float32) * np.float32(queries) for lang, rows in given.queries.items()}
    held = {lang: np.asarray(rows, np.float32) * np.float32(passages) for lang, rows in given.passages.items()}
    with pytest.raises(InputError, match=message):
        evaluate(PrecomputedVectors(asked, held, similarity="dot"), small_benchmark, resamples=0)
    with pytest.raises(InputError, match=message):
        next(Pool.of([held["en"]]).blocks(asked["en"]))
    with pytest.raises(InputError, match=message):
        search(asked["en"], held["en"], 3)
    pytest.importorskip("faiss")
    with pytest.raises(InputError, match=message):
        ApproximateIndex.of(held["en"], "hnsw").search(asked["en"], 3)


def test_values_beyond_float32_are_refused_for_dot_products() -> None:
    with pytest.raises(InputError, match=r"q: values are beyond float32, whose greatest is 3\.4e38: scale the vectors"):
        as_vectors(np.array([[1e39, 0]]), ["text"], "q", similarity="dot")


def test_vectors_of_zeros_tie_with_what_scores_nothing() -> None:
    scores = Pool.of([as_vectors([[0, 0], [1, 0]], ["", "a"], "p")]).scores(
        as_vectors([[0, 5], [0, 0]], ["b", ""], "q")
    )
    assert scores.tolist() == [[0, 0], [0, 0]]


class Scaled:
    """An encoder that gives float64 vectors of another scale."""

    def __init__(self, scale: float) -> None:
        self._scale, self.cache_key = scale, f"scaled by {scale}"

    def encode_query(self, texts: list[str]) -> np.ndarray:
        return np.array([np.random.default_rng([*text.encode()]).standard_normal(6) for text in texts]) * self._scale

    encode_document = encode_query


@pytest.mark.parametrize("scale", [1e200, 1e-200, 1e300, 1e-300])
def test_float64_beyond_float32_has_the_same_directions_however_it_comes(scale: float, tmp_path: Path) -> None:
    texts = ["one", "two", "three"]
    expected = encode(Scaled(1.0), texts, "query")
    for options in (EncodeOptions(), EncodeOptions(cache=tmp_path)):
        np.testing.assert_allclose(encode(Scaled(scale), texts, "query", options), expected, rtol=1e-5)
    vectors = {"en": Scaled(scale).encode_query(texts)}
    benchmark = Benchmark.sharing(
        "own",
        {"en": Queries(("a", "b", "c"), tuple(texts))},
        {"en": Corpus(("p", "q", "r"), tuple(texts))},
        {"a": {"p": 1}, "b": {"q": 1}, "c": {"r": 1}},
        {},
    )
    found = evaluate(PrecomputedVectors(vectors, vectors), benchmark, measures=["mAP"], resamples=0)
    assert [pair.values["mAP"].tolist() for pair in found.scores] == [[1.0, 1.0, 1.0]]

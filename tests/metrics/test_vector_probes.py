import math

import numpy as np
import pytest

from equilingua.metrics.probes import (
    alignment,
    centroid_distance,
    language_accuracy,
    probe_vectors,
    uniformity,
)


def on_sphere(rng: np.random.Generator, rows: int, width: int = 8) -> np.ndarray:
    drawn = rng.standard_normal((rows, width)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def test_alignment_and_uniformity_are_those_of_loops() -> None:
    rng = np.random.default_rng(0)
    one, two = on_sphere(rng, 12).astype(np.float64), on_sphere(rng, 12).astype(np.float64)
    squared = [sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) for a, b in zip(one, two, strict=True)]
    assert alignment(one, two) == pytest.approx(np.mean(squared))
    kernel = [
        math.exp(-2 * sum((x - y) ** 2 for x, y in zip(one[a], one[b], strict=True)))
        for a in range(12)
        for b in range(a)
    ]
    assert uniformity(one) == pytest.approx(math.log(np.mean(kernel)))


def test_vectors_in_one_point_are_aligned_and_not_uniform() -> None:
    same = np.tile(np.float32([[0.6, 0.8]]), (5, 1))
    assert (alignment(same, same), uniformity(same), centroid_distance(same, same)) == (0, pytest.approx(0), 0)
    assert uniformity(same[:1]) == 0


def test_an_encoder_that_marks_language_is_found_out_and_a_blind_one_is_not() -> None:
    rng = np.random.default_rng(1)
    blind = [on_sphere(rng, 150), on_sphere(rng, 150), on_sphere(rng, 150)]
    marked = [rows + 3 * np.eye(8, dtype=np.float32)[place] for place, rows in enumerate(blind)]
    assert language_accuracy(marked, seed=0) > 0.99
    assert language_accuracy(blind, seed=0) == pytest.approx(1 / 3, abs=0.1)
    assert language_accuracy(blind, seed=0) == language_accuracy(blind, seed=0)


def test_probes_pair_parallel_queries_by_id_and_take_unit_vectors() -> None:
    rng = np.random.default_rng(2)
    meaning = on_sphere(rng, 6)
    queries = {"en": 5 * meaning, "de": meaning[[3, 1]], "th": on_sphere(rng, 2)}
    ids = {"en": ("a", "b", "c", "d", "e", "f"), "de": ("d", "b"), "th": ("x", "y")}
    passages = {language: on_sphere(rng, size) for language, size in (("en", 9), ("de", 7), ("th", 8))}
    found = probe_vectors(queries, passages, ids, seed=0)
    assert found.alignment["en"]["de"] == found.alignment["de"]["en"] == pytest.approx(0, abs=1e-12)
    assert "th" not in found.alignment  # no query of it has a translation
    assert set(found.uniformity["en"]) == {"de", "th"}
    assert (found.passages, found.chance) == (7, pytest.approx(1 / 3))
    expected = np.linalg.norm(passages["en"].mean(axis=0) - passages["th"].mean(axis=0))
    assert found.centroid_distance["en"]["th"] == pytest.approx(expected)
    single = probe_vectors(queries, {**passages, "th": passages["th"][:1]}, ids, seed=0)
    assert single.language_accuracy is None


def test_tags_and_the_order_of_texts_change_no_probe() -> None:
    rng = np.random.default_rng(3)
    queries = {tag: on_sphere(rng, 30) for tag in ("de", "en", "th")}
    passages = {
        tag: on_sphere(rng, size) + place for place, (tag, size) in enumerate(zip(queries, (40, 31, 52), strict=True))
    }
    ids = {tag: [f"q{row}" for row in range(30)] for tag in queries}
    one = probe_vectors(queries, passages, ids, seed=0)
    names = {"de": "vi", "en": "ar", "th": "de"}
    order = rng.permutation(30)
    two = probe_vectors(
        {names[tag]: queries[tag][order] for tag in ("th", "de", "en")},
        {names[tag]: rng.permutation(passages[tag]) for tag in ("en", "th", "de")},
        {names[tag]: [f"q{row}" for row in order] for tag in names},
        seed=0,
    )
    assert two.language_accuracy == one.language_accuracy
    for matrix in ("centroid_distance", "alignment", "uniformity"):
        for first, others in getattr(one, matrix).items():
            for second, value in others.items():
                assert getattr(two, matrix)[names[first]][names[second]] == pytest.approx(value)


def test_an_encoder_of_one_vector_tells_no_language() -> None:
    ones = {tag: np.ones((10, 4), np.float32) for tag in ("de", "en", "th")}
    found = probe_vectors(ones, ones, {tag: [f"q{row}" for row in range(10)] for tag in ones}, seed=0)
    assert found.language_accuracy == pytest.approx(found.chance)
    assert set(found.centroid_distance["de"].values()) == {0}

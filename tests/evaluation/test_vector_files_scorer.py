from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.errors import InputError
from equilingua.evaluation.scorer import benchmark_vectors
from equilingua.retrieval.precomputed import VectorFiles


def write(path: Path, ids: dict[str, tuple[str, ...]], vectors: Any, *, seed: int) -> Path:
    """All rows in one file, shuffled."""
    rows = [
        (language, id_, row) for language, of in ids.items() for id_, row in zip(of, vectors[language], strict=True)
    ]
    shuffled = [rows[place] for place in np.random.default_rng(seed).permutation(len(rows))]
    languages, names, values = zip(*shuffled, strict=True)
    np.savez(path, ids=names, languages=languages, vectors=np.array(values))
    return path


def test_vectors_from_files_are_those_given_as_arrays(
    small_benchmark: Benchmark, vectors_for: Callable[..., Any], tmp_path: Path
) -> None:
    arrays = vectors_for(small_benchmark)
    queries = {language: rows.ids for language, rows in small_benchmark.queries.items()}
    passages = {language: rows.ids for language, rows in small_benchmark.corpora.items()}
    files = VectorFiles(
        write(tmp_path / "queries.npz", queries, arrays.queries, seed=0),
        write(tmp_path / "passages.npz", passages, arrays.passages, seed=1),
    )
    found, expected = benchmark_vectors(files, small_benchmark), benchmark_vectors(arrays, small_benchmark)
    for language in small_benchmark.languages:
        np.testing.assert_array_equal(found.queries[language], expected.queries[language])
        np.testing.assert_array_equal(found.passages[language], expected.passages[language])


def test_values_that_are_not_finite_are_refused_with_their_text(
    small_benchmark: Benchmark, vectors_for: Callable[..., Any], tmp_path: Path
) -> None:
    arrays = vectors_for(small_benchmark)
    arrays.passages["en"][4, 0] = np.nan
    passages = {language: rows.ids for language, rows in small_benchmark.corpora.items()}
    queries = {language: rows.ids for language, rows in small_benchmark.queries.items()}
    files = VectorFiles(
        write(tmp_path / "queries.npz", queries, arrays.queries, seed=0),
        write(tmp_path / "passages.npz", passages, arrays.passages, seed=1),
    )
    with pytest.raises(InputError, match=r"passage vectors of 'en': 1 of 23 hold NaN .* 'en passage 4'"):
        benchmark_vectors(files, small_benchmark)

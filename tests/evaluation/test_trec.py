from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import ir_measures
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.errors import InputError
from equilingua.evaluation.scorer import benchmark_vectors
from equilingua.evaluation.trec import export_trec, strictly_decreasing
from equilingua.retrieval.ties import tie_order

floats = st.floats(-1, 1, width=32)


@given(scores=st.lists(st.one_of(floats, st.sampled_from([0.0, -0.0, 0.5, -0.5])), min_size=1, max_size=12))
def test_lowered_scores_fall_strictly_and_by_no_more_than_needed(scores: list[float]) -> None:
    row = -np.sort(-np.array([scores], dtype=np.float32), axis=1)
    lowered = strictly_decreasing(row)
    expected = [row[0, 0]]
    for score in row[0, 1:]:
        below = np.nextafter(expected[-1], np.float32(-np.inf))
        expected.append(min(score, below))
    assert lowered.dtype == np.float32
    assert (np.diff(lowered[0]) < 0).all()
    np.testing.assert_array_equal(lowered[0], np.array(expected, dtype=np.float32))


def test_runs_keep_our_order_under_trec_evals_tie_rule(small_benchmark: Benchmark, tmp_path: Path) -> None:
    # All passages tie: trec_eval alone would rank by passage id, from the last one.
    ones = ({lang: np.ones((len(rows.ids), 3)) for lang, rows in small_benchmark.queries.items()},
            {lang: np.ones((len(rows.ids), 3)) for lang, rows in small_benchmark.corpora.items()})  # fmt: skip
    export_trec(benchmark_vectors(ones, small_benchmark), small_benchmark, tmp_path, depth=40, settings=["monolingual"])
    run = [row for row in ir_measures.read_trec_run(str(tmp_path / "monolingual.run")) if row.query_id == "en/q0"]
    # As trec_eval keeps scores: in single precision.
    order = sorted(run, key=lambda row: (np.float32(row.score), row.doc_id), reverse=True)
    corpus = small_benchmark.corpora["en"]
    ours = np.argsort(tie_order(corpus.texts, corpus.ids))
    assert [row.doc_id for row in order] == [corpus.ids[place] for place in ours]


def test_files_hold_each_pair_of_a_setting_to_the_depth_asked_for(
    small_benchmark: Benchmark, vectors_for: Callable[..., object], tmp_path: Path
) -> None:
    vectors = benchmark_vectors(vectors_for(small_benchmark), small_benchmark)
    paths = export_trec(vectors, small_benchmark, tmp_path / "trec", depth=5)
    assert [path.name for path in paths] == [
        "monolingual.run", "monolingual.qrels", "cross-lingual.run", "cross-lingual.qrels",
        "multilingual.run", "multilingual.qrels",
    ]  # fmt: skip
    lines = [line.split() for line in (tmp_path / "trec" / "cross-lingual.run").read_text().splitlines()]
    assert len(lines) == 5 * 2 * (10 + 12 + 8)
    assert {topic.split("/")[0] for topic, *_ in lines} == {"de-en", "de-th", "en-de", "en-th", "th-de", "th-en"}
    assert all(id_.startswith(topic[3:5]) for topic, _, id_, *_ in lines)
    assert [int(line[3]) for line in lines[:6]] == [1, 2, 3, 4, 5, 1]
    qrels = (tmp_path / "trec" / "multilingual.qrels").read_text().splitlines()
    assert {"en/q1 0 en_5 3", "en/q1 0 en_0 0", "en/q1 0 de_4 1", "de/q1 0 en_5 3"} <= set(qrels)


def test_ids_with_spaces_are_refused(
    small_benchmark: Benchmark, vectors_for: Callable[..., object], tmp_path: Path
) -> None:
    queries = small_benchmark.queries["en"]
    spaced = replace(queries, ids=("the first", *queries.ids[1:]))
    benchmark = replace(small_benchmark, queries={"en": spaced}, qrels={"en": {}}, excluded={})
    vectors = benchmark_vectors(vectors_for(benchmark), benchmark)
    with pytest.raises(InputError, match="id 'the first' of a query holds a space, which a TREC run has between"):
        export_trec(vectors, benchmark, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_depth_of_nothing_is_told(
    small_benchmark: Benchmark, vectors_for: Callable[..., object], tmp_path: Path
) -> None:
    vectors = benchmark_vectors(vectors_for(small_benchmark), small_benchmark)
    with pytest.raises(InputError, match="depth 0: a run needs at least 1 passage a query"):
        export_trec(vectors, small_benchmark, tmp_path, depth=0)

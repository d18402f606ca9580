"""What ranks above a relevant passage, beside an oracle that sorts."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.result import EvaluationResult
from equilingua.retrieval.precomputed import PrecomputedVectors


def test_passages_above_are_those_of_the_sorted_ranking(
    small_benchmark: Benchmark, vectors_for: Callable[..., PrecomputedVectors], tmp_path: Path
) -> None:
    vectors = vectors_for(small_benchmark, pull=0.2)
    result = evaluate(vectors, small_benchmark, resamples=0)
    languages = small_benchmark.passage_languages
    ids = np.array([id_ for tag in languages for id_ in small_benchmark.corpora[tag].ids])
    held = np.array([tag for tag in languages for _ in small_benchmark.corpora[tag].ids])
    passages = np.concatenate([np.asarray(vectors.passages[tag]) for tag in languages])
    passages = passages / np.linalg.norm(passages, axis=1, keepdims=True)
    seen = 0
    for pair in result.scores:
        asked = small_benchmark.queries[pair.query_language].ids
        for row, query in enumerate(pair.query_ids):
            scores = passages @ np.asarray(vectors.queries[pair.query_language])[asked.index(query)]
            order = ids[np.argsort(-scores, kind="stable")]
            inside = [id_ for id_ in order if pair.corpus_language in ("*", held[list(ids).index(id_)])]
            grades = small_benchmark.qrels[pair.query_language][query]
            for one in pair.above[row]:
                seen += 1
                assert grades.get(one.passage, 0) == 0
                assert one.rank < pair.ranks[row].max()
                tied = np.isclose(scores, scores[list(ids).index(one.passage)], atol=1e-6).sum() > 1
                assert tied or inside[one.rank - 1] == one.passage
    assert seen > 50
    read = EvaluationResult.load(result.save(tmp_path / "r"))
    assert [pair.above for pair in read.scores] == [pair.above for pair in result.scores]

"""The least grade of a relevant passage."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.errors import InputError
from equilingua.evaluation.compare import compare
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.scorer import benchmark_scorer
from equilingua.evaluation.trec import export_trec
from equilingua.metrics.naming import parse_metric
from equilingua.retrieval.precomputed import PrecomputedVectors

Vectors = Callable[..., PrecomputedVectors]


@pytest.fixture
def graded(small_benchmark: Benchmark) -> Benchmark:
    """Every relevant passage has grade 1, 2 or 3, by its id."""
    return replace(
        small_benchmark,
        qrels={
            lang: {
                query: {id_: 1 + sum(map(ord, id_)) % 3 if grade > 0 else 0 for id_, grade in judged.items()}
                for query, judged in rows.items()
            }
            for lang, rows in small_benchmark.qrels.items()
        },
    )


def without_lower(benchmark: Benchmark, least: int) -> Benchmark:
    return replace(
        benchmark,
        qrels={
            lang: {
                query: {id_: grade * (grade >= least) for id_, grade in judged.items()}
                for query, judged in rows.items()
            }
            for lang, rows in benchmark.qrels.items()
        },
    )


@pytest.mark.parametrize("least", [2, 3])
def test_all_but_ndcg_see_only_passages_of_the_least_grade(graded: Benchmark, vectors_for: Vectors, least: int) -> None:
    vectors = vectors_for(graded)
    result = evaluate(vectors, graded, min_grade=least, resamples=0)
    plain = evaluate(vectors, graded, resamples=0)
    without = evaluate(vectors, without_lower(graded, least), resamples=0)
    assert result.measures["multilingual"]["mAP"] != plain.measures["multilingual"]["mAP"]
    for setting, measures in result.measures.items():
        for name, value in measures.items():
            expected = plain if parse_metric(name).kind == "nDCG" else without
            assert value == pytest.approx(expected.measures[setting][name]), (setting, name)
    assert result.language_bias is not None
    assert without.language_bias is not None
    assert result.language_bias.top_hits == without.language_bias.top_hits
    assert result.language_bias.friedman == without.language_bias.friedman
    assert result.language_bias.peer == without.language_bias.peer


def test_figures_are_those_of_ir_measures_with_the_same_level(
    graded: Benchmark, vectors_for: Vectors, tmp_path: Path
) -> None:
    import ir_measures

    scorer = benchmark_scorer(vectors_for(graded), graded)
    result = evaluate(scorer, graded, min_grade=2, resamples=0)
    export_trec(scorer, graded, tmp_path, depth=1000)
    run = list(ir_measures.read_trec_run(str(tmp_path / "multilingual.run")))
    qrels = list(ir_measures.read_trec_qrels(str(tmp_path / "multilingual.qrels")))
    level = {"mAP": ir_measures.AP(rel=2), "R@10": ir_measures.R(rel=2) @ 10, "nDCG@10": ir_measures.nDCG @ 10}
    found = {(row.query_id, row.measure): row.value for row in ir_measures.iter_calc(list(level.values()), qrels, run)}
    checked = 0
    for pair in result.scores:
        if pair.setting == "multilingual":
            for row, query in enumerate(pair.query_ids):
                for name, measure in level.items():
                    value = pair.values[name][row]
                    if not np.isnan(value):
                        checked += 1
                        assert value == pytest.approx(found[f"{pair.name}/{query}", measure], abs=1e-6)
    assert checked > 50


def test_the_result_says_the_least_grade(graded: Benchmark, vectors_for: Vectors, tmp_path: Path) -> None:
    vectors = vectors_for(graded)
    evaluate(vectors, graded, min_grade=2, resamples=0).save(tmp_path / "two")
    evaluate(vectors, graded, resamples=0).save(tmp_path / "one")
    two = EvaluationResult.load(tmp_path / "two")
    assert two.provenance["min_grade"] == 2
    assert two.headline.endswith("passages, relevant from grade 2 on")
    assert "grade" not in EvaluationResult.load(tmp_path / "one").headline
    with pytest.raises(InputError, match="one counts passages from grade 1 on as relevant, the other from grade 2 on"):
        compare(tmp_path / "one", tmp_path / "two")


@pytest.mark.parametrize(
    ("least", "message"),
    [(4, "no passage of 'small' has it, the highest grade is 3. Give 3 or less"), (0, "give 1 or more")],
)
def test_a_grade_that_no_passage_has_is_refused(
    graded: Benchmark, vectors_for: Vectors, least: int, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        evaluate(vectors_for(graded), graded, min_grade=least)

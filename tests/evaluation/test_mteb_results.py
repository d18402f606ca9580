import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.errors import InputError
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.mteb_results import to_mteb
from equilingua.evaluation.result import EvaluationResult


@pytest.fixture
def result(small_benchmark: Benchmark, vectors_for: Callable[..., Any]) -> EvaluationResult:
    return evaluate(vectors_for(small_benchmark), small_benchmark, resamples=0, model_name="runs/hybrid")


def test_mteb_reads_every_setting_back_with_our_macro_means(result: EvaluationResult, tmp_path: Path) -> None:
    mteb = pytest.importorskip("mteb")
    paths = to_mteb(result, tmp_path)
    assert [path.name for path in paths] == [
        "small-monolingual.json",
        "small-cross-lingual.json",
        "small-multilingual.json",
    ]
    for path, (setting, means) in zip(paths, result.measures.items(), strict=True):
        task = mteb.TaskResult.from_disk(path)
        assert task.task_name == f"small-{setting}"
        assert task.get_score() == pytest.approx(means["mAP"], abs=1e-6)
        assert task.get_score(getter=lambda scores: scores["ndcg_at_10"]) == pytest.approx(means["nDCG@10"], abs=1e-6)


def test_mtebs_cache_finds_the_model_and_its_tasks(result: EvaluationResult, tmp_path: Path) -> None:
    mteb = pytest.importorskip("mteb")
    to_mteb(result, tmp_path)
    found = mteb.ResultCache(tmp_path).load_results(include_remote=False)
    (model,) = found.model_results
    assert model.model_name == "runs/hybrid"
    assert {task.task_name for task in model.task_results} == {f"small-{setting}" for setting in result.measures}


def test_subsets_are_pairs_with_their_languages_and_only_the_pool_has_rank_distance(
    result: EvaluationResult, tmp_path: Path
) -> None:
    mteb = pytest.importorskip("mteb")
    monolingual, cross_lingual, multilingual = (mteb.TaskResult.from_disk(path) for path in to_mteb(result, tmp_path))
    assert [scores["hf_subset"] for scores in monolingual.scores["test"]] == ["de", "en", "th"]
    german_thai = next(scores for scores in cross_lingual.scores["test"] if scores["hf_subset"] == "de-th")
    assert german_thai["languages"] == ["deu-Latn", "tha-Thai"]
    assert german_thai["recall_at_1"] == pytest.approx(result.per_pair["de-th"]["R@1"], abs=1e-6)
    assert "rank_distance" not in german_thai
    english = next(scores for scores in multilingual.scores["test"] if scores["hf_subset"] == "en")
    assert english["languages"] == ["eng-Latn", "deu-Latn", "tha-Thai"]
    ours = result.per_language["multilingual"]["en"]
    assert english["rank_distance"] == pytest.approx(ours["rank_distance"], abs=1e-6)


def test_scores_are_of_the_revision_that_the_task_has(
    result: EvaluationResult, small_benchmark: Benchmark, tmp_path: Path
) -> None:
    mteb = pytest.importorskip("mteb")
    from equilingua.evaluation.mteb_tasks import equilingua_tasks

    for path, task in zip(to_mteb(result, tmp_path), equilingua_tasks([small_benchmark]), strict=True):
        written = mteb.TaskResult.from_disk(path)
        assert written.is_mergeable(task, raise_error=True)
        assert written.get_missing_evaluations(task) == {}
        assert {scores["hf_subset"]: scores["languages"] for scores in written.scores["test"]} == (
            task.metadata.eval_langs
        )


def test_a_model_without_an_owner_gets_one(
    small_benchmark: Benchmark, vectors_for: Callable[..., Any], tmp_path: Path
) -> None:
    mteb = pytest.importorskip("mteb")
    result = evaluate(vectors_for(small_benchmark), small_benchmark, resamples=0, model_name="hybrid")
    to_mteb(result, tmp_path)
    (model,) = mteb.ResultCache(tmp_path).load_results(include_remote=False).model_results
    assert model.model_name == "local/hybrid"


def test_a_result_without_map_is_refused(
    small_benchmark: Benchmark, vectors_for: Callable[..., Any], tmp_path: Path
) -> None:
    result = evaluate(vectors_for(small_benchmark), small_benchmark, resamples=0, measures=["R@10"])
    with pytest.raises(InputError, match=r"on 'small' has no mAP, which is the main score .* Evaluate with mAP among"):
        to_mteb(result, tmp_path)


def test_without_mteb_the_extra_is_named(
    result: EvaluationResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mteb", None)
    monkeypatch.delitem(sys.modules, "mteb.models.model_meta", raising=False)
    with pytest.raises(InputError, match=r"pip install 'equilingua\[mteb\]'"):
        to_mteb(result, tmp_path)

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.benchmarks.load import load_benchmark
from equilingua.errors import InputError
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.mteb_results import measure_name
from equilingua.evaluation.mteb_tasks import equilingua_tasks

Scores = dict[str, dict[str, float]]


def run(model: Any, tasks: list[Any]) -> dict[str, Scores]:
    """Scores by setting and subset, nothing kept on disk."""
    mteb = pytest.importorskip("mteb")
    found = mteb.evaluate(model, tasks=tasks, cache=None, show_progress_bar=False)
    return {
        next(
            name for name in ("monolingual", "cross-lingual", "multilingual") if task.task_name.endswith(f"-{name}")
        ): {scores["hf_subset"]: scores for scores in task.scores["test"]}
        for task in found.task_results
    }


def ours(model: Any, benchmark: Benchmark, **options: Any) -> dict[str, Scores]:
    """The same from our own evaluation."""
    result = evaluate(model, benchmark, resamples=0, precision="fp32", **options)
    return {**result.per_language, "cross-lingual": result.per_pair}


def texts(benchmark: Benchmark) -> list[str]:
    return [text for part in (benchmark.queries, benchmark.corpora) for rows in part.values() for text in rows.texts]


@pytest.fixture
def model(static_model: Callable[..., Any], small_benchmark: Benchmark) -> Any:
    return static_model(texts(small_benchmark))


@pytest.fixture(autouse=True)
def _own_mteb_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MTEB_CACHE", str(tmp_path / "mteb"))


def test_every_subset_has_the_measures_of_our_own_evaluation(small_benchmark: Benchmark, model: Any) -> None:
    pytest.importorskip("mteb")
    found, expected = run(model, equilingua_tasks([small_benchmark])), ours(model, small_benchmark)
    assert {setting: set(of) for setting, of in found.items()} == {setting: set(of) for setting, of in expected.items()}
    for setting, subsets in expected.items():
        for subset, means in subsets.items():
            theirs = found[setting][subset]
            assert theirs["main_score"] == pytest.approx(means["mAP"], abs=1e-12)
            for measure, value in means.items():
                if measure_name(measure) == measure:
                    assert theirs[measure] == pytest.approx(value, abs=1e-12)
            assert ("rank_distance" in theirs) == (setting == "multilingual")


def test_passages_left_out_of_a_querys_ranking_are_left_out_here(small_benchmark: Benchmark, model: Any) -> None:
    pytest.importorskip("mteb")
    judged = small_benchmark.qrels["en"]["q0"]
    others = [id_ for corpus in small_benchmark.corpora.values() for id_ in corpus.ids if id_ not in judged]
    benchmark = replace(small_benchmark, excluded={"en": {"q0": others}})
    found = run(model, equilingua_tasks([benchmark], settings=["multilingual"]))["multilingual"]["en"]
    assert found["mAP"] == pytest.approx(ours(model, benchmark)["multilingual"]["en"]["mAP"], abs=1e-12)


def test_a_models_own_similarity_ranks(small_benchmark: Benchmark, model: Any) -> None:
    pytest.importorskip("mteb")
    cosine = run(model, equilingua_tasks(small_benchmark, settings=["multilingual"]))["multilingual"]["en"]
    model.similarity_fn_name = "dot"
    dot = run(model, equilingua_tasks(small_benchmark, settings=["multilingual"]))["multilingual"]["en"]
    assert dot["mAP"] == pytest.approx(ours(model, small_benchmark)["multilingual"]["en"]["mAP"], abs=1e-12)
    assert dot["mAP"] != pytest.approx(cosine["mAP"], abs=1e-6)


@pytest.mark.filterwarnings("ignore:Hash collision or duplicate item")  # equal texts, which mteb takes for collisions
def test_vectors_from_mtebs_cache_give_the_same_scores(small_benchmark: Benchmark, model: Any, tmp_path: Path) -> None:
    pytest.importorskip("mteb")
    from mteb.models import SentenceTransformerEncoderWrapper
    from mteb.models.cache_wrappers import CachedEmbeddingWrapper

    cached = CachedEmbeddingWrapper(SentenceTransformerEncoderWrapper(model), tmp_path / "vectors")
    tasks = equilingua_tasks([small_benchmark], settings=["multilingual"])
    first = run(cached, tasks)["multilingual"]
    assert run(cached, tasks)["multilingual"]["th"]["mAP"] == first["th"]["mAP"]
    expected = ours(model, small_benchmark)["multilingual"]
    for language, scores in first.items():
        assert scores["mAP"] == pytest.approx(expected[language]["mAP"], abs=1e-12)


def test_tasks_are_named_for_benchmark_and_setting_and_know_their_languages(small_benchmark: Benchmark) -> None:
    pytest.importorskip("mteb")
    monolingual, cross_lingual, multilingual = equilingua_tasks([small_benchmark])
    assert [task.metadata.name for task in (monolingual, cross_lingual, multilingual)] == [
        "small-monolingual",
        "small-cross-lingual",
        "small-multilingual",
    ]
    assert monolingual.metadata.eval_langs == {"de": ["deu-Latn"], "en": ["eng-Latn"], "th": ["tha-Thai"]}
    assert cross_lingual.metadata.eval_langs["th-de"] == ["tha-Thai", "deu-Latn"]
    assert multilingual.metadata.eval_langs["en"] == ["eng-Latn", "deu-Latn", "tha-Thai"]
    assert multilingual.metadata.main_score == "mAP"


def test_one_language_has_a_monolingual_task_alone(small_benchmark: Benchmark) -> None:
    pytest.importorskip("mteb")
    tasks = equilingua_tasks([small_benchmark.only(["en"])], settings=["monolingual", "cross-lingual", "multilingual"])
    assert [task.metadata.name for task in tasks] == ["small-monolingual"]


def test_a_model_that_searches_for_itself_is_refused_by_mteb(small_benchmark: Benchmark) -> None:
    mteb = pytest.importorskip("mteb")
    from mteb.models import ModelMeta

    class Searching:
        mteb_model_meta = ModelMeta.create_empty({"name": "some/search", "modalities": ["text"]})

        def index(self, *_: Any, **__: Any) -> None: ...

        def search(self, *_: Any, **__: Any) -> None: ...

    with pytest.raises(TypeError, match="use a Encoder model"):
        mteb.evaluate(Searching(), tasks=equilingua_tasks([small_benchmark]), cache=None, show_progress_bar=False)


def test_an_unknown_setting_is_refused(small_benchmark: Benchmark) -> None:
    pytest.importorskip("mteb")
    with pytest.raises(InputError, match=r"unknown setting 'multi-lingual'\. Did you mean 'multilingual'"):
        equilingua_tasks([small_benchmark], settings=["multi-lingual"])


def test_without_mteb_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, small_benchmark: Benchmark) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "mteb"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mteb", None)
    with pytest.raises(InputError, match=r"mteb is needed .* Install it with pip install 'equilingua\[mteb\]'"):
        equilingua_tasks([small_benchmark])


@pytest.mark.shared_data
@pytest.mark.slow
def test_xquad_r_beyond_mtebs_thousand_passages(static_model: Callable[..., Any], shared_data: Path) -> None:
    pytest.importorskip("mteb")
    benchmark = load_benchmark("xquad-r", data=shared_data, languages=["de", "en"])
    model = static_model(texts(benchmark))
    found = run(model, equilingua_tasks(data=shared_data, languages=["de", "en"]))
    same = ["nDCG@10", "R@100", "MRR@20", "Success@10", "mAP@100"]
    own = ["mAP", "rank_distance", "Max@R_norm"]
    for setting, subsets in ours(model, benchmark, measures=[*own, *same]).items():
        for subset, means in subsets.items():
            theirs = found[setting][subset]
            assert theirs["mAP"] == pytest.approx(means["mAP"], abs=1e-6)
            assert theirs["mAP"] > theirs["map_at_1000"]
            for measure in same:
                # mteb rounds to five decimals, and ranks passages of equal score by their ids.
                assert theirs[measure_name(measure)] == pytest.approx(means[measure], abs=1e-4)
            if setting == "multilingual":
                assert theirs["rank_distance"] == pytest.approx(means["rank_distance"], abs=1e-2)
                assert theirs["Max@R_norm"] == pytest.approx(means["Max@R_norm"], abs=1e-3)


@pytest.mark.parametrize("layout", ["E5's prompts", "document prompts", "without Normalize"])
def test_mteb_encodes_behind_the_prompts_of_our_own_evaluation(
    layout: str, small_benchmark: Benchmark, tiny_transformer: Callable[..., Any], texts_seen: list[str]
) -> None:
    pytest.importorskip("mteb")
    words = " ".join(texts(small_benchmark)).split()
    model = tiny_transformer([*words, "query:", "passage:", "ask:", "text:"], layout)
    run(model, equilingua_tasks([small_benchmark], settings=["multilingual"]))
    theirs = set(texts_seen)
    texts_seen.clear()
    ours(model, small_benchmark)
    assert theirs == set(texts_seen)

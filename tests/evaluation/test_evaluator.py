from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.errors import InputError
from equilingua.evaluation.evaluate import evaluate


@pytest.fixture
def model(static_model: Callable[..., Any], small_benchmark: Benchmark) -> Any:
    return static_model([text for rows in small_benchmark.queries.values() for text in rows.texts])


def test_keys_read_benchmark_setting_measure_and_values_are_those_of_evaluate(
    small_benchmark: Benchmark, model: Any
) -> None:
    from equilingua.evaluation.evaluator import EquilinguaEvaluator

    evaluator = EquilinguaEvaluator(small_benchmark)
    metrics = evaluator(model)
    result = evaluate(model, small_benchmark, resamples=0)
    assert evaluator.primary_metric == "small_multilingual_mAP"
    assert metrics["small_multilingual_mAP"] == result.measures["multilingual"]["mAP"]
    assert metrics["small_cross-lingual_R@1"] == result.measures["cross-lingual"]["R@1"]
    assert len(metrics) == sum(map(len, result.measures.values()))


def test_fewer_rank_distances_are_better(small_benchmark: Benchmark) -> None:
    from equilingua.evaluation.evaluator import EquilinguaEvaluator

    evaluator = EquilinguaEvaluator(small_benchmark, primary=("multilingual", "rank_distance"), name="dev")
    assert (evaluator.primary_metric, evaluator.greater_is_better) == ("dev_multilingual_rank_distance", False)
    assert EquilinguaEvaluator(small_benchmark).greater_is_better


def test_a_benchmark_of_one_language_chooses_by_its_monolingual_setting(small_benchmark: Benchmark, model: Any) -> None:
    from equilingua.evaluation.evaluator import EquilinguaEvaluator

    evaluator = EquilinguaEvaluator(small_benchmark.only(["en"]))
    assert evaluator.primary_metric == "small_monolingual_mAP"
    assert evaluator.primary_metric in evaluator(model)
    with pytest.raises(
        InputError, match="primary multilingual mAP is not evaluated: settings are monolingual, measures"
    ):
        EquilinguaEvaluator(small_benchmark.only(["en"]), primary=("multilingual", "mAP"))


def test_a_primary_measure_that_is_not_evaluated_is_refused(small_benchmark: Benchmark) -> None:
    from equilingua.evaluation.evaluator import EquilinguaEvaluator

    with pytest.raises(InputError, match=r"primary multilingual mAP is not evaluated: settings are monolingual"):
        EquilinguaEvaluator(small_benchmark, settings=["monolingual"])


def test_the_stock_trainer_logs_it_and_keeps_the_best_checkpoint_by_it(
    small_benchmark: Benchmark, model: Any, tmp_path: Path
) -> None:
    from datasets import Dataset
    from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

    from equilingua.evaluation.evaluator import EquilinguaEvaluator

    english = small_benchmark.queries["en"].texts
    evaluator = EquilinguaEvaluator(small_benchmark, measures=["mAP", "rank_distance"])
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(tmp_path),
        max_steps=2,
        per_device_train_batch_size=4,
        learning_rate=0.1,
        eval_strategy="steps",
        eval_steps=1,
        save_strategy="steps",
        save_steps=1,
        load_best_model_at_end=True,
        metric_for_best_model=evaluator.primary_metric,
        greater_is_better=evaluator.greater_is_better,
        report_to=[],
        use_cpu=True,
        disable_tqdm=True,
    )
    trainer = SentenceTransformerTrainer(
        model=model,
        args=arguments,
        train_dataset=Dataset.from_dict(
            {"anchor": list(english), "positive": [*small_benchmark.queries["de"].texts, "a", "b"]}
        ),
        loss=MultipleNegativesRankingLoss(model),
        evaluator=evaluator,
    )
    trainer.train()

    key = "eval_small_multilingual_mAP"
    logged = {entry["step"]: entry[key] for entry in trainer.state.log_history if key in entry}
    assert sorted(logged) == [1, 2]
    assert trainer.state.best_metric == max(logged.values())
    assert evaluator(trainer.model)["small_multilingual_mAP"] == pytest.approx(max(logged.values()))
    assert "small_multilingual_mAP" in model.model_card_data.training_logs[-1]


def test_a_sequence_of_evaluators_scores_by_the_primary_measure(small_benchmark: Benchmark, model: Any) -> None:
    from sentence_transformers.base.evaluation import SequentialEvaluator

    from equilingua.evaluation.evaluator import EquilinguaEvaluator

    evaluator = EquilinguaEvaluator(small_benchmark, primary=("multilingual", "nDCG@10"))
    metrics = SequentialEvaluator([evaluator])(model)
    assert metrics["sequential_score"] == metrics["small_multilingual_nDCG@10"]


@pytest.mark.slow
@pytest.mark.parametrize(("measure", "best"), [("mAP", max), ("rank_distance", min)])
def test_the_best_checkpoint_is_loaded_and_not_the_last(
    static_model: Callable[..., Any], tmp_path: Path, measure: str, best: Callable[..., float]
) -> None:
    from datasets import Dataset
    from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
    from transformers import TrainerCallback

    from equilingua.benchmarks.load import load_benchmark
    from equilingua.evaluation.evaluator import EquilinguaEvaluator

    class Spoiling(TrainerCallback):
        """Forgets nearly all that was learned, after the second of four checkpoints."""

        def on_step_end(self, _args: Any, state: Any, _control: Any, *, model: Any, **_: Any) -> None:
            if state.global_step == 7:
                model[0].embedding.weight.data.normal_()

    benchmark = load_benchmark("facts", languages=["de", "en"])
    model = static_model(
        [t for part in (benchmark.queries, benchmark.corpora) for rows in part.values() for t in rows.texts]
    )
    passages = {
        id_: text for rows in benchmark.corpora.values() for id_, text in zip(rows.ids, rows.texts, strict=True)
    }
    pairs = [
        (text, passages[id_])
        for language, rows in benchmark.queries.items()
        for query, text in zip(rows.ids, rows.texts, strict=True)
        for id_ in benchmark.qrels[language][query]
    ]
    evaluator = EquilinguaEvaluator(benchmark, measures=["mAP", "rank_distance"], primary=("multilingual", measure))
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(tmp_path),
        max_steps=12,
        per_device_train_batch_size=64,
        learning_rate=0.05,
        lr_scheduler_type="constant",
        eval_strategy="steps",
        eval_steps=3,
        save_strategy="steps",
        save_steps=3,
        load_best_model_at_end=True,
        metric_for_best_model=evaluator.primary_metric,
        greater_is_better=evaluator.greater_is_better,
        report_to=[],
        use_cpu=True,
        disable_tqdm=True,
        seed=0,
    )
    trainer = SentenceTransformerTrainer(
        model=model,
        args=arguments,
        train_dataset=Dataset.from_dict(
            {"anchor": [query for query, _ in pairs], "positive": [text for _, text in pairs]}
        ),
        loss=MultipleNegativesRankingLoss(model),
        evaluator=evaluator,
        callbacks=[Spoiling()],
    )
    trainer.train()

    key = f"eval_facts_multilingual_{measure}"
    logged = {entry["step"]: entry[key] for entry in trainer.state.log_history if key in entry}
    assert sorted(logged) == [3, 6, 9, 12]
    assert best(logged, key=logged.get) == 6
    assert trainer.state.best_metric == logged[6]
    assert trainer.state.best_model_checkpoint.endswith("checkpoint-6")
    assert evaluator(trainer.model)[evaluator.primary_metric] == pytest.approx(logged[6])

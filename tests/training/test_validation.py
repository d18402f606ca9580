import pickle
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments

from equilingua.batching.dataset import HybridBatchSampler, TrainingExamples
from equilingua.errors import EquilinguaWarning, InputError
from equilingua.pairs.pair import ParallelPair
from equilingua.pairs.store import ParallelPairs
from equilingua.training.config import TrainingConfig
from equilingua.training.encoders import StaticSpec, build_encoder
from equilingua.training.losses import ParallelInfoNCELoss
from equilingua.training.trainer import Job
from equilingua.training.validation import validation_batches


def languages(examples: TrainingExamples, batch: list[int]) -> list[tuple[str, str]]:
    return [(example.query_language, example.passage_language) for example in examples.numbering.unpack(batch)]


def test_validation_is_half_in_one_language_and_half_across(corpus: ParallelPairs) -> None:
    examples = TrainingExamples(corpus)
    batches = [languages(examples, batch) for batch in validation_batches(corpus, batch_size=4, most=40)]
    monolingual = [batch for batch in batches if len({tag for pair in batch for tag in pair}) == 1]
    crossing = [batch for batch in batches if all(query != passage for query, passage in batch)]
    assert len(monolingual) + len(crossing) == len(batches) == 40
    assert 10 <= len(monolingual) <= 30


def test_validation_batches_never_change(corpus: ParallelPairs) -> None:
    batches = validation_batches(corpus, batch_size=16, most=5)
    first = list(batches)
    batches.set_epoch(3)
    assert list(batches) == first == list(validation_batches(corpus, batch_size=16, most=5))
    assert len(batches) == len(first) == 5


def test_english_validation_is_monolingual(corpus: ParallelPairs) -> None:
    english = corpus.select(languages=["en"])
    for batch in validation_batches(english, batch_size=16, most=5):
        assert set(languages(TrainingExamples(english), batch)) == {("en", "en")}


def test_parallel_sentences_are_validated_across_languages() -> None:
    lines = [ParallelPair(f"{n}", "s", t := {"en": f"a {n}", "fi": f"b {n}"}, t, sentences=True) for n in range(9)]
    pairs = ParallelPairs.from_pairs(lines)
    for batch in validation_batches(pairs, batch_size=4, most=9):
        assert set(languages(TrainingExamples(pairs), batch)) <= {("en", "fi"), ("fi", "en")}


def test_validation_batches_shrink_to_the_pairs_there_are(corpus: ParallelPairs) -> None:
    assert [len(batch) for batch in validation_batches(corpus, batch_size=500, most=5)] == [160]


def unequal(monolingual: int, crossing: int) -> ParallelPairs:
    """Pairs in English alone, and others from English questions to Finnish passages."""
    records = [ParallelPair(f"m{n}", "s", {"en": f"a {n}"}, {"en": f"b {n}"}) for n in range(monolingual)]
    records += [ParallelPair(f"c{n}", "s", {"en": f"c {n}"}, {"fi": f"d {n}"}) for n in range(crossing)]
    return ParallelPairs.from_pairs(records)


@pytest.mark.parametrize("crossing", [1, 2, 24])
def test_too_few_validation_pairs_across_languages_are_left_out(crossing: int) -> None:
    pairs = unequal(501, crossing)
    told = (
        f"too few pairs across languages for batches of 100 examples (501 in one language, {crossing} across languages)"
    )
    with pytest.warns(EquilinguaWarning, match=re.escape(told)):
        batches = validation_batches(pairs, batch_size=100, most=5)
    assert [len(batch) for batch in batches] == [100] * 5
    assert all(set(languages(TrainingExamples(pairs), batch)) == {("en", "en")} for batch in batches)


def test_too_few_validation_pairs_in_one_language_are_left_out() -> None:
    pairs = unequal(3, 40)
    with pytest.warns(
        EquilinguaWarning, match="too few pairs in one language .* so the loss is only of examples across"
    ):
        batches = validation_batches(pairs, batch_size=20, most=2)
    assert all(set(languages(TrainingExamples(pairs), batch)) == {("en", "fi")} for batch in batches)


def test_enough_validation_pairs_of_both_sorts_make_batches_of_both() -> None:
    assert {len(batch) for batch in validation_batches(unequal(501, 25), batch_size=100, most=5)} == {25}


@pytest.mark.parametrize("counts", [(1, 0), (0, 1), (1, 1)])
def test_too_few_validation_pairs_are_refused_with_what_is_short(counts: tuple[int, int]) -> None:
    with pytest.raises(InputError) as caught:
        validation_batches(unequal(*counts), batch_size=8, most=5)
    assert str(caught.value) == (
        f"validation: too few pairs for a batch with negatives: {counts[0]} in one language, {counts[1]} across "
        "languages. Give at least 2 of either"
    )


def job(pairs: ParallelPairs, **settings: Any) -> Job:
    config = TrainingConfig(steps=10, batch_size=8, seed=3, **settings)
    return Job(config.resolved("static", steps_per_epoch=20, precision="fp32"), TrainingExamples(pairs), 8)


def test_trainer_gets_the_stream_for_training_examples_and_the_fixed_batches_for_others(corpus: ParallelPairs) -> None:
    fixed = validation_batches(corpus, batch_size=8, most=2)
    begun = replace(job(corpus, kind="x-y"), validation=TrainingExamples(corpus), validation_batches=fixed)
    stream = begun.sampler(begun.examples, 8, drop_last=True, seed=3)
    assert list(stream) == list(HybridBatchSampler(begun.examples, 8, seed=3, kind="x-y", total_steps=10))
    assert begun.sampler(TrainingExamples(corpus), 8, drop_last=True) is fixed


def test_batches_survive_pickling_as_the_trainer_saves_them(corpus: ParallelPairs) -> None:
    begun = job(corpus)
    sampler = pickle.loads(pickle.dumps(begun.sampler))
    again = sampler(sampler.__self__.examples, 8, drop_last=True)
    assert list(again) == list(begun.sampler(begun.examples, 8, drop_last=True))


@pytest.mark.parametrize("sampler", [HybridBatchSampler, partial(HybridBatchSampler, kind="x-y")])
def test_stock_trainer_takes_the_sampler_as_class_and_as_partial(
    sampler: Callable[..., HybridBatchSampler], corpus: ParallelPairs, tmp_path: Path
) -> None:
    model = build_encoder(
        StaticSpec(dimension=16), (text for pair in corpus for text in pair.passages.values()), seed=0
    )
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(tmp_path),
        per_device_train_batch_size=16,
        max_steps=3,
        batch_sampler=sampler,
        use_cpu=True,
        report_to="none",
        save_strategy="no",
        logging_steps=1,
    )
    examples = TrainingExamples(corpus)
    loss = ParallelInfoNCELoss(model)
    trainer = SentenceTransformerTrainer(model=model, args=arguments, train_dataset=examples, loss=loss)
    trainer.train()
    assert [entry["step"] for entry in trainer.state.log_history if "loss" in entry] == [1, 2, 3]

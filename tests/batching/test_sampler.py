from functools import partial

import pytest
from accelerate.data_loader import BatchSamplerShard, skip_first_batches
from datasets import Dataset
from torch.utils.data import DataLoader

from equilingua import HybridBatchSampler
from equilingua.batching.dataset import TrainingExamples
from equilingua.errors import InputError
from equilingua.pairs.store import ParallelPairs


def test_its_length_is_the_number_of_batches_it_yields(uneven: ParallelPairs) -> None:
    for size in (1, 7, 30):
        for processes in (1, 3):
            if size * processes <= 60:
                sampler = HybridBatchSampler(TrainingExamples(uneven), size, num_processes=processes)
                batches = list(sampler)
                assert len(batches) == len(sampler)
                assert all(len(batch) == size for batch in batches)


def test_epochs_differ_and_come_back(uneven: ParallelPairs) -> None:
    sampler = HybridBatchSampler(TrainingExamples(uneven), 8, seed=3)
    first = list(sampler)
    sampler.set_epoch(1)
    second = list(sampler)
    sampler.set_epoch(0)
    assert first != second
    assert list(sampler) == first


def test_every_process_gets_a_slice_of_one_global_batch_of_one_kind(uneven: ParallelPairs) -> None:
    examples = TrainingExamples(uneven)
    processes, size = 3, 6
    sampler = HybridBatchSampler(examples, size, seed=1, num_processes=processes)
    shards = [list(BatchSamplerShard(sampler, processes, rank, even_batches=False)) for rank in range(processes)]
    kinds = set()
    for step, slices in enumerate(zip(*shards, strict=True)):
        batch = sampler.stream.batch(0, step)
        assert [example for piece in slices for example in piece] == batch.examples.tolist()
        seen = {(r.query_language == r.passage_language) for piece in slices for r in examples.numbering.unpack(piece)}
        assert len(seen) == 1
        kinds.add(batch.kind)
        if batch.language:
            assert {r.query_language for piece in slices for r in examples.numbering.unpack(piece)} == {batch.language}
    assert kinds == {"monolingual", "cross-lingual"}


def test_skipping_batches_resumes_where_a_run_left_off(uneven: ParallelPairs) -> None:
    examples = TrainingExamples(uneven)
    loader = DataLoader(examples, batch_sampler=HybridBatchSampler(examples, 8, seed=5), collate_fn=list)
    whole = [[item["label"] for item in batch] for batch in loader]
    rest = [[item["label"] for item in batch] for batch in skip_first_batches(loader, 5)]
    assert rest == whole[5:]


def test_options_pass_through_a_partial_as_the_trainer_calls_it(uneven: ParallelPairs) -> None:
    make = partial(HybridBatchSampler, kind="x-y", pair_drawing="by-item")
    sampler = make(
        TrainingExamples(uneven), batch_size=5, drop_last=False, valid_label_columns=["label"], generator=None, seed=9
    )
    assert sampler.stream.plan.kind == "x-y"
    assert sampler.stream.seed == 9


def test_another_dataset_is_refused_with_the_way_to_mend_it() -> None:
    with pytest.raises(InputError, match=r"HybridBatchSampler batches TrainingExamples\(pairs\), got a Dataset"):
        HybridBatchSampler(Dataset.from_dict({"query": ["a"]}), 1)

"""The sampler that gives the stock trainer its batches."""

from collections.abc import Iterator
from typing import Any, Unpack

from sentence_transformers.base.sampler import DefaultBatchSampler

from equilingua.batching.dataset import TrainingExamples
from equilingua.batching.plan import BatchOptions, BatchPlan
from equilingua.batching.stream import BatchStream
from equilingua.errors import InputError
from equilingua.runtime import process_count


class HybridBatchSampler(DefaultBatchSampler):
    """Batches of example numbers for ``TrainingExamples``, composed as a ``BatchPlan`` says.

    Pass it to the stock trainer: ``batch_sampler=HybridBatchSampler``, or ``functools.partial(HybridBatchSampler,
    alpha=0.3)``. Each batch depends on data, options, seed, epoch and step alone, so a resumed training sees the
    batches it would have seen. Batches are drawn independently: an epoch shows an item once on average, not exactly.

    With several processes the global batch has ``batch_size`` examples a process, all of one kind (and one language if
    monolingual). It is yielded as consecutive slices, which accelerate deals out one to each process.

    Args:
        dataset: the examples to batch.
        batch_size: examples a process and batch.
        drop_last: taken for the trainer's sake; every batch is full.
        valid_label_columns: taken for the trainer's sake.
        generator: taken for the trainer's sake; randomness comes from the seed.
        seed: seed of the stream.
        total_steps: steps of the whole training, over which an alpha schedule runs; one epoch by default.
        num_processes: processes that share a global batch; by default ``WORLD_SIZE``, as torchrun sets it.
        options: of the batches by name, such as ``alpha="linear:1:0.3"``, see ``BatchPlan`` and ``BatchOptions``.

    Raises:
        InputError: for an option outside its range, or if the batches cannot be formed from the data.
    """

    def __init__(
        self,
        dataset: TrainingExamples,
        batch_size: int,
        drop_last: bool = True,
        valid_label_columns: list[str] | None = None,
        generator: Any = None,
        seed: int = 0,
        *,
        total_steps: int | None = None,
        num_processes: int | None = None,
        **options: Unpack[BatchOptions],
    ) -> None:
        if not isinstance(dataset, TrainingExamples):
            raise InputError(f"HybridBatchSampler batches TrainingExamples(pairs), got a {type(dataset).__name__}")
        super().__init__(range(len(dataset)), batch_size, drop_last, valid_label_columns, generator, seed)
        self._processes = num_processes or process_count()
        self.stream = BatchStream(
            dataset.pairs.index,
            BatchPlan.of(**options),
            batch_size=batch_size * self._processes,
            seed=seed,
            total_steps=total_steps,
        )

    def __len__(self) -> int:
        return self.stream.steps_per_epoch * self._processes

    def __iter__(self) -> Iterator[list[int]]:
        for step in range(self.stream.steps_per_epoch):
            examples = self.stream.batch(self.epoch, step).examples.tolist()
            for process in range(self._processes):
                yield examples[process * self.batch_size : (process + 1) * self.batch_size]

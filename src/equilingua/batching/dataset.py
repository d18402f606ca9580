"""What the stock trainer is given: the virtual dataset of all examples, and the sampler of its batches.

Texts are looked up when a batch is fetched; examples are never written out.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Unpack

from datasets import Dataset
from sentence_transformers.base.sampler import DefaultBatchSampler

from equilingua.batching.candidates import ExampleNumbering, TrainingExample
from equilingua.batching.plan import BatchOptions, BatchPlan
from equilingua.batching.stream import BatchStream
from equilingua.errors import InputError
from equilingua.pairs.answers import text_key
from equilingua.pairs.pair import integer_key
from equilingua.pairs.parts import Part
from equilingua.pairs.store import ParallelPairs
from equilingua.runtime import process_count

UNKNOWN = -(2**63)
"""The key of what is not known; it equals nothing, not even itself."""

PASSAGE = 2
"""The column of a label that has the passage, and from which every second one has that of a hard negative."""


class TrainingExamples(Dataset):  # type: ignore[misc]  # datasets has no types
    """A ``datasets.Dataset`` of every example (pair, query language, passage language) that the pairs can serve as.

    Its items have the columns ``query``, ``passage``, ``negative_1`` ... and ``label``; the stock trainer takes it like
    any other dataset. ``label`` is a list of integers by which the loss finds false negatives, as
    ``equilingua.training.masking`` reads them: keys of the pair id, of the question and the passage whatever their
    language, of the passage's text; of each negative its passage and text; then the passages among those fetched with
    it that answer the question too.

    Args:
        pairs: the pairs.
        negatives: hard negatives an example, in the passage's language. A pair with fewer is filled up with its own
            passage, which the loss masks as identical to the positive.
    """

    def __init__(self, pairs: ParallelPairs, negatives: int = 0) -> None:
        columns = ["query", "passage", *(f"negative_{number + 1}" for number in range(negatives)), "label"]
        empty = Dataset.from_dict({column: [] for column in columns})
        # The stock trainer looks for columns and features, which an empty table has; rows are never looked at.
        super().__init__(empty.data, info=empty.info, split=empty.split, fingerprint=pairs.fingerprint)
        self.pairs = pairs
        self.numbering = ExampleNumbering(pairs.index)
        self._negatives = negatives
        # Tells sentence-transformers to read columns from items, as for any dataset with a transform.
        self.set_transform(dict)

    def __len__(self) -> int:
        return len(self.numbering)

    @property
    def num_rows(self) -> int:
        """How many examples there are."""
        return len(self)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            raise TypeError(
                f"TrainingExamples are looked up by number: a column {key!r} over all examples is never written out"
            )
        # Indexing is that of datasets, whose own reads a table that is empty here.
        if isinstance(key, slice):
            key = range(*key.indices(len(self)))
        if isinstance(key, Iterable):
            items = self.__getitems__(list(key))
            return {column: [item[column] for item in items] for column in self.column_names}
        return self.__getitems__([int(key) % len(self) if -len(self) <= key < 0 else int(key)])[0]

    def __getitems__(self, keys: list[int]) -> list[dict[str, Any]]:
        """The items of example numbers, in their order."""
        examples = self.numbering.unpack(keys)
        positions = [example.position for example in examples]
        rows, places = self.pairs.rows(positions).tolist(), self.pairs.locate(positions)
        items = [
            self._item(example, part, place, row)
            for example, (part, place), row in zip(examples, places, rows, strict=True)
        ]
        for item, right in zip(items, self._right([item["label"] for item in items], rows), strict=True):
            item["label"] += right
        return items

    def select(self, indices: Iterable[int], **_: Any) -> Dataset:
        """Some examples as an ordinary dataset, with their texts written out."""
        return Dataset.from_dict(self[list(indices)])

    def _item(self, example: TrainingExample, part: Part, place: int, row: int) -> dict[str, Any]:
        query, utf8, id_key = part.row(place, example.query_language, example.passage_language)
        answers, language, passage = self.pairs.answers, example.passage_language, utf8.decode()
        item: dict[str, Any] = {"query": query.decode(), "passage": passage}
        negatives = part.negatives(language, place)[: self._negatives] if self._negatives else []
        negatives += [passage] * (self._negatives - len(negatives))
        item |= {f"negative_{number + 1}": text for number, text in enumerate(negatives)}
        # In "label", because the stock collator cuts every other column into tokens as if it were text.
        item["label"] = [id_key, int(answers.queries[row]), int(answers.passages[row]), integer_key(utf8)]
        for text in negatives:
            group = answers.passage_of(text_key(language, text))
            item["label"] += [UNKNOWN if group is None else group, integer_key(text)]
        return item

    def _right(self, labels: list[list[int]], rows: list[int]) -> list[list[int]]:
        """For each row fetched the passages of its question that other labels have, filled up to one length."""
        present = {passage for label in labels for passage in label[PASSAGE::2]}
        right = [
            sorted(present.intersection(self.pairs.answers.answering(row).tolist()) - {label[PASSAGE]})
            for label, row in zip(labels, rows, strict=True)
        ]
        most = max(map(len, right), default=0)
        return [own + [UNKNOWN] * (most - len(own)) for own in right]

    def __reduce__(self) -> tuple[type["TrainingExamples"], tuple[ParallelPairs, int]]:
        return TrainingExamples, (self.pairs, self._negatives)


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

"""The virtual training dataset: texts are looked up when a batch is fetched, examples are never written out."""

from collections.abc import Iterable
from typing import Any

from datasets import Dataset

from equilingua.batching.examples import ExampleNumbering, TrainingExample
from equilingua.pairs.pair import integer_key
from equilingua.pairs.parts import Part
from equilingua.pairs.store import ParallelPairs


class TrainingExamples(Dataset):  # type: ignore[misc]  # datasets has no types
    """A ``datasets.Dataset`` of every example (pair, query language, passage language) that the pairs can serve as.

    Its items have the columns ``query``, ``passage``, ``negative_1`` ... and ``label``; the stock trainer takes it like
    any other dataset. ``label`` is a list of 63-bit keys by which the loss finds false negatives: of the pair id, of
    the passage whatever its language, of the passage's text, and of each negative's text.

    Args:
        pairs: the pairs.
        negatives: hard negatives an example, in the passage's language. A pair with fewer is filled up with its own
            passage, which the loss masks as identical to the positive.
    """

    def __init__(self, pairs: ParallelPairs, negatives: int = 0) -> None:
        columns = ["query", "passage", *(f"negative_{number + 1}" for number in range(negatives)), "label"]
        empty = Dataset.from_dict({column: [] for column in columns})
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
        if isinstance(key, slice):
            key = range(*key.indices(len(self)))
        if isinstance(key, Iterable):
            items = self.__getitems__(list(key))
            return {column: [item[column] for item in items] for column in self.column_names}
        return self.__getitems__([int(key) % len(self) if -len(self) <= key < 0 else int(key)])[0]

    def __getitems__(self, keys: list[int]) -> list[dict[str, Any]]:
        """The items of example numbers, in their order."""
        examples = self.numbering.unpack(keys)
        places = self.pairs.locate([example.position for example in examples])
        return [self._item(example, part, place) for example, (part, place) in zip(examples, places, strict=True)]

    def select(self, indices: Iterable[int], **_: Any) -> Dataset:
        """Some examples as an ordinary dataset, with their texts written out."""
        return Dataset.from_dict(self[list(indices)])

    def _item(self, example: TrainingExample, part: Part, place: int) -> dict[str, Any]:
        query, utf8, *keys = part.row(place, example.query_language, example.passage_language)
        passage = utf8.decode()
        item: dict[str, Any] = {"query": query.decode(), "passage": passage}
        negatives = part.negatives(example.passage_language, place)[: self._negatives] if self._negatives else []
        negatives += [passage] * (self._negatives - len(negatives))
        item |= {f"negative_{number + 1}": text for number, text in enumerate(negatives)}
        item["label"] = [*keys, integer_key(utf8), *map(integer_key, negatives)]
        return item

    def __reduce__(self) -> tuple[type["TrainingExamples"], tuple[ParallelPairs, int]]:
        return TrainingExamples, (self.pairs, self._negatives)

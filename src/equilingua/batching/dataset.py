"""The virtual training dataset: texts are looked up when a batch is fetched, rows are never written out."""

from collections.abc import Iterable
from typing import Any

from datasets import Dataset

from equilingua.batching.examples import Row, RowSpace
from equilingua.pairs.parts import Part, text_key
from equilingua.pairs.store import ParallelPairs


class ParallelRows(Dataset):  # type: ignore[misc]  # datasets has no types
    """A ``datasets.Dataset`` of every row (pair, query language, passage language) that the pairs can serve as.

    Its items have the columns ``query``, ``passage``, ``negative_1`` ... and ``label``; the stock trainer takes it like
    any other dataset. ``label`` is a list of 63-bit keys by which the loss finds false negatives: of the pair id, of
    the passage whatever its language, of the passage's text, and of each negative's text.

    Args:
        pairs: the pairs.
        negatives: hard negatives a row, in the passage's language. A pair with fewer is filled up with its own passage,
            which the loss masks as identical to the positive.
    """

    def __init__(self, pairs: ParallelPairs, negatives: int = 0) -> None:
        columns = ["query", "passage", *(f"negative_{number + 1}" for number in range(negatives)), "label"]
        empty = Dataset.from_dict({column: [] for column in columns})
        super().__init__(empty.data, info=empty.info, split=empty.split, fingerprint=pairs.fingerprint)
        self.pairs = pairs
        self.space = RowSpace(pairs.index)
        self._negatives = negatives
        # Tells sentence-transformers to read columns from items, as for any dataset with a transform.
        self.set_transform(dict)

    def __len__(self) -> int:
        return len(self.space)

    @property
    def num_rows(self) -> int:
        """How many rows there are."""
        return len(self)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            raise TypeError(
                f"ParallelRows are looked up by number: a column {key!r} over all rows is never written out"
            )
        if isinstance(key, slice):
            key = range(*key.indices(len(self)))
        if isinstance(key, Iterable):
            items = self.__getitems__(list(key))
            return {column: [item[column] for item in items] for column in self.column_names}
        return self.__getitems__([int(key) % len(self) if -len(self) <= key < 0 else int(key)])[0]

    def __getitems__(self, keys: list[int]) -> list[dict[str, Any]]:
        """The items of row numbers, in their order."""
        rows = self.space.unpack(keys)
        places = self.pairs.locate([row.position for row in rows])
        return [self._item(row, part, place) for row, (part, place) in zip(rows, places, strict=True)]

    def select(self, indices: Iterable[int], **_: Any) -> Dataset:
        """Some rows as an ordinary dataset, with their texts written out."""
        return Dataset.from_dict(self[list(indices)])

    def _item(self, row: Row, part: Part, place: int) -> dict[str, Any]:
        query, utf8, *keys = part.row(place, row.query_language, row.passage_language)
        passage = utf8.decode()
        item: dict[str, Any] = {"query": query.decode(), "passage": passage}
        negatives = part.negatives(row.passage_language, place)[: self._negatives] if self._negatives else []
        negatives += [passage] * (self._negatives - len(negatives))
        item |= {f"negative_{number + 1}": text for number, text in enumerate(negatives)}
        item["label"] = [*keys, text_key(utf8), *map(text_key, negatives)]
        return item

    def __reduce__(self) -> tuple[type["ParallelRows"], tuple[ParallelPairs, int]]:
        return ParallelRows, (self.pairs, self._negatives)

"""What answers what in a store: which pairs ask the same question, and which of them have the same passage.

A pair's versions are its texts in every language, of a copy also the texts of its original that it replaces. Two pairs
have the same passage if they share a version, or are joined by others that do: so what is found does not depend on
which languages a pair has, or which of them are trained on. Questions are told in the same way.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from equilingua.files import cache_folder, whole_folder
from equilingua.pairs.pair import ParallelPair, integer_key

Keys = NDArray[np.int64]

# Part of every place: raised when the same stores give other answers.
_VERSION = 1


def text_key(language: str, text: str | bytes) -> int:
    """A 63-bit key of a text in a language; the same word may mean another thing in another one."""
    utf8 = text.encode() if isinstance(text, str) else text
    return integer_key(language.encode() + b"\0" + utf8)


def version_keys(pair: ParallelPair) -> tuple[list[int], list[int]]:
    """The keys of the versions of a pair's query and of its passage; of parallel sentences both have them all."""
    sides = (pair.queries, pair.replaced_queries), (pair.passages, pair.replaced_passages)
    queries, passages = ([text_key(*item) for texts in side for item in texts.items()] for side in sides)
    return queries, passages


@dataclass(frozen=True, slots=True)
class VersionKeys:
    """The keys of the versions of one side, row after row, (keys,), and how many each row has, (rows,)."""

    keys: Keys
    counts: NDArray[np.int64]

    @classmethod
    def joined(cls, parts: Sequence["VersionKeys"]) -> "VersionKeys":
        """Those of several parts, one after another."""
        return cls(np.concatenate([part.keys for part in parts]), np.concatenate([part.counts for part in parts]))


@dataclass(frozen=True, slots=True)
class Answers:
    """The questions and passages of stores, numbered; rows count through all parts, one after another.

    Attributes:
        queries: the question of each row, (rows,).
        passages: the passage of each row, (rows,).
        starts: the passages that answer question q are ``right[starts[q] : starts[q + 1]]``, (questions + 1,).
        right: passages by question, each once, ascending.
        texts: keys of all versions of passages (``text_key``), ascending, each once.
        of_text: the passage of each of ``texts``.
    """

    queries: NDArray[np.int64]
    passages: NDArray[np.int64]
    starts: NDArray[np.int64]
    right: NDArray[np.int64]
    texts: Keys
    of_text: NDArray[np.int64]

    def answering(self, row: int) -> NDArray[np.int64]:
        """The passages that answer the question of a row, its own among them."""
        question = self.queries[row]
        return self.right[self.starts[question] : self.starts[question + 1]]

    def passage_of(self, key: int) -> int | None:
        """The passage that has a version with this key (``text_key``); None for a text that is no pair's passage."""
        place = int(np.searchsorted(self.texts, key))
        return int(self.of_text[place]) if place < len(self.texts) and self.texts[place] == key else None


def find_answers(queries: "VersionKeys", passages: "VersionKeys") -> Answers:
    """The answers of rows, by the keys of the versions of their questions and passages."""
    questions, _, _ = _joined(queries)
    groups, texts, of_text = _joined(passages)
    known = np.unique(np.stack([questions, groups]), axis=1)
    starts = np.searchsorted(known[0], np.arange(int(questions.max(initial=-1)) + 2))
    return Answers(questions, groups, starts, known[1], texts, of_text)


def _joined(versions: "VersionKeys") -> tuple[NDArray[np.int64], Keys, NDArray[np.int64]]:
    """The number of each row's group, rows that share a key being in one; every key once, and its group."""
    keys, counts = versions.keys, versions.counts
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    rows = np.repeat(np.arange(len(counts)), counts)
    texts, places = np.unique(keys, return_inverse=True)
    # Rows and keys are the nodes of one graph.
    size = len(counts) + len(texts)
    edges = coo_array((np.ones(len(rows), dtype=np.int8), (rows, len(counts) + places)), shape=(size, size))
    _, numbers = connected_components(edges, directed=False)
    numbers = numbers.astype(np.int64)
    return numbers[: len(counts)], texts, numbers[len(counts) :]


def kept_answers(stores: Iterable[Path], find: Callable[[], Answers]) -> Answers:
    """The answers of stores, found once and kept in the cache; arrays are mapped, not read into memory."""
    names = json.dumps([_VERSION, *(store.name for store in stores)])
    folder = cache_folder() / "pairs" / f"answers-{integer_key(names):016x}"
    if not folder.is_dir():
        answers = find()
        with whole_folder(folder) as work:
            for field in fields(Answers):
                np.save(work / f"{field.name}.npy", getattr(answers, field.name))
    return Answers(*(np.load(folder / f"{field.name}.npy", mmap_mode="r") for field in fields(Answers)))

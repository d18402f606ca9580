"""Parts: the Arrow files of a store, each with the columns its own pairs need."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from equilingua.errors import InputError
from equilingua.pairs.packing import PackedTexts, pack, slots_of
from equilingua.pairs.pair import ParallelPair
from equilingua.pairs.profiles import CodedPart, Profile

# A part is flushed at whichever comes first: bounds the memory of building and keeps 32-bit text offsets valid.
ROWS_PER_PART = 65_536
CHARACTERS_PER_PART = 64_000_000


def integer_key(text: str | bytes) -> int:
    """A 63-bit key of a text, equal on every machine and in every process; collisions are as likely as 2**-63.

    Args:
        text: the text, or its UTF-8 bytes.

    >>> integer_key("Who?") == integer_key("Who?"), integer_key("Who?") == integer_key("who?")
    (True, False)
    """
    utf8 = text.encode() if isinstance(text, str) else text
    return int.from_bytes(hashlib.blake2b(utf8, digest_size=8).digest(), "little") >> 1


def passage_key(pair: ParallelPair) -> int:
    """A key of the passage itself, whatever its language: equal for pairs whose passages are the same translations."""
    return integer_key(passage_text(pair))


def passage_text(pair: ParallelPair) -> str:
    """The text that stands for a pair's passage, whatever its language.

    It is that in English, or in the first language where there is none; of a copy, that of its original.
    """
    return pair.replaced_passage or pair.passages.get("en") or pair.passages[min(pair.passages)]


def profile_of(pair: ParallelPair) -> Profile:
    """The profile of a pair."""
    return Profile(pair.source, tuple(sorted(pair.queries)), tuple(sorted(pair.passages)), pair.sentences)


def write_parts(pairs: Iterable[ParallelPair], folder: Path) -> int:
    """Write the pairs as parts into an existing folder; returns how many pairs there were."""
    written = 0
    waiting: list[ParallelPair] = []
    characters = 0
    for pair in pairs:
        waiting.append(pair)
        characters += _characters(pair)
        if len(waiting) >= ROWS_PER_PART or characters >= CHARACTERS_PER_PART:
            _write_part(waiting, folder / f"part-{written:012}.arrow")
            written += len(waiting)
            waiting, characters = [], 0
    if waiting:
        _write_part(waiting, folder / f"part-{written:012}.arrow")
    return written + len(waiting)


def _characters(pair: ParallelPair) -> int:
    texts = (*pair.queries.values(), *pair.passages.values(), *(t for many in pair.negatives.values() for t in many))
    return sum(map(len, texts))


def _write_part(pairs: list[ParallelPair], path: Path) -> None:
    profiles: dict[Profile, int] = {}
    columns: dict[str, pa.Array] = {
        "id": pa.array([pair.id for pair in pairs], pa.string()),
        "profile": pa.array([profiles.setdefault(profile_of(pair), len(profiles)) for pair in pairs], pa.int32()),
        "packed": pa.array([pack(pair, (integer_key(pair.id), passage_key(pair))) for pair in pairs], pa.binary()),
    }
    cells: dict[str, list[Any]] = {}
    for row, pair in enumerate(pairs):
        for name, cell in _cells(pair):
            if name not in cells:
                cells[name] = [None] * len(pairs)
            cells[name][row] = cell
    columns |= {name: pa.array(cells[name], _type(name)) for name in sorted(cells)}
    described = [[p.source, p.query_languages, p.passage_languages, p.sentences] for p in profiles]
    table = pa.table(columns).replace_schema_metadata({"profiles": json.dumps(described)})
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table, max_chunksize=len(pairs))


def _cells(pair: ParallelPair) -> Iterator[tuple[str, Any]]:
    sides: dict[str, Mapping[str, Any]]
    sides = {"provenance": pair.provenance, "negatives": pair.negatives, "number": pair.numbers}
    for side, entries in sides.items():
        for name, cell in entries.items():
            yield f"{side}:{name}", cell


def _type(column: str) -> pa.DataType:
    side = column.split(":", 1)[0]
    return {"number": pa.float64(), "negatives": pa.list_(pa.string())}.get(side, pa.string())


class Part:
    """One memory-mapped part file: texts stay on disk until they are asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # One record batch a file (see _write_part), so that a column is one array and a row one look-up.
        file = pa.ipc.open_file(pa.memory_map(str(path)))
        if file.num_record_batches != 1:
            raise InputError(f"{path}: not a part of a store; remove the folder {path.parent}, it will be built anew")
        batch = file.get_batch(0)
        self._columns: dict[str, pa.Array] = dict(zip(batch.schema.names, batch.columns, strict=True))
        described = json.loads(batch.schema.metadata[b"profiles"])
        self.profiles = tuple(Profile(s, tuple(q), tuple(p), sentences) for s, q, p, sentences in described)
        self._slots = [slots_of(profile) for profile in self.profiles]
        self._packed = PackedTexts(self._columns["packed"])
        self.codes: np.ndarray[tuple[int], np.dtype[np.int32]] = self._columns["profile"].to_numpy()
        self._codes = memoryview(self.codes)  # a single item of it costs a third of an array's

    def __reduce__(self) -> tuple[type["Part"], tuple[Path]]:
        return Part, (self.path,)

    def __len__(self) -> int:
        return len(self._columns["id"])

    @cached_property
    def number_columns(self) -> frozenset[str]:
        """Names of the numeric columns that a pair of this part has."""
        return frozenset(name.split(":", 1)[1] for name in self._columns if name.startswith("number:"))

    def coded(self) -> CodedPart:
        """The profiles of the rows, before any selection."""
        return CodedPart(self.profiles, self.codes)

    def numbers(self, name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]] | None:
        """A numeric column, NaN where a pair has no such number; None if no pair of the part has it."""
        column = self._columns.get(f"number:{name}")
        return None if column is None else np.asarray(column.fill_null(float("nan")))

    def too_long(self, side: str, language: str, characters: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Whether each row's text of a side (``query`` or ``passage``) has more than so many characters."""
        long = np.zeros(len(self), dtype=bool)
        for code, slots in enumerate(self._slots):
            if (side, language) in slots:
                rows = np.flatnonzero(self.codes == code)
                long[rows] = self._packed.characters(rows, slots[side, language]) > characters
        return long

    def text(self, side: str, language: str, row: int) -> str:
        """The text of one row on a side (``query`` or ``passage``) in a language it has there."""
        return self._packed.utf8(row, self._slots[self._codes[row]][side, language]).decode()

    def row(self, row: int, query_language: str, passage_language: str) -> tuple[bytes, bytes, int, int]:
        """What a batch needs of a row: query and passage in UTF-8, and its keys (see ``keys``)."""
        slots = self._slots[self._codes[row]]
        return self._packed.row(row, slots["query", query_language], slots["passage", passage_language])

    def negatives(self, language: str, row: int) -> list[str]:
        """The hard negatives of one row in a language, possibly none."""
        column = self._columns.get(f"negatives:{language}")
        return [] if column is None else column[row].as_py() or []

    def keys(self, row: int) -> tuple[int, int]:
        """The key of the pair id and the key of the passage, see ``integer_key`` and ``passage_key``."""
        return self._packed.keys(row)

    def pair(self, row: int) -> ParallelPair:
        """The whole record of one row."""
        profile = self.profiles[self._codes[row]]
        queries = {tag: self.text("query", tag, row) for tag in profile.query_languages}
        passages = {tag: self.text("passage", tag, row) for tag in profile.passage_languages}
        return ParallelPair(
            id=self._columns["id"][row].as_py(),
            source=profile.source,
            queries=queries,
            passages=passages,
            negatives={tag: tuple(texts) for tag, texts in self._entries("negatives", row).items()},
            provenance=self._entries("provenance", row),
            numbers=self._entries("number", row),
            sentences=profile.sentences,
        )

    def _entries(self, side: str, row: int) -> dict[str, Any]:
        cells = ((name, column[row].as_py()) for name, column in self._columns.items() if name.startswith(f"{side}:"))
        return {name.split(":", 1)[1]: cell for name, cell in cells if cell is not None}

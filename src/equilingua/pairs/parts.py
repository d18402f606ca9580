"""Parts: the Arrow files of a store, all texts of a pair side by side, so that a batch touches one place a pair."""

import json
import struct
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from equilingua.errors import InputError
from equilingua.pairs.answers import VersionKeys, version_keys
from equilingua.pairs.pair import ParallelPair, integer_key
from equilingua.pairs.profiles import CodedPart, Profile

# A part is flushed at whichever comes first: bounds the memory of building and keeps 32-bit text offsets valid.
ROWS_PER_PART = 65_536
CHARACTERS_PER_PART = 64_000_000

# A packed pair is the key of its id, a slot for each text, then the texts in UTF-8.
_KEY = struct.Struct("<q")
# Where a text begins and ends, in bytes from the start of the packed pair, and its length in characters.
_SLOT = struct.Struct("<III")
_CHARACTERS = 8  # where the third number of a slot lies in it

# What a pair has beside its texts, each as columns named such as ``numbers:fit``.
_TYPES = {
    "provenance": pa.string(),
    "negatives": pa.list_(pa.string()),
    "numbers": pa.float64(),
    "replaced_queries": pa.string(),
    "replaced_passages": pa.string(),
}


def slots_of(profile: Profile) -> dict[tuple[str, str], int]:
    """The slot of each (side, language) of a profile's pairs: queries first, languages in their sorted order.

    Parallel sentences have one text a language, which serves on both sides.
    """
    queries = {("query", tag): slot for slot, tag in enumerate(profile.query_languages)}
    first = 0 if profile.sentences else len(queries)
    return queries | {("passage", tag): slot for slot, tag in enumerate(profile.passage_languages, start=first)}


def pack(pair: ParallelPair) -> bytes:
    """One value with the key of its id and the texts of the pair, each in the slot that ``slots_of`` gives it."""
    sides = (pair.passages,) if pair.sentences else (pair.queries, pair.passages)
    texts = [side[tag] for side in sides for tag in sorted(side)]
    encoded = [text.encode() for text in texts]
    packed = [_KEY.pack(integer_key(pair.id))]
    begin = _KEY.size + len(texts) * _SLOT.size
    for text, utf8 in zip(texts, encoded, strict=True):
        packed.append(_SLOT.pack(begin, begin + len(utf8), len(text)))
        begin += len(utf8)
    return b"".join(packed + encoded)


class PackedTexts:
    """A column of packed pairs, read straight from its buffers: half the time of an Arrow scalar for each text."""

    def __init__(self, column: pa.BinaryArray) -> None:
        _, offsets, data = column.buffers()
        self._offsets = memoryview(offsets).cast("i")[column.offset :]
        self._data = memoryview(data)

    def id_key(self, row: int) -> int:
        """The key of a row's pair id."""
        key: int = _KEY.unpack_from(self._data, self._offsets[row])[0]
        return key

    def utf8(self, row: int, slot: int) -> bytes:
        """The text of a row in one of its slots."""
        start = self._offsets[row]
        begin, end, _ = _SLOT.unpack_from(self._data, start + _KEY.size + slot * _SLOT.size)
        return bytes(self._data[start + begin : start + end])

    def row(self, row: int, query_slot: int, passage_slot: int) -> tuple[bytes, bytes, int]:
        """The texts in two slots and the id's key: what a batch needs of a row, with one look-up of its place."""
        start = self._offsets[row]
        slots = start + _KEY.size
        begin, end, _ = _SLOT.unpack_from(self._data, slots + query_slot * _SLOT.size)
        query = bytes(self._data[start + begin : start + end])
        begin, end, _ = _SLOT.unpack_from(self._data, slots + passage_slot * _SLOT.size)
        return query, bytes(self._data[start + begin : start + end]), *_KEY.unpack_from(self._data, start)

    def characters(self, rows: NDArray[np.int64], slot: int) -> NDArray[np.uint32]:
        """How many characters the text of each row has in a slot that all of them have, (rows,)."""
        starts = np.asarray(self._offsets)[rows].astype(np.int64) + _KEY.size + slot * _SLOT.size + _CHARACTERS
        places = starts[:, None] + np.arange(4)
        return np.ascontiguousarray(np.asarray(self._data)[places]).view("<u4")[:, 0]


def write_parts(pairs: Iterable[ParallelPair], folder: Path) -> int:
    """Write the pairs as parts into an existing folder; returns how many pairs there were."""
    written = 0
    for part in _split(pairs):
        _write_part(part, folder / f"part-{written:012}.arrow")
        written += len(part)
    return written


def _split(pairs: Iterable[ParallelPair]) -> Iterator[list[ParallelPair]]:
    part: list[ParallelPair] = []
    characters = 0
    for pair in pairs:
        part.append(pair)
        for texts in (pair.queries.values(), pair.passages.values(), *pair.negatives.values()):
            characters += sum(map(len, texts))
        if len(part) >= ROWS_PER_PART or characters >= CHARACTERS_PER_PART:
            yield part
            part, characters = [], 0
    if part:
        yield part


def _write_part(pairs: list[ParallelPair], path: Path) -> None:
    profiles: dict[Profile, int] = {}
    rows: list[dict[str, Any]] = []
    columns: dict[str, pa.DataType] = {}
    for pair in pairs:
        cells = {f"{side}:{name}": cell for side in _TYPES for name, cell in getattr(pair, side).items()}
        columns |= {name: _TYPES[name.split(":", 1)[0]] for name in cells}
        profile = profiles.setdefault(Profile.of(pair), len(profiles))
        queries, passages = version_keys(pair)
        keys = {"query_keys": queries, "passage_keys": passages}
        rows.append({"id": pair.id, "profile": profile, "packed": pack(pair), **keys, **cells})
    described = [[p.source, p.query_languages, p.passage_languages, p.sentences] for p in profiles]
    fields = [("id", pa.string()), ("profile", pa.int32()), ("packed", pa.binary())]
    fields += [(f"{side}_keys", pa.list_(pa.int64())) for side in ("query", "passage")] + sorted(columns.items())
    table = pa.Table.from_pylist(rows, schema=pa.schema(fields, metadata={"profiles": json.dumps(described)}))
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table, max_chunksize=len(pairs))


class Part:
    """One memory-mapped part file: texts stay on disk until asked for. ``coded``: the profiles before any selection."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # One record batch a file (see _write_part), so that a column is one array and a row one look-up.
        file = pa.ipc.open_file(pa.memory_map(str(path)))
        if file.num_record_batches != 1:
            raise InputError(f"{path}: not a part of a store; remove the folder {path.parent}, it will be built anew")
        batch = file.get_batch(0)
        self._columns: dict[str, pa.Array] = dict(zip(batch.schema.names, batch.columns, strict=True))
        described = json.loads(batch.schema.metadata[b"profiles"])
        profiles = tuple(Profile(s, tuple(q), tuple(p), sentences) for s, q, p, sentences in described)
        codes = self._columns["profile"].to_numpy()
        self.coded = CodedPart(profiles, codes)
        self._codes = memoryview(codes)  # a single item of it costs a third of an array's
        self._slots = [slots_of(profile) for profile in profiles]
        self._packed = PackedTexts(self._columns["packed"])

    def __reduce__(self) -> tuple[type["Part"], tuple[Path]]:
        return Part, (self.path,)

    def __len__(self) -> int:
        return len(self._columns["id"])

    @cached_property
    def number_columns(self) -> frozenset[str]:
        """Names of the numeric columns that a pair of this part has."""
        return frozenset(name.removeprefix("numbers:") for name in self._columns if name.startswith("numbers:"))

    def numbers(self, name: str) -> NDArray[np.float64] | None:
        """A numeric column, NaN where a pair has no such number; None if no pair of the part has it."""
        column = self._columns.get(f"numbers:{name}")
        return None if column is None else np.asarray(column.fill_null(float("nan")))

    def too_long(self, side: str, language: str, characters: int) -> NDArray[np.bool_]:
        """Whether each row's text of a side (``query`` or ``passage``) has more than so many characters."""
        long = np.zeros(len(self), dtype=bool)
        for code, slots in enumerate(self._slots):
            if (side, language) in slots:
                rows = np.flatnonzero(self.coded.codes == code)
                long[rows] = self._packed.characters(rows, slots[side, language]) > characters
        return long

    def text(self, side: str, language: str, row: int) -> str:
        """The text of one row on a side (``query`` or ``passage``) in a language it has there."""
        return self._packed.utf8(row, self._slots[self._codes[row]][side, language]).decode()

    def row(self, row: int, query_language: str, passage_language: str) -> tuple[bytes, bytes, int]:
        """What a batch needs of a row: query and passage in UTF-8, and the key of the pair's id."""
        slots = self._slots[self._codes[row]]
        return self._packed.row(row, slots["query", query_language], slots["passage", passage_language])

    def negatives(self, language: str, row: int) -> list[str]:
        """The hard negatives of one row in a language, possibly none."""
        column = self._columns.get(f"negatives:{language}")
        return [] if column is None else column[row].as_py() or []

    def id_key(self, row: int) -> int:
        """The key of the pair's id."""
        return self._packed.id_key(row)

    def version_keys(self, side: str) -> VersionKeys:
        """The keys of the versions of every row's query or passage, as ``version_keys`` of the pairs gives them."""
        column = self._columns[f"{side}_keys"]
        return VersionKeys(column.flatten().to_numpy(), np.diff(column.offsets.to_numpy()).astype(np.int64))

    def pair(self, row: int) -> ParallelPair:
        """The whole record of one row."""
        profile = self.coded.profiles[self._codes[row]]
        return ParallelPair(
            id=self._columns["id"][row].as_py(),
            source=profile.source,
            queries={tag: self.text("query", tag, row) for tag in profile.query_languages},
            passages={tag: self.text("passage", tag, row) for tag in profile.passage_languages},
            negatives={tag: tuple(texts) for tag, texts in self._entries("negatives", row).items()},
            provenance=self._entries("provenance", row),
            numbers=self._entries("numbers", row),
            replaced_queries=self._entries("replaced_queries", row),
            replaced_passages=self._entries("replaced_passages", row),
            sentences=profile.sentences,
        )

    def _entries(self, side: str, row: int) -> dict[str, Any]:
        cells = ((name, column[row].as_py()) for name, column in self._columns.items() if name.startswith(f"{side}:"))
        return {name.split(":", 1)[1]: cell for name, cell in cells if cell is not None}

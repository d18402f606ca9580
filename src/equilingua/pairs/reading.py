"""Pairs files as a stream of records: JSON lines, Parquet, SQuAD's and Dolly's formats."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from equilingua.errors import InputError, Problems, did_you_mean
from equilingua.files import COMPRESSIONS, existing_file, uncompressed_suffix
from equilingua.pairs.dolly import read_dolly
from equilingua.pairs.json_lines import json_rows
from equilingua.pairs.pair import RESERVED, ParallelPair, parse_pair
from equilingua.pairs.squad import PassageUnit, read_squad, read_squad_rows

Format = Literal["pairs", "squad", "squad-rows", "dolly"]

FORMATS = (".jsonl", ".parquet", ".json")
_FORMAT_OF: dict[str, Format] = {".jsonl": "pairs", ".parquet": "pairs", ".json": "squad"}


def read_pairs(
    path: str | Path,
    *,
    problems: Problems,
    language: str = "en",
    file_format: Format | None = None,
    source: str | None = None,
    passage: PassageUnit = "paragraph",
) -> Iterator[ParallelPair]:
    """The pairs of one file, in its order; what cannot be read is noted in ``problems`` and left out.

    In JSON lines, a column that holds numbers in most lines where it is given must hold numbers or null in all: that it
    does not is noted once all are read, and the pairs of the other lines are given without it.

    Args:
        path: JSON lines (.jsonl) or Parquet with the columns of a pairs file, or SQuAD-format JSON (.json);
            .gz, .xz and .zst are decompressed.
        problems: collects one line a problem: file, line, what is wrong.
        language: the language of a file in a format that does not say it.
        file_format: ``pairs``, ``squad``, ``squad-rows`` (JSON lines in SQuAD's columns) or ``dolly``; by default
            ``squad`` for .json and ``pairs`` otherwise.
        source: of all pairs, in place of what the file names; see ``read_squad`` for what it does to SQuAD's ids.
        passage: what is taken of a SQuAD-format paragraph.

    Raises:
        InputError: if the file is missing, or its name tells no known format.
    """
    path = existing_file(path)
    match file_format or default_format(path):
        case "squad":
            return read_squad(path, language=language, problems=problems, source=source, passage=passage)
        case "squad-rows":
            return read_squad_rows(path, language=language, problems=problems, source=source, passage=passage)
        case "dolly":
            return read_dolly(path, language=language, problems=problems, source=source)
        case "pairs":
            read = _parquet if uncompressed_suffix(path) == ".parquet" else _json_lines
            return _renamed(read(path, problems), source) if source else read(path, problems)
        case _:
            suffix = uncompressed_suffix(path)
            hint = did_you_mean(suffix, FORMATS)
            raise InputError(
                f"{path}: unknown format {suffix!r}. {hint} All but Parquet may be compressed: "
                f"{', '.join(COMPRESSIONS)}."
            )


def default_format(path: str | Path) -> Format | None:
    """The format that a file is read in where none is named, by its suffix; None for an unknown one.

    >>> default_format("p.jsonl.gz"), default_format("p.ndjson")
    ('pairs', None)
    """
    return _FORMAT_OF.get(uncompressed_suffix(path))


def _renamed(pairs: Iterator[ParallelPair], source: str) -> Iterator[ParallelPair]:
    return (replace(pair, source=source) for pair in pairs)


def _json_lines(path: Path, problems: Problems) -> Iterator[ParallelPair]:
    source = path.name.split(".")[0]
    columns = _Columns()
    for where, value in json_rows(path, problems):
        try:
            pair = parse_pair(value, default_source=source)
        except InputError as error:
            problems.add(f"{where}: {error}")
        else:
            columns.see(value, pair, where)
            yield pair
    columns.tell(problems)


@dataclass(slots=True)
class _Others:
    """What a column holds besides numbers: in how many lines, and the first of them."""

    lines: int
    where: str
    first: Any


class _Columns:
    """In how many lines each column holds a number, and in which it holds something else.

    Only the whole file tells: a column is of numbers where most of its values are.
    """

    def __init__(self) -> None:
        self._numbers: Counter[str] = Counter()
        self._others: dict[str, _Others] = {}

    def see(self, value: Mapping[str, Any], pair: ParallelPair, where: str) -> None:
        """Take note of the columns of one line."""
        self._numbers.update(pair.numbers.keys())
        for name, content in value.items():
            if content is None or name in RESERVED or name in pair.numbers:
                continue
            if name in self._others:
                self._others[name].lines += 1
            else:
                self._others[name] = _Others(1, where, content)

    def tell(self, problems: Problems) -> None:
        """Note every column of numbers that has something else in some lines."""
        for name, found in self._others.items():
            if self._numbers[name] > found.lines:
                more = f", and so do {found.lines - 1:,} other lines" if found.lines > 1 else ""
                problems.add(
                    f"{found.where}: {name!r} holds {found.first!r:.40}{more}, but a number in "
                    f"{self._numbers[name]:,}: write numbers, or null for none"
                )


def _parquet(path: Path, problems: Problems) -> Iterator[ParallelPair]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if path.suffix in COMPRESSIONS:
        raise InputError(f"{path}: Parquet compresses by itself; unpack it first")
    try:
        file = pq.ParquetFile(path)
    except pa.ArrowInvalid as error:
        raise InputError(f"{path}: not a Parquet file: {error}") from error
    source = path.name.split(".")[0]
    number = 0
    try:
        for batch in file.iter_batches(batch_size=4096):
            for row in batch.to_pylist(maps_as_pydicts="strict"):
                number += 1
                try:
                    yield parse_pair({k: v for k, v in row.items() if v is not None}, default_source=source)
                except InputError as error:
                    problems.add(f"{path}: row {number}: {error}")
    except (pa.ArrowException, OSError) as error:
        problems.add(f"{path}: row {number + 1}: cannot be read further: {error}")

"""Pairs files as a stream of records: JSON lines, Parquet, SQuAD's and Dolly's formats."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from equilingua.errors import InputError, Problems, did_you_mean
from equilingua.files import COMPRESSIONS, existing_file, uncompressed_suffix
from equilingua.pairs.dolly import read_dolly
from equilingua.pairs.json_lines import json_rows
from equilingua.pairs.parsing import RESERVED, parse_pair
from equilingua.pairs.records import ParallelPair
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

    In JSON lines, a column that holds a number in one line holds numbers or null in all: its other lines are noted once
    all are read, and their pairs are given without the column.

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
                f"{path}: unknown format {suffix!r}. {hint} Each may be compressed: {', '.join(COMPRESSIONS)}."
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


class _Columns:
    """Which columns of a file hold numbers, and the lines in which they hold something else.

    Only the whole file tells: texts are fine in a column of texts, such as a title.
    """

    def __init__(self) -> None:
        self._numeric: set[str] = set()
        self._others: dict[str, Problems] = {}

    def see(self, value: Mapping[str, Any], pair: ParallelPair, where: str) -> None:
        """Take note of the columns of one line."""
        self._numeric.update(pair.numbers)
        for name, content in value.items():
            if not (content is None or name in RESERVED or name in pair.numbers):
                self._others.setdefault(name, Problems(name)).add(
                    f"{where}: {name!r} is {content!r:.40}, but other lines hold numbers: write one, or null"
                )

    def tell(self, problems: Problems) -> None:
        """Note every line that has something else in a column of numbers."""
        for name, found in self._others.items():
            if name in self._numeric:
                problems.extend(found.shown, count=found.count)


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

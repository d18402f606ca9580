"""Pairs files as a stream of records: JSON lines, Parquet, SQuAD-format JSON."""

import json
from collections.abc import Iterator
from pathlib import Path

from equilingua.errors import InputError, Problems, did_you_mean
from equilingua.files import COMPRESSIONS, existing_file, open_text, uncompressed_suffix, unreadable
from equilingua.pairs.parsing import parse_pair
from equilingua.pairs.records import ParallelPair
from equilingua.pairs.squad import read_squad

FORMATS = (".jsonl", ".parquet", ".json")


def read_pairs(path: str | Path, *, problems: Problems, language: str = "en") -> Iterator[ParallelPair]:
    """The pairs of one file, in its order; what cannot be read is noted in ``problems`` and left out.

    Args:
        path: JSON lines (.jsonl) or Parquet with the columns of a pairs file, or SQuAD-format JSON (.json);
            .gz, .xz and .zst are decompressed.
        problems: collects one line a problem: file, line, what is wrong.
        language: the language of a SQuAD-format file, which the format does not say.

    Raises:
        InputError: if the file is missing, or its name tells no known format.
    """
    path = existing_file(path)
    match uncompressed_suffix(path):
        case ".jsonl":
            return _json_lines(path, problems)
        case ".parquet":
            return _parquet(path, problems)
        case ".json":
            return read_squad(path, language=language, problems=problems)
        case suffix:
            hint = did_you_mean(suffix, FORMATS)
            raise InputError(
                f"{path}: unknown format {suffix!r}. {hint} Each may be compressed: {', '.join(COMPRESSIONS)}."
            )


def _json_lines(path: Path, problems: Problems) -> Iterator[ParallelPair]:
    source = path.name.split(".")[0]
    with open_text(path) as lines:
        number = 0
        try:
            for number, line in enumerate(lines, start=1):
                if line.isspace():
                    continue
                try:
                    yield parse_pair(json.loads(line), default_source=source)
                except json.JSONDecodeError as error:
                    problems.add(f"{path}:{number}: broken JSON at character {error.pos}: {error.msg}")
                except InputError as error:
                    problems.add(f"{path}:{number}: {error}")
        except unreadable() as error:
            # A cut-off archive or a wrong encoding shows only here, and ends the file.
            problems.add(f"{path}:{number + 1}: cannot be read further: {error}")


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

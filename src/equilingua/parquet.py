"""Rows of Parquet, and of the Arrow files that ``datasets`` saves."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from equilingua.compression import COMPRESSIONS
from equilingua.data_files import DataFile, Row, parsed
from equilingua.errors import InputError, Problems, foreign_errors

if TYPE_CHECKING:
    import pyarrow as pa


def parquet_rows(file: DataFile, problems: Problems) -> Iterator[Row]:
    """The rows of a Parquet file, each a dictionary without the columns that it has no value in.

    What of a row cannot be read (text that is no UTF-8, a map with a key twice), and where the file is damaged, is
    noted.

    Raises:
        InputError: if it is no Parquet file, or cut off, or two of its columns have one name.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if file.compression in COMPRESSIONS:
        raise InputError(f"{file}: Parquet compresses by itself; unpack it first")
    with foreign_errors(f"{file}: not a Parquet file"):
        source: Any = file.path
        if file.member is not None:
            with file.stored() as opened:
                source = pa.BufferReader(opened.read())
        table = pq.ParquetFile(source, page_checksum_verification=True)
        names = Counter(table.schema_arrow.names)
    if twice := next((name for name, count in names.items() if count > 1), None):
        raise InputError(f"{file}: column {twice!r} is there twice")
    number = 0
    try:
        with foreign_errors("cannot be read further"), table:
            for batch in table.iter_batches(batch_size=4096):
                yield from _rows(batch, file, number, problems)
                number += batch.num_rows
    except InputError as error:
        problems.add(str(error), place=Row(file, number + 1))


def arrow_rows(file: DataFile, problems: Problems) -> Iterator[Row]:
    """The rows of an Arrow file or stream, as ``parquet_rows``; ``InputError`` if it is neither."""
    import pyarrow as pa

    with foreign_errors(f"{file}: not an Arrow file"), file.open() as opened:
        content = pa.py_buffer(opened.read()) if file.member or file.compression in COMPRESSIONS else None
        source = pa.BufferReader(content) if content is not None else pa.memory_map(str(file.path))
        try:
            reader = pa.ipc.open_file(source)
            batches = (reader.get_batch(number) for number in range(reader.num_record_batches))
        except pa.ArrowInvalid:
            source.seek(0)
            batches = iter(pa.ipc.open_stream(source))
    number = 0
    try:
        with foreign_errors("cannot be read further"):
            for batch in batches:
                yield from _rows(batch, file, number, problems)
                number += batch.num_rows
    except InputError as error:
        problems.add(str(error), place=Row(file, number + 1))


def _rows(batch: "pa.RecordBatch", file: DataFile, before: int, problems: Problems) -> Iterator[Row]:
    try:
        with foreign_errors("a value cannot be read"):
            values = _values(batch)
    except InputError:
        # A row at a time, to tell which.
        single = (Row(file, before + number, batch.slice(number - 1, 1)) for number in range(1, batch.num_rows + 1))
        yield from parsed(
            single, lambda row: row._replace(value=_values(row.value)[0]), problems, expected="a value cannot be read"
        )
    else:
        yield from (Row(file, before + number, value) for number, value in enumerate(values, start=1))


def _values(batch: "pa.RecordBatch") -> list[dict[str, Any]]:
    # A column has a value in every row of Parquet; null there is what a missing key is in JSON.
    rows = batch.to_pylist(maps_as_pydicts="strict")
    return [{name: value for name, value in row.items() if value is not None} for row in rows]

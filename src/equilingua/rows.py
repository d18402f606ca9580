"""Rows of JSON lines, CSV, tab-separated lines, Parquet and Arrow, and whole JSON documents, each with its place.

Whatever reads rows notes what is wrong with one through ``parsed``, so that it is told in one way: file, place,
problem.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any

from equilingua.data_files import DataFile, Row, parsed
from equilingua.delimited import csv_rows, tsv_rows
from equilingua.documents import UTF16, UTF16_MARKS, parse_json, utf8_text
from equilingua.errors import InputError, Problems, foreign_errors
from equilingua.parquet import arrow_rows, parquet_rows


def read_rows(file: DataFile, problems: Problems, *, named: Collection[str] = ()) -> Iterator[Row]:
    """The rows of a file, by its suffix: of Parquet, Arrow, CSV, tab-separated lines, or JSON.

    JSON are lines of objects, whatever the suffix; a file named .json may also be one document: a list of objects, an
    object with that list under ``data``, or with a list or object of values for every column. A row of Parquet, Arrow,
    CSV or tab-separated lines has no key where it has no value. Rows that are not in the file's format are noted in
    ``problems``, and left out.

    Args:
        file: on disk or in an archive.
        problems: where that is noted.
        named: columns that a heading of tab-separated lines may have, apart from usual ones (``tsv_rows``).

    Raises:
        InputError: if the file is missing, or no Parquet though named so.
    """
    match file.suffix:
        case ".parquet":
            return parquet_rows(file, problems)
        case ".arrow":
            return arrow_rows(file, problems)
        case ".csv":
            return csv_rows(file, problems)
        case ".tsv":
            return tsv_rows(text_lines(file, problems, returns=False), problems, named=named)
        case ".json":
            return _json_rows(file, problems)
        case _:
            return parsed(text_lines(file, problems), json_row, problems)


def text_lines(file: DataFile, problems: Problems, *, returns: bool = True) -> Iterator[Row]:
    """The lines of a UTF-8 text that hold anything, without their ends and without byte order marks before them.

    A line that is no UTF-8 is noted and left out; where the file is cut off, damaged, encrypted or UTF-16, that is
    noted and ends it.

    Args:
        file: of lines.
        problems: where that is noted.
        returns: whether a carriage return alone ends a line too; else it is part of the text.
    """
    with foreign_errors(f"{file}: cannot be read"):
        opened = file.open()
    number = 0
    try:
        with foreign_errors("cannot be read further"), opened:
            for line in opened:
                if number == 0 and line.startswith(UTF16_MARKS):
                    raise InputError(UTF16)
                for part in line.splitlines() if returns else [line.removesuffix(b"\n").removesuffix(b"\r")]:
                    number += 1
                    try:
                        text = _text(part)
                    except InputError as error:
                        problems.add(str(error), place=Row(file, number))
                    else:
                        if text.strip(" "):
                            yield Row(file, number, text)
    except InputError as error:
        problems.add(str(error), place=Row(file, number + 1))


def document(file: DataFile) -> Any:
    """What a JSON document holds; raises ``InputError`` if it is no JSON, or cannot be read."""
    with foreign_errors(f"{file}: cannot be read"), file.open() as opened:
        return parse_json(utf8_text(opened.read(), file=file), file=file)


def identity(value: Any, what: str) -> str:
    """An id as text; raises ``InputError`` if it is neither a non-empty text nor an integer."""
    if isinstance(value, str) and value:
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise InputError(
        f"{what} is missing" if value is None else f"{what} must be a non-empty text or an integer, got {value!r:.80}"
    )


def json_row(line: Row) -> Row | None:
    """What a line of JSON holds, nothing where it is blank; raises ``InputError`` if it is no JSON."""
    # Of other spaces JSON knows nothing, so that a line of them is told.
    return None if not line.value.strip(" \t") else Row(line.file, line.where, parse_json(line.value))


def _json_rows(file: DataFile, problems: Problems) -> Iterator[Row]:
    """Of lines, if the first is an object and not the last; else of a document."""
    unread = Problems(str(file))
    first = list(islice(text_lines(file, unread), 2))
    try:
        is_lines = len(first) == 2 and isinstance(parse_json(first[0].value), dict)
    except InputError:
        is_lines = False
    if is_lines or (unread.count and not first):
        yield from parsed(text_lines(file, problems), json_row, problems)
        return
    try:
        values = _listed(document(file))
    except InputError as error:
        problems.add(str(error))
        return
    yield from (Row(file, number, value) for number, value in enumerate(values, start=1))


def _listed(content: Any) -> Sequence[Any]:
    """The rows of a document."""
    if not isinstance(content, dict):
        return content if isinstance(content, list) else [content]
    if isinstance(content.get("data"), list):
        return list(content["data"])
    columns = content.values()
    if columns and all(isinstance(column, list) for column in columns) and len({len(one) for one in columns}) == 1:
        return [dict(zip(content, values, strict=True)) for values in zip(*columns, strict=True)]
    # As pandas writes a table: an object for every column, by the number of the row.
    if columns and all(isinstance(column, dict) and "0" in column for column in columns):
        numbers = list(next(iter(columns)))
        return [{name: column.get(number) for name, column in content.items()} for number in numbers]
    return [content]


def _text(line: bytes) -> str:
    try:
        text = line.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise InputError(f"byte 0x{line[error.start]:02x} is not UTF-8") from error
    if "\0" in text:
        raise InputError("a NUL character: the file is damaged, or UTF-16 text (save it as UTF-8 then)")
    return text

"""Rows of JSON lines, tab-separated lines and Parquet, and whole JSON documents, each with its place in the file.

Whatever reads rows notes what is wrong with one through ``parsed``, so that it is told in one way: file, place,
problem.
"""

import re
from collections.abc import Iterator
from typing import Any

from equilingua.data_files import DataFile, Row, parsed
from equilingua.documents import UTF16, UTF16_MARKS, parse_json, utf8_text
from equilingua.errors import InputError, Problems, foreign_errors
from equilingua.parquet import parquet_rows

# No text, and no id that anyone gives: the name of a column.
_ID_HEADING = re.compile(r"_?id|(doc|query|passage|corpus|[dpq])[_-]?id", flags=re.IGNORECASE)


def read_rows(file: DataFile, problems: Problems) -> Iterator[Row]:
    """The rows of a file: of Parquet (.parquet), ``id<TAB>text`` (.tsv), else of JSON lines.

    A heading of tab-separated lines is passed over. A row of Parquet has no key where it has no value. Rows that are
    not in the file's format are noted in ``problems``, and left out.

    Raises:
        InputError: if the file is missing, or no Parquet though named so.
    """
    match file.suffix:
        case ".parquet":
            return parquet_rows(file, problems)
        case ".tsv":
            return parsed(text_lines(file, problems, returns=False), _two_columns, problems)
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
    return None if line.value.isspace() else Row(line.file, line.where, parse_json(line.value))


def _text(line: bytes) -> str:
    try:
        text = line.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise InputError(f"byte 0x{line[error.start]:02x} is not UTF-8") from error
    if "\0" in text:
        raise InputError("a NUL character: the file is damaged, or UTF-16 text (save it as UTF-8 then)")
    return text


def _two_columns(line: Row) -> Row | None:
    columns = line.value.split("\t")
    if line.where == 1 and _ID_HEADING.fullmatch(columns[0].strip()):
        return None
    if len(columns) != 2:
        hint = ". Lines end in carriage returns alone: write them with line feeds" if "\r" in line.value else ""
        raise InputError(f"2 columns (id, text) were expected, got {len(columns)}{hint}")
    return line._replace(value=dict(zip(("id", "text"), columns, strict=True)))

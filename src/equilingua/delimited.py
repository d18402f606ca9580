"""Rows of CSV and of tab-separated lines, with or without a heading that names their columns."""

import csv
import re
from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from equilingua.columns import IDS, NAMES, usual_form
from equilingua.data_files import DataFile, Row, parsed
from equilingua.documents import UTF16, UTF16_MARKS
from equilingua.errors import InputError, Problems, foreign_errors
from equilingua.languages import known_language

_SEPARATORS = ",;\t|"
_SAID = re.compile("sep=(.)", flags=re.IGNORECASE)
_UNNAMED = ("id", "text")


def csv_rows(file: DataFile, problems: Problems) -> Iterator[Row]:
    """The rows of a CSV file, each a dictionary by the names in its first line; a cell without content has no key.

    Cells are separated by what separates the names: ``,``, ``;``, a tab or ``|``. A cell in double quotes may hold
    separators and line breaks. Rows that have other columns are noted, and so is where the file cannot be read on.

    Raises:
        InputError: if the file is missing, or two columns have one name.
    """
    with foreign_errors(f"{file}: cannot be read"):
        opened = file.open()
    lines = _Lines(opened)
    try:
        with foreign_errors("cannot be read further"), opened:
            table = _Table.of(lines)
            if table is not None:
                twice = [name for place, name in enumerate(table.names) if name and name in table.names[:place]]
                if twice:
                    raise InputError(f"column {twice[0]!r} is there twice")
                rows = (Row(file, where, cells) for where, cells in table.rows(lines))
                yield from parsed(rows, table.row, problems)
    except InputError as error:
        problems.add(str(error), place=Row(file, max(1, lines.number)))


def tsv_rows(lines: Iterable[Row], problems: Problems, *, named: Collection[str] = ()) -> Iterator[Row]:
    """The rows of tab-separated lines, each a dictionary; a cell without content has no key.

    The first line is a heading if it begins with a usual name of an id, or all its cells are names of columns: usual
    ones, those ``named``, or languages. Two columns without a heading are id and text. Quotes are part of a text, but
    where a cell is written as CSV writes one that has quotes in it (``"a ""b"" c"``).
    """
    heading: tuple[str, ...] | None = None

    def row(line: Row) -> Row | None:
        nonlocal heading
        cells = line.value.split("\t")
        if heading is None:
            names = tuple(cell.strip() for cell in cells)
            is_heading = _is_heading(names, named)
            if not is_heading and len(names) != len(_UNNAMED):
                heading = ()
                raise InputError(
                    f"{len(names)} columns, and the first line names none that is known: give the file a heading such "
                    "as id<TAB>text, or say which columns it has (--query-column NAME, ...)"
                )
            heading = names if is_heading else _UNNAMED
            if is_heading:
                return None
        if not heading:
            return None
        if len(cells) != len(heading):
            raise InputError(_told_columns(cells, heading, line.value))
        return line._replace(value=_cells(heading, map(_unquoted, cells)))

    return parsed(lines, row, problems)


class _Lines:
    """The lines of a file as text, with their ends, and the number of the last."""

    def __init__(self, opened: Iterable[bytes]) -> None:
        self._opened = iter(opened)
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._opened)
        self.number += 1
        if self.number == 1 and line.startswith(UTF16_MARKS):
            raise InputError(UTF16)
        try:
            text = line.decode("utf-8-sig" if self.number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            wrong = line[error.start]
            raise InputError(f"byte 0x{wrong:02x} is not UTF-8: save the table as UTF-8 ('CSV UTF-8')") from error
        if "\0" in text:
            raise InputError("a NUL character: the file is damaged, or UTF-16 text (save it as UTF-8 then)")
        return text


class _Table(NamedTuple):
    """How a CSV file is written: the names in its heading, and what separates cells."""

    names: tuple[str, ...]
    separator: str

    @classmethod
    def of(cls, lines: _Lines) -> "_Table | None":
        """Told by its first line; None if there is none. A spreadsheet may say before it what separates cells."""
        first = next((line for line in lines if line.strip()), None)
        separator = None
        if first is not None and (said := _SAID.fullmatch(first.rstrip("\r\n"))):
            separator, first = said[1], next(lines, None)
        if first is None:
            return None
        bare = "".join(first.split('"')[::2])
        separator = separator or max(_SEPARATORS, key=bare.count)
        reader = csv.reader(chain([first], lines), delimiter=separator)
        return cls(tuple(name.strip() for name in next(reader)), separator)

    def rows(self, lines: _Lines) -> Iterator[tuple[int, list[str]]]:
        """Where each row begins, and its cells; a row that is no CSV is an InputError, raised once it is asked for."""
        # Texts may be longer than what Python takes for a cell that somebody forgot to close.
        csv.field_size_limit(2**31 - 1)
        reader = csv.reader(lines, delimiter=self.separator, strict=True)
        while True:
            where = lines.number + 1
            try:
                cells = next(reader, None)
            except csv.Error as error:
                told = str(error)
                if "unexpected end" in told:
                    raise InputError(f"the cell in quotes that begins in row {where} is not closed") from error
                cells = [f"\0{told}"]
            if cells is None:
                return
            if any(cells):
                yield where, cells

    def row(self, row: Row) -> Row:
        cells: list[str] = row.value
        if cells[0].startswith("\0"):
            raise InputError(f"no CSV: {cells[0][1:]}")
        while len(cells) > len(self.names) and not cells[-1]:
            cells = cells[:-1]
        if len(cells) != len(self.names):
            raise InputError(_told_columns(cells, self.names))
        return row._replace(value=_cells(self.names, cells))


def _told_columns(cells: Collection[str], heading: Collection[str], line: str = "") -> str:
    hint = ""
    if "\r" in line:
        hint = ". Lines end in carriage returns alone: write them with line feeds"
    elif line:
        hint = ". Texts with tabs or line breaks are written as .csv, in quotes, or as .jsonl"
    return f"{len(heading)} columns ({', '.join(heading)}) were expected, got {len(cells)}{hint}"


def _is_heading(names: tuple[str, ...], named: Collection[str]) -> bool:
    known = [usual_form(name) in NAMES or name in named or known_language(name) is not None for name in names]
    return usual_form(names[0]) in IDS or all(known) or (len(names) != len(_UNNAMED) and any(known))


def _cells(names: Iterable[str], cells: Iterable[str]) -> dict[str, str]:
    return {name: cell for name, cell in zip(names, cells, strict=True) if name and cell}


def _unquoted(cell: str) -> str:
    """A cell as CSV's quotes mean it, where quotes that are doubled inside tell that it was written so."""
    inner = cell[1:-1]
    if len(cell) > 2 and cell[0] == cell[-1] == '"' and '""' in inner and '"' not in inner.replace('""', ""):
        return inner.replace('""', '"')
    return cell

"""Judgements: which passages are relevant to which queries, as lines of columns, TREC's, or rows of any table."""

import math
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from equilingua.columns import GRADES, JUDGED_PASSAGES, JUDGED_QUERIES, USUAL, Columns, column_of
from equilingua.data_files import DataFile, Row, parsed
from equilingua.documents import parse_json
from equilingua.errors import EquilinguaWarning, InputError, Problems
from equilingua.rows import identity, read_rows, text_lines

Qrels = Mapping[str, Mapping[str, int]]

# Suffixes of tables whose columns have names; other files of judgements are lines whose columns have an order.
_NAMED = (".jsonl", ".ndjson", ".json", ".csv", ".parquet", ".arrow")


class Qrel(NamedTuple):
    """One line of qrels; as text, its place."""

    query: str
    passage: str
    grade: int
    place: Row

    def __str__(self) -> str:
        return str(self.place)


def read_qrels(file: DataFile, problems: Problems, columns: Columns = USUAL) -> Iterator[Qrel]:
    """The judgements of a file; those that cannot be read are noted.

    Rows of a table (JSON lines, CSV, Parquet, ...) with the columns ``query-id``, ``corpus-id`` and ``score``, or what
    these are usually called; or lines of three columns in that order (a heading that names them may tell another), or
    of TREC's four: query, 0, passage, grade.
    """
    reader = _Reader(columns)
    if file.suffix in _NAMED:
        return parsed(read_rows(file, problems), reader.named, problems)
    return parsed(text_lines(file, problems), reader.line, problems)


def read_grades(
    files: Sequence[DataFile],
    queries: Collection[str] | None,
    passages: Collection[str] | None,
    problems: Problems,
    columns: Columns = USUAL,
) -> Qrels:
    """Grades by query and passage, of queries and passages that are there (any, where it is None which those are).

    Files of judgements often serve several sets of queries, or an older corpus. So a judgement of a query or a passage
    that is not there is passed over; a warning counts them. A query all of whose judgements name missing passages is
    judged, with nothing relevant. That no judgement is left, or that nothing is relevant, is a problem.
    """
    named = ", ".join(map(str, files))
    qrels: dict[str, dict[str, int]] = {}
    other_queries, other_passages = _PassedOver(), _PassedOver()
    count, before = 0, problems.count

    def take(qrel: Qrel) -> None:
        nonlocal count
        count += 1
        if queries is not None and qrel.query not in queries:
            other_queries.add(qrel, qrel.query)
        elif passages is not None and qrel.passage not in passages:
            qrels.setdefault(qrel.query, {})
            other_passages.add(qrel, qrel.passage)
        elif qrels.setdefault(qrel.query, {}).setdefault(qrel.passage, qrel.grade) != qrel.grade:
            raise InputError(f"query {qrel.query!r} and passage {qrel.passage!r} were judged otherwise before")

    for file in files:
        for _ in parsed(read_qrels(file, problems, columns), take, problems):
            pass
    told = [
        *other_queries.told("queries that are not among the queries"),
        *other_passages.told("passages that are not in the corpus"),
    ]
    if problems.count > before:
        return qrels
    if not any(qrels.values()):
        missing = f"none of its {count:,} judgements is of a query and a passage that are there: {'; '.join(told)}"
        problems.add(f"{named}: {missing if count else 'no judgement'}")
    elif not any(grade > 0 for grades in qrels.values() for grade in grades.values()):
        problems.add(f"{named}: no grade is above 0, so nothing is relevant")
    elif told:
        counted = " (other evaluations count such passages as not found)" if other_passages.count else ""
        warnings.warn(f"{named}: {'; '.join(told)}: they are left out{counted}", EquilinguaWarning, stacklevel=2)
    return qrels


class _PassedOver:
    """Judgements that name what is not there: how many, and the first."""

    def __init__(self) -> None:
        self.count = 0
        self._first = ""

    def add(self, qrel: Qrel, name: str) -> None:
        self.count += 1
        self._first = self._first or f"{name!r} at {qrel}"

    def told(self, what: str) -> list[str]:
        return [f"{self.count:,} judgements name {what}, the first is {self._first}"] if self.count else []


class _Reader:
    """Reads rows of one file; of lines, the first may name the columns in another order."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._order: tuple[int, int, int] | None = None

    def named(self, row: Row) -> Qrel:
        if not isinstance(row.value, dict):
            raise InputError(f"a JSON object was expected, got {type(row.value).__name__}")
        names = self._names(list(row.value))
        expected = ("query-id", "corpus-id", "score")
        if missing := ", ".join(repr(usual) for usual, name in zip(expected, names, strict=True) if name is None):
            raise InputError(f"{missing} missing; the row has {', '.join(row.value)}")
        return _qrel([row.value[name] for name in names if name is not None], row)

    def line(self, line: Row) -> Qrel | None:
        text: str = line.value
        if text.lstrip().startswith("{"):
            return self.named(line._replace(value=parse_json(text)))
        columns = text.rstrip("\r\n").split("\t") if "\t" in text else text.split()
        if line.where == 1 and self._is_heading(columns):
            return None
        if self._order is not None and max(self._order) < len(columns):
            columns = [columns[place] for place in self._order]
        elif len(columns) == 4:
            columns = [columns[0], *columns[2:]]
        if len(columns) != 3:
            raise InputError(f"3 columns (query, passage, score) or TREC's 4 were expected, got {len(columns)}")
        return _qrel(columns, line)

    def _is_heading(self, columns: list[str]) -> bool:
        cells = [cell.strip() for cell in columns]
        query, passage, grade = self._names(cells)
        if query is not None and passage is not None and grade is not None:
            self._order = cells.index(query), cells.index(passage), cells.index(grade)
        return (grade is not None and grade == cells[-1]) or self._order is not None

    def _names(self, fields: list[str]) -> tuple[str | None, str | None, str | None]:
        query, passage = (column_of(fields, None, usual) for usual in (JUDGED_QUERIES, JUDGED_PASSAGES))
        return query, passage, column_of(fields, self._columns.grade, GRADES)


def _qrel(columns: Sequence[Any], place: Row) -> Qrel:
    query, passage, score = columns
    try:
        grade = float(score)
    except (TypeError, ValueError, OverflowError):
        grade = math.nan
    if not grade.is_integer():
        raise InputError(f"the score must be a whole number, got {score!r}")
    return Qrel(identity(query, "the query id"), identity(passage, "the passage id"), int(grade), place)

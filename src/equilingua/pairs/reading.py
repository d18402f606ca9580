"""Pairs as a stream of records: of pairs files, tables, judged corpora, SQuAD's and Dolly's formats."""

import re
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal

from equilingua.columns import USUAL, Columns
from equilingua.compression import COMPRESSIONS, uncompressed_suffix
from equilingua.data_files import DataFile, Row, parsed
from equilingua.data_sets import SUFFIXES, data_files
from equilingua.errors import EquilinguaWarning, InputError, Problems, did_you_mean, foreign_errors
from equilingua.file_language import languages_in_name
from equilingua.languages import language_tag
from equilingua.pairs.collection import collection_pairs, judged_folder
from equilingua.pairs.pair import RESERVED, ParallelPair, parse_pair
from equilingua.pairs.squad import PassageUnit, is_rows_of_squad, squad_pairs
from equilingua.pairs.table import Flat, PairColumns, flat, grouped, is_pairs_file, pair_columns, pairs_of
from equilingua.rows import read_rows

Format = Literal["pairs", "squad", "squad-rows", "dolly"]

_FORMAT_OF: dict[str, Format] = {suffix: "squad" if suffix == ".json" else "pairs" for suffix in SUFFIXES}
# By the rows at a file's beginning it is told which columns it has.
_LOOKED_AT = 100
# Where a document of SQuAD's names its paragraphs, in characters from its beginning.
_BEGINNING = 1_000_000


def read_pairs(
    path: str | Path,
    *,
    problems: Problems,
    language: str | None = None,
    file_format: Format | None = None,
    source: str | None = None,
    passage: PassageUnit = "paragraph",
    columns: Columns = USUAL,
    split: str = "train",
) -> Iterator[ParallelPair]:
    """The pairs of one file, in its order; what cannot be read is noted in ``problems`` and left out.

    In a pairs file, a column that holds numbers in most lines where it is given must hold numbers or null in all: that
    it does not is noted once all are read, and the pairs of the other lines are given without it.

    Args:
        path: a file with the columns of a pairs file, or a table with ordinary columns (``pair_columns``), in any form
            that ``read_rows`` reads; SQuAD-format JSON (.json); a folder of shards (``data_files``); or a folder or
            .zip with corpus, queries and judgements, where a pair is a query (all of an item) with a passage that is
            relevant to it (and its translations).
        problems: collects one line a problem: file, line, what is wrong.
        language: of texts whose language the file does not say. By default that which the file's name tells; of
            SQuAD's and Dolly's formats English, where it tells none.
        file_format: ``pairs``, ``squad``, ``squad-rows`` (rows in SQuAD's columns) or ``dolly``; by default what the
            file holds.
        source: of all pairs, in place of what the file names, or its name up to the first dot. In SQuAD's formats it
            is put before their ids too (``source/id``), since other sets may count from 1 as well.
        passage: what is taken of a SQuAD-format paragraph.
        columns: of a table, which hold what, where their names do not tell.
        split: that is read of a folder with several.

    Raises:
        InputError: if the file is missing, or its name tells no known format.
    """
    if file_format in (None, "pairs") and (found := judged_folder(path, split=split)):
        return collection_pairs(found, source or Path(path).stem, problems=problems, language=language, columns=columns)
    files = data_files(path, prefer=split)
    named = source or (files[0].stem if len(files) == 1 else Path(path).name)
    reader = _Reader(problems, language, named, passage, columns, renamed=source is not None)
    if len(files) > 1 and file_format is None and all(_holds_rows(file) for file in files):
        return reader.pairs(files)
    return chain.from_iterable(reader.of_format(file, file_format or told_format(file)) for file in files)


def default_format(path: str | Path) -> Format | None:
    """The format that a file's suffix tells; None for an unknown one. A .json may hold rows all the same.

    >>> default_format("p.jsonl.gz"), default_format("p.txt")
    ('pairs', None)
    """
    return _FORMAT_OF.get(uncompressed_suffix(path))


def _holds_rows(file: DataFile) -> bool:
    return told_format(file) == "pairs"


def told_format(file: DataFile) -> Format:
    """What a file holds; raises ``InputError`` if its name tells no known format."""
    told = default_format(file.name)
    if told is None:
        hint = did_you_mean(file.suffix, _FORMAT_OF)
        raise InputError(
            f"{file}: unknown format {file.suffix!r}. {hint} All but Parquet may be compressed: "
            f"{', '.join(COMPRESSIONS)}."
        )
    return "pairs" if told == "squad" and not _is_document_of_squad(file) else told


def holds_squad(file: DataFile, *, surely: bool = True) -> bool:
    """Whether a file is a document of SQuAD's, or has rows in its columns; also where it cannot be read.

    If not ``surely``, also a .json of which nothing tells that it is anything else.
    """
    try:
        if file.suffix == ".json" and _is_document_of_squad(file, elsewise=not surely):
            return True
        rows = read_rows(file, Problems(str(file)))
        return is_rows_of_squad(row.value for row in islice(rows, 1))
    except InputError:
        return True


def _is_document_of_squad(file: DataFile, *, elsewise: bool = True) -> bool:
    """Whether a .json is a document with paragraphs, or else (``elsewise``) nothing that could be read as rows."""
    with foreign_errors(f"{file}: cannot be read"), file.open() as opened:
        beginning = opened.read(_BEGINNING)
    if re.search(rb'"paragraphs"\s*:', beginning):
        return True
    if not elsewise:
        return False
    first = next(read_rows(file, Problems(str(file))), None)
    fields = list(first.value) if first is not None and isinstance(first.value, dict) else []
    return not fields or fields == ["data"] or ("data" in fields and "version" in fields)


class _Reader:
    """Reads the pairs of files, where these options are the same for all."""

    def __init__(
        self,
        problems: Problems,
        language: str | None,
        source: str,
        passage: PassageUnit,
        columns: Columns,
        *,
        renamed: bool,
    ) -> None:
        self._problems = problems
        self._language = language
        self._source = source
        self._renamed = renamed
        self._passage = passage
        self._columns = columns

    def of_format(self, file: DataFile, form: Format) -> Iterator[ParallelPair]:
        """The pairs of one file."""
        match form:
            case "squad" | "squad-rows":
                return squad_pairs(
                    file,
                    language=self._told(file) or "en",
                    problems=self._problems,
                    source=self._source if self._renamed else None,
                    passage=self._passage,
                    rows=form == "squad-rows",
                )
            case "dolly":
                source, language = self._source, self._told(file) or "en"
                return parsed(
                    read_rows(file, self._problems),
                    lambda row: dolly_pair(
                        row.value, language=language, source=source, default_id=f"{source}/{row.where}"
                    ),
                    self._problems,
                )
            case "pairs":
                return self.pairs([file])

    def pairs(self, files: Sequence[DataFile]) -> Iterator[ParallelPair]:
        """The pairs of files with rows, which may be shards of one table: those of a pairs file first."""
        tables: list[tuple[DataFile, PairColumns, Iterator[Row]]] = []
        for file in files:
            rows = read_rows(file, self._problems, named=self._columns.names())
            first = list(islice(rows, _LOOKED_AT))
            fields = list(dict.fromkeys(name for row in first if isinstance(row.value, dict) for name in row.value))
            if self._columns == USUAL and (is_pairs_file(fields) or not fields):
                yield from self._of_pairs_file(file, chain(first, rows))
            elif self._columns == USUAL and is_rows_of_squad(row.value for row in first):
                yield from self.of_format(file, "squad-rows")
            else:
                try:
                    tables.append((file, pair_columns(fields, self._columns), chain(first, rows)))
                except InputError as error:
                    self._problems.add(f"{file}: {error}")
        yield from self._of_tables(tables)

    def _of_pairs_file(self, file: DataFile, rows: Iterator[Row]) -> Iterator[ParallelPair]:
        pairs = _pairs(file, rows, self._problems)
        return (replace(pair, source=self._source) for pair in pairs) if self._renamed else pairs

    def _of_tables(self, tables: Sequence[tuple[DataFile, PairColumns, Iterator[Row]]]) -> Iterator[ParallelPair]:
        by_id = any(columns.groups for _, columns, _ in tables)
        # One file a language is one table, where the files' rows have the same ids.
        by_id = by_id or (len(tables) > 1 and all(columns.id is not None for _, columns, _ in tables))
        for file, columns, _ in tables:
            for note in columns.notes:
                warnings.warn(f"{file}: {note}", EquilinguaWarning, stacklevel=2)

        def flats() -> Iterator[Flat]:
            for file, columns, rows in tables:
                language = self._told(file)
                yield from parsed(
                    rows,
                    partial(flat, columns=columns, language=language),
                    self._problems,
                    expected="no row of a table",
                )

        def made(one: Flat) -> Iterator[ParallelPair]:
            return chain.from_iterable(parsed([one.row], lambda _: pairs_of(one, source=self._source), self._problems))

        for one in grouped(flats(), by_id=by_id):
            yield from made(one)

    def _told(self, file: DataFile) -> str | None:
        """The language of texts whose language the file does not say."""
        if self._language is not None:
            return language_tag(self._language)
        return languages_in_name(file.name).only


def dolly_pair(value: Any, *, language: str, source: str, default_id: str | None = None) -> ParallelPair:
    """A row ``{instruction, context, response, category}`` of databricks-dolly-15k as a pair.

    The query is the instruction and, on a new line, its context; the passage is the response. Beyond Dolly's own
    columns a row may have ``id``, ``language`` and ``response_language`` (that of the row by default).

    Raises:
        InputError: with every problem of the row.

    Source: Conover et al. 2023, Free Dolly (databricks-dolly-15k); its category is not used.

    >>> row = {"instruction": "Name it.", "context": "An owl.", "response": "Owl"}
    >>> dolly_pair(row, language="en", source="d", default_id="d/1").queries["en"].splitlines()
    ['Name it.', 'An owl.']
    """
    if not isinstance(value, Mapping):
        raise InputError(f"a JSON object was expected, got {type(value).__name__}")
    texts = {name: value.get(name) for name in ("instruction", "context", "response")}
    texts["context"] = texts["context"] or ""
    names = {name: value.get(name) for name in ("language", "response_language")}
    wrong = [f"{name!r} must be a text, got {tag!r}" for name, tag in names.items() if not isinstance(tag, str | None)]
    wrong += [f"{name!r} must be a text, got {text!r}" for name, text in texts.items() if not isinstance(text, str)]
    if wrong:
        raise InputError("; ".join(wrong))
    instruction, context, response = (str(text).strip() for text in texts.values())
    query_language = language_tag(names["language"] or language)
    passage_language = language_tag(names["response_language"] or query_language)
    query = f"{instruction}\n{context}" if context else instruction
    columns = {"queries": {query_language: query}, "passages": {passage_language: response}}
    return parse_pair({"id": value.get("id", default_id), **columns}, default_source=source)


def _pairs(file: DataFile, rows: Iterator[Row], problems: Problems) -> Iterator[ParallelPair]:
    # Only the whole file tells that a column is of numbers, as most of its values are.
    numbers, others = Counter[str](), Counter[str]()
    first_other: dict[str, tuple[Row, Any]] = {}

    def parse(row: Row) -> ParallelPair:
        pair = parse_pair(row.value, default_source=file.stem)
        numbers.update(pair.numbers.keys())
        for name, content in row.value.items():
            if content is not None and name not in pair.numbers and name not in RESERVED:
                others[name] += 1
                first_other.setdefault(name, (row, content))
        return pair

    yield from parsed(rows, parse, problems)
    for name, (row, content) in first_other.items():
        if numbers[name] > others[name]:
            more = f", and so do {others[name] - 1:,} other lines" if others[name] > 1 else ""
            problems.add(
                f"{row}: {name!r} holds {content!r:.40}{more}, but a number in {numbers[name]:,}: write numbers, "
                "or null for none"
            )

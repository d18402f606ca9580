"""Pairs files as a stream of records: JSON lines, Parquet, SQuAD's and Dolly's formats."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from equilingua.compression import COMPRESSIONS, uncompressed_suffix
from equilingua.data_files import DataFile, Row, data_file, parsed
from equilingua.errors import InputError, Problems, did_you_mean
from equilingua.languages import language_tag
from equilingua.pairs.pair import RESERVED, ParallelPair, parse_pair
from equilingua.pairs.squad import PassageUnit, squad_pairs
from equilingua.rows import read_rows

Format = Literal["pairs", "squad", "squad-rows", "dolly"]

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

    In a pairs file, a column that holds numbers in most lines where it is given must hold numbers or null in all: that
    it does not is noted once all are read, and the pairs of the other lines are given without it.

    Args:
        path: JSON lines (.jsonl) or Parquet with the columns of a pairs file, or SQuAD-format JSON (.json);
            .gz, .xz and .zst are decompressed.
        problems: collects one line a problem: file, line, what is wrong.
        language: the language of a file in a format that does not say it; in Dolly's, of rows that name none.
        file_format: ``pairs``, ``squad``, ``squad-rows`` (rows in SQuAD's columns) or ``dolly``; by default ``squad``
            for .json and ``pairs`` otherwise.
        source: of all pairs, in place of what the file names, or its name up to the first dot. In SQuAD's formats it
            is put before their ids too (``source/id``), since other sets may count from 1 as well.
        passage: what is taken of a SQuAD-format paragraph.

    Raises:
        InputError: if the file is missing, or its name tells no known format.
    """
    file = data_file(path)
    match file_format or default_format(path):
        case "squad" | "squad-rows" as form:
            return squad_pairs(
                file, language=language, problems=problems, source=source, passage=passage, rows=form == "squad-rows"
            )
        case "dolly":
            named = source or file.stem
            return parsed(
                read_rows(file, problems),
                lambda row: dolly_pair(row.value, language=language, source=named, default_id=f"{named}/{row.where}"),
                problems,
            )
        case "pairs":
            pairs = _pairs(file, problems)
            return (replace(pair, source=source) for pair in pairs) if source else pairs
        case _:
            hint = did_you_mean(file.suffix, _FORMAT_OF)
            raise InputError(
                f"{path}: unknown format {file.suffix!r}. {hint} All but Parquet may be compressed: "
                f"{', '.join(COMPRESSIONS)}."
            )


def default_format(path: str | Path) -> Format | None:
    """The format that a file is read in where none is named, by its suffix; None for an unknown one.

    >>> default_format("p.jsonl.gz"), default_format("p.ndjson")
    ('pairs', None)
    """
    return _FORMAT_OF.get(uncompressed_suffix(path))


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


def _pairs(file: DataFile, problems: Problems) -> Iterator[ParallelPair]:
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

    yield from parsed(read_rows(file, problems), parse, problems)
    for name, (row, content) in first_other.items():
        if numbers[name] > others[name]:
            more = f", and so do {others[name] - 1:,} other lines" if others[name] > 1 else ""
            problems.add(
                f"{row}: {name!r} holds {content!r:.40}{more}, but a number in {numbers[name]:,}: write numbers, "
                "or null for none"
            )

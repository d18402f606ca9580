"""Instructions in the format of databricks-dolly-15k, as pairs of what is asked and its answer."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from equilingua.errors import InputError, Problems
from equilingua.languages import language_tag
from equilingua.pairs.json_lines import json_rows
from equilingua.pairs.pair import ParallelPair, parse_pair


def read_dolly(
    path: str | Path, *, language: str, problems: Problems, source: str | None = None
) -> Iterator[ParallelPair]:
    """The rows ``{instruction, context, response, category}`` of JSON lines, as ``dolly_pair`` maps them.

    Args:
        path: the file; .gz, .xz and .zst are decompressed.
        language: of rows that name none.
        problems: where what cannot be read is noted, one line a row.
        source: of the pairs; the file's name by default. A row without an id gets ``source/line``.
    """
    path = Path(path)
    source = source or path.name.split(".")[0]
    for where, row in json_rows(path, problems):
        try:
            yield dolly_pair(row, language=language, source=source, default_id=f"{source}/{where.rsplit(':', 1)[1]}")
        except InputError as error:
            problems.add(f"{where}: {error}")


def dolly_pair(row: Any, *, language: str, source: str, default_id: str | None = None) -> ParallelPair:
    """One row as a pair: the query is the instruction and, on a new line, its context; the passage is the response.

    Beyond Dolly's own columns a row may have ``id``, ``language`` and ``response_language`` (that of the row by
    default).

    Raises:
        InputError: with every problem of the row.

    Source: Conover et al. 2023, Free Dolly (databricks-dolly-15k); its category is not used.

    >>> row = {"instruction": "Name it.", "context": "An owl.", "response": "Owl"}
    >>> dolly_pair(row, language="en", source="d", default_id="d/1").queries["en"].splitlines()
    ['Name it.', 'An owl.']
    """
    if not isinstance(row, Mapping):
        raise InputError(f"a JSON object was expected, got {type(row).__name__}")
    texts = {name: row.get(name) for name in ("instruction", "context", "response")}
    texts["context"] = texts["context"] or ""
    names = {name: row.get(name) for name in ("language", "response_language")}
    wrong = [f"{name!r} must be a text, got {tag!r}" for name, tag in names.items() if not isinstance(tag, str | None)]
    wrong += [f"{name!r} must be a text, got {text!r}" for name, text in texts.items() if not isinstance(text, str)]
    if wrong:
        raise InputError("; ".join(wrong))
    instruction, context, response = (str(text).strip() for text in texts.values())
    asked = language_tag(names["language"] or language)
    answered = language_tag(names["response_language"] or asked)
    query = f"{instruction}\n{context}" if context else instruction
    value = {"id": row.get("id", default_id), "queries": {asked: query}, "passages": {answered: response}}
    return parse_pair(value, default_source=source)

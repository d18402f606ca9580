"""One JSON object of a pairs file, checked and turned into a record."""

import sys
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from equilingua.errors import InputError
from equilingua.languages import language_tag
from equilingua.pairs.pair import ParallelPair

PROVENANCES = ("native", "machine", "back-translated", "glossed")
RESERVED = {"id", "source", "queries", "passages", "texts", "negatives", "provenance"}


def parse_pair(value: Any, *, default_source: str) -> ParallelPair:
    """The record of one parsed line of a pairs file.

    Args:
        value: the parsed JSON value, or a Parquet row as a dictionary; a missing language may be absent or null.
        default_source: the source of a line that names none.

    Raises:
        InputError: with every problem of the line, separated by semicolons. Other columns with numbers are kept for
            selection, and must be finite; those with anything else are ignored, unless their name is nearly that of a
            known column.

    >>> parse_pair({"id": 1, "queries": {"EN": "Who?"}, "passages": {"en": "She."}, "fit": 0.5}, default_source="mine")
    ParallelPair(id='1', source='mine', queries={'en': 'Who?'}, passages={'en': 'She.'}, \
negatives={}, provenance={}, numbers={'fit': 0.5}, sentences=False)
    """
    if not isinstance(value, Mapping):
        raise InputError(f"a JSON object was expected, got {type(value).__name__}")
    problems = _misspelt(value)
    sentences = value.get("texts") is not None
    if sentences and (value.get("queries") is not None or value.get("passages") is not None):
        problems.append("give either 'texts' or 'queries' and 'passages', not both")
    queries = _texts(value, "texts" if sentences else "queries", problems)
    passages = queries if sentences else _texts(value, "passages", problems)
    pair = ParallelPair(
        id=_identity(value.get("id"), problems),
        source=_source(value.get("source", default_source), problems),
        queries=queries,
        passages=passages,
        negatives=_negatives(value.get("negatives"), problems),
        provenance=_provenance(value.get("provenance"), problems),
        numbers=_numbers(value, problems),
        sentences=sentences,
    )
    if sentences and len(queries) == 1:
        problems.append("'texts' holds one language only, so it is parallel to nothing")
    if problems:
        raise InputError("; ".join(problems))
    return pair


def _misspelt(value: Mapping[str, Any]) -> list[str]:
    """Columns that are neither known nor numbers, but nearly spelt like a known one: ignored, they would be missed."""
    others = (name for name, content in value.items() if name not in RESERVED and not isinstance(content, int | float))
    found = ((name, get_close_matches(name.lower(), RESERVED, n=1, cutoff=0.75)) for name in others)
    return [f"unknown column {name!r}: did you mean {close[0]!r}?" for name, close in found if close]


def _identity(value: Any, problems: list[str]) -> str:
    if isinstance(value, str) and value and encodes(value):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    problems.append(
        "'id' is missing" if value is None else f"'id' must be a non-empty text or an integer, got {value!r}"
    )
    return ""


def _source(value: Any, problems: list[str]) -> str:
    if isinstance(value, str) and value:
        return value
    problems.append(f"'source' must be a non-empty text, got {value!r}")
    return ""


def _languages(value: Any, field: str, problems: list[str]) -> dict[str, Any]:
    """The entries of a {language: ...} object under canonical tags; nulls left out."""
    if not isinstance(value, Mapping):
        problems.append(f"{field!r} must be an object {{language: ...}}, got {type(value).__name__}")
        return {}
    entries: dict[str, Any] = {}
    for name, content in value.items():
        if content is None:
            continue
        try:
            tag = language_tag(name)
        except InputError as error:
            problems.append(f"{field!r}: {error}")
            continue
        if tag in entries:
            problems.append(f"{field!r}: language {tag!r} stands twice (as {name!r} and in another spelling)")
        entries[tag] = content
    return entries


def _texts(value: Mapping[str, Any], field: str, problems: list[str]) -> dict[str, str]:
    if value.get(field) is None:
        problems.append(f"{field!r} is missing")
        return {}
    texts = _languages(value[field], field, problems)
    for tag, text in texts.items():
        if not isinstance(text, str):
            problems.append(f"{field!r}: the text in {tag!r} must be a string, got {type(text).__name__}")
        elif not text.strip():
            problems.append(f"{field!r}: empty text in {tag!r}")
        elif not encodes(text):
            problems.append(f"{field!r}: the text in {tag!r} holds half of a surrogate pair, which is no character")
    if not texts and not problems:
        problems.append(f"{field!r} holds no text")
    return texts


def whole_characters(text: str, what: str) -> str:
    """The text, if it holds characters alone.

    Raises:
        InputError: if it does not; ``what`` names it.
    """
    if not encodes(text):
        raise InputError(f"{what} holds half of a surrogate pair, which is no character")
    return text


def encodes(text: str) -> bool:
    """Whether a text holds characters alone: JSON may have half of a surrogate pair in it, which no file can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _negatives(value: Any, problems: list[str]) -> dict[str, tuple[str, ...]]:
    negatives = {} if value is None else _languages(value, "negatives", problems)
    for tag, texts in negatives.items():
        if not isinstance(texts, list) or not all(
            isinstance(text, str) and text.strip() and encodes(text) for text in texts
        ):
            problems.append(f"'negatives': {tag!r} must hold a list of non-empty texts")
            return {}
    return {tag: tuple(texts) for tag, texts in negatives.items()}


def _provenance(value: Any, problems: list[str]) -> dict[str, str]:
    provenance = {} if value is None else _languages(value, "provenance", problems)
    for tag, kind in provenance.items():
        if kind not in PROVENANCES:
            problems.append(f"'provenance' of {tag!r} is {kind!r}; allowed: {', '.join(PROVENANCES)}")
    return provenance


def _numbers(value: Mapping[str, Any], problems: list[str]) -> dict[str, float]:
    numbers = {}
    for name, number in value.items():
        if name in RESERVED or not isinstance(number, int | float) or isinstance(number, bool):
            continue
        # Not math.isfinite, which cannot be asked of integers beyond the floats.
        if abs(number) <= sys.float_info.max:
            numbers[name] = float(number)
        else:
            problems.append(f"{name!r} must be a finite number, or null for none, got {number!r:.40}")
    return numbers

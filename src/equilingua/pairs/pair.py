"""The record that everything starts from, one parallel pair, and how it is read from a line of a pairs file."""

import hashlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from equilingua.errors import InputError
from equilingua.languages import language_tag
from equilingua.rows import identity

PROVENANCES = ("native", "machine", "back-translated", "glossed")
RESERVED = {"id", "source", "queries", "passages", "texts", "negatives", "provenance"}


@dataclass(frozen=True, slots=True)
class ParallelPair:
    """A question and its passage, each written in one or more languages.

    Attributes:
        id: language-free identity; pairs with equal id are translations of one another, never each other's negatives.
        source: the data set it comes from; batches can weight sources.
        queries: query text per language (canonical BCP 47 tags).
        passages: passage text per language; its languages may differ from those of ``queries``.
        negatives: hard negatives per language, each a passage that does not answer the query.
        provenance: per language ``native``, ``machine``, ``back-translated`` or ``glossed`` (word by word); empty where
            not known.
        numbers: numeric columns to filter by, such as an alignment score.
        sentences: True for parallel sentences (one text per language serves as query and passage): such a pair is used
            only across languages, because a text is trivially its own answer.
        replaced_queries: of a copy, the queries of its original in whose place it has others, by language.
        replaced_passages: of a copy, the passages of its original in whose place it has others, by language.
    """

    id: str
    source: str
    queries: Mapping[str, str]
    passages: Mapping[str, str]
    negatives: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    provenance: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)
    sentences: bool = False
    replaced_queries: Mapping[str, str] = field(default_factory=dict, repr=False)
    replaced_passages: Mapping[str, str] = field(default_factory=dict, repr=False)


def integer_key(text: str | bytes) -> int:
    """A 63-bit key of a text or its UTF-8, equal on every machine; collisions are as likely as 2**-63.

    >>> integer_key("Who?") == integer_key("Who?"), integer_key("Who?") == integer_key("who?")
    (True, False)
    """
    utf8 = text.encode() if isinstance(text, str) else text
    return int.from_bytes(hashlib.blake2b(utf8, digest_size=8).digest(), "little") >> 1


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
    id_ = _identity(value.get("id"), problems)
    source = value.get("source", default_source)
    if not (isinstance(source, str) and source):
        problems.append(f"'source' must be a non-empty text, got {source!r}")
    negatives, provenance = _negatives(value, problems), _languages(value, "provenance", problems)
    for tag, kind in provenance.items():
        if kind not in PROVENANCES:
            problems.append(f"'provenance' of {tag!r} is {kind!r}; allowed: {', '.join(PROVENANCES)}")
    numbers = _numbers(value, problems)
    if sentences and len(queries) == 1:
        problems.append("'texts' holds one language only, so it is parallel to nothing")
    if problems:
        raise InputError("; ".join(problems))
    return ParallelPair(id_, source, queries, passages, negatives, provenance, numbers, sentences)


def _misspelt(value: Mapping[str, Any]) -> list[str]:
    """Columns that are neither known nor numbers, but nearly spelt like a known one: ignored, they would be missed."""
    others = (name for name, content in value.items() if name not in RESERVED and not isinstance(content, int | float))
    near = ((name, get_close_matches(name.lower(), RESERVED, n=1, cutoff=0.75)) for name in others)
    return [f"unknown column {name!r}: did you mean {close[0]!r}?" for name, close in near if close]


def _identity(value: Any, problems: list[str]) -> str:
    try:
        return identity(value, "'id'")
    except InputError as error:
        problems.append(str(error))
        return ""


def _languages(value: Mapping[str, Any], column: str, problems: list[str]) -> dict[str, Any]:
    """The entries of a column {language: ...} under canonical tags; nulls left out, nothing where it is absent."""
    content = value.get(column)
    if content is None:
        return {}
    if not isinstance(content, Mapping):
        problems.append(f"{column!r} must be an object {{language: ...}}, got {type(content).__name__}")
        return {}
    entries: dict[str, Any] = {}
    for name, entry in content.items():
        if entry is None:
            continue
        try:
            tag = language_tag(name)
        except InputError as error:
            problems.append(f"{column!r}: {error}")
            continue
        if tag in entries:
            problems.append(f"{column!r}: language {tag!r} stands twice (as {name!r} and in another spelling)")
        entries[tag] = entry
    return entries


def _texts(value: Mapping[str, Any], column: str, problems: list[str]) -> dict[str, str]:
    if value.get(column) is None:
        problems.append(f"{column!r} is missing")
        return {}
    texts = _languages(value, column, problems)
    for tag, text in texts.items():
        if not isinstance(text, str):
            problems.append(f"{column!r}: the text in {tag!r} must be a string, got {type(text).__name__}")
        elif not text.strip():
            problems.append(f"{column!r}: empty text in {tag!r}")
    # Where there are problems already, they may be why.
    if not texts and not problems:
        problems.append(f"{column!r} holds no text")
    return texts


def _negatives(value: Mapping[str, Any], problems: list[str]) -> dict[str, tuple[str, ...]]:
    negatives = _languages(value, "negatives", problems)
    for tag, texts in negatives.items():
        if not (isinstance(texts, list) and all(isinstance(t, str) and t.strip() for t in texts)):
            problems.append(f"'negatives': {tag!r} must hold a list of non-empty texts")
            return {}
    return {tag: tuple(texts) for tag, texts in negatives.items()}


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

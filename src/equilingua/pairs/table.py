"""Pairs of a table with ordinary columns: a row a pair and language, or a column for every language."""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from equilingua.columns import (
    IDS,
    ITEMS,
    LANGUAGES,
    NEGATIVES,
    PASSAGES,
    QUERIES,
    TRANSLATIONS,
    Columns,
    column_of,
    columns_of,
    no_column,
    several_columns,
    usual_form,
)
from equilingua.corpora.texts import titled
from equilingua.data_files import Row
from equilingua.errors import InputError, did_you_mean
from equilingua.file_language import told_language
from equilingua.languages import known_language
from equilingua.pairs.pair import RESERVED, ParallelPair, parse_pair

SENTENCES = "sentence1", "sentence2"

# Ends of ordinary columns' names (question_id, answer_no) that are languages' codes too.
_WORDS = frozenset({"am", "an", "as", "be", "ch", "he", "id", "is", "it", "lo", "my", "no", "nr", "or", "so", "to"})
_CSV = (".csv", ".tsv")


@dataclass(frozen=True, slots=True)
class PairColumns:
    """Which columns of a table hold what.

    Attributes:
        id: of a pair, which rows that are translations of one another share; None where pairs have no ids.
        queries: columns with a query's text, each with its language; None for the language of the row.
        passages: likewise. Where both are the same, they are parallel sentences.
        languages: columns that name the language of a row's query and passage.
        negatives: columns with passages that do not answer.
        notes: what was taken, where several columns could have been.
    """

    id: str | None
    queries: Mapping[str, str | None]
    passages: Mapping[str, str | None]
    languages: tuple[str | None, str | None]
    negatives: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def groups(self) -> bool:
        """Whether several rows may be one pair: rows with an id that each name their language."""
        return self.id is not None and self.languages != (None, None)

    @property
    def used(self) -> frozenset[str]:
        """Every column that is read."""
        named = (self.id, *self.queries, *self.passages, *self.languages, *self.negatives)
        return frozenset(name for name in named if name is not None)


class Flat(NamedTuple):
    """What one row says of a pair; of several right passages in one language, one is of a pair of its own."""

    row: Row
    id: str | int | None
    queries: dict[str, str]
    passages: dict[str, list[str]]
    negatives: dict[str, list[str]]
    numbers: dict[str, float]
    sentences: bool


def is_pairs_file(fields: Iterable[str]) -> bool:
    """Whether rows with such fields are those of a pairs file, with texts by language."""
    return not {"queries", "passages", "texts"}.isdisjoint(fields)


def pair_columns(fields: Sequence[str], columns: Columns) -> PairColumns:
    """The columns of a table with such fields, as given or by their usual names.

    Raises:
        InputError: if one is not there.
    """
    indonesian = _indonesian(fields)
    found = column_of([f for f in fields if f not in indonesian], columns.id, (*ITEMS, "pair_id", *IDS))
    if columns.id is not None and found is None:
        raise InputError(no_column(fields, columns.id, "id"))
    if columns.query is None and columns.passage is None and (sentences := _sentences(fields, found)):
        return PairColumns(found, sentences, sentences, (None, None))
    notes: list[str] = []
    left = [field for field in fields if field != found]
    queries = _texts(left, columns.query, QUERIES, "query", notes, indonesian)
    left = [field for field in left if field not in queries]
    passages = _texts(left, columns.passage, PASSAGES, "passage", notes, indonesian)
    if not queries and not passages and set(SENTENCES) <= set(fields):
        queries, passages = {SENTENCES[0]: None}, {SENTENCES[1]: None}
    if not queries or not passages:
        raise InputError(_told_absent(fields, queries, passages))
    own = tuple(_own_language(fields, side) for side in (queries, passages))
    shared = column_of(fields, columns.language, LANGUAGES)
    if columns.language is not None and shared is None:
        raise InputError(no_column(fields, columns.language, "language"))
    languages = own[0] or shared, own[1] or shared
    if None not in (*queries.values(), *passages.values()):
        languages = None, None
    negatives = tuple(field for field in left if field not in passages and _is_negative(field))
    return PairColumns(found, queries, passages, languages, negatives, tuple(notes))


def flat(row: Row, columns: PairColumns, language: str | None) -> Flat:
    """What a row says, where ``language`` is that of texts whose language it does not name; None if nobody knows.

    Raises:
        InputError: if its texts are no texts, or no language is known of one.
    """
    value = row.value
    if not isinstance(value, dict):
        raise InputError(f"a JSON object was expected, got {type(value).__name__}")
    of_query, of_passage = (_language(value, name, language) for name in columns.languages)
    queries = {tag: texts[0] for tag, texts in _side(value, columns.queries, of_query).items()}
    sentences = columns.queries is columns.passages
    passages = (
        {tag: [text] for tag, text in queries.items()} if sentences else _side(value, columns.passages, of_passage)
    )
    negatives: dict[str, list[str]] = {}
    for name in columns.negatives:
        if texts := _listed(value.get(name), name):
            negatives.setdefault(_known(of_passage or next(iter(passages), None)), []).extend(texts)
    # The cells of CSV and TSV are texts, of which those that are numbers are meant as such.
    convert = row.file.suffix in _CSV
    others = {name: cell for name, cell in value.items() if name not in columns.used and name not in RESERVED}
    numbers = {name: number for name, cell in others.items() if (number := _number(cell, convert)) is not None}
    id_ = None if columns.id is None else value.get(columns.id)
    return Flat(row, id_, queries, passages, negatives, numbers, sentences)


def grouped(rows: Iterable[Flat], *, by_id: bool) -> Iterator[Flat]:
    """The rows, those of one id joined, in the order of their first (``by_id``); else as they come.

    Of rows with one id and one language, each has a right passage of its own: the first of every language make one
    pair, the second another, with the same id.
    """
    if not by_id:
        yield from rows
        return
    joined: dict[Any, list[Flat]] = {}
    for one in rows:
        pairs = joined.setdefault(one.id if one.id is not None else (one.row.file, one.row.where), [])
        fits = (n for n, pair in enumerate(pairs) if one.passages.keys().isdisjoint(pair.passages))
        place = next(fits, None)
        if place is None:
            pairs.append(one)
            continue
        pair = pairs[place]
        pairs[place] = pair._replace(
            queries=one.queries | pair.queries,
            passages=pair.passages | one.passages,
            negatives=pair.negatives | one.negatives,
            numbers=one.numbers | pair.numbers,
        )
    for pairs in joined.values():
        yield from pairs


def pairs_of(one: Flat, *, source: str) -> list[ParallelPair]:
    """The pairs that a row, or several, make: one for every right passage.

    Raises:
        InputError: with every problem, as ``parse_pair``.
    """
    id_ = f"{source}/{one.row.where}" if one.id is None else one.id
    if one.sentences:
        return [parse_pair({**one.numbers, "id": id_, "texts": one.queries}, default_source=source)]
    pairs = []
    for number in range(max(map(len, one.passages.values()), default=1)):
        passages = {tag: texts[number] for tag, texts in one.passages.items() if number < len(texts)}
        value = {"id": id_, "queries": one.queries, "passages": passages, "negatives": one.negatives}
        pairs.append(parse_pair({**one.numbers, **value}, default_source=source))
    return [replace(pair, source=source) for pair in pairs]


def _indonesian(fields: Sequence[str]) -> set[str]:
    """Columns such as ``question_id`` that hold no ids: both sides have one, and none without a language."""
    forms = {usual_form(field): field for field in fields}
    sides = [{base for base in bases if f"{base}_id" in forms and base not in forms} for bases in (QUERIES, PASSAGES)]
    return {forms[f"{base}_id"] for side in sides for base in side} if all(sides) else set()


def _sentences(fields: Sequence[str], id_: str | None) -> dict[str, str | None]:
    """Columns that are named by languages, or one that has a text for each."""
    if mapped := column_of(fields, None, TRANSLATIONS):
        return {mapped: ""}
    named = {field: tag for field in fields if field != id_ and len(field) <= 8 and (tag := known_language(field))}
    others = columns_of(fields, None, (*QUERIES, *PASSAGES))
    return dict(named) if len(named) > 1 and not others else {}


def _texts(
    fields: Sequence[str],
    given: str | None,
    usual: Sequence[str],
    side: str,
    notes: list[str],
    indonesian: Collection[str],
) -> dict[str, str | None]:
    """The columns of one side: one for texts in any language, or one a language."""
    found = columns_of(fields, given, usual)
    if found:
        if given is None and len(found) > 1:
            notes.append(several_columns(found, side, side))
        return {found[0]: None}
    bases = usual if given is None else [usual_form(name) for name in given.split(",")]
    for base in bases:
        named = {field: tag for field in fields if (tag := _language_beside(usual_form(field), base))}
        sure = {field: tag for field, tag in named.items() if tag not in _WORDS or field in indonesian}
        if sure:
            return dict(named if len(sure) > 1 else sure)
    if given is not None:
        raise InputError(no_column(fields, given, side))
    return {}


def _language_beside(form: str, base: str) -> str | None:
    """The language that a column's name has beside what it holds: ``question_de``, ``de_question``."""
    rest = form.removeprefix(f"{base}_") if form.startswith(f"{base}_") else form.removesuffix(f"_{base}")
    rest = form.removeprefix(f"{base}.") if form.startswith(f"{base}.") else rest
    return known_language(rest) if rest != form and len(rest) <= 8 else None


def _own_language(fields: Sequence[str], texts: Mapping[str, str | None]) -> str | None:
    """The column that names the language of one side alone: ``query_language``, ``answer_lang``."""
    names = [usual_form(name) for name in texts]
    sides = ["query", "question"] if any(name in QUERIES for name in names) else ["passage", "document"]
    usual = [f"{side}_{name}" for side in (*names, *sides) for name in LANGUAGES]
    return column_of(fields, None, usual)


def _is_negative(field: str) -> bool:
    form = usual_form(field)
    return form in NEGATIVES or (form.rpartition("_")[0] in NEGATIVES and form.rpartition("_")[2].isdigit())


def _told_absent(fields: Sequence[str], queries: Mapping[str, object], passages: Mapping[str, object]) -> str:
    forms = {usual_form(field) for field in fields}
    what = None
    if not queries and "text" in forms:
        what = "passages or queries (rows of an id and a text)"
    if {"query_id", "corpus_id"} <= forms:
        what = "judgements (rows of query-id, corpus-id and score)"
    if what:
        return (
            f"seems to hold {what}, not pairs. Put corpus.jsonl, queries.jsonl and qrels.tsv in a folder and give the "
            "folder; or, with or without judgements, equilingua audit MODEL --corpus FILE --queries FILE"
        )
    if near := [name for name in ("queries", "passages", "texts") if _near(name, forms)]:
        return f"{near[0]!r} is missing; columns are {', '.join(fields)}"
    sides = [side for side, found in (("query", queries), ("passage", passages)) if not found]
    options = " and ".join(f"--{side}-column NAME" for side in sides)
    return (
        f"no column is known as the {' or the '.join(sides)}; columns are {', '.join(map(str, fields)) or 'none'}. Say "
        f"which ({options}), or write pairs: "
        '{"id": "1", "queries": {"en": "..."}, "passages": {"en": "..."}}'
    )


def _near(name: str, forms: Iterable[str]) -> bool:
    return "Did you mean" in did_you_mean(name, [form for form in forms if form not in QUERIES])


def _language(value: Mapping[str, Any], name: str | None, default: str | None) -> str | None:
    named = None if name is None else value.get(name)
    if named is None or (isinstance(named, str) and not named.strip()):
        return default
    if not isinstance(named, str):
        raise InputError(f"{name!r} must be a text, got {named!r:.40}")
    return told_language(named)


def _side(value: Mapping[str, Any], names: Mapping[str, str | None], language: str | None) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = {}
    for name, tag in names.items():
        content = value.get(name)
        if tag == "" and isinstance(content, Mapping):
            texts.update({told_language(key): [text] for key, text in content.items() if text})
        elif listed := _listed(content, name):
            texts[_known(tag or language)] = listed
    if not texts:
        raise InputError(f"no text in {' or '.join(map(repr, names))}")
    return texts


def _listed(content: Any, name: str) -> list[str]:
    """The texts of a cell: one, several, or passages with title and text; none where it is empty."""
    several = content if isinstance(content, list) else [content]
    texts = []
    for one in several:
        text = titled(one.get("title"), one.get("text") or "") if isinstance(one, Mapping) else one
        if text is None or (isinstance(text, str) and not text.strip()):
            continue
        if not isinstance(text, str):
            raise InputError(f"{name!r} must be a text, got {one!r:.40}")
        texts.append(text)
    return texts


def _known(language: str | None) -> str:
    if language is None:
        raise InputError(
            "the row names no language: say which column does (--language-column NAME), or the language of all "
            "(--language en; of a benchmark --languages en), or name the file en.*"
        )
    return language


def _number(cell: Any, convert: bool) -> float | None:
    """A number that a column holds; of texts only where they may be meant as one."""
    if isinstance(cell, str) and convert:
        try:
            cell = float(cell)
        except ValueError:
            return None
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return None
    return cell if not isinstance(cell, float) or math.isfinite(cell) else None

"""Which column of a table holds what: as the user says, or by the names that such columns usually have."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from equilingua.errors import did_you_mean

IDS = (
    "_id", "id", "docid", "doc_id", "document_id", "pid", "passage_id", "corpus_id", "qid", "query_id", "question_id",
    "did", "queryid", "passageid", "corpusid",
)  # fmt: skip
QUERIES = ("question", "query", "anchor", "query_text", "question_text")
PASSAGES = (
    "passage", "document", "context", "positive", "pos", "answer", "response", "text", "content", "contents", "body",
    "passage_text", "document_text", "positives", "positive_passages",
)  # fmt: skip
_TEXTS = (*QUERIES, *(name for name in PASSAGES if name != "text"))
QUERY_TEXTS = ("text", *_TEXTS)
PASSAGE_TEXTS = ("text", *_TEXTS[len(QUERIES) :], *QUERIES)
TITLES = ("title",)
LANGUAGES = ("language", "lang", "lang_code", "language_code", "locale")
JUDGED_QUERIES = ("query_id", "qid", "query", "topic", "topic_id", "question_id")
JUDGED_PASSAGES = ("corpus_id", "docid", "doc_id", "document_id", "pid", "passage_id", "passage", "document")
GRADES = ("score", "grade", "relevance", "rel", "label", "relevancy", "judgement", "judgment")

ITEMS = ("item", "item_id", "group", "group_id")
NEGATIVES = ("negative", "negatives", "neg", "hard_negative", "hard_negatives", "negative_passages")
TRANSLATIONS = ("translation", "translations")
NAMES = frozenset(
    (*IDS, *QUERY_TEXTS, *PASSAGES, *TITLES, *LANGUAGES, *JUDGED_QUERIES, *JUDGED_PASSAGES, *GRADES, *ITEMS, *NEGATIVES)
)
"""All usual names, in the form in which they are compared."""

_SEPARATORS = re.compile(r"[\s-]+")


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one's own tables, where their usual names do not tell.

    Each is a name, or several with commas between, of which the first that a file has is taken; None for the usual
    names.

    Attributes:
        id: of a text; of a pair, which rows that are translations of one another share.
        query: the text of a query.
        passage: the text of a passage.
        language: of a row.
        grade: of a judgement.
    """

    id: str | None = None
    query: str | None = None
    passage: str | None = None
    language: str | None = None
    grade: str | None = None

    def names(self) -> frozenset[str]:
        """Every column that was named."""
        given = (self.id, self.query, self.passage, self.language, self.grade)
        return frozenset(name for names in given if names is not None for name in split_columns(names))


USUAL = Columns()
"""Columns by their usual names."""


def column_of(fields: Sequence[str], given: str | None, usual: Sequence[str]) -> str | None:
    """The field that holds something: the first of the given names that is among them, else the first usual one.

    Usual names are told in any case of letters, and with ``-``, ``_`` or a space between words. None if there is none.

    >>> column_of(["Query ID", "score"], None, JUDGED_QUERIES), column_of(["q", "text"], "text,body", QUERY_TEXTS)
    ('Query ID', 'text')
    """
    return next(iter(columns_of(fields, given, usual)), None)


def columns_of(fields: Sequence[str], given: str | None, usual: Sequence[str]) -> list[str]:
    """All fields that could hold it, as ``column_of``; the first is the one that is taken."""
    if given is not None:
        return [name for name in split_columns(given) if name in fields]
    by_name: dict[str, str] = {}
    # A name as it is usually written goes before another spelling of it.
    for field in sorted(fields, key=lambda field: usual_form(field) != field):
        by_name.setdefault(usual_form(field), field)
    return [by_name[name] for name in usual if name in by_name]


def split_columns(given: str) -> list[str]:
    """The names in an option.

    >>> split_columns("docid, qid")
    ['docid', 'qid']
    """
    return [name.strip() for name in given.split(",") if name.strip()]


def usual_form(field: str) -> str:
    """A field's name as usual names are compared.

    >>> usual_form("Query-ID ")
    'query_id'
    """
    return _SEPARATORS.sub("_", field.strip().casefold())


def no_column(fields: Iterable[str], given: str, option: str) -> str:
    """What to tell where none of the given columns is there."""
    named = " or ".join(map(repr, split_columns(given)))
    return f"no column {named} (--{option}-column). {did_you_mean(split_columns(given)[0], fields)}"


def several_columns(found: Sequence[str], what: str, option: str) -> str:
    """What to tell where several columns have usual names of one thing, and the first is taken."""
    others = ", ".join(map(repr, found[1:]))
    return (
        f"column {found[0]!r} is taken as the {what}, though there is {others} too: --{option}-column NAME says which"
    )

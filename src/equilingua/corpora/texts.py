"""Queries or passages of one's own: rows with an id and a text, and with a language where it is known."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import Any, NamedTuple

from equilingua.columns import (
    IDS,
    LANGUAGES,
    PASSAGE_TEXTS,
    QUERY_TEXTS,
    TITLES,
    USUAL,
    Columns,
    column_of,
    columns_of,
    no_column,
    several_columns,
)
from equilingua.data_files import DataFile, Row, parsed
from equilingua.errors import EquilinguaWarning, InputError, Problems
from equilingua.file_language import told_language
from equilingua.languages import UNDETERMINED, language_tag
from equilingua.rows import identity, read_rows

# By the rows at a file's beginning it is told which columns it has.
_LOOKED_AT = 100


@dataclass(frozen=True, slots=True)
class LanguageTexts:
    """Queries or passages, each in a language that may not be known yet.

    Attributes:
        ids: unique.
        texts: one an id; a title, if there is one, stands before the text with a space between.
        languages: one an id: a canonical tag, or None.
        items: one an id: the same in rows that are translations of one another; the id itself where a row names none.
        file: where they were read, for messages.
    """

    ids: tuple[str, ...]
    texts: tuple[str, ...]
    languages: tuple[str | None, ...]
    items: tuple[str, ...]
    file: str = field(default="texts", compare=False)

    def with_language(self, language: str) -> "LanguageTexts":
        """The texts with this language where none is known."""
        tag = language_tag(language)
        return replace(self, languages=tuple(known or tag for known in self.languages))

    def positions(self) -> dict[str, list[int]]:
        """Rows of each language, in their order; raises ``InputError`` if a row has no language."""
        of_language: dict[str, list[int]] = {}
        for position, language in enumerate(self.languages):
            if language is None:
                raise self.unlabelled()
            of_language.setdefault(language, []).append(position)
        return of_language

    def unlabelled(self) -> InputError:
        """What to tell of rows that name no language, of which there is one at least."""
        missing, first = self.languages.count(None), self.ids[self.languages.index(None)]
        return InputError(
            f"{self.file}: {missing:,} of {len(self.ids):,} rows name no language, the first is {first!r}: add a field "
            f"'language' (BCP 47, such as 'en') to each, or say which column it is (--language-column); or, where all "
            "rows of corpus and queries are in one language, leave it out of all and pass that one (--languages en)"
        )


def read_texts(files: Sequence[DataFile], what: str, *, problems: Problems, columns: Columns = USUAL) -> LanguageTexts:
    """The queries or passages of files: rows with an id and a text, in columns that have their usual names or a given.

    A row may have ``title``, a language (BCP 47, or its English name) and ``item``, by which translations of one
    another are told. A text that is absent, null, empty or all spaces is none. A title alone is a text; a passage may
    have neither, as some of published benchmarks, and then is empty.

    Args:
        files: read one after the other, as ``read_rows`` reads them.
        what: a query or a passage, to be told where there is none.
        problems: collects one line a problem: file, line, what is wrong; one line a file where all its rows have the
            same: another format, other columns.
        columns: which columns hold what, where their names do not tell.
    """
    named, before = ", ".join(map(str, files)), problems.count
    ids, texts, languages, items = list[str](), list[str](), list[str | None](), list[str]()
    # Where an id stands, in one integer: a corpus may have tens of millions.
    places: dict[str, int] = {}
    for number, file in enumerate(files):
        reader = _Reader(file, what, columns)

        def parse(row: Row, reader: "_Reader" = reader, number: int = number) -> _Text:
            text = reader.text(row.value)
            place = int(row.where) * len(files) + number
            if (first := places.setdefault(text.id, place)) != place:
                line, of_file = divmod(first, len(files))
                raise InputError(f"id {text.id!r} stands twice, first at {Row(files[of_file], line)}")
            return text

        for text in parsed(reader.rows(), parse, reader.problems):
            ids.append(text.id)
            texts.append(text.text)
            languages.append(text.language)
            items.append(text.item)
        reader.tell(problems)
    if not ids and problems.count == before:
        problems.add(f"{named}: no {what}")
    return LanguageTexts(tuple(ids), tuple(texts), tuple(languages), tuple(items), named)


def titled(title: str | None, text: str) -> str:
    """Title and text with a space between, as BEIR and MIRACL are encoded.

    >>> titled("Owls", "They fly."), titled(None, "They fly.")
    ('Owls They fly.', 'They fly.')
    """
    return f"{title} {text}".strip() if title else text


class _Text(NamedTuple):
    """One row; its item is its id where it names none."""

    id: str
    text: str
    language: str | None
    item: str


class _Reader:
    """The rows of one file, by its columns, and what is wrong with some of them, or with all."""

    def __init__(self, file: DataFile, what: str, columns: Columns) -> None:
        self.problems = Problems(str(file))
        self._file = file
        self._what = what
        self._option = "passage" if what == "passage" else "query"
        self._given = {
            "id": columns.id,
            "text": columns.passage if what == "passage" else columns.query,
            "language": columns.language,
        }
        self._named = columns.names()
        self._fields: dict[str, None] = {}
        self._id = self._text = self._title = self._language = ""
        self._is_read = False

    def rows(self) -> Iterator[Row]:
        rows = read_rows(self._file, self.problems, named=self._named)
        first = list(islice(rows, _LOOKED_AT))
        self._find(first)
        for row in chain(first, rows):
            self._is_read = True
            if isinstance(row.value, dict):
                self._fields.update(dict.fromkeys(row.value))
            yield row

    def _find(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if isinstance(row.value, dict):
                self._fields.update(dict.fromkeys(row.value))
        fields = list(self._fields)
        usual = PASSAGE_TEXTS if self._what == "passage" else QUERY_TEXTS
        texts = columns_of(fields, self._given["text"], usual)
        # A column that the first rows do not have, later ones may, under the name that it should have.
        self._text = next(iter(texts), self._given["text"] or "text")
        self._title = column_of(fields, None, TITLES) or "title"
        self._id = column_of(fields, self._given["id"], IDS) or self._given["id"] or "id"
        self._language = column_of(fields, self._given["language"], LANGUAGES) or self._given["language"] or "language"
        if len(texts) > 1 and self._given["text"] is None:
            told = several_columns(texts, self._what, self._option)
            warnings.warn(f"{self._file}: {told}", EquilinguaWarning, stacklevel=2)

    def text(self, value: Any) -> _Text:
        if not isinstance(value, dict):
            raise InputError(f"a JSON object was expected, got {type(value).__name__}")
        id_ = identity(value.get(self._id), "'id'")
        text, title = (_content(value, name, id_) for name in (self._text, self._title))
        whole = titled(title, text)
        if self._what == "query" and not whole:
            raise InputError(f"{id_!r} has neither text nor title")
        item = value.get("item")
        language = _language(value.get(self._language), self._language, id_)
        return _Text(id_, whole, language, id_ if item is None else identity(item, f"'item' of {id_!r}"))

    def tell(self, problems: Problems) -> None:
        """Note them: one line where all rows have the same."""
        absent = [
            *(["id"] if self._id not in self._fields else []),
            *(["text"] if self._fields.keys().isdisjoint((self._text, self._title)) else []),
            *(["language"] if self._given["language"] is not None and self._language not in self._fields else []),
        ]
        if self.problems.count and not self._is_read:
            problems.add(
                f"{self.problems.shown[0]}; no line can be read. Corpus and queries are JSON lines (.jsonl), CSV, TSV "
                "or Parquet with id and text, or id<TAB>text (.tsv), plain or .gz, .xz, .zst"
            )
        elif self._fields and absent:
            problems.add(f"{self._file}: {self._told_absent(absent)}")
        elif self.problems.count:
            problems.extend(self.problems.shown, count=self.problems.count)

    def _told_absent(self, absent: Sequence[str]) -> str:
        for what in absent:
            if (given := self._given[what]) is not None:
                return no_column(self._fields, given, self._option if what == "text" else what)
        options = " and ".join(f"--{self._option if what == 'text' else what}-column" for what in absent)
        return (
            f"no row has {' or '.join(map(repr, absent))}; columns are {', '.join(self._fields)}. Say which are "
            f"({options} NAME), or call them id, text"
        )


def _content(value: Mapping[str, Any], name: str, id_: str) -> str:
    """A text of a row; empty where it is absent, null or all spaces."""
    content = value.get(name)
    if not isinstance(content, str | None):
        raise InputError(f"{name!r} of {id_!r} must be a text")
    return content if content and content.strip() else ""


def _language(language: Any, name: str, id_: str) -> str | None:
    if not isinstance(language, str | None):
        raise InputError(f"{name!r} of {id_!r} must be a text, got {language!r}")
    tag = told_language(language) if language and language.strip() else UNDETERMINED
    return None if tag == UNDETERMINED else tag

"""Queries or passages of one's own: rows with an id and a text, and with a language where it is known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from equilingua.data_files import DataFile, Row, parsed
from equilingua.errors import InputError, Problems
from equilingua.languages import UNDETERMINED, language_tag
from equilingua.rows import identity, read_rows

ID_FIELDS = ("_id", "id", "docid")
TEXT_FIELDS = ("text", "title")
# What others call ``language``, in any case of letters.
_LANGUAGE_FIELDS = ("lang", "lang_code", "language", "language_code", "locale")


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
        needed = " (.tsv has none: write .jsonl)" if ".tsv" in self.file else ""
        return InputError(
            f"{self.file}: {missing:,} of {len(self.ids):,} rows name no language, the first is {first!r}: add a field "
            f"'language' (BCP 47, such as 'en') to each{needed}; or, where all rows of corpus and queries are in one "
            "language, leave it out of all and pass that one (--languages en)"
        )


def read_texts(
    files: Sequence[DataFile], what: str, *, problems: Problems, allow_empty: bool = False, labelled: bool = False
) -> LanguageTexts:
    """The queries or passages of files: rows with an id (``id``, ``_id`` or ``docid``) and ``text``.

    A row may have ``title``, ``language`` (BCP 47) and ``item``, by which translations of one another are told.

    Args:
        files: read one after the other, as ``read_rows`` reads them.
        what: a query or a passage, to be told where there is none.
        problems: collects one line a problem: file, line, what is wrong; one line a file where all its rows have the
            same: another format, other columns.
        allow_empty: whether a row may have neither text nor title, as some passages of published benchmarks.
        labelled: whether the languages of the rows matter: then a file that names them under another name, ``lang``
            say, and under ``language`` in no row, is a problem.
    """
    named, before = ", ".join(map(str, files)), problems.count
    ids, texts, languages, items = list[str](), list[str](), list[str | None](), list[str]()
    # Where an id stands, in one integer: a corpus may have tens of millions.
    places: dict[str, int] = {}
    for number, file in enumerate(files):
        reader = _Reader(file)

        def parse(row: Row, number: int = number) -> _Text:
            text = _text(row.value, allow_empty=allow_empty)
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
        reader.tell(problems, labelled=labelled)
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
    """The rows of one file, and what is wrong with some of them, or with all."""

    def __init__(self, file: DataFile) -> None:
        self.problems = Problems(str(file))
        self._file = file
        self._columns: dict[str, None] = {}
        self._count = 0

    def rows(self) -> Iterator[Row]:
        for row in read_rows(self._file, self.problems):
            self._count += 1
            if isinstance(row.value, dict):
                self._columns.update(dict.fromkeys(row.value))
            yield row

    def tell(self, problems: Problems, *, labelled: bool) -> None:
        """Note them: one line where all rows have the same."""
        expected = {"id": ID_FIELDS, "text": TEXT_FIELDS}
        absent = [name for name, allowed in expected.items() if self._columns.keys().isdisjoint(allowed)]
        if self.problems.count and not self._count:
            problems.add(
                f"{self.problems.shown[0]}; no line can be read. Corpus and queries are JSON lines (.jsonl) with id "
                "and text, or id<TAB>text (.tsv), plain or .gz, .xz, .zst"
            )
        elif self._columns and absent:
            named = " or ".join(map(repr, absent))
            problems.add(f"{self._file}: no row has {named}; columns are {', '.join(self._columns)}; expected id, text")
        else:
            problems.extend(self.problems.shown, count=self.problems.count)
        near = [name for name in self._columns if name.lower() in _LANGUAGE_FIELDS]
        if labelled and near and "language" not in near:
            problems.add(f"{self._file}: rows have {near[0]!r} but no 'language': name it 'language'")


def _text(value: Any, *, allow_empty: bool) -> _Text:
    if not isinstance(value, dict):
        raise InputError(f"a JSON object was expected, got {type(value).__name__}")
    id_ = identity(next((value[name] for name in ID_FIELDS if value.get(name) is not None), None), "'id'")
    text, title = value.get("text"), value.get("title")
    for name, content in (("text", "" if text is None and title else text), ("title", title or "")):
        if not isinstance(content, str):
            raise InputError(f"{name!r} of {id_!r} " + ("is missing" if content is None else "must be a text"))
    whole = titled(title, text or "")
    if not allow_empty and not whole.strip():
        raise InputError(f"{id_!r} has neither text nor title")
    item = value.get("item")
    return _Text(id_, whole, _language(value, id_), id_ if item is None else identity(item, f"'item' of {id_!r}"))


def _language(value: dict[str, Any], id_: str) -> str | None:
    language = value.get("language")
    if language is not None and not isinstance(language, str):
        raise InputError(f"'language' of {id_!r} must be a text, got {language!r}")
    tag = UNDETERMINED if language is None else language_tag(language)
    return None if tag == UNDETERMINED else tag

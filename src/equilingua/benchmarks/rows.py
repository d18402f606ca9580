"""Queries and passages as rows of JSON lines or tab-separated lines, and judgements of them."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from equilingua.benchmarks.text_files import TextFile, damaged
from equilingua.errors import InputError, Problems
from equilingua.languages import UNDETERMINED, language_tag
from equilingua.pairs.pair import whole_characters

ID_FIELDS = ("_id", "id", "docid")
TEXT_FIELDS = ("text", "title")
# What others call ``language``, in any case of letters.
_LANGUAGE_FIELDS = ("lang", "lang_code", "language", "language_code", "locale")

_ID_HEADING = re.compile(r"_?id|(doc|query|passage|corpus|[dpq])[_-]?id", flags=re.IGNORECASE)


@dataclass(slots=True)
class Rows:
    """Texts in the order of their files, as columns.

    Attributes:
        ids: unique.
        texts: a title, if there is one, stands before its text with a space between.
        languages: canonical tags; None where a row names none.
        items: what a row is a translation of; None where it names nothing.
        clean: whether every row of the files could be read.
    """

    ids: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    languages: list[str | None] = field(default_factory=list)
    items: list[str | None] = field(default_factory=list)
    clean: bool = True


@dataclass(frozen=True, slots=True)
class Judgement:
    """One line of qrels, and where it stands."""

    query: str
    passage: str
    grade: int
    place: str


def read_rows(
    files: Sequence[TextFile], *, problems: Problems, allow_empty: bool = False, labelled: bool = False
) -> Rows:
    """The rows of files: JSON lines, or ``id<TAB>text`` where the name ends in .tsv.

    A JSON row has an id (``id``, ``_id`` or ``docid``) and ``text``; it may have ``title``, ``language`` (BCP 47) and
    ``item``, by which translations of one another are told. A heading of tab-separated lines (``id<TAB>text``) is
    passed over.

    Args:
        files: read one after the other.
        problems: collects one line a problem: file, line, what is wrong; one line a file where all its rows have the
            same: another format, other columns.
        allow_empty: whether a row may have neither text nor title, as some passages of published benchmarks.
        labelled: whether the languages of the rows matter: then a file that names them under another name, ``lang``
            say, and under ``language`` in no row, is a problem.
    """
    rows, before = Rows(), problems.count
    seen: dict[str, int] = {}
    for place, file in enumerate(files):
        found = _FileProblems(file)
        parse = _tabbed if file.suffix == ".tsv" else json.loads
        for number, line in numbered_lines(file, found.of_rows):
            if parse is _tabbed and number == 1 and _is_heading(line):
                continue
            try:
                value = found.parsed(parse, line)
                id_, text, language, item = _parsed(value, allow_empty=allow_empty)
                if id_ in seen:
                    first, of_file = divmod(seen[id_], len(files))
                    raise InputError(f"id {id_!r} stands twice, first at {files[of_file]}:{first}")
            except InputError as error:
                found.of_rows.add(f"{file}:{number}: {error}")
                continue
            seen[id_] = number * len(files) + place
            rows.ids.append(id_)
            rows.texts.append(text)
            rows.languages.append(language)
            rows.items.append(item)
        found.tell(problems)
        if labelled:
            found.tell_misnamed_language(problems)
    rows.clean = problems.count == before
    return rows


class _FileProblems:
    """The problems of one file's rows, or what is wrong with all of them.

    Args:
        file: that is read.
    """

    def __init__(self, file: TextFile) -> None:
        self.of_rows = Problems(str(file))
        self._file = file
        self._columns: dict[str, None] = {}
        self._readable = False
        self._unreadable = ""

    def parsed(self, parse: Callable[[str], Any], line: str) -> Any:
        """What a line says.

        Raises:
            InputError: if it is not written in the file's format.
        """
        try:
            value = parse(line)
        except json.JSONDecodeError as error:
            told = f"broken JSON at character {error.pos}: {error.msg}"
            self._unreadable = self._unreadable or told
            raise InputError(told) from error
        except InputError as error:
            self._unreadable = self._unreadable or str(error)
            raise
        self._readable = True
        if isinstance(value, dict):
            self._columns.update(dict.fromkeys(value))
        return value

    def tell(self, problems: Problems) -> None:
        """Note them: one line where all rows have the same."""
        expected = {"id": ID_FIELDS, "text": TEXT_FIELDS}
        absent = [name for name, allowed in expected.items() if self._columns.keys().isdisjoint(allowed)]
        if self._unreadable and not self._readable:
            problems.add(
                f"{self._file}: no line can be read ({self._unreadable}). Corpus and queries are JSON lines (.jsonl) "
                "with id and text, or id<TAB>text (.tsv), plain or .gz, .xz, .zst"
            )
        elif self._columns and absent:
            named = " or ".join(map(repr, absent))
            problems.add(f"{self._file}: no row has {named}; columns are {', '.join(self._columns)}; expected id, text")
        else:
            problems.extend(self.of_rows.shown, count=self.of_rows.count)

    def tell_misnamed_language(self, problems: Problems) -> None:
        """Note a column that holds languages under another name, where no row has ``language``."""
        near = [name for name in self._columns if name.lower() in _LANGUAGE_FIELDS]
        if near and "language" not in near:
            problems.add(f"{self._file}: rows have {near[0]!r} but no 'language': name it 'language'")


def _is_heading(line: str) -> bool:
    """Whether a tab-separated line names columns: no text, and no id that anyone gives."""
    return _ID_HEADING.fullmatch(line.partition("\t")[0].strip()) is not None


def read_judgements(file: TextFile, *, problems: Problems) -> Iterator[Judgement]:
    """The judgements of a file.

    JSON lines with ``query-id``, ``corpus-id`` and ``score``, or lines of three columns in that order (with or without
    a heading, as BEIR has them) or of TREC's four: query, 0, passage, grade.
    """
    for number, line in numbered_lines(file, problems):
        place = f"{file}:{number}"
        try:
            if line.lstrip().startswith("{"):
                value = json.loads(line)
                columns = [value.get(name) for name in ("query-id", "corpus-id", "score")]
            else:
                columns = line.rstrip("\r\n").split("\t") if "\t" in line else line.split()
                if number == 1 and columns and columns[-1] == "score":
                    continue
                columns = [columns[0], *columns[2:]] if len(columns) == 4 else columns
            yield _judgement(columns, place)
        except json.JSONDecodeError as error:
            problems.add(f"{place}: broken JSON at character {error.pos}: {error.msg}")
        except InputError as error:
            problems.add(f"{place}: {error}")


def numbered_lines(file: TextFile, problems: Problems) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, from 1; where a file is damaged, that is noted and ends it."""
    number = 0
    try:
        with file.open() as lines:
            for number, line in enumerate(lines, start=1):
                if not line.isspace():
                    yield number, line
    except damaged() as error:
        problems.add(f"{file}:{number + 1}: cannot be read further: {error}")


def identity(value: Any, what: str) -> str:
    """An id as text.

    Raises:
        InputError: if it is neither a non-empty text of whole characters nor an integer.
    """
    if isinstance(value, str) and value:
        return whole_characters(value, what)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise InputError(f"{what} is missing" if value is None else f"{what} must be a text or an integer, got {value!r}")


def titled(title: str | None, text: str) -> str:
    """Title and text with a space between, as BEIR and MIRACL are encoded.

    >>> titled("Owls", "They fly."), titled(None, "They fly.")
    ('Owls They fly.', 'They fly.')
    """
    return f"{title} {text}".strip() if title else text


def _tabbed(line: str) -> dict[str, str]:
    columns = line.rstrip("\r\n").split("\t")
    if len(columns) != 2:
        raise InputError(f"2 columns (id, text) were expected, got {len(columns)}")
    return {"id": columns[0], "text": columns[1]}


def _parsed(value: Any, *, allow_empty: bool) -> tuple[str, str, str | None, str | None]:
    if not isinstance(value, dict):
        raise InputError(f"a JSON object was expected, got {type(value).__name__}")
    id_ = identity(next((value[name] for name in ID_FIELDS if value.get(name) is not None), None), "'id'")
    text, title = value.get("text"), value.get("title")
    for name, content in (("text", "" if text is None and title else text), ("title", title or "")):
        if not isinstance(content, str):
            raise InputError(f"{name!r} of {id_!r} " + ("is missing" if content is None else "must be a text"))
    whole = whole_characters(titled(title, text or ""), f"the text of {id_!r}")
    if not allow_empty and not whole.strip():
        raise InputError(f"{id_!r} has neither text nor title")
    language, item = value.get("language"), value.get("item")
    if language is not None:
        if not isinstance(language, str):
            raise InputError(f"'language' of {id_!r} must be a text, got {language!r}")
        tag = language_tag(language)
        language = None if tag == UNDETERMINED else tag
    return id_, whole, language, None if item is None else identity(item, f"'item' of {id_!r}")


def _judgement(columns: Sequence[Any], place: str) -> Judgement:
    if len(columns) != 3:
        raise InputError(f"3 columns (query, passage, score) or TREC's 4 were expected, got {len(columns)}")
    query, passage, score = columns
    try:
        grade = float(score)
    except (TypeError, ValueError) as error:
        raise InputError(f"the score must be a whole number, got {score!r}") from error
    if not grade.is_integer():
        raise InputError(f"the score must be a whole number, got {score!r}")
    return Judgement(identity(query, "the query id"), identity(passage, "the passage id"), int(grade), place)

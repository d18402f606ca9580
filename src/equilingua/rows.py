"""Rows of JSON lines, tab-separated lines and Parquet, and whole JSON documents, each with its place in the file.

A file lies on disk or inside a zip archive, which is read in place. Whatever reads rows notes what is wrong with one
through ``parsed``, so that it is told in one way: file, place, problem.
"""

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, NamedTuple, TypeVar

from equilingua.errors import InputError, Problems
from equilingua.files import COMPRESSIONS, content_hash, decompressed, existing_file, uncompressed_suffix, unreadable

Placed = TypeVar("Placed")
Parsed = TypeVar("Parsed")

# No text, and no id that anyone gives: the name of a column.
_ID_HEADING = re.compile(r"_?id|(doc|query|passage|corpus|[dpq])[_-]?id", flags=re.IGNORECASE)
# What code raises that looks for fields where the data have another shape.
_MISSHAPEN = (LookupError, TypeError, AttributeError, ValueError, ArithmeticError, RecursionError)


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file with data; of one inside an archive, the archive's path, and as ``member`` its name there."""

    path: Path
    member: str | None = None

    def __str__(self) -> str:
        """As problems name it."""
        return str(self.path) if self.member is None else f"{self.path}:{self.member}"

    @property
    def name(self) -> str:
        """Its own name, without folders."""
        return self.path.name if self.member is None else PurePosixPath(self.member).name

    @property
    def stem(self) -> str:
        """Its name up to the first dot."""
        return self.name.split(".")[0]

    @property
    def suffix(self) -> str:
        """The suffix that tells the format, compression left aside."""
        return uncompressed_suffix(self.name)

    def open(self) -> IO[bytes]:
        """The file's bytes, decompressed as its suffix says (.gz, .xz, .zst)."""
        suffix = PurePosixPath(self.name).suffix
        if self.member is None:
            return decompressed(existing_file(self.path), suffix)
        with zipfile.ZipFile(self.path) as archive:
            # A member stays readable after its archive is closed: zipfile counts who still reads.
            return decompressed(archive.open(self.member), suffix)

    def document(self) -> Any:
        """What a JSON document holds; raises ``InputError`` if it is no JSON, or cannot be read."""
        try:
            with self.open() as opened:
                return json.loads(opened.read())
        except json.JSONDecodeError as error:
            raise InputError(f"{self}:{error.lineno}: broken JSON: {error.msg}") from error
        except unreadable() as error:
            raise InputError(f"{self}: cannot be read: {error}") from error

    def lines(self, problems: Problems) -> Iterator["Row"]:
        """The lines of UTF-8 text that are not blank, without the byte order mark that Windows editors write first.

        Where the file is cut off, damaged, encrypted or of another encoding, that is noted and ends it.
        """
        number = 0
        try:
            with io.TextIOWrapper(self.open(), encoding="utf-8-sig") as lines:
                for number, line in enumerate(lines, start=1):
                    if not line.isspace():
                        yield Row(self, number, line)
        except unreadable() as error:
            problems.add(f"{Row(self, number + 1)}: cannot be read further: {error}")


class Row(NamedTuple):
    """What stands at one place of a file; as text, the place.

    Attributes:
        file: that it was read from.
        where: the number of its line, or of its row in Parquet, from 1; in a JSON document the way to it.
        value: a text, or what JSON or Parquet make of it.
    """

    file: DataFile
    where: int | str
    value: Any = None

    def __str__(self) -> str:
        """As problems name its place."""
        return f"{self.file}: row {self.where}" if self.file.suffix == ".parquet" else f"{self.file}:{self.where}"


def data_file(path: str | Path) -> DataFile:
    """A file on disk; raises ``InputError`` if it is missing or a folder."""
    return DataFile(existing_file(Path(path).expanduser()))


def read_rows(file: DataFile, problems: Problems) -> Iterator[Row]:
    """The rows of a file: of Parquet (.parquet), ``id<TAB>text`` (.tsv), else of JSON lines.

    A heading of tab-separated lines is passed over. A row of Parquet has no key where it has no value. Rows that are
    not in the file's format are noted in ``problems``, and left out.

    Raises:
        InputError: if the file is missing, or no Parquet though named so.
    """
    if file.suffix == ".parquet":
        return _parquet(file, problems)
    lines = file.lines(problems)
    return parsed(lines, _two_columns, problems) if file.suffix == ".tsv" else parsed(lines, json_row, problems)


def parsed(
    rows: Iterable[Placed], parse: Callable[[Placed], Parsed | None], problems: Problems, *, expected: str | None = None
) -> Iterator[Parsed]:
    """What a function makes of each row; where it makes None, or refuses the row, nothing.

    Args:
        rows: rows, or other records that are their place as text.
        parse: raises InputError for what it refuses.
        problems: where that is noted, with its place.
        expected: what a row should be, to be told where ``parse`` meets another shape. Where it is not given, any
            error but InputError is taken for a mistake in ``parse``.
    """
    for row in rows:
        try:
            value = parse(row)
        except InputError as error:
            problems.add(str(error), place=row)
        except _MISSHAPEN as error:
            if expected is None:
                raise
            problems.add(f"{expected}: {type(error).__name__} {error}", place=row)
        else:
            if value is not None:
                yield value


def files_below(path: str | Path) -> dict[str, DataFile]:
    """The files of a folder or zip archive, by their path in it.

    An archive's single top folder is left away, and so is ``__MACOSX``, where macOS keeps the files' attributes.

    Raises:
        InputError: if there is neither, the archive is damaged, or a member would lie outside it.
    """
    path = Path(path).expanduser()
    if path.is_dir():
        below = sorted(file for file in path.rglob("*") if file.is_file())
        return {file.relative_to(path).as_posix(): DataFile(file) for file in below}
    if existing_file(path).suffix != ".zip":
        raise InputError(f"{path}: a folder or a .zip archive was expected")
    try:
        with zipfile.ZipFile(path) as archive:
            members = [name for name in archive.namelist() if _is_published(name)]
    except zipfile.BadZipFile as error:
        raise InputError(f"{path}: no readable zip archive: {error}") from error
    if outside := next(filter(_leaves, members), None):
        raise InputError(f"{path}: member {outside!r} would lie outside the archive's folder: it is not read")
    tops = {PurePosixPath(name).parts[0] for name in members}
    shared = f"{tops.pop()}/" if len(tops) == 1 and all("/" in name for name in members) else ""
    return {name.removeprefix(shared): DataFile(path, name) for name in members}


def named_file(files: Mapping[str, DataFile], *names: str) -> DataFile | None:
    """The first of these names that there is, in any compression; None if there is none."""
    written = (name + suffix for name in names for suffix in ("", *COMPRESSIONS))
    return next((files[name] for name in written if name in files), None)


def hashes_of(files: Iterable[DataFile]) -> dict[str, str]:
    """SHA-256 of the files (of the archive, for members), by name; with its folder's where two are named alike."""
    paths = dict.fromkeys(file.path for file in files)
    names = [path.name for path in paths]
    return {
        (path.name if names.count(path.name) == 1 else f"{path.parent.name}/{path.name}"): content_hash(path)
        for path in paths
    }


def identity(value: Any, what: str) -> str:
    """An id as text; raises ``InputError`` if it is neither a non-empty text of whole characters nor an integer."""
    if isinstance(value, str) and value:
        return whole_characters(value, what)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise InputError(
        f"{what} is missing" if value is None else f"{what} must be a non-empty text or an integer, got {value!r}"
    )


def whole_characters(text: str, what: str) -> str:
    """The text, if it holds characters alone; else raises ``InputError``, where ``what`` names it.

    JSON may have half of a surrogate pair in it, which no file can hold.
    """
    if not encodes(text):
        raise InputError(f"{what} holds half of a surrogate pair, which is no character")
    return text


def encodes(text: str) -> bool:
    """Whether a text holds characters alone, as ``whole_characters`` asks."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def json_row(line: Row) -> Row:
    """What a line of JSON holds; raises ``InputError`` if it is none."""
    try:
        return Row(line.file, line.where, json.loads(line.value))
    except json.JSONDecodeError as error:
        raise InputError(f"broken JSON at character {error.pos}: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        # Python reads no integer of more than 4,300 digits, and no lists inside one another without end.
        raise InputError(f"JSON that cannot be read: {error}") from error


def _two_columns(line: Row) -> Row | None:
    columns = line.value.rstrip("\r\n").split("\t")
    if line.where == 1 and _ID_HEADING.fullmatch(columns[0].strip()):
        return None
    if len(columns) != 2:
        raise InputError(f"2 columns (id, text) were expected, got {len(columns)}")
    return Row(line.file, line.where, dict(zip(("id", "text"), columns, strict=True)))


def _parquet(file: DataFile, problems: Problems) -> Iterator[Row]:
    """Read from disk only: no archive that is known holds any."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if file.path.suffix in COMPRESSIONS:
        raise InputError(f"{file}: Parquet compresses by itself; unpack it first")
    try:
        table = pq.ParquetFile(file.path)
    except pa.ArrowInvalid as error:
        raise InputError(f"{file}: not a Parquet file: {error}") from error
    number = 0
    try:
        for batch in table.iter_batches(batch_size=4096):
            for row in batch.to_pylist(maps_as_pydicts="strict"):
                number += 1
                # A column has a value in every row of Parquet; null there is what a missing key is in JSON.
                yield Row(file, number, {name: value for name, value in row.items() if value is not None})
    except (pa.ArrowException, OSError) as error:
        problems.add(f"{Row(file, number + 1)}: cannot be read further: {error}")


def _is_published(name: str) -> bool:
    """Whether an archive's member is a file of its publisher; the name of its top folder itself is ``.``."""
    return bool(PurePosixPath(name).parts) and not name.endswith("/") and not name.startswith("__MACOSX/")


def _leaves(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/"))
    return parts.is_absolute() or ".." in parts.parts or any(":" in top for top in parts.parts[:1])

"""A file with data, on disk or inside a zip archive, and what stands at a place in it."""

import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, NamedTuple, TypeVar

from equilingua.compression import check_ratio, decompressed, uncompressed_suffix
from equilingua.errors import InputError, Problems, foreign_errors
from equilingua.files import existing_file

Placed = TypeVar("Placed")
Parsed = TypeVar("Parsed")


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

    @property
    def compression(self) -> str:
        """The last suffix, which may be one of ``COMPRESSIONS``."""
        return PurePosixPath(self.name).suffix

    def open(self) -> IO[bytes]:
        """The file's bytes, decompressed as its suffix says; best read inside ``foreign_errors``."""
        return decompressed(self.stored(), self.compression)

    def stored(self) -> IO[bytes]:
        """The file's bytes as they are; of an archive's member, as it was before it was archived."""
        if self.member is None:
            return existing_file(self.path).open("rb")
        with zipfile.ZipFile(self.path) as archive:
            about = archive.getinfo(self.member)
            check_ratio(about.file_size, about.compress_size)
            # A member stays readable after its archive is closed: zipfile counts who still reads.
            return archive.open(about)


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
        return (
            f"{self.file}: row {self.where}"
            if self.file.suffix in (".parquet", ".arrow")
            else f"{self.file}:{self.where}"
        )


def data_file(path: str | Path) -> DataFile:
    """A file on disk; raises ``InputError`` if it is missing or a folder."""
    return DataFile(existing_file(Path(path).expanduser()))


def parsed(
    rows: Iterable[Placed],
    parse: Callable[[Placed], Parsed | None],
    problems: Problems,
    *,
    expected: str = "not in the form that is read here",
) -> Iterator[Parsed]:
    """What a function makes of each row; where it makes None, or refuses the row, nothing.

    Args:
        rows: rows, or other records that are their place as text.
        parse: raises InputError for what it refuses. Any other error is taken for a row of another shape than it looks
            for, and refuses it too.
        problems: where that is noted, with its place.
        expected: what a row should be, to be told of one that has another shape.
    """
    for row in rows:
        try:
            with foreign_errors(expected):
                value = parse(row)
        except InputError as error:
            problems.add(str(error), place=row)
        else:
            if value is not None:
                yield value

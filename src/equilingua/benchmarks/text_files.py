"""Text files of a benchmark in any compression: on disk, or inside a zip archive, which is read in place."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from equilingua.errors import InputError
from equilingua.files import COMPRESSIONS, content_hash, decompressed, existing_file, open_binary, unreadable


@dataclass(frozen=True, slots=True)
class TextFile:
    """One text file.

    Attributes:
        path: of the file, or of the archive that holds it.
        member: its name inside the archive; None for a file on disk.
    """

    path: Path
    member: str | None = None

    def __str__(self) -> str:
        """As problems name it."""
        return str(self.path) if self.member is None else f"{self.path}:{self.member}"

    @property
    def suffix(self) -> str:
        """The suffix that tells the format, compression left aside."""
        name = PurePosixPath(self.member or self.path.name)
        return (name.with_suffix("") if name.suffix in COMPRESSIONS else name).suffix

    def open(self) -> IO[str]:
        """The file as UTF-8 text, without the byte order mark that Windows editors write before it."""
        return io.TextIOWrapper(self._open_binary(), encoding="utf-8-sig")

    def _open_binary(self) -> IO[bytes]:
        if self.member is None:
            return open_binary(self.path)
        with zipfile.ZipFile(self.path) as archive:
            # A member stays readable after its archive is closed: zipfile counts who still reads.
            return decompressed(archive.open(self.member), PurePosixPath(self.member).suffix)


def text_file(path: str | Path) -> TextFile:
    """A file on disk.

    Raises:
        InputError: if it is missing or a folder.
    """
    return TextFile(existing_file(Path(path).expanduser()))


def damaged() -> tuple[type[Exception], ...]:
    """What reading a text file raises where it is cut off, encrypted, damaged, or no UTF-8 text."""
    return (*unreadable(), zipfile.BadZipFile, RuntimeError, NotImplementedError)


def files_below(path: str | Path) -> dict[str, TextFile]:
    """The files of a folder or zip archive, by their path in it.

    An archive's single top folder is left away, and so is ``__MACOSX``, where macOS keeps the files' attributes.

    Raises:
        InputError: if there is neither, the archive is damaged, or a member would lie outside it.
    """
    path = Path(path).expanduser()
    if path.is_dir():
        found = sorted(file for file in path.rglob("*") if file.is_file())
        return {file.relative_to(path).as_posix(): TextFile(file) for file in found}
    if existing_file(path).suffix != ".zip":
        raise InputError(f"{path}: a folder or a .zip archive was expected")
    try:
        with zipfile.ZipFile(path) as archive:
            members = [name for name in archive.namelist() if _is_file(name)]
    except zipfile.BadZipFile as error:
        raise InputError(f"{path}: no readable zip archive: {error}") from error
    outside = [name for name in members if _leaves(name)]
    if outside:
        raise InputError(f"{path}: member {outside[0]!r} would lie outside the archive's folder: it is not read")
    tops = {PurePosixPath(name).parts[0] for name in members}
    shared = f"{tops.pop()}/" if len(tops) == 1 and all("/" in name for name in members) else ""
    return {name.removeprefix(shared): TextFile(path, name) for name in members}


def hashes_of(files: list[TextFile]) -> dict[str, str]:
    """SHA-256 of the files (of the archive, for members), by name; with its folder's where two are named alike."""
    paths = dict.fromkeys(file.path for file in files)
    names = [path.name for path in paths]
    return {
        (path.name if names.count(path.name) == 1 else f"{path.parent.name}/{path.name}"): content_hash(path)
        for path in paths
    }


def _is_file(name: str) -> bool:
    """Whether an archive's member is a file of its publisher; the name of its top folder itself is ``.``."""
    return bool(PurePosixPath(name).parts) and not name.endswith("/") and not name.startswith("__MACOSX/")


def _leaves(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/"))
    return parts.is_absolute() or ".." in parts.parts or any(":" in top for top in parts.parts[:1])

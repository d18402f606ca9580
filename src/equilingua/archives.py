"""The files of a folder or of a zip archive, which is read in place."""

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from equilingua.compression import COMPRESSIONS
from equilingua.data_files import DataFile
from equilingua.errors import InputError, foreign_errors
from equilingua.files import content_hash, existing_file


def files_below(path: str | Path) -> dict[str, DataFile]:
    """The files of a folder or zip archive, by their path in it.

    An archive's single top folder is left away, and so is ``__MACOSX``, where macOS keeps the files' attributes.

    Raises:
        InputError: if there is neither, the archive is damaged, or a member would lie outside it or is there twice.
    """
    path = Path(path).expanduser()
    if path.is_dir():
        below = sorted(file for file in path.rglob("*") if file.is_file())
        return {file.relative_to(path).as_posix(): DataFile(file) for file in below}
    if existing_file(path).suffix != ".zip":
        raise InputError(f"{path}: a folder or a .zip archive was expected")
    with foreign_errors(f"{path}: no readable zip archive"), zipfile.ZipFile(path) as archive:
        members = [name for name in archive.namelist() if _is_published(name)]
    if outside := next(filter(_leaves, members), None):
        raise InputError(f"{path}: member {outside!r} would lie outside the archive's folder: it is not read")
    if len(set(members)) < len(members):
        twice = next(name for name in members if members.count(name) > 1)
        raise InputError(f"{path}: member {twice!r} is there twice")
    tops = {PurePosixPath(name).parts[0] for name in members}
    shared = f"{tops.pop()}/" if len(tops) == 1 and all("/" in name for name in members) else ""
    return {name.removeprefix(shared): DataFile(path, name) for name in members}


def named_file(files: Mapping[str, DataFile], *names: str) -> DataFile | None:
    """The file that has one of these names, in any compression; None if there is none.

    Raises:
        InputError: if there are several: nothing tells which one is meant.
    """
    written = (name + suffix for name in names for suffix in ("", *COMPRESSIONS))
    return only_file([files[name] for name in written if name in files])


def only_file(files: Sequence[DataFile]) -> DataFile | None:
    """The file, if there is one; raises ``InputError`` if there are several for one thing."""
    if len(files) > 1:
        names = " and ".join(map(str, files))
        raise InputError(f"{names} are both there, and nothing tells which is meant: leave one of them")
    return files[0] if files else None


def hashes_of(files: Iterable[DataFile]) -> dict[str, str]:
    """SHA-256 of the files (of the archive, for members), by name; with its folder's where two are named alike."""
    paths = dict.fromkeys(file.path for file in files)
    names = [path.name for path in paths]
    return {
        (path.name if names.count(path.name) == 1 else f"{path.parent.name}/{path.name}"): content_hash(path)
        for path in paths
    }


def _is_published(name: str) -> bool:
    """Whether an archive's member is a file of its publisher; the name of its top folder itself is ``.``."""
    return bool(PurePosixPath(name).parts) and not name.endswith("/") and not name.startswith("__MACOSX/")


def _leaves(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/"))
    return parts.is_absolute() or ".." in parts.parts or any(":" in top for top in parts.parts[:1])

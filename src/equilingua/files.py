"""Files read in any compression, and written whole or not at all."""

import contextlib
import difflib
import gzip
import hashlib
import json
import lzma
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from equilingua.errors import InputError, Problems

COMPRESSIONS = (".gz", ".xz", ".zst")


def existing_file(path: str | Path) -> Path:
    """The path, if a file lies there; else raises ``InputError``, which names a similar file beside it."""
    path = Path(path)
    if path.is_file():
        return path
    if path.is_dir():
        raise InputError(f"{path}: is a folder, a file was expected")
    beside = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
    near = difflib.get_close_matches(path.name, beside, n=1, cutoff=0.8)
    raise InputError(f"{path}: no such file" + (f". Did you mean {path.parent / near[0]}?" if near else ""))


def existing_folder(path: str | Path) -> Path:
    """The path, with the user's home for ``~``; raises ``InputError`` if no folder lies there."""
    path = Path(path).expanduser()
    if not path.is_dir():
        raise InputError(f"{path}: no such folder")
    return path


def uncompressed_suffix(path: str | Path) -> str:
    """The suffix that tells the format, compression left aside.

    >>> uncompressed_suffix("squad.train.jsonl.gz")
    '.jsonl'
    """
    path = Path(path)
    return (path.with_suffix("") if path.suffix in COMPRESSIONS else path).suffix


def decompressed(source: Path | IO[bytes], suffix: str) -> IO[bytes]:
    """A file, or one already open as a member of an archive is, decompressed as a suffix says (any other: as it is)."""
    match suffix:
        case ".gz":
            return cast(IO[bytes], gzip.open(source, "rb"))
        case ".xz":
            return lzma.open(source, "rb")
        case ".zst":
            import zstandard

            return cast(IO[bytes], zstandard.open(cast(BinaryIO, source), "rb"))
        case _:
            return source.open("rb") if isinstance(source, Path) else source


def unreadable() -> tuple[type[Exception], ...]:
    """What reading raises where a file is cut off, damaged, encrypted, or of another encoding or form."""
    import zlib

    import zstandard

    of_compressions = (EOFError, zlib.error, lzma.LZMAError, zstandard.ZstdError, zipfile.BadZipFile)
    return (OSError, ValueError, RuntimeError, *of_compressions)


def saved_document(path: Path, *, schema: int, command: str) -> dict[str, Any]:
    """The JSON object that a command such as ``evaluate`` saved, of the schema that this version reads.

    Raises ``InputError`` if there is no such file, or it holds anything else.
    """
    if not path.is_file():
        raise InputError(f"{path.parent}: holds no {path.name}: is it a folder that `equilingua {command}` wrote?")
    again = f"{command.capitalize()} again with"
    try:
        document = json.loads(path.read_bytes())
    except ValueError as error:
        raise InputError(f"{path}: no readable JSON: {error}. {again} --overwrite") from error
    written = document.get("schema") if isinstance(document, dict) else None
    if written != schema:
        raise InputError(f"{path}: schema {written!r}, but this version reads schema {schema}. {again} it")
    return dict(document)


def saved_parts(document: Mapping[str, Any], types: Mapping[str, Any], path: Path, *, command: str) -> dict[str, Any]:
    """The parts of a document that a command saved, by name, each of the type that it was written with.

    Raises ``InputError`` with every part that is missing or of another type.
    """
    from pydantic import TypeAdapter, ValidationError

    problems, parts = Problems(str(path)), {}
    advice = f"was the file edited? {command.capitalize()} again"
    for name, kind in types.items():
        if name not in document:
            problems.add(f"no {name!r}: {advice}")
            continue
        try:
            parts[name] = TypeAdapter(kind).validate_python(document[name])
        except ValidationError as error:
            for problem in error.errors():
                problems.add(f"{'.'.join([name, *map(str, problem['loc'])])}: {problem['msg']}: {advice}")
    problems.raise_if_any()
    return parts


def check_place(path: Path) -> None:
    """Refuse a path that cannot be written to, best before hours of work; nothing is made.

    Raises:
        InputError: if a file stands where one of its folders should, or its folder may not be written to.
    """
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    if not folder.is_dir():
        raise InputError(f"{path}: cannot be written, since {folder} is a file. Choose another place")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(f"{path}: cannot be written: no permission to write in {folder}. Choose another place")


def names_in_output(folder: Path, file: str) -> list[str]:
    """What lies in a folder that is to be written, hidden files aside; nothing where it is yet to be made.

    Raises ``InputError``, best before hours of work, if it is a file or cannot be written to. ``file`` is what makes it
    what it will be.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is a file; give a folder")
    check_place(folder / file)
    return sorted(path.name for path in folder.glob("[!.]*")) if folder.is_dir() else []


def content_hash(path: str | Path) -> str:
    """SHA-256 of a file's bytes as they lie on disk, hexadecimal."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def cache_folder() -> Path:
    """Where pairs, built-in benchmarks and vectors are kept: ``EQUILINGUA_CACHE``, or the platform's cache folder."""
    import platformdirs

    return Path(os.environ.get("EQUILINGUA_CACHE") or platformdirs.user_cache_dir("equilingua"))


@contextlib.contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A new folder to fill, which takes the target's name only once all is written.

    If the block raises (a full disk, an interrupt), what was written is removed and the target is untouched. If another
    process has put the target there meanwhile, that one stays: callers use this for content that its name determines.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.", suffix=".partial"))
    try:
        work.chmod(0o777 & ~_umask())
        yield work
        try:
            work.rename(target)
        except OSError:
            if not target.is_dir():
                raise
    finally:
        shutil.rmtree(work, ignore_errors=True)


@contextlib.contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """A path to write, which replaces the target only once the block ends without an error."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=target.suffix)
    os.close(handle)
    work = Path(name)
    try:
        work.chmod(file_mode())
        yield work
        work.replace(target)
    finally:
        work.unlink(missing_ok=True)


def file_mode() -> int:
    """The permissions of a new file, as the user's umask leaves them."""
    return 0o666 & ~_umask()


def _umask() -> int:
    """What the user keeps from others; temporary files would keep everything."""
    mask = os.umask(0)
    os.umask(mask)
    return mask

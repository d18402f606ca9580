"""Files found, and written whole or not at all."""

import contextlib
import difflib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from equilingua.errors import InputError


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

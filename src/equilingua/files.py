"""Files found, and written whole or not at all."""

import contextlib
import difflib
import errno
import glob
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from equilingua.errors import InputError

_PARTIAL = ".partial"

_CANNOT_WRITE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR}
_NO_ROOM = re.compile(
    r"no space left on device|disk quota exceeded|database or disk is full|read-only file ?system|file too large"
    r"|attempt to write a readonly database|unable to open database file",
    re.IGNORECASE,
)
_MAKE_ROOM = (
    "Free some space, or choose another folder: for results --output, for what is kept EQUILINGUA_CACHE, for "
    "temporary files TMPDIR"
)


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

    If the block raises (a full disk, an interrupt), what was written is removed and the target is untouched; what a
    process left that was killed is removed by the next that writes the target. If another process has put the target
    there meanwhile, that one stays: callers use this for content that its name determines.
    """
    _make_folder(target.parent)
    with _work(target, _PARTIAL, lambda **place: str(tempfile.mkdtemp(**place))) as work:
        work.chmod(0o777 & ~_umask())
        yield work
        try:
            work.rename(target)
        except OSError:
            if not target.is_dir():
                raise


@contextlib.contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """A path to write, which replaces the target only once the block ends without an error.

    What a process left that was killed is removed by the next that writes the target.
    """
    _make_folder(target.parent)

    def made(**place: Any) -> str:
        handle, name = tempfile.mkstemp(**place)
        os.close(handle)
        return str(name)

    with _work(target, f"{_PARTIAL}{target.suffix}", made) as work:
        work.chmod(file_mode())
        yield work
        work.replace(target)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileNotFoundError as error:
        # Of a system of files, such as /proc, in which nobody makes folders.
        raise PermissionError(errno.EACCES, "no folder can be made there", str(folder)) from error


@contextlib.contextmanager
def _work(target: Path, suffix: str, make: Callable[..., str]) -> Iterator[Path]:
    """A hidden file or folder beside the target, locked while this process is at it and gone when the block ends."""
    with _locked(target.parent, alone=True) as cleaning:
        for left in target.parent.glob(f".{glob.escape(target.name)}.*{glob.escape(suffix)}") if cleaning else ():
            with _locked(left, alone=True) as unused:
                if unused:
                    _remove(left)
    lock = contextlib.ExitStack()
    # Shared, so that a file may be written into a folder that is itself being written; but never while leftovers are
    # looked for, when what is made and not yet locked would pass for one.
    with _locked(target.parent):
        work = Path(make(dir=target.parent, prefix=f".{target.name}.", suffix=suffix))
        lock.enter_context(_locked(work))
    try:
        with lock:
            yield work
    finally:
        _remove(work)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def _locked(path: Path, *, alone: bool = False) -> Iterator[bool]:
    """Whether this process holds a file or folder now: with others, after waiting, or ``alone`` if no other holds it.

    The lock goes with the process, however it ends. Where the system or the disk has no such locks nothing is held, and
    nothing counts as unused.
    """
    try:
        import fcntl

        handle = os.open(path, os.O_RDONLY)
    except (ImportError, OSError):
        yield False
        return
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB if alone else fcntl.LOCK_SH)
            held = True
        except OSError:
            held = False
        yield held
    finally:
        os.close(handle)


def cannot_write(error: BaseException) -> str | None:
    """What is told of an error, or one behind it, that says a disk has no room or may not be written to; else None.

    Libraries that write (safetensors, SQLite, Arrow) raise errors of their own, whose words alone tell.
    """
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        if isinstance(one, OSError) and one.errno in _CANNOT_WRITE:
            where = f"{one.filename}: " if one.filename else ""
            return f"{where}cannot be written: {one.strerror}. {_MAKE_ROOM}"
        if not isinstance(one, OSError) and (words := _NO_ROOM.search(str(one))):
            return f"cannot be written: {words[0]}. {_MAKE_ROOM}"
        one = one.__cause__ or one.__context__
    return None


def remove_if_empty(folder: Path) -> None:
    """Remove a folder that holds nothing; one that holds something, or is not there, stays as it is."""
    with contextlib.suppress(OSError):
        folder.rmdir()


def remove_written(folder: Path, names: Iterable[str]) -> None:
    """Remove files of a folder by their names in it, and the folders that this leaves empty; all else stays.

    Names that lead out of the folder are passed over: a record that lists them may come from anywhere.
    """
    whole = folder.resolve()
    parents = {folder}
    for name in names:
        path = folder / name
        if path.parent.resolve().is_relative_to(whole):
            path.unlink(missing_ok=True)
            parents.update(parent for parent in path.parents if parent.is_relative_to(folder))
    for parent in sorted(parents, key=lambda path: len(path.parts), reverse=True):
        remove_if_empty(parent)


def file_mode() -> int:
    """The permissions of a new file, as the user's umask leaves them."""
    return 0o666 & ~_umask()


def _umask() -> int:
    """What the user keeps from others; temporary files would keep everything."""
    mask = os.umask(0)
    os.umask(mask)
    return mask

"""Vectors of one encoder and role in an SQLite database, by a hash of their text, each with a checksum.

A vector is used only if its checksum is right: SQLite reads what lies behind the end of a file that was cut as zeros.
"""

import hashlib
import json
import sqlite3
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import numpy as np

from equilingua.errors import EquilinguaWarning, InputError
from equilingua.files import whole_file
from equilingua.retrieval.vectors import Vectors, row_blocks

Result = TypeVar("Result")

# A page holds ten vectors of 384 dimensions. SQLite's own 4 KiB would hold two and leave a quarter of the file empty.
PAGE_BYTES = 16_384

# SQLite before 3.32 takes 999 parameters; more at once are no faster.
KEYS_A_QUERY = 500

# Until a process that writes counts as stuck.
LOCK_SECONDS = 120

DIGEST_BYTES = 16

# What SQLite calls a file that is damaged, or none of its own: the lower byte of its codes.
DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class CacheUnusableError(InputError):
    """A cache's folder cannot be read or written: a fault of the disk, not of what is encoded."""


class VectorStore:
    """The vectors of one encoder and role, by a hash of their text; several processes may read and write at once.

    What one call of ``add`` brings is committed whole, so a killed process loses at most the vectors it was about to
    add. Every call opens the database anew, so that no process started meanwhile inherits an open one. It has SQLite's
    rollback journal: its write-ahead log was no faster (100,000 vectors of 384 dimensions), does not work on network
    file systems, and keeps out readers of a folder that they may not write to.

    A damaged database is replaced by one of all its records that can be read and are whole; a warning says how many.

    Args:
        folder: that holds them; made by the first call, so that one that cannot be made is told before a text is
            encoded.
        about: what made them, for ``store.json``, which tells people.
    """

    def __init__(self, folder: Path, about: Mapping[str, str]) -> None:
        self.folder = folder
        self._about = dict(about)
        self._path = folder / "vectors.sqlite"

    def find(self, texts: Sequence[str]) -> tuple[list[int], Vectors]:
        """Places of the texts that have a vector, and these, shape (places, width), float32.

        A vector whose record was cut or changed counts as missing. Raises ``CacheUnusableError`` if the database cannot
        be opened or read.
        """
        keys = [text_digest(text) for text in texts]
        width, kept = self._with_database(lambda database: _records(database, keys))
        whole = {key: record for key, record in kept.items() if 0 < width == _whole_width(key, record)}
        if len(whole) < len(kept):
            # What holds it may be damaged too, so that nothing put in its place would be found again.
            with self._told():
                self._rescue()
        places = [place for place, key in enumerate(keys) if key in whole]
        vectors = np.frombuffer(b"".join(whole[keys[place]][:-DIGEST_BYTES] for place in places), dtype="<f4")
        return places, vectors.astype(np.float32, copy=False).reshape(len(places), -1 if places else 0)

    def add(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Keep the vectors of the texts that have no whole one; those that are not finite are left out.

        Raises ``InputError`` if they have another width than those stored, ``CacheUnusableError`` if they cannot be
        written.
        """
        rows = {
            text_digest(texts[place]): vectors[place].astype("<f4").tobytes()
            for place in np.flatnonzero(np.isfinite(vectors).all(axis=1)).tolist()
        }

        def write(database: sqlite3.Connection) -> None:
            # The write lock first: else another process could put in other vectors after the look at what is there.
            database.execute("BEGIN IMMEDIATE")
            width, known = _records(database, list(rows))
            if width not in (0, vectors.shape[1]):
                raise InputError(
                    f"{self.folder}: holds vectors of width {width}, the model now gives {vectors.shape[1]}. "
                    "Remove the folder, or give the model another cache_key"
                )
            missing = (
                (key, vector + _digest(key, vector))
                for key, vector in rows.items()
                if key not in known or _whole_width(key, known[key]) != width
            )
            database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", missing)
            database.execute(f"PRAGMA user_version = {vectors.shape[1]}")
            database.execute("COMMIT")

        self._with_database(write)

    def _with_database(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """What ``work`` makes of the open database, after one that is damaged was made anew."""
        with self._told():
            try:
                with self._database() as database:
                    return work(database)
            except sqlite3.DatabaseError as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF not in DAMAGED:
                    raise
            self._rescue()
            with self._database() as database:
                return work(database)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """The errors of disk and database in words that a user can act on."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise CacheUnusableError(
                f"{self._path}: the cache of vectors cannot be used: {error}. Make room or leave to write there, set "
                "EQUILINGUA_CACHE to another folder, or do without the cache"
            ) from error

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        """The open database; what was not committed is gone when it is closed."""
        if not self._path.is_file():
            self.folder.mkdir(parents=True, exist_ok=True)
            with whole_file(self.folder / "store.json") as work:
                work.write_text(json.dumps(self._about, indent=2) + "\n", encoding="utf-8")
        with _opened(self._path) as database:
            yield database

    def _rescue(self) -> None:
        """Put a new database in the place of the damaged one, with all records that can be read and are whole."""
        with whole_file(self._path) as work:
            with _opened(work) as rescued:
                # One commit for all: each on its own would wait for the disk.
                rescued.execute("BEGIN")
                width = 0
                for key, record in _readable(self._path):
                    found = _whole_width(key, record)
                    width = width or found
                    if found and found == width:
                        rescued.execute("INSERT OR REPLACE INTO vectors VALUES (?, ?)", (key, record))
                count: int = rescued.execute("SELECT count(*) FROM vectors").fetchone()[0]
                rescued.execute(f"PRAGMA user_version = {width if count else 0}")
                rescued.execute("COMMIT")
            # It belongs to the file that goes.
            self._path.with_name(f"{self._path.name}-journal").unlink(missing_ok=True)
        self._warn(f"was damaged and is made anew; {count:,} vectors could be kept")

    def _warn(self, message: str) -> None:
        warnings.warn(f"{self._path}: {message}", EquilinguaWarning, stacklevel=2)


def text_digest(text: str) -> bytes:
    """The 128-bit key of a text (BLAKE2b)."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, timeout=LOCK_SECONDS, isolation_level=None)) as database:
        database.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        database.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL)")
        yield database


def _records(database: sqlite3.Connection, keys: Sequence[bytes]) -> tuple[int, dict[bytes, bytes]]:
    """The width of the vectors in a database, 0 while there is none, and the records of those keys that it has."""
    width: int = database.execute("PRAGMA user_version").fetchone()[0]
    found: dict[bytes, bytes] = {}
    for part in row_blocks(len(keys), KEYS_A_QUERY):
        marks = ", ".join("?" * len(keys[part]))
        found.update(database.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", keys[part]))
    return width, found


def _readable(path: Path) -> Iterator[tuple[bytes, bytes]]:
    """Records of a damaged database, from either end up to the first that cannot be read; some may come twice."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(path)) as database:
        # Reads a file that is shorter than it says, too.
        database.execute("PRAGMA writable_schema = ON")
        for order in ("ASC", "DESC"):
            with suppress(sqlite3.DatabaseError):
                yield from database.execute(f"SELECT key, vector FROM vectors NOT INDEXED ORDER BY rowid {order}")


def _digest(key: bytes, vector: bytes) -> bytes:
    """What tells that a vector is whole, and the one of this text."""
    return hashlib.blake2b(key + vector, digest_size=DIGEST_BYTES).digest()


def _whole_width(key: object, record: object) -> int:
    """The width of the vector in a record, 0 if its checksum is wrong; a damaged one may be of any type."""
    if not isinstance(key, bytes) or not isinstance(record, bytes) or len(record) % 4:
        return 0
    vector, digest = record[:-DIGEST_BYTES], record[-DIGEST_BYTES:]
    return len(vector) // 4 if digest == _digest(key, vector) else 0

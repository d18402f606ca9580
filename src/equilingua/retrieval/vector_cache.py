"""The cache of vectors: texts are encoded once per model, whichever benchmark they stand in.

Each model, role and precision has a folder with an SQLite database, and beside it ``store.json``, which says to people
what the vectors in it are of. What one call of ``VectorStore.add`` brings is committed whole, so a killed process loses
at most the vectors it was about to add.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from equilingua.errors import InputError
from equilingua.files import cache_folder, whole_file
from equilingua.precision import is_sentence_transformer
from equilingua.retrieval.vectors import Vectors, row_blocks

Cache = bool | str | Path | None

# A page holds ten vectors of 384 dimensions. SQLite's own 4 KiB would hold two and leave a quarter of the file empty.
PAGE_BYTES = 16_384

# SQLite before 3.32 takes 999 parameters; more at once are no faster.
KEYS_A_QUERY = 500

# Until a process that writes counts as stuck.
LOCK_SECONDS = 120


def vector_store(cache: Cache, model: Any, **conditions: str) -> "VectorStore | None":
    """Where the vectors lie that this model gives under these conditions; None without a cache.

    Args:
        cache: a folder, or True for ``vectors`` in the package's cache folder; None and False for no cache.
        model: a sentence-transformers model, or anything with a ``cache_key``: a text that changes whenever the model
            gives other vectors.
        conditions: whatever else vectors depend on: the role, its prompt, the precision the encoder runs in. Not the
            width that they are cut to later.

    Raises:
        InputError: if nothing tells one state of the model from another.
    """
    if cache is None or cache is False:
        return None
    folder = cache_folder() / "vectors" if cache is True else Path(cache).expanduser()
    about = _about(model) | conditions
    return VectorStore(folder / _hash(f"{key}={value}" for key, value in sorted(about.items())), about)


class VectorStore:
    """The vectors of one encoder and role, by a hash of their text; several processes may read and write at once.

    Every call opens the database anew, so that no process started meanwhile inherits an open one. It has SQLite's
    rollback journal: its write-ahead log was no faster (100,000 vectors of 384 dimensions), does not work on network
    file systems, and keeps out readers of a folder that they may not write to.

    Args:
        folder: that holds them; made by the first call, so that one that cannot be made is told before a text is
            encoded.
        about: what made them, for ``store.json``.
    """

    def __init__(self, folder: Path, about: Mapping[str, str]) -> None:
        self.folder = folder
        self._about = dict(about)
        self._path = folder / "vectors.sqlite"

    def find(self, texts: Sequence[str]) -> tuple[list[int], Vectors]:
        """Places of the texts that have a vector, and these, shape (places, width), float32.

        Raises ``InputError`` if the database cannot be opened or read.
        """
        keys = [text_digest(text) for text in texts]
        kept: dict[bytes, bytes] = {}
        with self._database() as database:
            size = _vector_size(database)
            for part in row_blocks(len(keys), KEYS_A_QUERY):
                marks = ", ".join("?" * len(keys[part]))
                kept.update(database.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", keys[part]))
        if any(len(blob) != size for blob in kept.values()):
            raise InputError(f"{self._path}: is damaged, its vectors are of several widths. Remove {self.folder}")
        places = [place for place, key in enumerate(keys) if key in kept]
        vectors = np.frombuffer(b"".join(kept[keys[place]] for place in places), dtype="<f4")
        return places, vectors.astype(np.float32, copy=False).reshape(len(places), -1 if places else 0)

    def add(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Keep the vectors of the texts that have none; those that are not finite are left out.

        Raises ``InputError`` if they have another width than those stored, or cannot be written.
        """
        rows = [
            (text_digest(texts[place]), vectors[place].astype("<f4").tobytes())
            for place in np.flatnonzero(np.isfinite(vectors).all(axis=1)).tolist()
        ]
        with self._database() as database:
            # The write lock first: else another process could put in other vectors after the look at their width.
            database.execute("BEGIN IMMEDIATE")
            size = _vector_size(database)
            if size is not None and size != 4 * vectors.shape[1]:
                raise InputError(
                    f"{self.folder}: holds vectors of width {size // 4}, the model now gives {vectors.shape[1]}. "
                    "Remove the folder, or give the model another cache_key"
                )
            database.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", rows)
            database.execute("COMMIT")

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        """The open database; what was not committed is gone when it is closed."""
        try:
            if not self._path.is_file():
                self.folder.mkdir(parents=True, exist_ok=True)
                with whole_file(self.folder / "store.json") as work:
                    work.write_text(json.dumps(self._about, indent=2) + "\n", encoding="utf-8")
            with closing(sqlite3.connect(self._path, timeout=LOCK_SECONDS, isolation_level=None)) as database:
                database.execute(f"PRAGMA page_size = {PAGE_BYTES}")
                database.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL)")
                yield database
        except (sqlite3.Error, OSError) as error:
            raise InputError(
                f"{self._path}: the cache of vectors cannot be used: {error}. Make room or leave to write there, "
                "remove the folder if it is damaged, or do without the cache"
            ) from error


def text_digest(text: str) -> bytes:
    """The 128-bit key of a text (BLAKE2b)."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _vector_size(database: sqlite3.Connection) -> int | None:
    """Bytes of every vector in the database; None while there is none."""
    first: tuple[int] | None = database.execute("SELECT length(vector) FROM vectors LIMIT 1").fetchone()
    return first[0] if first else None


def _about(model: Any) -> dict[str, str]:
    """All that a model's vectors depend on."""
    if is_sentence_transformer(model):
        from equilingua.training.models import weights_hash

        return {
            "modules": str(model),
            "weights": weights_hash(model),
            "configuration": _hash(_configuration(model)),
            "max length": str(model.max_seq_length),
        }
    key = getattr(model, "cache_key", None)
    if not isinstance(key, str):
        raise InputError(
            f"{type(model).__name__} cannot be cached: give it an attribute cache_key, a text that changes whenever it "
            "would give other vectors (such as its name and version), or leave out cache"
        )
    return {"cache_key": key}


# What a configuration says of where a model was loaded from, and with what.
_INCIDENTAL = ("_name_or_path", "transformers_version")

# What a tokenizer sets anew for every call, by the model's maximal length.
_OF_A_CALL = ("truncation", "padding")


def _configuration(model: Any) -> Iterator[str]:
    """What a model computes with beside its weights: of each module, its backbone and its tokenizer."""
    for module in model:
        options = module.get_config_dict() if hasattr(module, "get_config_dict") else {}
        yield repr(sorted(options.items(), key=str))
        backbone = getattr(getattr(module, "auto_model", None), "config", None)
        if backbone is not None:
            yield _without(backbone.to_json_string(use_diff=False), _INCIDENTAL)
        tokenizer = getattr(module, "tokenizer", None)
        tokenizer = getattr(tokenizer, "backend_tokenizer", tokenizer)
        if tokenizer is not None:
            yield _without(tokenizer.to_str(), _OF_A_CALL) if hasattr(tokenizer, "to_str") else repr(tokenizer)


def _without(text: str, names: tuple[str, ...]) -> str:
    """A JSON object without some of its entries."""
    return json.dumps({name: value for name, value in json.loads(text).items() if name not in names}, sort_keys=True)


def _hash(parts: Iterable[str]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
    return digest.hexdigest()

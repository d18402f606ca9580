"""Vectors on disk by a hash of their text: written behind one another, read in any order.

A folder holds ``keys.bin`` (16 bytes a vector), ``rows.bin`` (float32) and ``store.json`` (their width, and what made
them). A row is written before its key, so a key is proof of its row, whenever the writer was killed. What is left of a
vector that was not written whole is cut off by the next writer. Writers take turns by a lock; readers need none.
"""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from equilingua.errors import InputError
from equilingua.files import whole_file
from equilingua.retrieval.pool import Vectors

KEY_BYTES = 16
NUMBER_BYTES = 4
_KEYS, _ROWS, _ABOUT, _LOCK = "keys.bin", "rows.bin", "store.json", ".lock"


def text_key(text: str) -> bytes:
    """The 128-bit key of a text (BLAKE2b)."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=KEY_BYTES).digest()


class VectorStore:
    """The vectors of one encoder and role.

    Args:
        folder: that holds them; made with the first vector.
        about: what made them, written beside them for people to read.
    """

    def __init__(self, folder: Path, about: Mapping[str, str]) -> None:
        self.folder = folder
        self._about = dict(about)
        self._places: dict[bytes, int] = {}
        self._read = 0
        self._width: int | None = None

    def __len__(self) -> int:
        """Vectors in the store, those of other writers included."""
        self._look()
        return self._read

    def missing(self, texts: Sequence[str]) -> list[int]:
        """Places of the texts that have no vector yet."""
        self._look()
        return [place for place, text in enumerate(texts) if text_key(text) not in self._places]

    def get(self, texts: Sequence[str]) -> Vectors:
        """Vectors of the texts, shape (texts, width), float32.

        Raises:
            KeyError: if a text has none.
        """
        self._look()
        places = [self._places[text_key(text)] for text in texts]
        rows = np.memmap(self.folder / _ROWS, dtype="<f4", mode="r", shape=(self._read, self._known_width()))
        vectors: Vectors = np.asarray(rows[places], dtype=np.float32)
        return vectors

    def add(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Append the vectors of the texts that have none; those that are not finite are left out.

        Raises:
            InputError: if they have another width than those stored.
        """
        from filelock import FileLock

        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / _LOCK):
            self._look()
            self._check_width(vectors.shape[1])
            finite = np.flatnonzero(np.isfinite(vectors).all(axis=1)).tolist()
            new = {text_key(texts[place]): place for place in finite}
            new = {key: place for key, place in new.items() if key not in self._places}
            if new:
                self._append(_ROWS, np.ascontiguousarray(vectors[list(new.values())], dtype="<f4").tobytes())
                self._append(_KEYS, b"".join(new))
        self._look()

    def _look(self) -> None:
        """Take note of the keys that were written since the last look."""
        try:
            with (self.folder / _KEYS).open("rb") as file:
                file.seek(self._read * KEY_BYTES)
                found = file.read()
        except FileNotFoundError:
            return
        for start in range(0, len(found) - len(found) % KEY_BYTES, KEY_BYTES):
            self._places.setdefault(found[start : start + KEY_BYTES], self._read)
            self._read += 1

    def _append(self, name: str, data: bytes) -> None:
        size = KEY_BYTES if name == _KEYS else NUMBER_BYTES * self._known_width()
        with (self.folder / name).open("ab") as file:
            file.truncate(self._read * size)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def _known_width(self) -> int:
        if self._width is None:
            self._width = int(json.loads((self.folder / _ABOUT).read_text(encoding="utf-8"))["width"])
        return self._width

    def _check_width(self, width: int) -> None:
        if not (self.folder / _ABOUT).is_file():
            with whole_file(self.folder / _ABOUT) as work:
                work.write_text(json.dumps({**self._about, "width": width}, indent=2) + "\n", encoding="utf-8")
        if width != self._known_width():
            raise InputError(
                f"{self.folder}: holds vectors of width {self._known_width()}, the model now gives {width}. "
                "Remove the folder, or give the model another cache_key"
            )

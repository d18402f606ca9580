"""Files of vectors: three forms, in each of which vectors stand with the ids of the texts they are for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from equilingua.documents import utf8_text
from equilingua.errors import InputError, Problems, did_you_mean, foreign_errors
from equilingua.files import existing_file
from equilingua.retrieval.bits import BYTES

# Without a language column, one id is one text.
ANY_LANGUAGE = ""


@dataclass(frozen=True, eq=False)
class StoredVectors:
    """What a file holds: rows, and the (language, id) each is for."""

    path: Path
    vectors: npt.NDArray[Any]
    keys: Sequence[tuple[str, str]]

    @classmethod
    def read(cls, path: str | Path) -> "StoredVectors":
        """The vectors of a file (of .npy, left on disk); raises ``InputError`` if it is missing or of another form."""
        path = existing_file(path)
        reader = _READERS.get(path.suffix.lower())
        if reader is None:
            raise InputError(
                f"{path}: vectors are read from {', '.join(_READERS)}, not from {path.suffix or 'no suffix'!r}"
            )
        vectors, ids, languages = reader(path)
        if vectors.ndim != 2 or (vectors.dtype.kind not in "fiub" and vectors.dtype != BYTES):
            bfloat16 = " (bfloat16 perhaps, which numpy does not know)" if vectors.dtype.str[1:] == "V2" else ""
            raise InputError(
                f"{path}: holds {vectors.dtype} of shape {vectors.shape}, not numbers of shape (texts, width)"
                f"{bfloat16}. Save vectors as np.array(vectors, dtype=np.float32)"
            )
        if not vectors.size:
            raise InputError(f"{path}: holds no vectors (shape {vectors.shape})")
        languages = [ANY_LANGUAGE] * len(ids) if languages is None else languages
        if not len(vectors) == len(ids) == len(languages):
            raise InputError(f"{path}: {len(vectors):,} vectors, {len(ids):,} ids and {len(languages):,} languages")
        return cls(path, vectors, list(zip(languages, ids, strict=True)))

    def rows(self, wanted: Mapping[str, Sequence[str]]) -> dict[str, npt.NDArray[Any]]:
        """The vectors at ``places``."""
        return {language: self.vectors[places] for language, places in self.places(wanted).items()}

    def places(self, wanted: Mapping[str, Sequence[str]]) -> dict[str, list[int]]:
        """Where the vectors of these ids stand per language, in order; ``InputError`` if an id is double or missing.

        >>> stored = StoredVectors(Path("p.npy"), np.eye(2), [("", "p1"), ("", "p2")])
        >>> stored.places({"en": ["p2"], ANY_LANGUAGE: ["p1", "p2"]})
        {'en': [1], '': [0, 1]}
        """
        places = {key: place for place, key in enumerate(self.keys)}
        if len(places) < len(self.keys):
            raise InputError(f"{self.path}: {self._repeated()}")
        problems, rows = Problems(str(self.path)), {}
        for language, ids in wanted.items():
            # A file may name languages for queries only where ids repeat; elsewhere an id alone is enough.
            keyed = [(language if (language, id_) in places else ANY_LANGUAGE, id_) for id_ in ids]
            missing = [id_ for key, id_ in zip(keyed, ids, strict=True) if key not in places]
            if missing:
                where = "" if language == ANY_LANGUAGE else f" in {language!r}"
                problems.add(f"no vector for {len(missing):,} of {len(ids):,} ids{where}, the first {missing[0]!r}")
            else:
                rows[language] = [places[key] for key in keyed]
        problems.raise_if_any()
        return rows

    def _repeated(self) -> str:
        seen: set[tuple[str, str]] = set()
        language, id_ = next(key for key in self.keys if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        if language == ANY_LANGUAGE:
            return f"id {id_!r} stands twice. If these are translations, say which is in which language"
        return f"id {id_!r} stands twice in {language!r}"


# Vectors, ids and, where there are any, languages.
Read = tuple[npt.NDArray[Any], Sequence[str], Sequence[str] | None]


def _read_npy(path: Path) -> Read:
    beside = path.with_suffix(".ids.txt")
    if not beside.is_file():
        raise InputError(f"{path}: its ids are missing. Write them to {beside}, one a line in the order of the vectors")
    with foreign_errors("cannot be read", place=beside):
        content = beside.read_bytes()
    # Lines end at line feeds alone: str.splitlines would end them at characters that ids may hold.
    lines = utf8_text(content, file=beside).removesuffix("\n").split("\n") if content else []
    keys = [line.removesuffix("\r").rpartition("\t") for line in lines]
    languages = [language for language, _, _ in keys] if any(tab for _, tab, _ in keys) else None
    vectors = _loaded(path, mmap_mode="r")
    if not isinstance(vectors, np.ndarray):
        raise InputError(f"{path}: is an .npz archive: give it that suffix")
    return vectors, [id_ for _, _, id_ in keys], languages


def _read_npz(path: Path) -> Read:
    arrays = _loaded(path)
    if not isinstance(arrays, np.lib.npyio.NpzFile):
        raise InputError(f"{path}: is no .npz archive but a single array: give it the suffix .npy")
    with arrays:
        _check_names(path, "array", ("ids", "vectors"), arrays)
        ids = _texts(_array(arrays, "ids", path), "ids", path)
        languages = _texts(_array(arrays, "languages", path), "languages", path) if "languages" in arrays else None
        return _array(arrays, "vectors", path), ids, languages


def _array(arrays: Any, name: str, path: Path) -> npt.NDArray[Any]:
    """One array of an .npz file, which numpy reads only now."""
    kind = "np.float32" if name == "vectors" else "str"
    anew = f"Write the file anew, with {name} as np.array({name}, dtype={kind})"
    with foreign_errors(f"array {name!r} cannot be read", place=path, advice=anew):
        return np.asarray(arrays[name])


def _texts(array: npt.NDArray[Any], name: str, path: Path) -> list[str]:
    """An array of texts, or of whole numbers or bytes that are texts."""
    if array.ndim != 1 or array.dtype.kind not in "UTSiu":
        raise InputError(
            f"{path}: array {name!r} holds {array.dtype} of shape {array.shape}, not one text a vector: write it as "
            f"np.array({name}, dtype=str)"
        )
    with foreign_errors(f"array {name!r} holds bytes that are no text", place=path):
        return [item.decode() if isinstance(item, bytes) else str(item) for item in array.tolist()]


def _read_parquet(path: Path) -> Read:
    from pyarrow import parquet

    with foreign_errors("is no Parquet file that can be read", place=path):
        table = parquet.read_table(path)
        _check_names(path, "column", ("id", "vector"), table.column_names)
        columns = {name: table[name] for name in ("id", "language", "vector") if name in table.column_names}
    ids = _column_texts(columns["id"], "id", path)
    languages = _column_texts(columns["language"], "language", path) if "language" in columns else None
    with foreign_errors(f"column 'vector' ({columns['vector'].type}) cannot be read as vectors", place=path):
        return _matrix(columns["vector"]), ids, languages


def _column_texts(column: Any, name: str, path: Path) -> list[str]:
    """A column of texts, or of whole numbers or bytes that are texts; none may be missing."""
    from pyarrow import types

    kind = column.type.value_type if types.is_dictionary(column.type) else column.type
    accepted = (
        types.is_string, types.is_large_string, types.is_string_view, types.is_integer, types.is_binary,
        types.is_large_binary, types.is_fixed_size_binary,
    )  # fmt: skip
    if not any(is_kind(kind) for is_kind in accepted):
        raise InputError(f"{path}: column {name!r} holds {column.type}, not texts")
    if column.null_count:
        raise InputError(f"{path}: column {name!r} has no value in {column.null_count:,} of {len(column):,} rows")
    with foreign_errors(f"column {name!r} holds what is no text", place=path):
        return [item.decode() if isinstance(item, bytes) else str(item) for item in column.to_pylist()]


def _check_names(path: Path, kind: str, needed: Sequence[str], present: Collection[str]) -> None:
    for name in needed:
        if name not in present:
            raise InputError(f"{path}: no {kind} {name!r}. {did_you_mean(name, present)}")


def _matrix(column: Any) -> npt.NDArray[Any]:
    """A column of lists of numbers, tensors or bytes as a matrix, without a Python object for each number."""
    import pyarrow
    from pyarrow import compute, types

    if isinstance(column.type, pyarrow.BaseExtensionType):
        if len(getattr(column.type, "shape", [0])) != 1:
            raise InputError(f"column 'vector' holds {column.type}: several vectors a row, not one")
        column = pyarrow.chunked_array([chunk.storage for chunk in column.chunks], column.type.storage_type)
    kind = column.type
    of_bytes = types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind)
    lists = types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)
    if not of_bytes and not lists:
        raise InputError("column 'vector' holds " + f"{kind}, not lists of numbers")
    lengths = compute.binary_length(column) if of_bytes else compute.list_value_length(column)
    widths = compute.unique(lengths).to_pylist()
    if len(widths) != 1 or None in widths:
        listed = ", ".join("none" if width is None else f"{width:,}" for width in sorted(widths, key=str)[:5])
        raise InputError(f"column 'vector' holds vectors of different widths: {listed or 'there are none'}")
    if of_bytes:
        return np.frombuffer(b"".join(column.to_pylist()), dtype=BYTES).reshape(len(column), widths[0])
    numbers: npt.NDArray[Any] = compute.list_flatten(column).to_numpy()
    return numbers.reshape(len(column), widths[0])


def _loaded(path: Path, *, mmap_mode: Any = None) -> Any:
    anew = "Write it anew, with vectors as np.array(vectors, dtype=np.float32) and ids as np.array(ids, dtype=str)"
    with foreign_errors("is no file of numbers written by numpy", place=path, advice=anew):
        return np.load(path, mmap_mode=mmap_mode, allow_pickle=False)


_READERS = {".npy": _read_npy, ".npz": _read_npz, ".parquet": _read_parquet}

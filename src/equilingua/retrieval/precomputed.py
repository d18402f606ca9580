"""Vectors made elsewhere: arrays, or files in which they are found by the ids of the texts they are for.

| file | vectors | ids | languages (optional) |
|---|---|---|---|
| ``NAME.parquet`` | column ``vector``, lists of one length | column ``id`` | column ``language`` |
| ``NAME.npz`` | array ``vectors`` | array ``ids`` | array ``languages`` |
| ``NAME.npy`` | the array, memory-mapped | ``NAME.ids.txt``, one a line | before the id and a tab, on each line |

Languages are needed where the same id stands in several, as translations of a query do.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from equilingua.errors import InputError, Problems, did_you_mean, foreign_errors
from equilingua.files import existing_file

# Without a language column, one id is one text.
ANY_LANGUAGE = ""


@dataclass(frozen=True, eq=False)
class PrecomputedVectors:
    """Vectors made elsewhere, to be evaluated without a model.

    Attributes:
        queries: one array per query language, rows in the order of the benchmark's queries.
        passages: one array per passage language, rows in the order of the benchmark's corpus.
        similarity: ``cosine`` (rows are brought to unit length) or ``dot``.
    """

    queries: Mapping[str, npt.NDArray[Any]]
    passages: Mapping[str, npt.NDArray[Any]]
    similarity: str = "cosine"


@dataclass(frozen=True)
class VectorFiles:
    """Files of vectors made elsewhere (form: see the module), to be evaluated as ``PrecomputedVectors`` are."""

    queries: str | Path
    passages: str | Path
    similarity: str = "cosine"

    def read(
        self, query_ids: Mapping[str, Sequence[str]], passage_ids: Mapping[str, Sequence[str]]
    ) -> PrecomputedVectors:
        """The vectors of these ids per language, in their order; raises ``InputError`` for a bad file or missing id."""
        return PrecomputedVectors(
            queries=StoredVectors.read(self.queries).rows(query_ids),
            passages=StoredVectors.read(self.passages).rows(passage_ids),
            similarity=self.similarity,
        )


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
        reader = _READERS.get(path.suffix)
        if reader is None:
            raise InputError(
                f"{path}: vectors are read from {', '.join(_READERS)}, not from {path.suffix or 'no suffix'!r}"
            )
        vectors, ids, languages = reader(path)
        ids = [str(id_) for id_ in ids]
        if vectors.ndim != 2 or vectors.dtype.kind not in "fiu":
            raise InputError(
                f"{path}: holds {vectors.dtype} of shape {vectors.shape}, not numbers of shape (texts, width)"
            )
        languages = [ANY_LANGUAGE] * len(ids) if languages is None else [str(language) for language in languages]
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
Read = tuple[npt.NDArray[Any], Sequence[Any], Sequence[Any] | None]


def _read_npy(path: Path) -> Read:
    beside = path.with_suffix(".ids.txt")
    if not beside.is_file():
        raise InputError(f"{path}: its ids are missing. Write them to {beside}, one a line in the order of the vectors")
    # Text mode's lines also end at \r, and those of str.splitlines at characters that ids may hold.
    with beside.open(encoding="utf-8-sig", newline="\n") as file:
        lines = [line.removesuffix("\n").removesuffix("\r").rpartition("\t") for line in file]
    languages = [language for language, _, _ in lines] if any(tab for _, tab, _ in lines) else None
    return _loaded(path, mmap_mode="r"), [id_ for _, _, id_ in lines], languages


def _read_npz(path: Path) -> Read:
    with _loaded(path) as arrays:
        _check_names(path, "array", ("ids", "vectors"), arrays)
        ids = _array(arrays, "ids", path)
        languages = _array(arrays, "languages", path) if "languages" in arrays else None
        return _array(arrays, "vectors", path), ids, languages


def _array(arrays: Any, name: str, path: Path) -> Any:
    """One array of an .npz file, which numpy reads only now."""
    kind = "np.float32" if name == "vectors" else "str"
    anew = f"Write the file anew, with {name} as np.array({name}, dtype={kind})"
    with foreign_errors(f"array {name!r} cannot be read", place=path, advice=anew):
        return np.asarray(arrays[name])


def _read_parquet(path: Path) -> Read:
    from pyarrow import parquet

    with foreign_errors("is no Parquet file that can be read", place=path):
        table = parquet.read_table(path)
    _check_names(path, "column", ("id", "vector"), table.column_names)
    languages = table["language"].to_pylist() if "language" in table.column_names else None
    return _matrix(table["vector"], path), table["id"].to_pylist(), languages


def _check_names(path: Path, kind: str, needed: Sequence[str], present: Collection[str]) -> None:
    for name in needed:
        if name not in present:
            raise InputError(f"{path}: no {kind} {name!r}. {did_you_mean(name, present)}")


def _matrix(column: Any, path: Path) -> npt.NDArray[Any]:
    """A column of lists of numbers as a matrix, without a Python object for each number."""
    from pyarrow import compute

    widths = compute.unique(compute.list_value_length(column)).to_pylist()
    if len(widths) != 1 or None in widths:
        listed = ", ".join("none" if width is None else f"{width:,}" for width in sorted(widths, key=str)[:5])
        raise InputError(f"{path}: column 'vector' holds vectors of different widths: {listed or 'there are none'}")
    numbers: npt.NDArray[Any] = compute.list_flatten(column).to_numpy()
    return numbers.reshape(len(column), widths[0])


def _loaded(path: Path, *, mmap_mode: Any = None) -> Any:
    anew = "Write it anew, with vectors as np.array(vectors, dtype=np.float32) and ids as np.array(ids, dtype=str)"
    with foreign_errors("is no file of numbers written by numpy", place=path, advice=anew):
        return np.load(path, mmap_mode=mmap_mode, allow_pickle=False)


_READERS = {".npy": _read_npy, ".npz": _read_npz, ".parquet": _read_parquet}

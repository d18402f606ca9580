from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet

from equilingua.errors import InputError
from equilingua.retrieval.precomputed import VectorFiles

IDS = ["q2", "q1", "q1", "q3"]
LANGUAGES = ["en", "de", "en", "en"]
VECTORS = np.array([[2, 0], [1, 1], [1, 0], [3, 0]], dtype=np.float32)
WANTED = {"de": ("q1",), "en": ("q1", "q2")}


def write_parquet(folder: Path, name: str, ids: Any, vectors: Any, languages: Any = None) -> Path:
    columns = {"id": ids, "vector": [list(map(float, row)) for row in vectors]}
    columns |= {"language": languages} if languages else {}
    parquet.write_table(pyarrow.table(columns), folder / f"{name}.parquet", row_group_size=2)
    return folder / f"{name}.parquet"


def write_npz(folder: Path, name: str, ids: Any, vectors: Any, languages: Any = None) -> Path:
    arrays = {"ids": ids, "vectors": vectors} | ({"languages": languages} if languages else {})
    np.savez(folder / f"{name}.npz", **arrays)
    return folder / f"{name}.npz"


def write_npy(folder: Path, name: str, ids: Any, vectors: Any, languages: Any = None) -> Path:
    np.save(folder / f"{name}.npy", vectors)
    lines = [f"{lang}\t{id_}" for lang, id_ in zip(languages, ids, strict=True)] if languages else ids
    (folder / f"{name}.ids.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / f"{name}.npy"


WRITERS = [write_parquet, write_npz, write_npy]
Writer = Callable[..., Path]


@pytest.mark.parametrize("write", WRITERS)
def test_vectors_are_found_by_language_and_id(write: Writer, tmp_path: Path) -> None:
    queries = write(tmp_path, "queries", IDS, VECTORS, LANGUAGES)
    passages = write(tmp_path, "passages", ["p1", "p2"], VECTORS[:2])
    found = VectorFiles(queries, passages, "dot").read(WANTED, {"de": ["p2"], "en": ["p1"]})
    assert {language: rows.tolist() for language, rows in found.queries.items()} == {
        "de": [[1, 1]],
        "en": [[1, 0], [2, 0]],
    }
    assert {language: rows.tolist() for language, rows in found.passages.items()} == {"de": [[1, 1]], "en": [[2, 0]]}
    assert found.similarity == "dot"


@pytest.mark.parametrize("write", WRITERS)
def test_missing_ids_are_all_told(write: Writer, tmp_path: Path) -> None:
    queries = write(tmp_path, "queries", IDS, VECTORS, LANGUAGES)
    wanted = {"de": ("q1", "q7", "q8"), "en": ("q9",)}
    with pytest.raises(InputError) as raised:
        VectorFiles(queries, queries).read(wanted, {})
    assert str(raised.value).splitlines() == [
        f"{queries}: 2 problems",
        "no vector for 2 of 3 ids in 'de', the first 'q7'",
        "no vector for 1 of 1 ids in 'en', the first 'q9'",
    ]


@pytest.mark.parametrize("write", WRITERS)
def test_an_id_that_stands_twice_is_refused(write: Writer, tmp_path: Path) -> None:
    untold = write(tmp_path, "untold", IDS, VECTORS)
    with pytest.raises(InputError, match=r"id 'q1' stands twice. If these are translations, say which is in which"):
        VectorFiles(untold, untold).read(WANTED, {})
    twice = write(tmp_path, "twice", IDS, VECTORS, ["en"] * 4)
    with pytest.raises(InputError, match="id 'q1' stands twice in 'en'"):
        VectorFiles(twice, twice).read(WANTED, {})


def test_half_precision_is_read(tmp_path: Path) -> None:
    path = write_npy(tmp_path, "half", ["a", "b"], VECTORS[:2].astype(np.float16))
    assert VectorFiles(path, path).read({"en": ["b"]}, {}).queries["en"].tolist() == [[1, 1]]


def test_lists_of_fixed_size_are_read(tmp_path: Path) -> None:
    vectors = pyarrow.FixedSizeListArray.from_arrays(pyarrow.array(VECTORS.ravel()), 2)
    path = tmp_path / "fixed.parquet"
    parquet.write_table(pyarrow.table({"id": ["a", "b", "c", "d"], "vector": vectors}), path)
    assert VectorFiles(path, path).read({"en": ["d", "b"]}, {}).queries["en"].tolist() == [[3, 0], [1, 1]]


def test_vectors_of_different_widths_are_refused(tmp_path: Path) -> None:
    path = write_parquet(tmp_path, "ragged", ["a", "b"], [[1, 2], [1, 2, 3]])
    with pytest.raises(InputError, match="column 'vector' holds vectors of different widths: 2, 3"):
        VectorFiles(path, path).read({}, {})


def test_files_without_what_is_needed_are_refused(tmp_path: Path) -> None:
    parquet.write_table(pyarrow.table({"id": ["a"], "vectors": [[1.0]]}), tmp_path / "names.parquet")
    np.savez(tmp_path / "names.npz", vector=VECTORS, ids=IDS)
    np.save(tmp_path / "alone.npy", VECTORS)
    np.save(tmp_path / "flat.npy", VECTORS[0])
    (tmp_path / "flat.ids.txt").write_text("a\nb\n")
    (tmp_path / "torn.npz").write_bytes(b"PK")
    (tmp_path / "torn.parquet").write_bytes(b"PAR1")
    (tmp_path / "list.csv").write_text("a,1\n")
    write_npy(tmp_path, "count", ["a", "b", "c"], VECTORS)
    for name, message in {
        "names.parquet": "no column 'vector'. Did you mean 'vectors'",
        "names.npz": "no array 'vectors'. Did you mean 'vector'",
        "alone.npy": r"its ids are missing. Write them to .*alone.ids.txt, one a line",
        "flat.npy": r"holds float32 of shape \(2,\), not numbers of shape \(texts, width\)",
        "torn.npz": "is no file of numbers written by numpy",
        "torn.parquet": "is no Parquet file that can be read",
        "list.csv": "vectors are read from .npy, .npz, .parquet, not from '.csv'",
        "count.npy": "4 vectors, 3 ids and 3 languages",
        "absent.npy": "no such file",
    }.items():
        with pytest.raises(InputError, match=message):
            VectorFiles(tmp_path / name, tmp_path / name).read({}, {})


def test_ids_are_cut_at_line_feeds_only(tmp_path: Path) -> None:
    ids = ["a\u2028b", "c\x0bd", "e\rf"]
    path = write_npy(tmp_path, "odd", ids, VECTORS[:3])
    assert VectorFiles(path, path).read({"en": ids}, {}).queries["en"].tolist() == VECTORS[:3].tolist()
    (tmp_path / "odd.ids.txt").write_bytes(b"a\r\nb\r\nc\r\n")
    assert VectorFiles(path, path).read({"en": ["c"]}, {}).queries["en"].tolist() == [[1, 0]]


def test_arrays_of_objects_are_refused_with_advice(tmp_path: Path) -> None:
    path = tmp_path / "objects.npz"
    np.savez(path, vectors=VECTORS, ids=np.array(["a", "b", "c", "d"], dtype=object))
    with pytest.raises(
        InputError, match=r"objects.npz: array 'ids' cannot be read: .*with ids as np.array\(ids, dtype=s"
    ):
        VectorFiles(path, path).read({}, {})
    np.savez(path, vectors=VECTORS.astype(object), ids=["a", "b", "c", "d"])
    with pytest.raises(InputError, match=r"array 'vectors' cannot be read: .*np.array\(vectors, dtype=np.float32\)"):
        VectorFiles(path, path).read({}, {})


def test_an_archive_of_vectors_that_was_cut_off_is_refused_with_advice(tmp_path: Path) -> None:
    path = write_npz(tmp_path, "cut", ["a", "b", "c", "d"], VECTORS)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(
        InputError, match=r"cut.npz: is no file of numbers .*Write it anew, .*np.array\(ids, dtype=str\)"
    ):
        VectorFiles(path, path).read({}, {})


def test_a_damaged_array_is_refused_with_advice(tmp_path: Path) -> None:
    path = write_npz(tmp_path, "bad", ["a", "b", "c", "d"], VECTORS)
    path.write_bytes(path.read_bytes().replace(VECTORS.tobytes(), VECTORS.tobytes()[::-1]))
    with pytest.raises(InputError, match=r"bad.npz: array 'vectors' cannot be read: Bad CRC-32.* Write the file anew"):
        VectorFiles(path, path).read({}, {})


def test_pickles_are_not_opened(tmp_path: Path) -> None:
    np.save(tmp_path / "objects.npy", np.array([{"a": 1}]), allow_pickle=True)
    (tmp_path / "objects.ids.txt").write_text("a\n")
    with pytest.raises(InputError, match="is no file of numbers"):
        VectorFiles(tmp_path / "objects.npy", tmp_path / "objects.npy").read({}, {})

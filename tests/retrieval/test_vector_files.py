"""Files of vectors of every kind that people have: read, or refused in words."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet

from equilingua.errors import InputError
from equilingua.retrieval.vector_files import StoredVectors

ROWS = np.random.default_rng(0).standard_normal((5, 4)).astype(np.float32)
IDS = [f"p{n}" for n in range(5)]


def npy(folder: Path, array: Any, ids: bytes = "\n".join(IDS).encode(), **options: Any) -> Path:
    np.save(folder / "v.npy", array, **options)
    (folder / "v.ids.txt").write_bytes(ids)
    return folder / "v.npy"


def table(folder: Path, vectors: Any, ids: Any = None, **columns: Any) -> Path:
    path = folder / "v.parquet"
    parquet.write_table(
        pyarrow.table({"id": pyarrow.array(IDS) if ids is None else ids, "vector": vectors, **columns}), path
    )
    return path


def refused(path: Path) -> str:
    with pytest.raises(InputError) as told:
        StoredVectors.read(path)
    message = str(told.value)
    assert message.startswith(str(path.parent))
    assert "\n" not in message
    return message


@pytest.mark.parametrize("dtype", [">f4", "<f4", ">f8", "<f2", ">f2", ">i4", "<u2", "longdouble"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_numbers_of_any_width_order_and_byte_order_are_read(tmp_path: Path, dtype: str, order: Any) -> None:
    array = np.asarray(100 * ROWS, dtype=dtype, order=order) if "u" not in dtype else np.abs(100 * ROWS).astype(dtype)
    stored = StoredVectors.read(npy(tmp_path, array))
    assert isinstance(stored.vectors, np.memmap)
    found = stored.rows({"en": ["p3", "p0"]})["en"]
    np.testing.assert_array_equal(found, array[[3, 0]])


HEADERS = {
    "a key of bytes": b"{b'descr': '<f4', 'fortran_order': False, 'shape': (5, 4), }",
    "no key": b"{}",
    "a list": b"[1, 2]",
    "a call": b"__import__('os').system('true')",
    "no Python": b"\xff\xfe(",
    "deep": b"(" * 5000,
    "an odd type": b"{'descr': 'x9', 'fortran_order': False, 'shape': (5, 4), }",
    "a shape of text": b"{'descr': '<f4', 'fortran_order': False, 'shape': 'x', }",
    "a huge shape": b"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 4), }",
    "a negative shape": b"{'descr': '<f4', 'fortran_order': False, 'shape': (-5, 4), }",
    "more than there is": b"{'descr': '<f4', 'fortran_order': False, 'shape': (500, 4), }",
    "objects": b"{'descr': '|O', 'fortran_order': False, 'shape': (5, 4), }",
    "null": b"\x00" * 20,
    "nothing": b"",
}


@pytest.mark.parametrize("kind", HEADERS)
@pytest.mark.parametrize("version", [(1, 0), (2, 0), (9, 9)])
def test_a_header_that_is_none_is_refused(tmp_path: Path, kind: str, version: tuple[int, int]) -> None:
    header = HEADERS[kind] + b"\n"
    length = len(header).to_bytes(2 if version == (1, 0) else 4, "little")
    path = npy(tmp_path, ROWS)
    path.write_bytes(b"\x93NUMPY" + bytes(version) + length + header + ROWS.tobytes())
    assert "is no file of numbers written by numpy" in refused(path)


@pytest.mark.parametrize("length", [0, 5, 10, 60, 128, 130, -1])
def test_a_file_that_was_cut_is_refused(tmp_path: Path, length: int) -> None:
    path = npy(tmp_path, ROWS)
    path.write_bytes(path.read_bytes()[:length])
    refused(path)
    path = tmp_path / "v.npz"
    np.savez(path, vectors=ROWS, ids=IDS)
    path.write_bytes(path.read_bytes()[:length])
    refused(path)
    path = table(tmp_path, list(ROWS))
    path.write_bytes(path.read_bytes()[:length])
    refused(path)


@pytest.mark.parametrize(
    "array",
    [
        ROWS[0], ROWS[None], np.float32(1), ROWS.astype(complex), ROWS.astype(str), ROWS.astype("S4"),
        np.zeros(5, dtype=[("a", "f4")]), np.zeros((5, 4), "M8[s]"), np.zeros((5, 4), "V2"), np.zeros((5, 4), "V8"),
    ],
)  # fmt: skip
def test_arrays_that_are_no_rows_of_numbers_are_refused(tmp_path: Path, array: Any) -> None:
    assert "not numbers of shape (texts, width)" in refused(npy(tmp_path, array))


def test_bfloat16_is_named(tmp_path: Path) -> None:
    assert "(bfloat16 perhaps, which numpy does not know)" in refused(npy(tmp_path, np.zeros((5, 4), "V2")))


@pytest.mark.parametrize("shape", [(0, 4), (5, 0), (0, 0)])
def test_a_file_without_vectors_is_refused(tmp_path: Path, shape: tuple[int, int]) -> None:
    empty = np.zeros(shape, np.float32)
    for path in (npy(tmp_path, empty, b""), tmp_path / "v.npz"):
        np.savez(tmp_path / "v.npz", vectors=empty, ids=np.array(IDS[: shape[0]], str))
        message = refused(path)
        assert "holds no vectors" in message or "is no file of numbers" in message
    assert "different widths: there are none" in refused(
        table(tmp_path, pyarrow.array([], pyarrow.list_(pyarrow.float32())), pyarrow.array([], pyarrow.string()))
    )


def test_pickled_objects_are_refused(tmp_path: Path) -> None:
    assert "is no file of numbers" in refused(npy(tmp_path, ROWS.astype(object), allow_pickle=True))
    path = tmp_path / "v.npz"
    np.savez(path, vectors=ROWS, ids=np.array(IDS, dtype=object))
    assert "array 'ids' cannot be read" in refused(path)


def test_one_form_under_the_suffix_of_another_is_told(tmp_path: Path) -> None:
    npy(tmp_path, ROWS).rename(tmp_path / "v.npz")
    assert "is no .npz archive but a single array" in refused(tmp_path / "v.npz")
    np.savez(tmp_path / "w.npz", vectors=ROWS, ids=IDS)
    (tmp_path / "w.npz").rename(tmp_path / "v.npy")
    assert "is an .npz archive: give it that suffix" in refused(tmp_path / "v.npy")
    (tmp_path / "v.parquet").write_text(json.dumps({"id": 1}))
    assert "is no Parquet file" in refused(tmp_path / "v.parquet")
    npy(tmp_path, ROWS).rename(tmp_path / "U.NPY")
    (tmp_path / "U.ids.txt").write_text("\n".join(IDS))
    assert StoredVectors.read(tmp_path / "U.NPY").vectors.shape == (5, 4)


@pytest.mark.parametrize(
    "ids", [b"\xff\xfep\x000\x00", b"p0\np1\n\xffp2\np3\np4", b"p0\np1", b"", b"p0\np1\np2\np3\np4\n\n"]
)
def test_lists_of_ids_that_cannot_be_used_are_refused(tmp_path: Path, ids: bytes) -> None:
    refused(npy(tmp_path, ROWS, ids))


@pytest.mark.parametrize("ids", [np.array(IDS, "S2"), np.array(IDS), np.arange(5), np.array(IDS, "S2").tolist()])
def test_ids_as_texts_bytes_or_whole_numbers_are_read(tmp_path: Path, ids: Any) -> None:
    np.savez(tmp_path / "v.npz", vectors=ROWS, ids=ids, languages=np.array(["en"] * 5, "S2"))
    key = ("en", "3" if np.asarray(ids).dtype.kind == "i" else "p3")
    assert StoredVectors.read(tmp_path / "v.npz").keys[3] == key
    stored = table(tmp_path, list(ROWS), pyarrow.array(ids), language=pyarrow.array(["en"] * 5).dictionary_encode())
    assert StoredVectors.read(stored).keys[3] == key


@pytest.mark.parametrize(
    "ids",
    [np.array([[one] for one in IDS]), np.array("p0"), np.arange(5) / 2, np.array([True] * 5), np.array([b"\xff"] * 5)],
)
def test_ids_that_are_no_texts_are_refused(tmp_path: Path, ids: Any) -> None:
    np.savez(tmp_path / "v.npz", vectors=ROWS, ids=ids)
    assert "array 'ids'" in refused(tmp_path / "v.npz")
    if ids.ndim == 1:
        assert "column 'id'" in refused(table(tmp_path, list(ROWS), pyarrow.array(ids)))


def test_missing_ids_and_strings_that_are_no_utf_8_are_refused(tmp_path: Path) -> None:
    assert "column 'id' has no value in 1 of 5 rows" in refused(table(tmp_path, list(ROWS), ["a", None, "b", "c", "d"]))
    broken = pyarrow.Array.from_buffers(
        pyarrow.string(),
        5,
        [None, pyarrow.py_buffer(np.arange(6, dtype="<i4").tobytes()), pyarrow.py_buffer(b"ab\xffcd")],
    )
    assert "column 'id' holds what is no text" in refused(table(tmp_path, list(ROWS), broken))
    assert "column 'language' holds what is no text" in refused(table(tmp_path, list(ROWS), language=broken))


LISTS = {
    "lists": pyarrow.array(list(ROWS)),
    "large lists": pyarrow.array(ROWS.tolist(), pyarrow.large_list(pyarrow.float64())),
    "fixed lists": pyarrow.FixedSizeListArray.from_arrays(pyarrow.array(ROWS.ravel()), 4),
    "tensors": pyarrow.FixedShapeTensorArray.from_numpy_ndarray(ROWS),
    "halves": pyarrow.array(list(ROWS.astype(np.float16))),
}


@pytest.mark.parametrize("kind", LISTS)
def test_columns_of_lists_and_tensors_are_read(tmp_path: Path, kind: str) -> None:
    path = table(tmp_path, LISTS[kind])
    np.testing.assert_allclose(StoredVectors.read(path).rows({"en": ["p4", "p1"]})["en"], ROWS[[4, 1]], rtol=1e-2)
    sliced = table(tmp_path, LISTS[kind][1:], IDS[1:])
    np.testing.assert_allclose(StoredVectors.read(sliced).rows({"en": ["p4"]})["en"], ROWS[[4]], rtol=1e-2)


NO_LISTS = {
    "numbers": pyarrow.array(range(5)),
    "texts": pyarrow.array(["[0.1, 0.2]"] * 5),
    "objects": pyarrow.array([{"a": 1.0}] * 5),
    "lists of lists": pyarrow.array([[[0.1], [0.2]]] * 5),
    "lists of texts": pyarrow.array([["a", "b"]] * 5),
    "lists of objects": pyarrow.array([[{"a": 1}]] * 5),
    "matrices": pyarrow.FixedShapeTensorArray.from_numpy_ndarray(np.ones((5, 2, 2), np.float32)),
    "a missing one": pyarrow.array([[1.0], [2.0], None, [3.0], [4.0]]),
    "other widths": pyarrow.array([[1.0], [2.0], [3.0, 4.0], [3.0], [4.0]]),
    "bytes of other widths": pyarrow.array([b"a", b"b", b"cd", b"e", b"f"]),
    "nothing": pyarrow.nulls(5),
    "empty": pyarrow.array([[]] * 5, pyarrow.list_(pyarrow.float32())),
    "dates": pyarrow.array([[0]] * 5, pyarrow.list_(pyarrow.date32())),
}


@pytest.mark.parametrize("kind", NO_LISTS)
def test_columns_that_are_no_lists_of_numbers_are_refused(tmp_path: Path, kind: str) -> None:
    refused(table(tmp_path, NO_LISTS[kind]))


def test_a_number_that_is_missing_in_a_list_is_nan_and_told_where_it_is_used(tmp_path: Path) -> None:
    from equilingua.retrieval.vectors import as_vectors

    stored = StoredVectors.read(table(tmp_path, pyarrow.array([[1.0, None], *([[1.0, 2.0]] * 4)])))
    with pytest.raises(InputError, match="1 of 1 hold NaN"):
        as_vectors(stored.rows({"en": ["p0"]})["en"], ["text"], "passage vectors")


def test_columns_twice_of_one_name_are_refused(tmp_path: Path) -> None:
    names = ["id", "id", "vector"]
    parquet.write_table(
        pyarrow.Table.from_arrays([pyarrow.array(IDS)] * 2 + [LISTS["lists"]], names), tmp_path / "v.parquet"
    )
    refused(tmp_path / "v.parquet")


def test_a_stream_of_rubbish_is_refused_in_every_form(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    buffers = {".npy": io.BytesIO(), ".npz": io.BytesIO(), ".parquet": io.BytesIO()}
    np.save(buffers[".npy"], ROWS)
    np.savez(buffers[".npz"], vectors=ROWS, ids=IDS)
    parquet.write_table(pyarrow.table({"id": IDS, "vector": list(ROWS)}), buffers[".parquet"])
    (tmp_path / "v.ids.txt").write_text("\n".join(IDS))
    for suffix, buffer in buffers.items():
        whole = buffer.getvalue()
        for _ in range(150):
            spoilt = bytearray(whole)
            for place in draw.integers(0, len(whole), 6):
                spoilt[place] ^= int(draw.integers(1, 256))
            path = tmp_path / f"v{suffix}"
            path.write_bytes(spoilt)
            try:
                StoredVectors.read(path).rows({"en": IDS})
            except InputError:
                continue

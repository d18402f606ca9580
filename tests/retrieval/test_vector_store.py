import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from equilingua.errors import InputError
from equilingua.retrieval.vector_store import VectorStore

# Appends to a store, one vector at a time, until it is killed or done: folder, first text, number of texts.
WRITER = """
import sys
import numpy as np
from pathlib import Path
from equilingua.retrieval.vector_store import VectorStore
folder, first, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
store = VectorStore(folder, {})
for n in range(first, first + count):
    store.add([f"text {n}"], np.full((1, 64), n, dtype=np.float32))
    print(n, flush=True)
"""


def rows(*values: float) -> np.ndarray:
    return np.array([[value, -value] for value in values], dtype=np.float32)


def writer(folder: Path, first: int, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(folder), str(first), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_vectors_come_back_in_any_order_and_to_later_readers(tmp_path: Path) -> None:
    store = VectorStore(tmp_path / "store", {"role": "query"})
    assert store.missing(["a", "b"]) == [0, 1]
    store.add(["a", "b"], rows(1, 2))
    store.add(["c", "a"], rows(3, 9))
    for reader in (store, VectorStore(tmp_path / "store", {})):
        assert reader.missing(["c", "d", "a"]) == [1]
        assert reader.get(["c", "a", "b", "a"]).tolist() == rows(3, 1, 2, 1).tolist()
        assert len(reader) == 3
    with pytest.raises(KeyError):
        store.get(["d"])


def test_a_vector_that_was_not_written_whole_is_dropped(tmp_path: Path) -> None:
    VectorStore(tmp_path, {}).add(["a", "b"], rows(1, 2))
    for name, torn in {"rows.bin": b"\0" * 5, "keys.bin": b"k" * 7}.items():
        with (tmp_path / name).open("ab") as file:
            file.write(torn)
    store = VectorStore(tmp_path, {})
    assert len(store) == 2
    store.add(["c"], rows(3))
    assert VectorStore(tmp_path, {}).get(["c", "b", "a"]).tolist() == rows(3, 2, 1).tolist()


def test_a_row_without_its_key_is_written_anew(tmp_path: Path) -> None:
    VectorStore(tmp_path, {}).add(["a"], rows(1))
    with (tmp_path / "rows.bin").open("ab") as file:
        file.write(rows(7).tobytes())
    store = VectorStore(tmp_path, {})
    assert store.missing(["a", "b"]) == [1]
    store.add(["b"], rows(2))
    assert VectorStore(tmp_path, {}).get(["a", "b"]).tolist() == rows(1, 2).tolist()


def test_what_another_wrote_meanwhile_is_seen_and_not_written_twice(tmp_path: Path) -> None:
    first, second = VectorStore(tmp_path, {}), VectorStore(tmp_path, {})
    first.add(["a"], rows(1))
    second.add(["a", "b"], rows(5, 2))
    assert first.missing(["a", "b"]) == []
    assert first.get(["b", "a"]).tolist() == rows(2, 1).tolist()
    assert (tmp_path / "keys.bin").stat().st_size == 2 * 16


def test_vectors_that_are_not_finite_are_not_kept(tmp_path: Path) -> None:
    store = VectorStore(tmp_path, {})
    store.add(["a", "b"], rows(np.nan, 2))
    assert store.missing(["a", "b"]) == [0]


def test_another_width_is_refused(tmp_path: Path) -> None:
    store = VectorStore(tmp_path, {})
    store.add(["a"], rows(1))
    with pytest.raises(InputError, match=r"holds vectors of width 2, the model now gives 3. Remove the folder"):
        VectorStore(tmp_path, {}).add(["b"], np.ones((1, 3), np.float32))


def test_a_killed_writer_leaves_what_it_had_written(tmp_path: Path) -> None:
    with writer(tmp_path, 0, 100_000) as process:
        assert process.stdout is not None
        written = [int(process.stdout.readline()) for _ in range(20)]
        os.kill(process.pid, signal.SIGKILL)
    store = VectorStore(tmp_path, {})
    texts = [f"text {n}" for n in written]
    assert store.missing(texts) == []
    np.testing.assert_array_equal(store.get(texts)[:, 0], written)
    store.add(["after"], np.full((1, 64), -1, dtype=np.float32))
    assert VectorStore(tmp_path, {}).get(["after", "text 7"])[:, 0].tolist() == [-1, 7]


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    with writer(tmp_path, 0, 60) as one, writer(tmp_path, 30, 60) as other:
        one.communicate()
        other.communicate()
    assert (one.returncode, other.returncode) == (0, 0)
    store = VectorStore(tmp_path, {})
    assert len(store) == 90
    np.testing.assert_array_equal(store.get([f"text {n}" for n in range(90)])[:, 63], range(90))
    assert (tmp_path / "rows.bin").stat().st_size == 90 * 64 * 4

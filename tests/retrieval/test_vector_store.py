import os
import signal
import sqlite3
import subprocess
import sys
import warnings
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from equilingua.errors import EquilinguaWarning, InputError
from equilingua.retrieval.vector_database import CacheUnusableError, VectorStore, text_digest

# Appends to a store, one vector at a time, until it is killed or done: folder, first text, number of texts.
WRITER = """
import sys
import numpy as np
from pathlib import Path
from equilingua.retrieval.vector_database import VectorStore
folder, first, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
store = VectorStore(folder, {})
for n in range(first, first + count):
    store.add([f"text {n}"], np.full((1, 64), n, dtype=np.float32))
    print(n, flush=True)
"""


# Writes more than SQLite holds in memory and is killed before it commits: path of the database.
KILLED = """
import os
import signal
import sqlite3
import sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("PRAGMA cache_size = 10")
database.execute("BEGIN IMMEDIATE")
vectors = ((n.to_bytes(16, "big"), bytes(8)) for n in range(100_000))
database.executemany("INSERT INTO vectors VALUES (?, ?)", vectors)
os.kill(os.getpid(), signal.SIGKILL)
"""

# Adds to a store while no file may grow past 200 kB: folder.
FULL = """
import resource
import signal
import sys
import numpy as np
from pathlib import Path
from equilingua.errors import EquilinguaWarning, InputError
from equilingua.retrieval.vector_database import VectorStore
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
store = VectorStore(Path(sys.argv[1]), {})
store.add(["a"], np.float32([[1, -1]]))
try:
    store.add([f"text {n}" for n in range(100_000)], np.ones((100_000, 2), np.float32))
except InputError as error:
    print(error)
"""


def rows(*values: float) -> np.ndarray:
    return np.array([[value, -value] for value in values], dtype=np.float32)


def writer(folder: Path, first: int, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(folder), str(first), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def count(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "vectors.sqlite")) as database:
        return int(database.execute("SELECT count(*) FROM vectors").fetchone()[0])


def test_vectors_come_back_in_any_order_and_to_later_readers(tmp_path: Path) -> None:
    store = VectorStore(tmp_path / "store", {"role": "query"})
    assert store.find(["a", "b"])[0] == []
    store.add(["a", "b"], rows(1, 2))
    store.add(["c", "a"], rows(3, 9))
    for reader in (store, VectorStore(tmp_path / "store", {})):
        places, vectors = reader.find(["c", "d", "a", "b", "a"])
        assert places == [0, 2, 3, 4]
        assert vectors.tolist() == rows(3, 1, 2, 1).tolist()
    assert count(tmp_path / "store") == 3


def test_thousands_of_vectors_come_back_bit_for_bit(tmp_path: Path) -> None:
    vectors = np.random.default_rng(0).integers(0, 2**32, (3000, 5), dtype=np.uint32).view(np.float32)
    vectors[~np.isfinite(vectors)] = np.float32(1e-45)
    texts = [f"text {n}" for n in range(3000)]
    VectorStore(tmp_path, {}).add(texts, vectors)
    places, found = VectorStore(tmp_path, {}).find(texts[::-1])
    assert places == list(range(3000))
    assert found.tobytes() == vectors[::-1].tobytes()


def test_what_a_killed_writer_had_not_committed_is_dropped(tmp_path: Path) -> None:
    VectorStore(tmp_path, {}).add(["a"], rows(1))
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "vectors.sqlite")], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (tmp_path / "vectors.sqlite-journal").stat().st_size > 0
    store = VectorStore(tmp_path, {})
    assert store.find(["a"])[1].tolist() == rows(1).tolist()
    store.add(["b"], rows(2))
    assert count(tmp_path) == 2


def checked_and_made_anew(folder: Path, texts: list[str], vectors: np.ndarray) -> None:
    """What is found is right; when the vectors were added again, all come back."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EquilinguaWarning)
        places, found = VectorStore(folder, {}).find(texts)
        assert found.tobytes() == vectors[places].tobytes()
        VectorStore(folder, {}).add(texts, vectors)
    places, found = VectorStore(folder, {}).find(texts)
    assert places == list(range(len(texts)))
    assert found.tobytes() == vectors.tobytes()


@pytest.mark.parametrize("width", [8, 384, 6000])
def test_a_database_that_was_cut_anywhere_gives_no_wrong_vector_and_is_made_anew(tmp_path: Path, width: int) -> None:
    # The widest take several pages each.
    texts = [f"text {n}" for n in range(120)]
    vectors = np.random.default_rng(0).standard_normal((120, width)).astype(np.float32)
    VectorStore(tmp_path, {}).add(texts, vectors)
    path = tmp_path / "vectors.sqlite"
    whole = path.read_bytes()
    for length in [0, 1, 50, 100, 16_384, *range(20_000, len(whole), len(whole) // 6), len(whole) - 1]:
        for tail in (b"", bytes(len(whole) - length)):
            path.write_bytes(whole[:length] + tail)
            checked_and_made_anew(tmp_path, texts, vectors)


def test_bytes_that_changed_anywhere_give_no_wrong_vector(tmp_path: Path) -> None:
    texts = [f"text {n}" for n in range(60)]
    vectors = np.random.default_rng(0).standard_normal((60, 300)).astype(np.float32)
    VectorStore(tmp_path, {}).add(texts, vectors)
    path = tmp_path / "vectors.sqlite"
    whole = path.read_bytes()
    draw = np.random.default_rng(1)
    for _ in range(25):
        changed = bytearray(whole)
        for place in draw.integers(0, len(whole), 40):
            changed[place] ^= int(draw.integers(1, 256))
        path.write_bytes(changed)
        checked_and_made_anew(tmp_path, texts, vectors)


def test_what_can_be_read_of_a_damaged_database_is_kept_and_told(tmp_path: Path) -> None:
    texts, vectors = [f"text {n}" for n in range(500)], np.full((500, 384), 2, np.float32)
    VectorStore(tmp_path, {}).add(texts, vectors)
    path = tmp_path / "vectors.sqlite"
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 4])
    with pytest.warns(EquilinguaWarning, match=r"vectors.sqlite: was damaged and is made anew; [23]\d\d vectors could"):
        places, found = VectorStore(tmp_path, {}).find(texts)
    assert 200 < len(places) < 500
    assert (found == 2).all()
    path.write_bytes(b"no database" * 1000)
    with pytest.warns(EquilinguaWarning, match=r"was damaged and is made anew; 0 vectors could be kept"):
        assert VectorStore(tmp_path, {}).find(texts)[0] == []
    assert sorted(file.name for file in tmp_path.iterdir()) == ["store.json", "vectors.sqlite"]


@pytest.mark.parametrize("record", [b"12345", b"", 7, 0.5, "text", bytes(24), bytes(8)])
def test_a_record_that_is_no_vector_of_the_text_counts_as_missing_and_is_told(tmp_path: Path, record: object) -> None:
    VectorStore(tmp_path, {}).add(["a", "b"], rows(1, 2))
    with closing(sqlite3.connect(tmp_path / "vectors.sqlite")) as database, database:
        database.execute("UPDATE vectors SET vector = ? WHERE key = ?", (record, text_digest("b")))
    with pytest.warns(EquilinguaWarning, match="was damaged and is made anew; 1 vectors could be kept"):
        places, found = VectorStore(tmp_path, {}).find(["a", "b"])
    assert (places, found.tolist()) == ([0], rows(1).tolist())


def test_records_without_a_checksum_or_a_width_are_not_used(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "vectors.sqlite")) as database, database:
        database.execute("CREATE TABLE vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL)")
        database.execute("INSERT INTO vectors VALUES (?, ?)", (text_digest("a"), rows(1).tobytes()))
    with pytest.warns(EquilinguaWarning, match="was damaged and is made anew; 0 vectors could be kept"):
        assert VectorStore(tmp_path, {}).find(["a"])[0] == []
    VectorStore(tmp_path, {}).add(["a"], rows(1))
    with closing(sqlite3.connect(tmp_path / "vectors.sqlite")) as database, database:
        database.execute("PRAGMA user_version = 0")
    with pytest.warns(EquilinguaWarning, match="was damaged and is made anew; 1 vectors could be kept"):
        VectorStore(tmp_path, {}).find(["a"])
    assert VectorStore(tmp_path, {}).find(["a"])[1].tolist() == rows(1).tolist()


def test_the_vector_of_another_text_counts_as_missing(tmp_path: Path) -> None:
    VectorStore(tmp_path, {}).add(["a", "b"], rows(1, 2))
    with closing(sqlite3.connect(tmp_path / "vectors.sqlite")) as database, database:
        database.execute("UPDATE vectors SET vector = (SELECT vector FROM vectors WHERE key = ?)", (text_digest("a"),))
    with pytest.warns(EquilinguaWarning, match="was damaged and is made anew; 1 vectors could be kept"):
        assert VectorStore(tmp_path, {}).find(["a", "b"])[0] == [0]


def test_a_cache_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    for folder in (tmp_path / "file", tmp_path / "file" / "store"):
        with pytest.raises(
            CacheUnusableError, match=r"the cache of vectors cannot be used: .* set EQUILINGUA_CACHE to"
        ):
            VectorStore(folder, {}).find(["a"])


def test_what_another_wrote_meanwhile_is_seen_and_not_written_twice(tmp_path: Path) -> None:
    first, second = VectorStore(tmp_path, {}), VectorStore(tmp_path, {})
    first.add(["a"], rows(1))
    second.add(["a", "b"], rows(5, 2))
    assert first.find(["b", "a"])[1].tolist() == rows(2, 1).tolist()
    assert count(tmp_path) == 2


def test_a_full_disk_is_told_in_one_line_and_costs_nothing_that_was_kept(tmp_path: Path) -> None:
    full = subprocess.run([sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, check=False)
    assert "vectors.sqlite: the cache of vectors cannot be used: " in full.stdout
    assert full.stdout.count("\n") == 1, full.stdout + full.stderr
    assert VectorStore(tmp_path, {}).find(["a", "text 1"])[1].tolist() == rows(1).tolist()


@pytest.mark.skipif(getattr(os, "geteuid", int)() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_to_can_be_read(tmp_path: Path) -> None:
    store = VectorStore(tmp_path, {})
    store.add(["a"], rows(1))
    (tmp_path / "vectors.sqlite").chmod(0o444)
    tmp_path.chmod(0o555)
    try:
        assert store.find(["a", "b"])[1].tolist() == rows(1).tolist()
        with pytest.raises(InputError, match="the cache of vectors cannot be used: attempt to write a readonly"):
            store.add(["b"], rows(2))
    finally:
        tmp_path.chmod(0o755)


def test_vectors_that_are_not_finite_are_not_kept(tmp_path: Path) -> None:
    store = VectorStore(tmp_path, {})
    store.add(["a", "b"], rows(np.nan, 2))
    assert store.find(["a", "b"])[0] == [1]


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
    np.testing.assert_array_equal(store.find(texts)[1][:, 0], written)
    store.add(["after"], np.full((1, 64), -1, dtype=np.float32))
    assert VectorStore(tmp_path, {}).find(["after", "text 7"])[1][:, 0].tolist() == [-1, 7]


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    with writer(tmp_path, 0, 60) as one, writer(tmp_path, 30, 60) as other:
        one.communicate()
        other.communicate()
    assert (one.returncode, other.returncode) == (0, 0)
    np.testing.assert_array_equal(VectorStore(tmp_path, {}).find([f"text {n}" for n in range(90)])[1][:, 63], range(90))
    assert count(tmp_path) == 90

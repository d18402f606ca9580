from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest

from equilingua.errors import InputError
from equilingua.retrieval import memory
from equilingua.retrieval.memory import MappedFile


def test_a_mapped_file_keeps_what_is_put_into_it(tmp_path: Path) -> None:
    vectors = MappedFile(tmp_path / "v.npy", "float16")((3, 2))
    vectors[[2, 0]] = [[1, 2], [3, 4]]
    vectors.flush()
    held = np.load(tmp_path / "v.npy")
    assert (held.dtype, held.tolist()) == (np.float16, [[3, 4], [0, 0], [1, 2]])


def test_a_disk_without_the_space_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(memory.shutil, "disk_usage", lambda _: usage(0, 0, 1_000_000_000))
    with pytest.raises(InputError, match=r"1,000,000 vectors of 384 dimensions take 1.5 GB as float32, but 1.0 GB are"):
        MappedFile(tmp_path / "v.npy")((1_000_000, 384))
    assert list(tmp_path.iterdir()) == []
    MappedFile(tmp_path / "v.npy", "float16")((1_000, 384))

from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest

from equilingua.errors import InputError
from equilingua.retrieval import vectors as vectors_module
from equilingua.retrieval.vectors import MappedFile, as_vectors, check_widths


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
    monkeypatch.setattr(vectors_module.shutil, "disk_usage", lambda _: usage(0, 0, 1_000_000_000))
    with pytest.raises(InputError, match=r"1,000,000 vectors of 384 dimensions take 1.5 GB as float32, but 1.0 GB are"):
        MappedFile(tmp_path / "v.npy")((1_000_000, 384))
    assert list(tmp_path.iterdir()) == []
    MappedFile(tmp_path / "v.npy", "float16")((1_000, 384))


def test_rows_of_zeros_stay_zero() -> None:
    assert as_vectors([[0, 0], [3, 4]], ["", "a"], "passage vectors").tolist() == [[0, 0], pytest.approx([0.6, 0.8])]


def test_different_widths_are_refused() -> None:
    message = r"must have one width, got query vectors of 'en' 3, passage vectors of 'en' 2"
    with pytest.raises(InputError, match=message):
        check_widths({"en": np.zeros((1, 3), np.float32)}, {"en": np.zeros((1, 2), np.float32)})

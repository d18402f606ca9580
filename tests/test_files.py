from pathlib import Path

import pytest

from equilingua.errors import InputError
from equilingua.files import existing_file, whole_file, whole_folder


def test_a_folder_takes_its_name_only_when_all_is_written(tmp_path: Path) -> None:
    target = tmp_path / "a" / "store"
    with whole_folder(target) as work:
        (work / "part").write_text("x")
        assert not target.exists()
    assert (target / "part").read_text() == "x"


def test_an_interrupted_folder_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), whole_folder(tmp_path / "store") as work:
        (work / "part").write_text("x")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_another_process_finished_first_stays(tmp_path: Path) -> None:
    target = tmp_path / "store"
    with whole_folder(target) as work:
        (work / "part").write_text("mine")
        with whole_folder(target) as other:
            (other / "part").write_text("theirs")
    assert (target / "part").read_text() == "theirs"
    assert list(tmp_path.iterdir()) == [target]


def test_an_interrupted_file_keeps_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "result.json"
    target.write_text("old")
    with pytest.raises(OSError, match="full"), whole_file(target) as work:
        work.write_text("half")
        raise OSError("full")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_what_is_written_has_the_rights_of_any_other_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("x")
    (tmp_path / "plain folder").mkdir()
    with whole_file(tmp_path / "file") as work:
        work.write_text("x")
    with whole_folder(tmp_path / "folder"):
        pass
    modes = {path.name: path.stat().st_mode for path in tmp_path.iterdir()}
    assert modes["file"] == modes["plain"]
    assert modes["folder"] == modes["plain folder"]


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder, a file was expected"):
        existing_file(tmp_path)

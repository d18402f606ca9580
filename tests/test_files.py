import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from equilingua.errors import InputError
from equilingua.files import cannot_write, existing_file, whole_file, whole_folder


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


KILLED = """
import os, sys
from pathlib import Path
from equilingua.files import whole_file, whole_folder
with whole_folder(Path(sys.argv[1]) / "folder") as folder, whole_file(Path(sys.argv[1]) / "file.json") as file:
    (folder / "part").write_text("half")
    file.write_text("half")
    os.kill(os.getpid(), 9)
"""


def test_what_a_killed_process_left_is_removed_by_the_next_and_nothing_else_is(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert len(list(tmp_path.iterdir())) == 2
    others = [tmp_path / ".file.json.mine", tmp_path / ".another.x.partial", tmp_path / "folder.partial"]
    for other in others:
        other.write_text("mine")
    with whole_folder(tmp_path / "folder") as folder, whole_file(tmp_path / "file.json") as file:
        (folder / "part").write_text("whole")
        file.write_text("whole")
        # One that is being written is no leftover, though it is not finished.
        with whole_file(tmp_path / "file.json") as second:
            second.write_text("second")
        assert file.read_text() == "whole"
    assert sorted(tmp_path.iterdir()) == sorted([*others, tmp_path / "folder", tmp_path / "file.json"])
    assert (tmp_path / "folder" / "part").read_text() == (tmp_path / "file.json").read_text() == "whole"


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device", "/full/file"),
        PermissionError(13, "Permission denied", "/mine"),
        OSError(30, "Read-only file system"),
        RuntimeError("Error while serializing: I/O error: No space left on device (os error 28)"),
        sqlite3.OperationalError("database or disk is full"),
    ],
)
def test_a_disk_that_cannot_be_written_to_is_told_in_one_line(error: Exception) -> None:
    told = cannot_write(error)
    assert told is not None
    assert "cannot be written: " in told
    assert "\n" not in told
    second = ValueError("something else")
    second.__cause__ = error
    assert cannot_write(second) == told
    assert cannot_write(ValueError("no such thing")) is None
    assert cannot_write(FileNotFoundError(2, "No such file", "x")) is None
    # A file stands where a folder is wanted.
    assert "x/y: cannot be written: Not a directory." in str(
        cannot_write(NotADirectoryError(20, "Not a directory", "x/y"))
    )


def test_files_are_written_whole_into_a_folder_that_is_being_written(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from equilingua.files import whole_file, whole_folder\n"
        "with whole_folder(Path(sys.argv[1])) as work, whole_file(work / 'inner' / 'part') as part, "
        "whole_file(work / 'part') as other:\n"
        "    part.write_text('x'); other.write_text('y')\n"
    )
    # In a process of its own: what waits for a lock that it holds itself would wait for ever.
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "store")], check=True, timeout=120)
    assert (tmp_path / "store" / "inner" / "part").read_text() == "x"
    assert (tmp_path / "store" / "part").read_text() == "y"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc, in which no folder can be made")
def test_a_place_where_no_folder_can_be_made_is_told_as_one_that_cannot_be_written() -> None:
    with pytest.raises(PermissionError) as told, whole_folder(Path("/proc/equilingua/store")):
        pytest.fail("nothing can be written there")
    assert "/proc/equilingua: cannot be written: no folder can be made there" in str(cannot_write(told.value))

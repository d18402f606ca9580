from dataclasses import replace
from pathlib import Path

import pytest

from equilingua.errors import InputError
from equilingua.studies.ledger import LEDGER, Entry, append, latest, read

ENTRY = Entry("s", "a", 0, "e", "t", "r", {"monolingual": {"mAP": 0.5}}, {"training": 1.0, "evaluation": 0.1}, {})


def test_lines_are_only_added_and_the_last_of_a_place_counts(tmp_path: Path) -> None:
    entries = [ENTRY, replace(ENTRY, seed=1), replace(ENTRY, result_key="newer")]
    written = b""
    for entry in entries:
        append(tmp_path, entry)
        now = (tmp_path / LEDGER).read_bytes()
        assert now.startswith(written)
        written = now
    assert read(tmp_path) == tuple(entries)
    assert list(latest(entries).values()) == entries[1:]


@pytest.mark.parametrize("kept", [1, 20, -2, -1])
def test_a_torn_last_line_is_passed_over_and_the_next_stands_on_its_own(tmp_path: Path, kept: int) -> None:
    append(tmp_path, ENTRY)
    path = tmp_path / LEDGER
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:kept])
    alone = (ENTRY, ENTRY) if kept == -1 else (ENTRY,)  # a line that lacks nothing but its end is whole
    assert read(tmp_path) == alone
    append(tmp_path, replace(ENTRY, seed=2))
    assert read(tmp_path) == (*alone, replace(ENTRY, seed=2))


def test_an_edited_line_is_told_with_its_place(tmp_path: Path) -> None:
    append(tmp_path, ENTRY)
    append(tmp_path, ENTRY)
    path = tmp_path / LEDGER
    path.write_text(path.read_text().replace('"seed"', '"sead"').replace('"sead"', '"seed"', 1))
    with pytest.raises(InputError, match=rf"{LEDGER}:2: is no line of a study's results .*'sead'.* Was it edited\?"):
        read(tmp_path)


def test_a_study_that_has_not_begun_has_no_lines(tmp_path: Path) -> None:
    assert read(tmp_path) == ()

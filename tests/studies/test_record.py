import json
from collections.abc import Callable
from pathlib import Path

import pytest

from equilingua.errors import InputError
from equilingua.studies.config import StudyConfig
from equilingua.studies.record import Invocation, OwnResult, StudyRecord, read_study


def test_a_record_reads_as_it_was_written(small_study: Callable[..., StudyConfig], tmp_path: Path) -> None:
    own = (OwnResult("mono", 0, "facts", "k1", "k2"), OwnResult("mono", 1, "facts", "k3", "k4"))
    invocation = Invocation("studies/small.toml", ("seeds=[0, 1]",))
    record = StudyRecord(small_study(), own, invocation, ([{"says": "It gains", "test": "better"}],))
    record.write(tmp_path)
    assert read_study(tmp_path) == record
    assert set(json.loads((tmp_path / "study.json").read_text())) == {"study", "results", "asked", "earlier_claims"}


def test_options_that_are_refused_now_are_told_with_their_places(
    small_study: Callable[..., StudyConfig], tmp_path: Path
) -> None:
    StudyRecord(small_study(), (), Invocation()).write(tmp_path)
    path = tmp_path / "study.json"
    path.write_text(path.read_text().replace('"test": "better"', '"test": "best"'))
    with pytest.raises(InputError, match=r"made by another version.*\n?.*claims\.2\.test: unknown value 'best'"):
        read_study(tmp_path)

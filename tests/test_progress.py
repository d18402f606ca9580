import pytest

from equilingua import progress
from equilingua.progress import track


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands still until it is set."""
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_a_log_gets_a_line_now_and_then_with_the_rate_and_the_time_left(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in track(range(200), "encoding"):
        clock[0] += 1.0
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "encoding: 30 of 200 (15%), 1.0 a second, 3 min left"
    assert lines[1] == "encoding: 60 of 200 (30%), 1.0 a second, 2 min left"
    assert lines[-1] == "encoding: 200 of 200 (100%), over after 3 min"
    assert len(lines) == 7


def test_short_work_says_nothing_in_a_log(clock: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    for _ in track(range(20), "encoding"):
        clock[0] += 1.0
    assert capsys.readouterr().err == ""


def test_work_of_unknown_length_and_work_that_is_broken_off_are_told(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ValueError, match="enough"):
        for number in track(iter(range(100)), "storing"):
            clock[0] += 20.0
            if number == 3:
                raise ValueError("enough")
    assert capsys.readouterr().err.splitlines() == [
        "storing: 2, 3.0 a minute",
        "storing: 3, over after 1 min",
    ]


def test_nothing_is_said_where_it_is_not_to_be_shown(clock: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    for _ in track(range(5), "encoding", show=False):
        clock[0] += 100.0
    assert capsys.readouterr().err == ""

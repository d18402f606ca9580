import pytest
from hypothesis import given
from hypothesis import strategies as st

from equilingua.batching.alpha import AlphaSchedule
from equilingua.errors import InputError

shares = st.floats(0, 1)


@given(start=shares, end=shares, shape=st.sampled_from(["linear", "cosine"]), progress=st.floats(-1, 2))
def test_ramps_run_from_start_to_end_and_stay_between(start: float, end: float, shape: str, progress: float) -> None:
    schedule = AlphaSchedule(shape, ((0.0, start), (1.0, end)))
    assert schedule.at(0) == pytest.approx(start)
    assert schedule.at(1) == pytest.approx(end)
    assert min(start, end) - 1e-12 <= schedule.at(progress) <= max(start, end) + 1e-12


def test_steps_hold_until_the_next_point() -> None:
    schedule = AlphaSchedule.parse("steps:1@0,0.5@0.25,0@0.75")
    assert [schedule.at(progress) for progress in (0, 0.2, 0.25, 0.7, 0.75, 1)] == [1, 1, 0.5, 0.5, 0, 0]
    assert schedule.bounds() == (0, 1)


@pytest.mark.parametrize("text", ["0.5", "linear:1:0.3", "cosine:0:1", "steps:1@0,0.3@0.5"])
def test_a_schedule_reads_back_from_its_own_text(text: str) -> None:
    assert AlphaSchedule.parse(text).described() == text
    assert AlphaSchedule.parse(AlphaSchedule.parse(text).described()) == AlphaSchedule.parse(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1.5", r"alpha must lie in \[0, 1\], got 1\.5"),
        ("-0.1", r"alpha must lie in \[0, 1\], got -0\.1"),
        ("nan", r"alpha must lie in \[0, 1\], got nan"),
        ("linear:0:2", r"alpha must lie in \[0, 1\], got 2"),
        ("half", "alpha 'half': give a number, 'linear:START:END'"),
        ("linear:1", "alpha 'linear:1': give a number"),
        ("steps:1@0.5", "progress must start at 0 and rise"),
        ("steps:1@0,0@2", r"progress must lie in \[0, 1\], got 2"),
    ],
)
def test_alpha_outside_its_range_or_unreadable_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        AlphaSchedule.parse(text)

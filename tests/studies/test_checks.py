from collections.abc import Callable
from pathlib import Path

import pytest

from equilingua.errors import InputError
from equilingua.studies.config import load_study

CONTRAST, TREND = "margin = 0.05\nweights = { merged = 1, mono = -0.5, cross = -0.5 }", 'test = "better"\ntrend = true'
LESS = 'test = "different"\narm = "cross"\nagainst = "mono"\nevaluation = "facts"\nlanguages'
MIXED = 'evaluation = "facts"\nsetting = "multilingual"'


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "margin = 0.05",
            "margin = 1",
            "claims.4: margin 1: measures between 0 and 1 cannot differ by more; one point",
        ),
        (CONTRAST, "margin = 3\nweights = { mono = 3, cross = -3 }", "cannot differ by more than 3, weighted as here"),
        (TREND, 'test = "equivalent"\nmargin = 1.5\ntrend = true', "claims.2: margin 1.5: measures between 0 and 1"),
        (LESS, LESS.replace("different", "equivalent").replace("arm", "margin = 2\narm", 1), "differ by more than 2,"),
    ],
    ids=["contrast", "heavier weights", "trend", "interaction"],
)
def test_a_margin_that_no_difference_can_reach_is_refused(
    study_file: Callable[..., Path], old: str, new: str, told: str
) -> None:
    with pytest.raises(InputError) as error:
        load_study(study_file((old, new)))
    assert told in str(error.value)
    assert "1 problem\n" in str(error.value)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("margin = 0.1", "margin = 1.2"),
        (CONTRAST, "margin = 2.9\nweights = { mono = 3, cross = -3 }"),
        (LESS, LESS.replace("different", "equivalent").replace("arm", "margin = 1.9\narm", 1)),
        (f"{TREND}\n{MIXED}", f'test = "not-worse"\nmargin = 20\ntrend = true\nmeasure = "rank_distance"\n{MIXED}'),
    ],
    ids=["retention", "heavier weights", "interaction", "ranks"],
)
def test_a_margin_in_reach_is_taken(study_file: Callable[..., Path], old: str, new: str) -> None:
    assert load_study(study_file((old, new))).claims

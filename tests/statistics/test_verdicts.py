import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equilingua.statistics.significance import cliques, verdict


@pytest.mark.parametrize(
    ("gain", "significant", "equivalent", "not_worse", "said"),
    [
        (0.1, True, False, True, "better"),
        (-0.1, True, False, False, "worse"),
        (0.001, True, True, True, "equivalent"),
        (0.0, False, True, True, "equivalent"),
        (-0.1, True, False, True, "worse"),
        (0.01, False, False, True, "not worse"),
        (0.01, False, False, False, "not distinguishable"),
    ],
)
def test_verdicts_say_no_more_than_was_shown(
    gain: float, significant: bool, equivalent: bool, not_worse: bool, said: str
) -> None:
    assert verdict(gain=gain, significant=significant, equivalent=equivalent, not_worse=not_worse) == said


def test_without_better_and_worse_a_difference_is_higher_or_lower() -> None:
    assert verdict(gain=0.1, significant=True, directed=False) == "higher"
    assert verdict(gain=-0.1, significant=True, directed=False) == "lower"


@given(edges=st.sets(st.sampled_from(list(itertools.combinations("abcdef", 2)))))
def test_groups_are_the_largest_sets_whose_members_are_all_joined(edges: set[tuple[str, str]]) -> None:
    def joined(group: tuple[str, ...]) -> bool:
        return all(pair in edges for pair in itertools.combinations(sorted(group), 2))

    complete = [set(group) for size in range(2, 7) for group in itertools.combinations("abcdef", size) if joined(group)]
    expected = [group for group in complete if not any(group < other for other in complete)]
    found = [set(group) for group in cliques(sorted(edges))]
    assert sorted(map(sorted, found)) == sorted(map(sorted, expected))

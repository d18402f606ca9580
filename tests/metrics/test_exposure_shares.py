from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from equilingua.metrics.preference import exposure_shares

tops = st.integers(1, 6).flatmap(
    lambda k: st.lists(st.lists(st.integers(0, 3), min_size=k, max_size=k), min_size=1, max_size=5)
)


@given(tops=tops)
def test_shares_are_counts_of_places_and_add_up_to_1(tops: list[list[int]]) -> None:
    shares = exposure_shares(tops, languages=4)
    for row, found in zip(tops, shares, strict=True):
        counted = Counter(row)
        np.testing.assert_allclose(found, [counted[language] / len(row) for language in range(4)])
    np.testing.assert_allclose(shares.sum(axis=1), 1)


@given(tops=tops, data=st.data())
def test_the_order_within_the_first_places_does_not_count(tops: list[list[int]], data: st.DataObject) -> None:
    shuffled = [data.draw(st.permutations(row)) for row in tops]
    np.testing.assert_array_equal(exposure_shares(tops, languages=4), exposure_shares(shuffled, languages=4))

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from equilingua.metrics.preference import top_list_correlation

K = 4
top_lists = st.permutations(range(9)).map(lambda order: order[:K])


def naive(first: list[int], second: list[int]) -> float:
    """Spearman's correlation over the passages in either list, a missing one at rank k + 1."""
    passages = sorted({*first, *second})
    ranks = [
        [top.index(passage) + 1 if passage in top else len(top) + 1 for passage in passages] for top in (first, second)
    ]
    return float(spearmanr(*ranks).statistic)


@given(pairs=st.lists(st.tuples(top_lists, top_lists), min_size=1, max_size=5))
def test_it_is_spearmans_correlation_with_missing_passages_behind_the_list(
    pairs: list[tuple[list[int], list[int]]],
) -> None:
    firsts, seconds = zip(*pairs, strict=True)
    found = top_list_correlation(firsts, seconds)
    np.testing.assert_allclose(found, [naive(*pair) for pair in pairs], atol=1e-12)
    np.testing.assert_allclose(top_list_correlation(seconds, firsts), found)
    assert (np.abs(found) <= 1 + 1e-12).all()


@given(top=top_lists, names=st.permutations(range(9)))
def test_names_of_passages_do_not_matter_and_equal_lists_have_1(top: list[int], names: list[int]) -> None:
    other = [0, 1, 2, 3]
    renamed = [[names[passage] for passage in listed] for listed in (top, other)]
    assert top_list_correlation([renamed[0]], [renamed[1]]) == pytest.approx(top_list_correlation([top], [other]))
    assert top_list_correlation([top], [top]) == pytest.approx(1)


def test_lists_of_one_and_lists_without_a_common_passage() -> None:
    assert top_list_correlation([[3], [3]], [[3], [4]]).tolist() == [1, -1]
    ten = np.arange(10)[None]
    assert top_list_correlation(ten, ten + 10)[0] == pytest.approx(naive(list(range(10)), list(range(10, 20))))
    assert top_list_correlation(ten, ten + 10)[0] == pytest.approx(-0.858, abs=5e-4)

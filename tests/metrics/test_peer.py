import math
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kruskal

from equilingua.metrics.peer import constant_peer, peer, refusal

LANGUAGES = ["de", "de", "de", "en", "en", "th"]
ranks_of_six = st.permutations([1, 2, 5, 9, 12, 30, 0, 0]).map(lambda order: order[:6])
grades_of_six = st.lists(st.integers(1, 2), min_size=6, max_size=6)


def naive(ranks: list[int], gains: list[int], k: int) -> float:
    """scipy's test for every grade that says something."""
    values = []
    for grade in sorted(set(gains)):
        groups = defaultdict(list)
        for rank, gain, language in zip(ranks, gains, LANGUAGES, strict=True):
            if rank and gain == grade:
                groups[language].append(min(rank, k + 1))
        if len(groups) > 1 and max(map(len, groups.values())) > 1:
            together = [rank for group in groups.values() for rank in group]
            values.append(1.0 if len(set(together)) == 1 else float(kruskal(*groups.values()).pvalue))
    return float(np.mean(values)) if values else math.nan


@given(ranks=ranks_of_six, gains=grades_of_six, k=st.sampled_from([1, 5, 10, 100]))
def test_it_is_the_p_value_of_scipy_per_grade(ranks: list[int], gains: list[int], k: int) -> None:
    found = peer([ranks], gains=[gains], languages=LANGUAGES, k=k)[0]
    assert found == pytest.approx(naive(ranks, gains, k), nan_ok=True)
    assert math.isnan(found) or 0 <= found <= 1


@given(ranks=ranks_of_six, order=st.permutations(range(6)))
def test_the_order_of_slots_does_not_count(ranks: list[int], order: list[int]) -> None:
    one = peer([ranks], gains=[[1] * 6], languages=LANGUAGES, k=10)
    shuffled = peer([np.array(ranks)[order]], gains=[[1] * 6], languages=[LANGUAGES[slot] for slot in order], k=10)
    np.testing.assert_allclose(one, shuffled)


def test_separated_languages_have_less_than_mixed_ones() -> None:
    separated, mixed = peer(
        [[1, 2, 3, 4, 5, 6], [1, 4, 5, 2, 3, 6]], gains=[[1] * 6] * 2, languages=["de"] * 3 + ["en"] * 3, k=10
    )
    assert separated < 0.06 < mixed


@pytest.mark.parametrize("languages", [2, 3, 11])
def test_with_one_passage_per_language_scipys_test_is_a_constant(languages: int) -> None:
    rng = np.random.default_rng(languages)
    for _ in range(20):
        ranks = rng.choice(10_000, size=languages, replace=False) + 1
        assert kruskal(*([rank] for rank in ranks)).pvalue == pytest.approx(constant_peer(languages))
        assert np.isnan(peer([ranks], gains=[[1] * languages], languages=[str(n) for n in range(languages)], k=10_000))


def test_the_refusal_says_why_and_what_to_read_instead() -> None:
    assert refusal(11) == (
        "refused: no query has several relevant passages of one grade in a language beside those of another. With one "
        "relevant passage per language PEER is a constant, whatever the ranking (0.4405 for 11 languages). Read "
        "exposure and Friedman's test instead"
    )


def test_without_preference_it_is_about_a_half_and_higher_where_little_is_found() -> None:
    rng = np.random.default_rng(0)
    ranks = np.argsort(rng.random((2000, 200)), axis=1)[:, :12] + 1
    languages = [language for language in ("de", "en", "th") for _ in range(4)]
    everything, ten = (peer(ranks, gains=np.ones_like(ranks), languages=languages, k=k).mean() for k in (200, 10))
    assert everything == pytest.approx(0.48, abs=0.02)
    assert ten == pytest.approx(0.70, abs=0.02)

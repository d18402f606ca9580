import math

import ir_measures
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equilingua.metrics.retrieval import average_precision, ndcg, recall, reciprocal_rank, success

POOL = 40

rank_sets = st.lists(
    st.lists(st.integers(1, POOL), min_size=1, max_size=6, unique=True), min_size=1, max_size=5
)  # ranks of the relevant passages, per query


def slots(queries: list[list[int]]) -> np.ndarray:
    """Ranks side by side, 0 for empty slots, which may stand anywhere."""
    width = max(map(len, queries)) + 1
    return np.array([[0] * (width - len(ranks)) + ranks for ranks in queries])


def by_ir_measures(queries: list[list[int]], grades: list[list[int]], measure: ir_measures.Measure) -> list[float]:
    """The oracle, from a run of the whole pool and its qrels."""
    run, qrels = [], []
    for query, (ranks, of_query) in enumerate(zip(queries, grades, strict=True)):
        run += [ir_measures.ScoredDoc(str(query), f"d{rank}", float(POOL - rank)) for rank in range(1, POOL + 1)]
        qrels += [ir_measures.Qrel(str(query), f"d{rank}", grade) for rank, grade in zip(ranks, of_query, strict=True)]
    found = {m.query_id: m.value for m in ir_measures.iter_calc([measure], qrels, run)}
    return [found[str(query)] for query in range(len(queries))]


@given(queries=rank_sets, k=st.integers(1, POOL + 5))
def test_every_measure_is_that_of_ir_measures(queries: list[list[int]], k: int) -> None:
    grades = [[1] * len(ranks) for ranks in queries]
    ours = {
        ir_measures.AP: average_precision(slots(queries)),
        ir_measures.AP @ k: average_precision(slots(queries), k=k),
        ir_measures.R @ k: recall(slots(queries), k=k),
        ir_measures.Success @ k: success(slots(queries), k=k),
        ir_measures.RR: reciprocal_rank(slots(queries)),
        ir_measures.RR @ k: reciprocal_rank(slots(queries), k=k),
        ir_measures.nDCG: ndcg(slots(queries)),
        ir_measures.nDCG @ k: ndcg(slots(queries), k=k),
    }
    for measure, values in ours.items():
        np.testing.assert_allclose(values, by_ir_measures(queries, grades, measure), atol=1e-9, err_msg=str(measure))


@given(queries=rank_sets, k=st.integers(1, POOL + 5), data=st.data())
def test_ndcg_with_grades_is_that_of_ir_measures(queries: list[list[int]], k: int, data: st.DataObject) -> None:
    grades = [data.draw(st.lists(st.integers(1, 4), min_size=len(ranks), max_size=len(ranks))) for ranks in queries]
    expected = by_ir_measures(queries, grades, ir_measures.nDCG @ k)
    np.testing.assert_allclose(ndcg(slots(queries), k=k, gains=slots(grades)), expected, atol=1e-9)


@given(queries=rank_sets)
def test_measures_lie_between_0_and_1_and_1_is_the_perfect_ranking(queries: list[list[int]]) -> None:
    perfect = slots([list(range(1, len(ranks) + 1)) for ranks in queries])
    for values in (average_precision(slots(queries)), ndcg(slots(queries)), reciprocal_rank(slots(queries))):
        assert (values > 0).all()
        assert (values <= 1 + 1e-12).all()
    for values in (average_precision(perfect), ndcg(perfect), reciprocal_rank(perfect), recall(perfect, k=6)):
        np.testing.assert_allclose(values, 1)


@given(ranks=st.lists(st.integers(2, POOL), min_size=1, max_size=6, unique=True))
def test_a_passage_that_rises_never_lowers_a_measure(ranks: list[int]) -> None:
    risen = [1, *ranks[1:]]
    for measure in (average_precision, ndcg, reciprocal_rank):
        assert measure(risen) >= measure(ranks) - 1e-12


def test_values_worked_out_by_hand() -> None:
    ranks = np.array([[1, 3, 0], [10, 20, 30]])
    np.testing.assert_allclose(average_precision(ranks), [(1 + 2 / 3) / 2, 0.1])
    np.testing.assert_allclose(average_precision(ranks, k=20), [(1 + 2 / 3) / 2, 0.2 / 3])
    np.testing.assert_allclose(recall(ranks, k=20), [1, 2 / 3])
    np.testing.assert_allclose(reciprocal_rank(ranks, k=9), [1, 0])
    np.testing.assert_allclose(ndcg(ranks, k=10)[0], 1.5 / (1 + 1 / math.log2(3)))


@pytest.mark.parametrize("measure", [average_precision, reciprocal_rank, ndcg])
def test_a_query_without_relevant_passage_is_refused(measure: object) -> None:
    with pytest.raises(ValueError, match="at least one relevant passage"):
        measure([[1, 2], [0, 0]])  # type: ignore[operator]


@pytest.mark.parametrize("ranks", [[[1.5]], [[-2, 2]]])
def test_ranks_that_are_no_ranks_are_refused(ranks: object) -> None:
    with pytest.raises(ValueError, match="whole numbers from 1, or 0 for an empty slot"):
        average_precision(ranks)  # type: ignore[arg-type]

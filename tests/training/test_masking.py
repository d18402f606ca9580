import torch
from hypothesis import given
from hypothesis import strategies as st

from equilingua.training.masking import UNKNOWN, candidate_keys, false_negatives, query_keys, too_similar


def naive(queries: list[list[int]], candidates: list[list[int]], own: list[int]) -> list[list[bool]]:
    """The definition of a false negative, one pair of texts at a time."""

    def same(query: list[int], candidate: list[int]) -> bool:
        return any(a == b != UNKNOWN for a, b in zip(query, candidate, strict=True))

    masked = []
    for query, positive in zip(queries, own, strict=True):
        row = []
        for column, candidate in enumerate(candidates):
            answer = same(query, candidate)
            for other in candidates:
                if same(query, other) and other[2] == candidate[2] != UNKNOWN:
                    answer = True
            row.append(answer and column != positive)
        masked.append(row)
    return masked


keys = st.one_of(st.integers(0, 3), st.just(UNKNOWN))
key_rows = st.lists(st.tuples(keys, keys, keys).map(list), min_size=1, max_size=7)


@given(queries=key_rows, candidates=key_rows, data=st.data())
def test_mask_of_any_block_is_that_of_the_definition(
    queries: list[list[int]], candidates: list[list[int]], data: st.DataObject
) -> None:
    own = [data.draw(st.integers(0, len(candidates) - 1)) for _ in queries]
    found = false_negatives(torch.tensor(queries), torch.tensor(candidates), torch.tensor(own))
    assert found.tolist() == naive(queries, candidates, own)


def test_translations_of_a_pair_are_masked() -> None:
    labels = torch.tensor([[7, 1, 10], [7, 2, 11], [8, 3, 12]])
    found = false_negatives(query_keys(labels), candidate_keys(labels, 0), torch.arange(3))
    assert found.tolist() == [[False, True, False], [True, False, False], [False, False, False]]


def test_the_same_passage_in_another_language_is_masked_for_another_question() -> None:
    labels = torch.tensor([[7, 1, 10], [8, 1, 11]])
    found = false_negatives(query_keys(labels), candidate_keys(labels, 0), torch.arange(2))
    assert found.tolist() == [[False, True], [True, False]]


def test_a_hard_negative_with_the_text_of_a_translated_positive_is_masked() -> None:
    # Row 2's hard negative is, word for word, the passage of row 1, a translation of row 0's passage.
    labels = torch.tensor([[7, 1, 10, 20], [7, 1, 11, 21], [8, 2, 12, 11]])
    found = false_negatives(query_keys(labels), candidate_keys(labels, 1), torch.arange(3))
    assert found[:, 3:].tolist() == [[False, False, True], [False, False, True], [False, False, False]]


def test_a_hard_negative_that_is_the_own_positive_is_masked() -> None:
    labels = torch.tensor([[7, 1, 10, 10], [8, 2, 12, 13]])
    found = false_negatives(query_keys(labels), candidate_keys(labels, 1), torch.arange(2))
    assert found.tolist() == [[False, False, True, False], [False, False, False, False]]


def test_plain_pair_ids_mask_pairs_only() -> None:
    labels = torch.tensor([5, 6, 5])
    found = false_negatives(query_keys(labels), candidate_keys(labels, 1), torch.arange(3))
    assert torch.nonzero(found).tolist() == [[0, 2], [2, 0]]


def test_a_chunk_of_the_queries_gets_its_rows_of_the_whole_mask() -> None:
    labels = torch.randint(0, 4, (12, 5), generator=torch.Generator().manual_seed(0))
    queries, candidates, own = query_keys(labels), candidate_keys(labels, 2), torch.arange(12)
    whole = false_negatives(queries, candidates, own)
    assert torch.equal(false_negatives(queries[4:9], candidates, own[4:9]), whole[4:9])


def test_margin_counts_from_the_positive_and_spares_it() -> None:
    similarities = torch.tensor([[0.5, 0.45, 0.55, 0.3]])
    own = torch.tensor([0])
    assert too_similar(similarities, own, 0.0).tolist() == [[False, False, True, False]]
    assert too_similar(similarities, own, 0.1).tolist() == [[False, True, True, False]]
    assert too_similar(similarities, own, -0.1).tolist() == [[False, False, False, False]]

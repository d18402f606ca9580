import torch
from hypothesis import given
from hypothesis import strategies as st

from equilingua.training.masking import UNKNOWN, candidate_keys, false_negatives, query_keys, too_similar


def naive(queries: list[list[int]], candidates: list[list[int]], own: list[int]) -> list[list[bool]]:
    """The definition of a false negative, one pair of texts at a time."""

    def same(query: list[int], candidate: list[int]) -> bool:
        alike = any(a == b != UNKNOWN for a, b in zip(query[:4], candidate, strict=True))
        return alike or any(passage == candidate[2] != UNKNOWN for passage in query[4:])

    masked = []
    for query, positive in zip(queries, own, strict=True):
        answers = {column for column, candidate in enumerate(candidates) if same(query, candidate)}
        for key in (2, 3):
            known = {candidates[column][key] for column in answers} - {UNKNOWN}
            answers |= {column for column, candidate in enumerate(candidates) if candidate[key] in known}
        masked.append([column in answers and column != positive for column in range(len(candidates))])
    return masked


keys = st.one_of(st.integers(0, 3), st.just(UNKNOWN))


def key_rows(width: int) -> st.SearchStrategy[list[list[int]]]:
    return st.lists(st.lists(keys, min_size=width, max_size=width), min_size=1, max_size=7)


@given(queries=key_rows(6), candidates=key_rows(4), data=st.data())
def test_mask_of_any_block_is_that_of_the_definition(
    queries: list[list[int]], candidates: list[list[int]], data: st.DataObject
) -> None:
    own = [data.draw(st.integers(0, len(candidates) - 1)) for _ in queries]
    found = false_negatives(torch.tensor(queries), torch.tensor(candidates), torch.tensor(own))
    assert found.tolist() == naive(queries, candidates, own)


def masked(labels: torch.Tensor, negatives: int = 0) -> list[list[int]]:
    own = torch.arange(len(labels))
    return false_negatives(query_keys(labels, negatives), candidate_keys(labels, negatives), own).int().tolist()


def test_translations_of_a_pair_are_masked() -> None:
    assert masked(torch.tensor([[7, 1, 1, 10], [7, 2, 2, 11], [8, 3, 3, 12]])) == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]


def test_the_same_passage_in_another_language_is_masked_for_another_question() -> None:
    assert masked(torch.tensor([[7, 1, 1, 10], [8, 2, 1, 11]])) == [[0, 1], [1, 0]]


def test_another_passage_of_the_same_question_is_masked() -> None:
    assert masked(torch.tensor([[7, 1, 1, 10], [8, 1, 2, 11], [9, 2, 3, 12]])) == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]


def test_a_passage_known_to_answer_is_masked_though_it_stands_with_another_question() -> None:
    # Behind the keys of the first row: passage 2 answers its question in a pair that is not in the batch.
    labels = torch.tensor([[7, 1, 1, 10, 2], [8, 2, 2, 11, UNKNOWN], [9, 3, 3, 12, UNKNOWN]])
    assert masked(labels) == [[0, 1, 0], [0, 0, 0], [0, 0, 0]]


def test_a_hard_negative_with_the_text_of_a_translated_positive_is_masked() -> None:
    # Row 2's hard negative is, word for word, the passage of row 1, a translation of row 0's passage.
    labels = torch.tensor(
        [[7, 1, 1, 10, UNKNOWN, 20], [7, 1, 1, 11, UNKNOWN, 21], [8, 2, 2, 12, UNKNOWN, 11]],
    )
    assert [row[3:] for row in masked(labels, 1)] == [[0, 0, 1], [0, 0, 1], [0, 0, 0]]


def test_a_hard_negative_that_is_a_passage_of_the_question_in_any_language_is_masked() -> None:
    labels = torch.tensor([[7, 1, 1, 10, 5, 20, UNKNOWN], [8, 2, 2, 11, 1, 21, 5]])
    assert [row[2:] for row in masked(labels, 1)] == [[0, 1], [1, 0]]


def test_a_hard_negative_that_is_the_own_positive_is_masked() -> None:
    labels = torch.tensor([[7, 1, 1, 10, UNKNOWN, 10], [8, 2, 2, 12, UNKNOWN, 13]])
    assert masked(labels, 1) == [[0, 0, 1, 0], [0, 0, 0, 0]]


def test_plain_pair_ids_mask_pairs_only() -> None:
    assert [row[:3] for row in masked(torch.tensor([5, 6, 5]), 1)] == [[0, 0, 1], [0, 0, 0], [1, 0, 0]]


def test_a_chunk_of_the_queries_gets_its_rows_of_the_whole_mask() -> None:
    labels = torch.randint(0, 4, (12, 9), generator=torch.Generator().manual_seed(0))
    queries, candidates, own = query_keys(labels, 2), candidate_keys(labels, 2), torch.arange(12)
    whole = false_negatives(queries, candidates, own)
    assert torch.equal(false_negatives(queries[4:9], candidates, own[4:9]), whole[4:9])


def test_margin_counts_from_the_positive_and_spares_it() -> None:
    similarities = torch.tensor([[0.5, 0.45, 0.55, 0.3]])
    own = torch.tensor([0])
    assert too_similar(similarities, own, 0.0).tolist() == [[False, False, True, False]]
    assert too_similar(similarities, own, 0.1).tolist() == [[False, True, True, False]]
    assert too_similar(similarities, own, -0.1).tolist() == [[False, False, False, False]]

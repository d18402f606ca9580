import pickle

import pytest
from torch.utils.data import DataLoader

from equilingua.batching.dataset import ParallelRows
from equilingua.pairs.pair import ParallelPair
from equilingua.pairs.parts import text_key
from equilingua.pairs.store import ParallelPairs


def test_every_row_has_the_texts_of_its_pair_in_its_languages(uneven: ParallelPairs) -> None:
    rows = ParallelRows(uneven)
    numbers = range(0, len(rows), 7)
    for item, row in zip(rows.__getitems__(list(numbers)), rows.space.unpack(numbers), strict=True):
        pair = uneven[row.position]
        assert item["query"] == pair.queries[row.query_language]
        assert item["passage"] == pair.passages[row.passage_language]
        assert item["label"][0] == text_key(pair.id)
        assert item["label"][2] == text_key(item["passage"])


def test_it_is_indexed_as_a_dataset_is(uneven: ParallelPairs) -> None:
    rows = ParallelRows(uneven)
    assert len(rows) == rows.num_rows == 60 * 9 + 40 * 4 + 30 + 25 * 2
    assert rows[-1] == rows[len(rows) - 1]
    assert rows[3:5]["query"] == [rows[3]["query"], rows[4]["query"]]
    assert rows.select([5, 1])["passage"][:] == [rows[5]["passage"], rows[1]["passage"]]
    assert rows.column_names == ["query", "passage", "label"]
    with pytest.raises(IndexError):
        rows[len(rows)]
    with pytest.raises(TypeError, match="a column 'query' over all rows is never written out"):
        rows["query"]


def test_hard_negatives_are_filled_up_with_the_positive_so_that_the_loss_masks_them() -> None:
    negatives = {"en": ("n1", "n2", "n3")}
    records = [
        ParallelPair("1", "s", {"en": "q1"}, {"en": "p1"}, negatives=negatives),
        ParallelPair("2", "s", {"en": "q2"}, {"en": "p2"}, negatives={"en": ("m1",)}),
    ]
    rows = ParallelRows(ParallelPairs.from_pairs(records), negatives=2)
    assert [rows[0][f"negative_{n}"] for n in (1, 2)] == ["n1", "n2"]
    assert [rows[1][f"negative_{n}"] for n in (1, 2)] == ["m1", "p2"]
    assert rows[1]["label"][2:] == [text_key("p2"), text_key("m1"), text_key("p2")]


def test_it_can_be_sent_to_loader_processes(uneven: ParallelPairs) -> None:
    rows = ParallelRows(uneven)
    again = pickle.loads(pickle.dumps(rows))
    assert again[4] == rows[4]
    loader = DataLoader(rows, batch_sampler=[[0, 5], [7, 9]], num_workers=1, collate_fn=list)
    assert [[item["query"] for item in batch] for batch in loader] == [
        [rows[0]["query"], rows[5]["query"]],
        [rows[7]["query"], rows[9]["query"]],
    ]

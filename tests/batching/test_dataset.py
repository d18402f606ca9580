import pickle

import pytest
from torch.utils.data import DataLoader

from equilingua.batching.dataset import TrainingExamples
from equilingua.pairs.pair import ParallelPair, integer_key
from equilingua.pairs.store import ParallelPairs


def test_every_example_has_the_texts_of_its_pair_in_its_languages(uneven: ParallelPairs) -> None:
    examples = TrainingExamples(uneven)
    numbers = range(0, len(examples), 7)
    for item, example in zip(examples.__getitems__(list(numbers)), examples.numbering.unpack(numbers), strict=True):
        pair = uneven[example.position]
        assert item["query"] == pair.queries[example.query_language]
        assert item["passage"] == pair.passages[example.passage_language]
        assert item["label"][0] == integer_key(pair.id)
        assert item["label"][2] == integer_key(item["passage"])


def test_it_is_indexed_as_a_dataset_is(uneven: ParallelPairs) -> None:
    examples = TrainingExamples(uneven)
    assert len(examples) == examples.num_rows == 60 * 9 + 40 * 4 + 30 + 25 * 2
    assert examples[-1] == examples[len(examples) - 1]
    assert examples[3:5]["query"] == [examples[3]["query"], examples[4]["query"]]
    assert examples.select([5, 1])["passage"][:] == [examples[5]["passage"], examples[1]["passage"]]
    assert examples.column_names == ["query", "passage", "label"]
    with pytest.raises(IndexError):
        examples[len(examples)]
    with pytest.raises(TypeError, match="a column 'query' over all examples is never written out"):
        examples["query"]


def test_hard_negatives_are_filled_up_with_the_positive_so_that_the_loss_masks_them() -> None:
    negatives = {"en": ("n1", "n2", "n3")}
    records = [
        ParallelPair("1", "s", {"en": "q1"}, {"en": "p1"}, negatives=negatives),
        ParallelPair("2", "s", {"en": "q2"}, {"en": "p2"}, negatives={"en": ("m1",)}),
    ]
    examples = TrainingExamples(ParallelPairs.from_pairs(records), negatives=2)
    assert [examples[0][f"negative_{n}"] for n in (1, 2)] == ["n1", "n2"]
    assert [examples[1][f"negative_{n}"] for n in (1, 2)] == ["m1", "p2"]
    assert examples[1]["label"][2:] == [integer_key("p2"), integer_key("m1"), integer_key("p2")]


def test_it_can_be_sent_to_loader_processes(uneven: ParallelPairs) -> None:
    examples = TrainingExamples(uneven)
    again = pickle.loads(pickle.dumps(examples))
    assert again[4] == examples[4]
    loader = DataLoader(examples, batch_sampler=[[0, 5], [7, 9]], num_workers=1, collate_fn=list)
    assert [[item["query"] for item in batch] for batch in loader] == [
        [examples[0]["query"], examples[5]["query"]],
        [examples[7]["query"], examples[9]["query"]],
    ]

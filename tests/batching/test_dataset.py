import pickle

import pytest
import torch
from torch.utils.data import DataLoader

from equilingua.batching.dataset import UNKNOWN, TrainingExamples
from equilingua.mixtures.back_translation import with_texts
from equilingua.pairs.pair import ParallelPair, integer_key
from equilingua.pairs.store import ParallelPairs
from equilingua.training.masking import candidate_keys, false_negatives, query_keys


def test_every_example_has_the_texts_of_its_pair_in_its_languages(uneven: ParallelPairs) -> None:
    examples = TrainingExamples(uneven)
    numbers = range(0, len(examples), 7)
    for item, example in zip(examples.__getitems__(list(numbers)), examples.numbering.unpack(numbers), strict=True):
        pair = uneven[example.position]
        assert item["query"] == pair.queries[example.query_language]
        assert item["passage"] == pair.passages[example.passage_language]
        assert item["label"][0] == integer_key(pair.id)
        assert item["label"][3] == integer_key(item["passage"])


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
    own = examples[1]["label"][2]
    assert examples[1]["label"][3:] == [integer_key("p2"), UNKNOWN, integer_key("m1"), own, integer_key("p2")]


def masked(records: list[ParallelPair], batch: list[tuple[int, str, str]], negatives: int = 0) -> list[list[int]]:
    """The candidates that the loss leaves out of a batch of (number of the pair, query and passage language)."""
    pairs = ParallelPairs.from_pairs(records)
    examples = TrainingExamples(pairs, negatives)
    of_id = {pair.id: position for position, pair in enumerate(pairs)}
    wanted = [(of_id[records[number].id], query, passage) for number, query, passage in batch]
    found = {
        (one.position, one.query_language, one.passage_language): number
        for number, one in enumerate(examples.numbering.unpack(range(len(examples))))
    }
    labels = torch.tensor(examples[[found[one] for one in wanted]]["label"])
    keys = query_keys(labels, negatives), candidate_keys(labels, negatives)
    return false_negatives(*keys, torch.arange(len(batch))).int().tolist()


def made(number: int, query: dict[str, str] | str, passage: dict[str, str] | str, **fields) -> ParallelPair:
    query, passage = ({"en": text} if isinstance(text, str) else text for text in (query, passage))
    return ParallelPair(f"id{number}", "s", query, passage, **fields)


def test_another_right_passage_of_a_question_is_no_negative() -> None:
    records = [made(1, "Who?", "She."), made(2, "Who?", "He."), made(3, "When?", "Then.")]
    en = [(number, "en", "en") for number in range(3)]
    assert masked(records, en) == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]


def test_a_right_passage_is_no_negative_where_it_stands_with_another_question() -> None:
    # That "He." answers "Who?" is said by a pair that is not in the batch, in a language that is not either.
    records = [
        made(1, {"en": "Who?", "fi": "Kuka?"}, "She."),
        made(2, {"fi": "Kuka?"}, {"de": "Er.", "en": "He."}),
        made(3, "Which man?", {"de": "Er."}),
    ]
    assert masked(records, [(0, "en", "en"), (2, "en", "de")]) == [[0, 1], [0, 0]]


@pytest.mark.parametrize(
    "sides",
    [
        ({"en": "same", "fi": "sama"}, {"fi": "sama"}),
        ({"de": "gleich", "fi": "sama"}, {"en": "same", "fi": "sama"}),
        ({"fi": "sama"}, {"de": "gleich"}),  # joined by a third pair
    ],
)
def test_a_passage_is_the_same_whichever_languages_a_pair_has(sides: tuple[dict[str, str], dict[str, str]]) -> None:
    first, second = sides
    joining = made(3, "Why?", {"de": "gleich", "fi": "sama"})
    records = [made(1, "Who?", first), made(2, "Where?", second), joining, made(4, "When?", "other")]
    batch = [(0, "en", min(first)), (1, "en", max(second)), (3, "en", "en")]
    assert masked(records, batch) == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]


def test_one_spelling_in_two_languages_joins_nothing_else() -> None:
    records = [made(1, "Who?", {"de": "Gift", "fi": "myrkky"}), made(2, "What?", {"en": "Gift", "fi": "lahja"})]
    assert masked(records, [(0, "en", "fi"), (1, "en", "fi")]) == [[0, 0], [0, 0]]


def test_a_hard_negative_that_answers_in_another_language_is_no_negative() -> None:
    records = [
        made(1, "Who?", {"en": "She."}, negatives={"en": ("They.",)}),
        made(2, "Which one?", {"en": "A.", "fi": "B."}, negatives={"fi": ("Hän.",)}),
        made(3, "Whence?", {"en": "She.", "fi": "Hän."}, negatives={"en": ("x",)}),
    ]
    # Columns: two positives, then a negative each; "Hän." is "She." in Finnish, which only the third pair says.
    assert masked(records, [(0, "en", "en"), (1, "en", "fi")], negatives=1) == [[0, 0, 0, 1], [0, 0, 0, 0]]


def test_a_copy_answers_what_its_original_answers() -> None:
    original = made(1, "Who?", {"en": "She.", "fi": "Hän."})
    copy = with_texts(original, {"en": "Who is it?"}, {"en": "It is she."}, source=None, kind="back-translated")
    assert copy is not None
    # The original itself is not there, only others that share its question or its passage.
    records = [copy, made(2, "Who?", "He."), made(3, "Which?", "She."), made(4, "Why?", "So.")]
    en = [(number, "en", "en") for number in range(4)]
    assert masked(records, en) == [[0, 1, 1, 0], [1, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 0]]


def test_what_was_not_selected_still_tells_what_answers_what() -> None:
    both = {"en": "same", "fi": "sama"}
    records = [made(1, "Who?", both), made(2, "Where?", {"en": "same"}), made(3, "Why?", {"en": "z", "fi": "sama"})]
    examples = TrainingExamples(ParallelPairs.from_pairs(records).select(languages=["en"]))
    labels = torch.tensor(examples[[0, 1, 2]]["label"])
    found = false_negatives(query_keys(labels, 0), candidate_keys(labels, 0), torch.arange(3))
    assert found.all(dim=0).sum() == 0
    assert found.sum() == 6


def test_it_can_be_sent_to_loader_processes(uneven: ParallelPairs) -> None:
    examples = TrainingExamples(uneven)
    again = pickle.loads(pickle.dumps(examples))
    assert again[4] == examples[4]
    loader = DataLoader(examples, batch_sampler=[[0, 5], [7, 9]], num_workers=1, collate_fn=list)
    assert [[item["query"] for item in batch] for batch in loader] == [
        [examples[0]["query"], examples[5]["query"]],
        [examples[7]["query"], examples[9]["query"]],
    ]

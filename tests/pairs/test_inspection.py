from equilingua.pairs.inspection import NumericColumn, inspect_pairs
from equilingua.pairs.pair import ParallelPair
from equilingua.pairs.store import ParallelPairs


def test_inspection_counts_what_is_there_and_what_is_missing() -> None:
    both = {"en": "q", "fi": "k"}
    records = [
        ParallelPair("1", "a", both, {"en": "p1", "fi": "v1"}, numbers={"fit": 0.5}),
        ParallelPair("2", "a", {"en": "other"}, {"en": "p1"}, numbers={"fit": 1.0}),
        ParallelPair("2", "b", {"en": "other"}, {"en": "p1"}),
        ParallelPair("3", "b", both, {"en": "p3"}),
        ParallelPair("4", "t", {"en": "x", "fi": "y"}, {"en": "x", "fi": "y"}, sentences=True),
    ]
    found = inspect_pairs(ParallelPairs.from_pairs(records), progress=False)
    assert found.pairs == 5
    assert found.sources == {"a": 2, "b": 2, "t": 1}
    assert found.queries == {"en": 5, "fi": 3}
    assert found.passages == {"en": 5, "fi": 2}
    assert found.language_pairs == {("en", "en"): 4, ("en", "fi"): 2, ("fi", "en"): 3, ("fi", "fi"): 1}
    assert found.missing == {"en": 0, "fi": 3}  # the sentences, all of which have both, are not among them
    assert found.numbers == (NumericColumn("fit", 2, 3, 0.5, 0.75, 1.0),)
    assert (found.repeated_ids, found.repeated_passages, found.repeated_rows) == (1, 2, 1)


def test_infinite_numbers_of_a_store_are_counted_as_missing() -> None:
    records = [ParallelPair(str(n), "a", {"en": "q"}, {"en": "p"}, numbers={"fit": n}) for n in (0.5, float("inf"))]
    found = inspect_pairs(ParallelPairs.from_pairs(records), progress=False)
    assert found.numbers == (NumericColumn("fit", 1, 1, 0.5, 0.5, 0.5),)

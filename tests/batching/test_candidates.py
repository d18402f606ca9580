import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from equilingua.batching.candidates import ExampleNumbering
from equilingua.pairs.pair import ParallelPair
from equilingua.pairs.store import ParallelPairs

sides = st.sets(st.sampled_from(["de", "en", "fi", "th"]), min_size=1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(shapes=st.lists(st.tuples(sides, sides, st.booleans()), min_size=1, max_size=12))
def test_example_numbers_stand_for_each_possible_example_exactly_once(shapes: list) -> None:
    records = []
    for number, (asked, answered, sentences) in enumerate(shapes):
        queries, passages = dict.fromkeys(asked, "q"), dict.fromkeys(asked if sentences else answered, "p")
        records.append(ParallelPair(str(number), "s", queries, passages, sentences=sentences))
    expected = {
        (record.id, query, passage)
        for record in records
        for query in record.queries
        for passage in record.passages
        if not (record.sentences and query == passage)
    }
    pairs = ParallelPairs.from_pairs(records)
    numbering = ExampleNumbering(pairs.index)
    examples = numbering.unpack(range(len(numbering)))
    assert len(examples) == len(expected)
    assert {
        (pairs[example.position].id, example.query_language, example.passage_language) for example in examples
    } == expected


@pytest.mark.parametrize("number", [-1, 10**9])
def test_numbers_that_are_no_example_raise(number: int, uneven: ParallelPairs) -> None:
    with pytest.raises(IndexError, match="example numbers run from 0 to"):
        ExampleNumbering(uneven.index).unpack([number])

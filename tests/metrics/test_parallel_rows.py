from hypothesis import given
from hypothesis import strategies as st

from equilingua.metrics.probes import parallel_rows

ids = st.lists(st.sampled_from("abcdef"), unique=True)


@given(first=ids, second=ids)
def test_parallel_rows_hold_every_shared_id_once(first: list[str], second: list[str]) -> None:
    one, two = parallel_rows(first, second)
    assert [first[row] for row in one] == [second[row] for row in two] == [id_ for id_ in first if id_ in second]

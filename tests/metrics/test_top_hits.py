from hypothesis import given
from hypothesis import strategies as st

from equilingua.metrics.preference import top_hits


@given(hits=st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1))
def test_the_four_cells_are_counts_and_hold_every_query(hits: list[tuple[bool, bool]]) -> None:
    table = top_hits(
        [right and own for right, own in hits], [right and not own for right, own in hits], [own for _, own in hits]
    )
    cells = {
        (True, True): table.right_own,
        (True, False): table.right_other,
        (False, True): table.wrong_own,
        (False, False): table.wrong_other,
    }
    assert cells == {cell: hits.count(cell) for cell in cells}
    assert sum(cells.values()) == table.queries == len(hits)

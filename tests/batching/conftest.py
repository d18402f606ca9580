from collections.abc import Iterable

import pytest

from equilingua.pairs.pair import ParallelPair
from equilingua.pairs.store import ParallelPairs


def make_pair(number: int, languages: Iterable[str], *, source: str = "s", sentences: bool = False) -> ParallelPair:
    queries = {tag: f"{tag} query {number}" for tag in languages}
    passages = queries if sentences else {tag: f"{tag} passage {number}" for tag in languages}
    return ParallelPair(f"{source}/{number}", source, queries, passages, sentences=sentences)


@pytest.fixture
def uneven() -> ParallelPairs:
    """60 pairs in en, de, fi; 40 in en, de; 30 in en only; 25 parallel sentences fi, th."""
    records = [make_pair(n, ["en", "de", "fi"], source="big") for n in range(60)]
    records += [make_pair(n, ["en", "de"], source="middle") for n in range(40)]
    records += [make_pair(n, ["en"], source="small") for n in range(30)]
    records += [make_pair(n, ["fi", "th"], source="lines", sentences=True) for n in range(25)]
    return ParallelPairs.from_pairs(records)

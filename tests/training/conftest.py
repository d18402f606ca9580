"""A corpus in three made-up languages whose words translate one to one, so that it can be learned in seconds."""

from collections.abc import Callable

import numpy as np
import pytest

from equilingua.pairs.records import ParallelPair
from equilingua.pairs.store import ParallelPairs

LANGUAGES = ("en", "de", "fi")
CONCEPTS = 60


def _word(language: str, concept: int) -> str:
    return f"{language}{'bcdfgklm'[concept % 8]}{'aeiou'[concept % 5]}{concept}"


def _records(count: int, *, seed: int) -> list[ParallelPair]:
    """Pairs whose query has two of the four words of its passage."""
    rng = np.random.default_rng(seed)
    records = []
    for number in range(count):
        concepts = rng.choice(CONCEPTS, size=4, replace=False).tolist()
        passages = {tag: " ".join(_word(tag, concept) for concept in concepts) for tag in LANGUAGES}
        queries = {tag: " ".join(_word(tag, concept) for concept in concepts[:2]) for tag in LANGUAGES}
        records.append(ParallelPair(f"corpus/{seed}/{number}", "corpus", queries, passages))
    return records


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub's library reads HF_HUB_OFFLINE once, when it is imported."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


@pytest.fixture
def make_pairs() -> Callable[..., ParallelPairs]:
    """Builds pairs of the corpus; other seeds give other pairs of the same words."""

    def make(count: int, *, seed: int = 0) -> ParallelPairs:
        return ParallelPairs.from_pairs(_records(count, seed=seed), name=f"corpus-{seed}")

    return make


@pytest.fixture
def corpus(make_pairs: Callable[..., ParallelPairs]) -> ParallelPairs:
    """160 pairs in three languages."""
    return make_pairs(160)

"""A corpus in three made-up languages whose words translate one to one, so that it can be learned in seconds."""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from equilingua.pairs.pair import ParallelPair
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


@pytest.fixture(scope="session", autouse=True)
def _libraries_set_aside() -> Iterator[None]:
    """A training ends with a garbage collection, which takes longer than the training if it looks at all libraries."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub's library reads HF_HUB_OFFLINE once, when it is imported."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


@pytest.fixture
def hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Puts a model into a cache of the hub, as its newest commit, and gives that commit."""
    cache = tmp_path / "hub"
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))

    def put(name: str, model: SentenceTransformer) -> str:
        repository = cache / f"models--{name.replace('/', '--')}"
        (repository / "refs").mkdir(parents=True, exist_ok=True)
        commit = f"{len(list(repository.glob('snapshots/*'))):040x}"
        model.save_pretrained(str(repository / "snapshots" / commit))
        (repository / "refs" / "main").write_text(commit)
        return commit

    return put


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

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from equilingua.errors import EquilinguaWarning, InputError
from equilingua.retrieval import encoding
from equilingua.retrieval.encoding import EncodeOptions, encode
from equilingua.retrieval.vector_cache import vector_store
from equilingua.retrieval.vectors import MappedFile

WORDS = ["red", "green", "blue", "ask"]
TEXTS = ["red green", "blue", "green", "red green", "ask", "red"]


class Counting:
    """Vectors (length, 1) of texts; counts them, and may fail after some."""

    similarity_fn_name = "dot"
    cache_key = "counting 1"

    def __init__(self, *, most: int = 1000) -> None:
        self.most = most
        self.given: list[str] = []

    def encode_query(self, texts: list[str]) -> list[list[float]]:
        if len(self.given) + len(texts) > self.most:
            raise KeyboardInterrupt
        self.given += texts
        return [[float(len(text)), 1.0] for text in texts]

    encode_document = encode_query


def test_a_second_encoding_costs_none(tmp_path: Path) -> None:
    first, second = Counting(), Counting()
    vectors = encode(first, TEXTS, "query", EncodeOptions(cache=tmp_path))
    np.testing.assert_array_equal(encode(second, TEXTS[::-1], "query", EncodeOptions(cache=tmp_path)), vectors[::-1])
    np.testing.assert_array_equal(vectors, encode(Counting(), TEXTS, "query"))
    assert sorted(first.given) == sorted(set(TEXTS))
    assert second.given == []


def test_only_new_texts_are_encoded(tmp_path: Path) -> None:
    encode(Counting(), ["aa", "b"], "query", EncodeOptions(cache=tmp_path))
    model = Counting()
    assert encode(model, ["cccc", "b", "ddd", "aa"], "query", EncodeOptions(cache=tmp_path))[:, 0].tolist() == [
        4,
        1,
        3,
        2,
    ]
    assert sorted(model.given) == ["cccc", "ddd"]


def test_an_interrupted_encoding_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "BATCHES_A_CALL", 1)
    texts = ["x" * length for length in range(1, 21)]
    with pytest.raises(KeyboardInterrupt):
        encode(Counting(most=12), texts, "query", EncodeOptions(batch_size=4, cache=tmp_path))
    rest = Counting()
    assert encode(rest, texts, "query", EncodeOptions(batch_size=4, cache=tmp_path))[:, 0].tolist() == list(
        range(1, 21)
    )
    assert len(rest.given) == 8


def test_an_interrupted_encoding_into_a_file_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "BATCHES_A_CALL", 1)
    texts = ["x" * length for length in range(1, 21)] * 2
    options, file = EncodeOptions(batch_size=4, cache=tmp_path / "cache"), MappedFile(tmp_path / "v.npy")
    with pytest.raises(KeyboardInterrupt):
        encode(Counting(most=12), texts, "document", options, allocate=file)
    rest = Counting()
    vectors = encode(rest, texts, "document", options, allocate=file)
    assert vectors[:, 0].tolist() == [*range(1, 21), *range(1, 21)]
    assert len(rest.given) == 8


def test_without_a_cache_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EQUILINGUA_CACHE", str(tmp_path))
    encode(Counting(), TEXTS, "query")
    assert list(tmp_path.iterdir()) == []
    encode(Counting(), TEXTS, "query", EncodeOptions(cache=True))
    (folder,) = (tmp_path / "vectors").iterdir()
    assert '"cache_key": "counting 1"' in (folder / "store.json").read_text()


def test_roles_and_models_are_kept_apart(tmp_path: Path) -> None:
    encode(Counting(), ["a"], "query", EncodeOptions(cache=tmp_path))
    document, other = Counting(), Counting()
    encode(document, ["a"], "document", EncodeOptions(cache=tmp_path))
    other.cache_key = "counting 2"
    encode(other, ["a"], "query", EncodeOptions(cache=tmp_path))
    assert document.given == other.given == ["a"]
    assert len(list(tmp_path.iterdir())) == 3


def test_a_model_that_cannot_be_told_from_its_next_version_is_refused(tmp_path: Path) -> None:
    class Plain:
        def encode_query(self, texts: list[str]) -> list[list[float]]:
            return [[1.0] for _ in texts]

        encode_document = encode_query

    with pytest.raises(InputError, match="Plain cannot be cached: give it an attribute cache_key"):
        encode(Plain(), ["a"], "query", EncodeOptions(cache=tmp_path))


def folder_of(model: Any, role: str = "query", *, precision: str = "fp32", prompt: str = "") -> Path:
    store = vector_store("cache", model, role=role, precision=precision, prompt=prompt)
    assert store is not None
    return store.folder


def test_a_model_is_known_again_by_what_it_is_not_by_its_name(static_model: Callable[..., Any], tmp_path: Path) -> None:
    model = static_model(WORDS)
    before = folder_of(model)
    encode(model, TEXTS, "query")
    assert folder_of(model) == before
    model.save(str(tmp_path / "saved"))
    from sentence_transformers import SentenceTransformer

    assert folder_of(SentenceTransformer(str(tmp_path / "saved"), device="cpu")) == before


def test_whatever_changes_vectors_changes_the_place_of_the_cache(static_model: Callable[..., Any]) -> None:
    model = static_model(WORDS)
    folders = [
        folder_of(model),
        folder_of(model, "document"),
        folder_of(model, precision="bf16"),
        folder_of(static_model(WORDS, seed=1)),
        folder_of(static_model(WORDS[::-1])),
        folder_of(model, prompt="ask "),
    ]
    assert len(set(folders)) == len(folders)
    import torch

    with torch.no_grad():
        next(model.parameters())[1, 0] += 1
    assert folder_of(model) not in folders


def test_one_cache_serves_every_width(static_model: Callable[..., Any], tmp_path: Path) -> None:
    model = static_model(WORDS)
    whole = encode(model, WORDS, "query", EncodeOptions(cache=tmp_path, similarity="dot"))
    model.encode = None
    model.truncate_dim = 8
    cut = encode(model, WORDS, "query", EncodeOptions(cache=tmp_path, similarity="dot"))
    np.testing.assert_array_equal(cut, whole[:, :8])
    shorter = encode(model, WORDS, "query", EncodeOptions(cache=tmp_path, truncate_dim=3))
    np.testing.assert_allclose(shorter, whole[:, :3] / np.linalg.norm(whole[:, :3], axis=1, keepdims=True), rtol=1e-6)


def test_a_transformer_is_known_again_after_encoding_and_saving(transformer: Any, tmp_path: Path) -> None:
    before = folder_of(transformer)
    vectors = encode(
        transformer, ["red", "blue red"], "query", EncodeOptions(precision="fp32", cache=tmp_path / "cache")
    )
    assert folder_of(transformer) == before
    transformer.save(str(tmp_path / "saved"))
    from sentence_transformers import SentenceTransformer

    loaded = SentenceTransformer(str(tmp_path / "saved"), device="cpu")
    assert folder_of(loaded) == before
    loaded.encode = None
    again = encode(loaded, ["blue red", "red"], "query", EncodeOptions(precision="fp32", cache=tmp_path / "cache"))
    np.testing.assert_array_equal(again, vectors[::-1])
    transformer.max_seq_length, longest = 8, transformer.max_seq_length
    assert folder_of(transformer) != before
    transformer.max_seq_length = longest


def test_a_cache_that_cannot_be_used_is_told_once_and_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    model, options = Counting(), EncodeOptions(batch_size=1, cache=tmp_path / "file")
    with pytest.warns(EquilinguaWarning, match=r"the cache of vectors cannot be used: .* Goes on without it") as told:
        vectors = encode(model, TEXTS, "query", options)
    assert len(told) == 1
    assert "\n" not in str(told[0].message)
    np.testing.assert_array_equal(vectors, encode(Counting(), TEXTS, "query"))


def test_a_cache_that_fills_the_disk_on_the_way_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import resource
    import signal

    monkeypatch.setattr(encoding, "BATCHES_A_CALL", 1)
    texts = ["x" * length for length in range(1, 3000)]
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.warns(EquilinguaWarning, match="Goes on without it"):
            vectors = encode(Counting(most=10_000), texts, "query", EncodeOptions(batch_size=500, cache=tmp_path))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert sorted(vectors[:, 0].tolist()) == list(range(1, 3000))
    rest = Counting(most=10_000)
    encode(rest, texts, "query", EncodeOptions(batch_size=500, cache=tmp_path))
    assert 0 < len(rest.given) < 3000

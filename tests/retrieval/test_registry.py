from pathlib import Path

import pytest

from equilingua.errors import InputError
from equilingua.retrieval.lexical import BM25, CharacterTfidf
from equilingua.retrieval.precomputed import VectorFiles
from equilingua.retrieval.registry import retriever


def test_lexical_retrievers_go_by_name() -> None:
    assert retriever("bm25") == BM25()
    assert retriever("tfidf") == CharacterTfidf()


def test_a_folder_may_have_the_name_of_a_lexical_retriever(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        retriever(tmp_path / "bm25")


def test_files_of_vectors_go_by_name() -> None:
    assert retriever("vectors:q.npy, p.npy") == VectorFiles("q.npy", "p.npy")
    assert retriever("vectors:q.npy,p.npz,dot") == VectorFiles("q.npy", "p.npz", "dot")
    with pytest.raises(InputError, match=r"vectors:q.npy: write vectors:QUERIES,PASSAGES, two files"):
        retriever("vectors:q.npy")


@pytest.mark.parametrize(
    ("name", "meant"), [("BM25", "bm25"), ("bm-25", "bm25"), ("TFIDF", "tfidf"), ("Tf-Idf", "tfidf")]
)
def test_another_spelling_of_a_lexical_retriever_is_told_and_not_looked_for_on_the_hub(name: str, meant: str) -> None:
    with pytest.raises(InputError, match=rf"unknown retriever '{name}'. Did you mean '{meant}'\?"):
        retriever(name)

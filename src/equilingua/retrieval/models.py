"""Retrievers by name."""

from pathlib import Path
from typing import Any

from equilingua.errors import InputError
from equilingua.retrieval.endpoint import OPENAI_URL, EmbeddingsEndpoint
from equilingua.retrieval.lexical import BM25, CharacterTfidf
from equilingua.training.models import load_model

ENDPOINT = "openai:"


def retriever(spec: str | Path, *, revision: str | None = None, trust_remote_code: bool = False) -> Any:
    """The retriever of this name: a lexical one, or an encoder.

    Args:
        spec: ``bm25``, ``tfidf``, ``openai:MODEL`` or ``openai:MODEL@URL`` (an embeddings endpoint), or the folder or
            hub name of a sentence-transformers model. A folder named like a lexical retriever is given as ``./bm25``.
        revision: commit, tag or branch of a model on the hub.
        trust_remote_code: whether code that comes with a model may run.

    Raises:
        InputError: if there is no such retriever.

    >>> retriever("bm25").name
    'bm25 (lucene, k1=1.2, b=0.75)'
    """
    match spec:
        case "bm25":
            return BM25()
        case "tfidf":
            return CharacterTfidf()
        case str() if spec.startswith(ENDPOINT):
            return _endpoint(spec.removeprefix(ENDPOINT))
        case _:
            return load_model(spec, revision=revision, trust_remote_code=trust_remote_code)


def _endpoint(spec: str) -> EmbeddingsEndpoint:
    model, at, address = spec.partition("@http")
    if not model:
        raise InputError(f"{ENDPOINT} no model is named. Write openai:MODEL or openai:MODEL@URL")
    return EmbeddingsEndpoint(model, f"http{address}" if at else OPENAI_URL)

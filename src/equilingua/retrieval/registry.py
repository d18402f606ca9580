"""Retrievers by name."""

from difflib import get_close_matches
from pathlib import Path
from typing import Any

from equilingua.errors import InputError
from equilingua.retrieval.endpoint import EmbeddingsEndpoint
from equilingua.retrieval.endpoint_server import OPENAI_URL
from equilingua.retrieval.lexical import BM25, CharacterTfidf
from equilingua.retrieval.precomputed import VectorFiles
from equilingua.retrieval.vectors import check_similarity
from equilingua.training.models import load_model

ENDPOINT = "openai:"
VECTORS = "vectors:"
LEXICAL = {"bm25": BM25, "tfidf": CharacterTfidf}


def retriever(spec: str | Path, *, revision: str | None = None, trust_remote_code: bool = False) -> Any:
    """The retriever of this name: a lexical one, or an encoder.

    Args:
        spec: ``bm25``, ``tfidf``, ``openai:MODEL`` or ``openai:MODEL@URL`` (an embeddings endpoint),
            ``vectors:QUERIES,PASSAGES``, ``vectors:QUERIES,PASSAGES,dot`` or ``vectors:QUERIES,PASSAGES,hamming``
            (files of vectors, see ``VectorFiles``), or the folder or hub name of a sentence-transformers model. A
            folder named like a lexical retriever is given as ``./bm25``.
        revision: commit, tag or branch of a model on the hub.
        trust_remote_code: whether code that comes with a model may run.

    Raises:
        InputError: if there is no such retriever.

    >>> retriever("bm25").name
    'bm25 (lucene, k1=1.2, b=0.75)'
    """
    if spec in LEXICAL:
        return LEXICAL[str(spec)]()
    if is_endpoint(spec):
        model, at, address = str(spec).removeprefix(ENDPOINT).partition("@http")
        if not model:
            raise InputError(f"{ENDPOINT} no model is named. Write openai:MODEL or openai:MODEL@URL")
        return EmbeddingsEndpoint(model, f"http{address}" if at else OPENAI_URL)
    if isinstance(spec, str) and spec.startswith(VECTORS):
        parts = [part.strip() for part in spec.removeprefix(VECTORS).split(",")]
        if len(parts) not in (2, 3) or not all(parts):
            raise InputError(
                f"{spec}: write vectors:QUERIES,PASSAGES, two files, and ,dot or ,hamming if they are not cosine's"
            )
        if len(parts) == 3:
            check_similarity(parts[2], str(spec))
        return VectorFiles(*parts)
    close = get_close_matches(str(spec).lower(), LEXICAL, n=1, cutoff=0.7)
    if close and not Path(spec).exists():
        raise InputError(f"unknown retriever {str(spec)!r}. Did you mean {close[0]!r}? A folder is given as ./{spec}")
    return load_model(spec, revision=revision, trust_remote_code=trust_remote_code)


def is_endpoint(spec: str | Path) -> bool:
    """Whether the retriever of this name answers over the network."""
    return isinstance(spec, str) and spec.startswith(ENDPOINT)


def printed_name(spec: str | Path, *, revision: str | None = None) -> str | None:
    """What results of ``retriever(spec)`` are labelled with; None for a lexical one, whose own name tells more.

    >>> printed_name("intfloat/multilingual-e5-small", revision="main"), printed_name("bm25")
    ('intfloat/multilingual-e5-small@main', None)
    """
    if spec in LEXICAL:
        return None
    return f"{spec}@{revision}" if revision else str(spec)

"""What servers answer a request for embeddings: vectors in one of several shapes, or words about an error."""

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from equilingua.retrieval.vectors import Vectors

# Where servers put the words about an error (OpenAI, vLLM, llama.cpp: error.message; TEI, Ollama: error; FastAPI,
# Jina, Voyage: detail; Cohere: message; MiniMax: base_resp.status_msg).
WORDS = ("error", "message", "detail", "errors", "msg", "error_message", "status_msg", "base_resp", "title")

# And its number, that of an HTTP status.
CODES = ("code", "status", "status_code", "statusCode")

DEEPEST = 20

# What servers say of a request that is too large, some with a status that asks to try again (llama.cpp: 500).
TOO_MUCH = ("too large", "too long", "too many", "exceed", "larger than", "longer than", "batch size", "context length")


class RefusedError(Exception):
    """A request was refused, or not answered as it should be: one of fewer or other texts may be answered.

    Attributes:
        status: of the answer; 200 where the server said that all was well.
        too_much: whether the server's words say that the request is too large.
    """

    def __init__(self, message: str, status: int = 200) -> None:
        super().__init__(message)
        self.status = status
        self.too_much = is_too_much(message)


def parsed(body: bytes) -> Any:
    """The JSON document that a server sent, or its text if it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")


def stated(document: Any, depth: int = 0) -> str:
    """What a server says about an error, in whichever of the usual places; the whole document if in none.

    >>> stated({"error": {"message": "no such model", "type": "invalid_request_error"}}), stated({"detail": "too long"})
    ('no such model', 'too long')
    """
    if isinstance(document, Mapping) and depth < DEEPEST:
        for name in WORDS:
            if document.get(name):
                return stated(document[name], depth + 1)
    if isinstance(document, list) and document and depth < DEEPEST:
        return "; ".join(stated(item, depth + 1) for item in document[:3])
    if isinstance(document, str):
        # A proxy's page of HTML: what a reader would see of it.
        return (
            re.sub(r"(?s)<(script|style).*?</\1>|<[^>]*>", " ", document) if "<html" in document.lower() else document
        )
    return json.dumps(document, ensure_ascii=False)


def coded_error(document: Any) -> int | None:
    """The HTTP status that an answer tells in its body, as some gateways do under a status of 200; None without one.

    >>> coded_error({"error": {"message": "overloaded", "code": 529}}), coded_error({"data": []})
    (529, None)
    """
    if not isinstance(document, Mapping) or not document.get("error"):
        return None
    for place in (document, document["error"]):
        for name in CODES if isinstance(place, Mapping) else ():
            code = str(place.get(name))
            if re.fullmatch("[45][0-9]{2}", code):
                return int(code)
    return None


def is_too_much(words: str) -> bool:
    """Whether a server's words say that a request is too large."""
    return any(phrase in words.lower() for phrase in TOO_MUCH)


def vectors_of(document: Any, count: int) -> Vectors:
    """The vectors in an answer for so many texts, in the order of the texts, shape (texts, width), float32.

    Vectors stand at ``data``, as objects with ``embedding`` (numbers, or base64 of float32) and ``index``, or at
    ``embeddings`` (Ollama, Cohere). Without an index the order of the list counts.

    Raises:
        RefusedError: if the answer holds no vectors or too few of them, which a smaller request may mend.
        ValueError: if they cannot be those of the texts, with words that go behind "answered with".
    """
    found = document.get("data") if isinstance(document, Mapping) else None
    if isinstance(document, Mapping) and not isinstance(found, list):
        found = document.get("embeddings")
        found = found.get("float") if isinstance(found, Mapping) else found
    if not isinstance(found, list):
        words = f"answered with something else than embeddings: {stated(document)}"
        raise RefusedError(words, coded_error(document) or 200)
    if len(found) < count:
        raise RefusedError(f"answered with {len(found):,} vectors for {count:,} texts")
    if len(found) > count:
        raise ValueError(f"{len(found):,} vectors for {count:,} texts")
    entries = [entry if isinstance(entry, Mapping) else {"embedding": entry} for entry in found]
    rows = [_numbers(entry.get("embedding"), place) for place, entry in enumerate(entries)]
    widths = sorted({len(row) for row in rows})
    if len(widths) != 1 or widths == [0]:
        raise ValueError(f"vectors of {' and '.join(map(str, widths))} dimensions")
    vectors = np.empty((count, widths[0]), dtype=np.float32)
    vectors[_places([entry.get("index") for entry in entries])] = rows
    return vectors


def _places(indices: Sequence[Any]) -> list[int]:
    """Which text each vector is of; raises ``ValueError`` if that cannot be told.

    Without an index a vector is of the text at its own place in the list; one vector alone without an index, as some
    servers leave out an index of 0, is of the text that is left.
    """
    for index in indices:
        if index is not None and (not re.fullmatch("[0-9]{1,9}", str(index))):
            raise ValueError(f"a vector of index {index!r}, which is no place")
    places: list[int] = [place if index is None else int(index) for place, index in enumerate(indices)]
    expected = set(range(len(indices)))
    if set(places) != expected and list(indices).count(None) == 1:
        rest = expected - {int(index) for index in indices if index is not None}
        places = [min(rest, default=0) if index is None else int(index) for index in indices]
    if set(places) != expected:
        raise ValueError(f"vectors of the indices {', '.join(map(str, indices[:8]))} for {len(indices):,} texts")
    return places


def _numbers(embedding: Any, place: int) -> Vectors:
    """One vector; raises ``RefusedError`` if it is no base64, ``ValueError`` if it is no list of finite numbers."""
    if isinstance(embedding, str):
        try:
            raw = base64.b64decode(embedding, validate=True)
            row = np.frombuffer(raw, dtype="<f4").astype(np.float32, copy=False)
        except (binascii.Error, ValueError) as error:
            raise RefusedError(f"answered with a vector that is no base64 of float32 ({error})") from None
    else:
        try:
            with np.errstate(over="ignore"):
                row = np.array(embedding, dtype=np.float32)
        except (ValueError, TypeError, OverflowError):
            raise ValueError(f"vector {place + 1} that is no list of numbers") from None
    if row.ndim != 1:
        raise ValueError(f"vector {place + 1} of shape {row.shape}, not one number a dimension: perhaps one a token")
    if not np.isfinite(row).all():
        raise ValueError(f"vector {place + 1} with NaN, infinite or missing numbers")
    return row

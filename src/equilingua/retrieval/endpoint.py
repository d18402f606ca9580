"""Embeddings from a server that speaks OpenAI's protocol."""

import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from equilingua.errors import InputError, did_you_mean
from equilingua.retrieval.endpoint_server import OPENAI_URL, Server
from equilingua.retrieval.interrupts import HeldInterrupts
from equilingua.retrieval.parts import EncodedPart
from equilingua.retrieval.vectors import Vectors
from equilingua.training.prompts import role_prompts

TEXTS_A_REQUEST = 64

LONG_TEXTS = ("refuse", "cut")

# Fields of a request that have a place of their own, and those that would put a key into results.
OWN_FIELDS = ("input", "model", "dimensions")
SECRET_FIELDS = ("key", "secret", "password", "authorization", "credential")


@dataclass(frozen=True)
class EmbeddingsEndpoint:
    """A model behind an HTTP endpoint ``URL/embeddings`` that speaks OpenAI's protocol: an encoder like any other.

    The key is read from the environment with every request, and never stored, printed or sent to another host:
    ``OPENAI_API_KEY`` for OpenAI's own, ``EQUILINGUA_API_KEY`` for any other. A server without keys needs none. A key
    goes unencrypted (http) to this machine only. Redirects are not followed. The proxies of the environment are used,
    except for servers on this machine.

    Requests that fail by an overloaded server or the network (status 408, 409, 429 or 5xx, no connection, no whole
    answer in time) are made again by OpenAI's client, after a wait that grows or that the server asks for; standard
    error tells of waits of more than two seconds. A request that is refused is made with fewer texts, or with vectors
    as numbers in place of base64, where the server takes that.

    Attributes:
        model: its name at the endpoint.
        url: up to and without ``/embeddings``.
        prompts: texts put before the role's texts, by ``query`` and ``document``.
        dimensions: width to ask for, of a model that gives several; its own if None.
        body: further fields of every request.
        query_body: further fields of requests for queries, such as ``{"input_type": "search_query"}``.
        passage_body: and of those for passages.
        long_texts: what becomes of a text that the server refuses for its length: ``refuse`` raises an error once all
            others are encoded; ``cut`` sends three quarters of it, again and again, until it is taken.
        batch_size: texts a request at most, whatever is asked for.
        timeout: seconds in which an answer must have come whole.
        attempts: requests made for the same texts before giving up.
        similarity_fn_name: ``cosine`` or ``dot``.

    Raises:
        InputError: if the URL is no http or https address, or has a user, password, query or fragment; if a field of
            the body is one that has a place of its own; if a number is out of its range.
    """

    model: str
    url: str = OPENAI_URL
    prompts: Mapping[str, str] = field(default_factory=dict)
    dimensions: int | None = None
    body: Mapping[str, Any] = field(default_factory=dict)
    query_body: Mapping[str, Any] = field(default_factory=dict)
    passage_body: Mapping[str, Any] = field(default_factory=dict)
    long_texts: str = "refuse"
    batch_size: int | None = None
    timeout: float = 120.0
    attempts: int = 6
    similarity_fn_name: str = "cosine"

    def __post_init__(self) -> None:
        server = self.server
        for name in (*self.body, *self.query_body, *self.passage_body):
            if name in OWN_FIELDS:
                raise InputError(f"{self.name}: field {name!r} of the body has an option of its own")
            if any(part in name.lower() for part in SECRET_FIELDS):
                raise InputError(
                    f"{self.name}: field {name!r} of the body looks like a key, which results would show. Set the "
                    f"environment variable {server.key_variable}: it is sent as the header Authorization"
                )
        try:
            json.dumps([dict(body) for body in (self.body, self.query_body, self.passage_body)], allow_nan=False)
        except (ValueError, TypeError, RecursionError) as error:
            raise InputError(f"{server.name}: a field of the body cannot be sent as JSON: {error}") from error
        if self.long_texts not in LONG_TEXTS:
            raise InputError(f"long texts: unknown {self.long_texts!r}. {did_you_mean(self.long_texts, LONG_TEXTS)}")
        for name, number in (
            ("dimensions", self.dimensions), ("batch size", self.batch_size), ("timeout", self.timeout),
            ("attempts", self.attempts),
        ):  # fmt: skip
            if number is not None and not 0 < number < float("inf"):
                raise InputError(f"{self.name}: {name} {number} is not above 0, or without end")

    @property
    def name(self) -> str:
        """``openai:MODEL@URL``."""
        return self.server.name

    @property
    def cache_key(self) -> str:
        """What the vectors depend on, as far as a client can know it."""
        fields = [dict(body) for body in (self.body, self.query_body, self.passage_body)]
        return json.dumps([self.name, self.dimensions, fields], sort_keys=True)

    @property
    def notes(self) -> tuple[str, ...]:
        """What requests ask for beside vectors of texts, a sentence each: what results record."""
        bodies = {"all requests": self.body, "queries": self.query_body, "passages": self.passage_body}
        asked = [f"fields of {what}: {json.dumps(dict(body), sort_keys=True)}" for what, body in bodies.items() if body]
        asked += [f"{self.dimensions} dimensions asked for"] if self.dimensions else []
        return tuple(asked)

    def encode_query(self, texts: Sequence[str], /, *, prompt: str | None = None) -> Vectors:
        """Vectors of queries behind the prompt given, else their own, shape (texts, width), float32.

        Raises ``InputError`` if the endpoint refuses, stays overloaded or away, or answers something else than vectors;
        if a key would go over http to another machine.
        """
        return self._encode(texts, "query", role_prompts(self, query=prompt).query)

    def encode_document(self, texts: Sequence[str], /, *, prompt: str | None = None) -> Vectors:
        """Vectors of passages, shape (texts, width), float32; errors as for queries."""
        return self._encode(texts, "document", role_prompts(self, passage=prompt).document)

    def encoded_parts(self, texts: Sequence[str], role: str, *, prompt: str, batch_size: int) -> Generator[EncodedPart]:
        """Vectors of all texts behind this prompt, request by request; errors as for queries.

        Ctrl-C ends the wait for an answer, but not what is done with one that has come.
        """
        from equilingua.retrieval.endpoint_batches import Batches
        from equilingua.retrieval.endpoint_connection import connected

        fields = {**self.body, **(self.query_body if role == "query" else self.passage_body)}
        with HeldInterrupts() as interrupts, connected(self.server, interrupts) as connection:
            yield from Batches(
                connection,
                prompt=prompt,
                fields=fields | ({"dimensions": self.dimensions} if self.dimensions else {}),
                most=min(batch_size, self.batch_size or batch_size),
                cuts=self.long_texts == "cut",
            ).parts(texts)

    def _encode(self, texts: Sequence[str], role: str, prompt: str) -> Vectors:
        vectors: Vectors | None = None
        batch_size = self.batch_size or TEXTS_A_REQUEST
        with closing(self.encoded_parts(texts, role, prompt=prompt, batch_size=batch_size)) as parts:
            for part in parts:
                vectors = np.empty((len(texts), part.vectors.shape[1]), np.float32) if vectors is None else vectors
                vectors[part.places] = part.vectors
        if vectors is None:
            raise InputError(f"{self.name}: there are no texts to encode")
        return vectors

    @property
    def server(self) -> Server:
        """The server and the rules by which it is asked."""
        return Server(self.model, self.url, self.timeout, self.attempts)

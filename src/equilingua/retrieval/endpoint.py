"""Embeddings from a server that speaks OpenAI's protocol."""

import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPException
from ipaddress import ip_address
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

import numpy as np

from equilingua.errors import InputError
from equilingua.retrieval.vectors import Vectors, row_blocks
from equilingua.training.prompts import role_prompts

OPENAI_URL = "https://api.openai.com/v1"
OPENAI_KEY = "OPENAI_API_KEY"
OTHER_KEY = "EQUILINGUA_API_KEY"

TOO_MANY_REQUESTS = 429
REFUSED = (401, 403)
LONGEST_WAIT = 60.0
SILENT_WAIT = 2.0
LONGEST_MESSAGE = 300


@dataclass(frozen=True)
class EmbeddingsEndpoint:
    """A model behind an HTTP endpoint ``URL/embeddings`` that speaks OpenAI's protocol: an encoder like any other.

    The key is read from the environment with every request, and never stored, printed or sent to another host:
    ``OPENAI_API_KEY`` for OpenAI's own, ``EQUILINGUA_API_KEY`` for any other. A server without keys needs none. A key
    goes unencrypted (http) to this machine only.
    Requests that fail by an overloaded server or the network (status 429 or 5xx, time out, no connection, vectors
    missing) are made again after a wait that doubles each time, or that the server asks for; standard error tells of
    waits of more than two seconds. The proxies of the environment are used, except for servers on this machine.

    Attributes:
        model: its name at the endpoint.
        url: up to and without ``/embeddings``.
        prompts: texts put before the role's texts, by ``query`` and ``document``.
        dimensions: width to ask for, of a model that gives several; its own if None.
        batch_size: texts a request.
        timeout: seconds until a request counts as failed.
        attempts: requests made for one batch before giving up.
        wait: seconds before the second attempt.
        similarity_fn_name: ``cosine`` or ``dot``.

    Raises:
        InputError: if the URL is no http or https address, or has a user, password, query or fragment.
    """

    model: str
    url: str = OPENAI_URL
    prompts: Mapping[str, str] = field(default_factory=dict)
    dimensions: int | None = None
    batch_size: int = 128
    timeout: float = 60.0
    attempts: int = 6
    wait: float = 1.0
    similarity_fn_name: str = "cosine"

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            parts.port  # noqa: B018 - reading it checks it
        except ValueError:
            # Python's words would repeat what may be a password.
            raise InputError(
                f"URL: cannot be read as an address, its host or port is malformed: write it like {OPENAI_URL}, "
                "http://localhost:8000/v1 or http://[::1]:8000/v1"
            ) from None
        refused = "@" in parts.netloc or "?" in self.url or "#" in self.url
        if parts.scheme not in ("http", "https") or not parts.hostname or refused:
            raise InputError(
                f"{parts.scheme or 'URL'}: an endpoint's address reads like {OPENAI_URL} or http://localhost:8000/v1, "
                "without user, password, query or fragment"
            )

    @property
    def name(self) -> str:
        """``openai:MODEL@URL``."""
        return f"openai:{self.model}@{self.url.rstrip('/')}"

    @property
    def cache_key(self) -> str:
        """What the vectors depend on, as far as a client can know it."""
        return json.dumps([self.name, self.dimensions])

    def encode_query(self, texts: Sequence[str], /, *, prompt: str | None = None) -> Vectors:
        """Vectors of queries behind the prompt given, else their own, shape (texts, width), float32.

        Raises ``InputError`` if the endpoint refuses, stays overloaded or away, or answers something else than vectors;
        if a key would go over http to another machine.
        """
        return self._encode(texts, role_prompts(self, query=prompt).query)

    def encode_document(self, texts: Sequence[str], /, *, prompt: str | None = None) -> Vectors:
        """Vectors of passages, shape (texts, width), float32; errors as for queries."""
        return self._encode(texts, role_prompts(self, passage=prompt).document)

    def _encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        # Servers refuse empty texts.
        prompted = [prompt + text or " " for text in texts]
        parts = [self._batch(prompted[part]) for part in row_blocks(len(prompted), self.batch_size)]
        widths = sorted({part.shape[1] for part in parts})
        if len(widths) > 1 or (self.dimensions and widths != [self.dimensions]):
            wanted = f", {self.dimensions} were asked for" if self.dimensions else ""
            raise InputError(f"{self.name}: gave vectors of {' and '.join(map(str, widths))} dimensions{wanted}")
        return np.concatenate(parts)

    def _batch(self, texts: list[str]) -> Vectors:
        """The vectors of one request, after as many attempts as allowed."""
        payload: dict[str, Any] = {"model": self.model, "input": texts, "encoding_format": "float"}
        if self.dimensions:
            payload["dimensions"] = self.dimensions
        body = json.dumps(payload).encode()
        for attempt in range(1, self.attempts + 1):
            failure, wait = "", self.wait * 2 ** (attempt - 1)
            try:
                # A proxy cannot reach this machine's own servers, and would be shown their key.
                proxies = [ProxyHandler({})] if self._is_here() else []
                with build_opener(_NoRedirects, *proxies).open(self._request(body), timeout=self.timeout) as reply:
                    return self._vectors(reply.read(), len(texts))
            except HTTPError as error:
                failure = f"status {error.code}: {self._shown(_message(error)) or self._shown(error.reason)}"
                if error.code != TOO_MANY_REQUESTS and error.code < 500:
                    raise InputError(f"{self.name}: {failure}{self._advice(error.code)}") from None
                wait = _retry_after(error.headers, wait)
            except (URLError, HTTPException, OSError, _ShortAnswerError) as error:
                failure = self._shown(getattr(error, "reason", None) or error)
            if attempt < self.attempts:
                seconds = min(wait, LONGEST_WAIT)
                if seconds > SILENT_WAIT:
                    sys.stderr.write(
                        f"{self.name}: waits {seconds:.0f} s before attempt {attempt + 1} of {self.attempts}, since "
                        f"the last one failed: {failure}\n"
                    )
                time.sleep(seconds)
        raise InputError(f"{self.name}: gave no whole answer in {self.attempts} attempts, the last time {failure}")

    def _vectors(self, reply: bytes, count: int) -> Vectors:
        try:
            entries = {int(entry["index"]): entry["embedding"] for entry in json.loads(reply)["data"]}
            if len(entries) == count:
                rows: Vectors = np.array([entries[place] for place in range(count)], dtype=np.float32)
                if rows.ndim == 2:
                    return rows
                raise ValueError(f"vectors of shape {rows.shape}")
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{self.name}: answered something else than embeddings ({type(error).__name__}: {self._shown(error)})"
            ) from None
        raise _ShortAnswerError(f"it gave {len(entries)} vectors for {count} texts")

    def _request(self, body: bytes) -> Request:
        headers = {"Content-Type": "application/json", "User-Agent": "equilingua"}
        if key := self._key():
            if urlsplit(self.url).scheme == "http" and not self._is_here():
                raise InputError(
                    f"{self.name}: the key in {self._key_variable()} would be sent unencrypted over http, where others "
                    "can read it. Give an https address; unset the variable if the server needs no key; or reach the "
                    "server through a tunnel, as http://localhost:PORT/v1"
                )
            headers["Authorization"] = f"Bearer {key}"
        return Request(f"{self.url.rstrip('/')}/embeddings", data=body, headers=headers)

    def _is_here(self) -> bool:
        """Whether the server is on this machine."""
        host = urlsplit(self.url).hostname or ""
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"

    def _key_variable(self) -> str:
        """The variable that holds the key for this address: OpenAI's key goes to OpenAI alone, and encrypted."""
        here, openai = urlsplit(self.url), urlsplit(OPENAI_URL)
        return OPENAI_KEY if (here.scheme, here.hostname) == (openai.scheme, openai.hostname) else OTHER_KEY

    def _key(self) -> str:
        key = os.environ.get(self._key_variable(), "").strip()
        if not (key.isascii() and key.isprintable()):
            # As a header it would fail with an error that prints it.
            raise InputError(f"{self._key_variable()}: holds characters that no key has. Set it anew")
        return key

    def _shown(self, words: object) -> str:
        """A server's words for a message: without the key, which they may repeat, on one line and not too long."""
        text, key = str(words), self._key()
        # The key goes first: what is left of one that was cut would not be found.
        text = text.replace(key, "***") if key else text
        return " ".join(text.split())[:LONGEST_MESSAGE]

    def _advice(self, status: int) -> str:
        if status not in REFUSED:
            return ""
        variable = self._key_variable()
        return (
            f". The key in {variable} was refused"
            if self._key()
            else f". Set the environment variable {variable} to a key"
        )


class _ShortAnswerError(Exception):
    """Fewer vectors than texts: a server under load may leave some out."""


class _NoRedirects(HTTPRedirectHandler):
    """A redirect is an error: it would take texts and key to another address."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _message(error: HTTPError) -> str:
    """What a server says about an error: its message if it is JSON, else the text; nothing if it breaks off."""
    try:
        text = error.read().decode("utf-8", "replace")
    except (OSError, HTTPException):
        return ""
    try:
        stated = json.loads(text)["error"]
        return str(stated["message"] if isinstance(stated, dict) else stated)
    except (ValueError, KeyError, TypeError):
        return text


def _retry_after(headers: Message, wait: float) -> float:
    """Seconds that the server asks to wait, if it gives a number; else the given ones."""
    try:
        return max(0.0, float(headers.get("Retry-After", "")))
    except ValueError:
        return wait

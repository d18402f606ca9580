"""A connection to an embeddings endpoint: one request at a time, and what its failures mean to a user."""

import asyncio
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import httpx2
import openai

from equilingua.errors import InputError
from equilingua.retrieval.endpoint_client import BoundedClient, asked_wait
from equilingua.retrieval.endpoint_reply import RefusedError, is_too_much, parsed, stated, vectors_of
from equilingua.retrieval.endpoint_server import Server
from equilingua.retrieval.interrupts import HeldInterrupts
from equilingua.retrieval.vectors import Vectors

# A request as it stands is refused; another may be answered.
REFUSED = (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY)

# What a server's own fault may hide: a text that it cannot take, as it could be told with 400.
FAULTS = (HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.NOT_IMPLEMENTED)

WITHOUT_LEAVE = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
WRONG_PLACE = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)

# Between two looks at whether Ctrl-C was pressed.
SECONDS_A_LOOK = 0.1


@contextmanager
def connected(server: Server, interrupts: HeldInterrupts) -> Iterator["Connection"]:
    """A connection, closed in the end; an interrupt ends the wait for an answer."""
    loop = asyncio.new_event_loop()
    # A daemon: Python waits for any other thread before it ends.
    thread = threading.Thread(target=loop.run_forever, name="embeddings endpoint", daemon=True)
    thread.start()
    connection = None
    try:
        connection = Connection(server, loop, interrupts)
        yield connection
    finally:
        if connection is not None:
            wait([asyncio.run_coroutine_threadsafe(connection.client.close(), loop)], server.timeout)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(server.timeout)


class Connection:
    """Asks an endpoint for vectors, one request at a time."""

    def __init__(self, server: Server, loop: asyncio.AbstractEventLoop, interrupts: HeldInterrupts) -> None:
        self.server = server
        self._loop = loop
        self._interrupts = interrupts
        try:
            self._http = BoundedClient(server)
        except (ValueError, ImportError, httpx2.InvalidURL):
            # Python's words would repeat what may be a password.
            raise InputError(
                f"{server.name}: the proxy that HTTP_PROXY, HTTPS_PROXY or ALL_PROXY names cannot be used: give one "
                "like http://proxy:8080, or unset the variable"
            ) from None
        try:
            # The key is put in by the HTTP client, for the address that it belongs to.
            self.client = openai.AsyncOpenAI(
                api_key="none",
                base_url=server.url,
                http_client=self._http,
                max_retries=server.attempts - 1,
                timeout=None,
            )
        except httpx2.InvalidURL as error:
            raise InputError(f"{server.name}: is no address that can be asked: {error}") from None

    def ask(self, texts: Sequence[str], body: Mapping[str, Any], *, attempts: int | None = None) -> Vectors:
        """Vectors of the texts, shape (texts, width), float32: one request, made again as often as the endpoint says.

        Args:
            texts: as they are sent.
            body: the request's further fields.
            attempts: at most; those of the endpoint if None.

        Raises:
            RefusedError: if the server refuses these texts or fields, or does not answer them as it should.
            InputError: if it refuses any request, is not there, or answers what is none.
        """
        self._http.texts = len(texts)
        client = self.client if attempts is None else self.client.with_options(max_retries=attempts - 1)
        work = client.post(
            "/embeddings",
            body={"model": self.server.model, "input": list(texts), **body},
            cast_to=httpx2.Response,
        )
        try:
            response: httpx2.Response = self._waited(asyncio.run_coroutine_threadsafe(work, self._loop))
        except openai.APIStatusError as error:
            raise self._refusal(error) from None
        except openai.APIConnectionError as error:
            times = attempts or self.server.attempts
            raise InputError(
                f"{self.server.name}: gave no whole answer in {times} attempts, the last time "
                f"{self.server.shown(_reason(error))}"
            ) from None
        try:
            return vectors_of(parsed(response.content), len(texts))
        except ValueError as error:
            raise InputError(f"{self.server.name}: answered with {self.server.shown(error)}") from None

    def _waited(self, answer: "Future[httpx2.Response]") -> httpx2.Response:
        while not wait([answer], SECONDS_A_LOOK).done:
            if self._interrupts.noted:
                answer.cancel()
                raise KeyboardInterrupt
        return answer.result()

    def _refusal(self, error: openai.APIStatusError) -> Exception:
        """What a status of an error means: that another request may do, or that none will."""
        status, words = error.status_code, stated(parsed(error.response.content))
        shown = f"status {status}: {words.strip() or _phrase(status)}"
        if status in REFUSED or status in FAULTS or is_too_much(words):
            return RefusedError(shown, status)
        shown = self.server.shown(shown)
        if status == HTTPStatus.TOO_MANY_REQUESTS or status >= 500:
            asked = asked_wait(error.response.headers)
            later = f". It asks to wait {asked:,.0f} s: run again then" if asked and asked >= 1 else ""
            return InputError(
                f"{self.server.name}: gave no whole answer in {self.server.attempts} attempts, the last time "
                f"{shown}{later}"
            )
        return InputError(f"{self.server.name}: {shown}{self._advice(status)}")

    def _advice(self, status: int) -> str:
        if status in WITHOUT_LEAVE:
            variable = self.server.key_variable
            refused = bool(self.server.key())
            return (
                f". The key in {variable} was refused"
                if refused
                else f". Set the environment variable {variable} to a key"
            )
        if status in WRONG_PLACE:
            return f". Is {self.server.url} the address up to and without /embeddings, and the model's name right?"
        if 300 <= status < 400:
            return ". Redirects are not followed: give the address that it leads to"
        return ""


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "no words"


def _reason(error: BaseException) -> str:
    """Why a connection failed, in the words of what failed first."""
    words = str(error)
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
        number: int = getattr(error, "errno", None) or 0
        words = (os.strerror(number) if number > 0 else str(error)) or words
    return words

"""The HTTP client beneath OpenAI's own: what it sends to a server, and how much of a server it puts up with.

A drip of bytes would outlast the time that a client gives to each read, and a body without end would fill memory. So
answers are read here, within a number of seconds and of bytes.
"""

import asyncio
import sys
import zlib
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import httpx2

from equilingua.errors import InputError
from equilingua.retrieval.endpoint_reply import coded_error, is_too_much, parsed, stated
from equilingua.retrieval.endpoint_server import Server

# Of an answer: for each text what any vector may take, 16,384 numbers of 32 characters, and what stands around them.
BYTES_A_TEXT = 2**19
BYTES_AROUND = 2**20

# Of an error only the beginning is read.
ERROR_BYTES = 2**16

# OpenAI's client waits no longer for a server: it gives up where one asks for more.
LONGEST_WAIT = 120.0

# Seconds that are waited without a word, and attempts that fail without one.
SILENT_WAIT = 2.0
SILENT_ATTEMPTS = 2

# All headers that are sent. The client's others tell every server of this machine, and of one's account at OpenAI.
SENT_HEADERS = ("accept", "connection", "content-length", "content-type", "host")
SENT_TO_OPENAI = ("openai-organization", "openai-project")

TRIED_AGAIN = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS)


class BoundedClient(httpx2.AsyncClient):
    """Sends a request with our headers alone, follows no redirect, and reads the answer within bounds.

    Attributes:
        texts: of the request that comes next, for the bound of its answer.
    """

    def __init__(self, server: Server) -> None:
        # A proxy cannot reach this machine's own servers, and would be shown their key.
        transport = httpx2.AsyncHTTPTransport() if server.is_here else None
        super().__init__(transport=transport, follow_redirects=False, timeout=None)
        self.texts = 1
        self._server = server

    async def send(self, request: httpx2.Request, **_: Any) -> httpx2.Response:
        """The answer, whole.

        Raises ``httpx2.RequestError`` if it does not come in time, ``InputError`` if it is too large.
        """
        attempt = int(request.headers.get("x-stainless-retry-count", 0)) + 1
        self._set_headers(request)
        try:
            try:
                async with asyncio.timeout(self._server.timeout):
                    response = await super().send(request, stream=True)
                    try:
                        body = await self._body(response)
                    finally:
                        await response.aclose()
            except TimeoutError:
                words = f"no whole answer within {self._server.timeout:g} seconds"
                raise httpx2.ReadTimeout(words, request=request) from None
            except (OSError, UnicodeError) as error:
                # A host's name that no address can be looked up for, of which the client knows nothing.
                raise httpx2.ConnectError(str(error), request=request) from error
        except httpx2.RequestError as error:
            self._tell(attempt, str(error), None)
            raise
        return self._answer(request, response, body, attempt)

    def _set_headers(self, request: httpx2.Request) -> None:
        kept = SENT_HEADERS + (SENT_TO_OPENAI if self._server.is_openai else ())
        for name in [name for name in request.headers if name not in kept]:
            del request.headers[name]
        request.headers["User-Agent"] = "equilingua"
        request.headers["Accept-Encoding"] = "identity"
        if key := self._server.key():
            request.headers["Authorization"] = f"Bearer {key}"

    async def _body(self, response: httpx2.Response) -> bytes:
        """The answer's body; of an error its beginning. Compressed it may be, though it was not asked to."""
        limit = BYTES_AROUND + BYTES_A_TEXT * self.texts if response.is_success else ERROR_BYTES
        packed = response.headers.get("content-encoding", "identity").lower()
        unpack = zlib.decompressobj(wbits=47) if packed in ("gzip", "x-gzip", "deflate") else None
        if response.is_success and packed != "identity" and unpack is None:
            raise InputError(f"{self._server.name}: answered compressed by {self._server.shown(packed)}, unasked")
        body = bytearray()
        try:
            async for chunk in response.aiter_raw():
                body += chunk if unpack is None else unpack.decompress(chunk, limit + 1 - len(body))
                if len(body) > limit:
                    break
        except (zlib.error, httpx2.RequestError) as error:
            if response.is_success:
                raise httpx2.ReadError(f"the answer broke off ({error})", request=response.request) from None
            # What came of an error is all that is told of it.
        if len(body) > limit and response.is_success:
            raise InputError(
                f"{self._server.name}: answered with more than {limit / 2**20:,.0f} MiB for {self.texts:,} texts, "
                "which no vectors take: it was cut off"
            )
        return bytes(body[:limit])

    def _answer(self, request: httpx2.Request, response: httpx2.Response, body: bytes, attempt: int) -> httpx2.Response:
        """The answer as OpenAI's client is to see it: it asks again by the status and the headers."""
        status, headers = response.status_code, {}
        document = parsed(body) if status != HTTPStatus.OK or b'"error"' in body else None
        if status == HTTPStatus.OK:
            # An error of a kind that passes, told under a status that says all is well.
            code = coded_error(document) or status
            status = code if code in TRIED_AGAIN or code >= 500 else status
        if status >= 500 and is_too_much(stated(document)):
            headers["x-should-retry"] = "false"
        elif status in TRIED_AGAIN or status >= 500:
            for name in ("retry-after-ms", "retry-after", "x-should-retry"):
                headers |= {name: response.headers[name]} if name in response.headers else {}
            self._tell(attempt, f"status {status}: {stated(document)}", asked_wait(headers))
        return httpx2.Response(status, headers=headers, content=body, request=request)

    def _tell(self, attempt: int, failure: str, seconds: float | None) -> None:
        """Say on standard error that a request failed and will be made again, if that takes long."""
        last = self._server.attempts
        if attempt >= last or (seconds or 0) > LONGEST_WAIT:
            return
        if seconds and seconds > SILENT_WAIT:
            what = f"waits {seconds:,.0f} s, as the server asks, before attempt {attempt + 1} of {last}"
        elif attempt >= SILENT_ATTEMPTS:
            what = f"makes attempt {attempt + 1} of {last}"
        else:
            return
        sys.stderr.write(f"{self._server.name}: {what}, since the last one failed: {self._server.shown(failure)}\n")


def asked_wait(headers: dict[str, str] | httpx2.Headers) -> float | None:
    """Seconds that a server asks to wait, by number or date; None if it does not."""
    for name, divisor in (("retry-after-ms", 1000), ("retry-after", 1)):
        try:
            return float(headers[name]) / divisor
        except (KeyError, ValueError):
            continue
    try:
        until = parsedate_to_datetime(headers.get("retry-after", ""))
    except (ValueError, TypeError):
        return None
    return (until.astimezone(UTC) - datetime.now(UTC)).total_seconds()

"""An embeddings server on this machine that answers as servers of all kinds do, faults included."""

import base64
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

# A server asks its clients to try again at once.
AT_ONCE = {"retry-after-ms": "1"}

Reply = tuple[int, dict[str, str], bytes]


def vector(text: str) -> list[float]:
    """Length, and position of the first letter."""
    return [len(text), ord(text[0])]


def answer(texts: list[str], *, encoded: bool = False) -> dict[str, Any]:
    """What OpenAI would answer."""
    data = []
    for index, text in enumerate(texts):
        numbers: Any = vector(text)
        if encoded:
            numbers = base64.b64encode(np.array(numbers, "<f4").tobytes()).decode()
        data.append({"object": "embedding", "index": index, "embedding": numbers})
    return {"object": "list", "data": data, "model": "tiny", "usage": {"prompt_tokens": 1, "total_tokens": 1}}


def reply(document: Any, status: int = 200, **headers: str) -> Reply:
    return status, headers, json.dumps(document).encode()


class Server(ThreadingHTTPServer):
    """Answers what ``replies`` holds first, then what ``rule`` makes of a request's body, then with vectors.

    ``raw`` takes the place of all three: it writes to the socket what it likes.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies: list[Reply] = []
        self.rule: Callable[[dict[str, Any]], Reply | None] = lambda _: None
        self.raw: Callable[[socket.socket], None] | None = None
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.key = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    @property
    def sent(self) -> list[list[str]]:
        """The texts of every request."""
        return [asked["input"] for asked in self.asked]

    def handle_error(self, *_: Any) -> None:
        """Say nothing of a client that has hung up, perhaps in another test's standard error."""


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append({"path": self.path, **body})
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
        if self.server.raw is not None:
            with suppress(OSError):
                self.server.raw(self.connection)
            self.close_connection = True
            return
        given = self.headers.get("Authorization", "")
        if self.server.key and given != f"Bearer {self.server.key}":
            self.send(*reply({"error": {"message": f"Incorrect key: {given}"}}, 401))
        elif self.server.replies:
            self.send(*self.server.replies.pop(0))
        else:
            vectors = reply(answer(body["input"], encoded=body.get("encoding_format") == "base64"))
            self.send(*(self.server.rule(body) or vectors))

    def send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(body)
        if headers.get("Transfer-Encoding") or int(headers.get("Content-Length", len(body))) != len(body):
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def running() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()

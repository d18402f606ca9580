import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from equilingua.errors import InputError
from equilingua.retrieval.encoding import EncodeOptions, encode
from equilingua.retrieval.endpoint import OPENAI_URL, EmbeddingsEndpoint
from equilingua.retrieval.registry import retriever

KEY = "sk-secret-key"

# Seconds a client waits, and seconds a server keeps it waiting: what is answered at once on a busy machine is in time.
PATIENCE, HELD = 1.0, 3.0


class Server(ThreadingHTTPServer):
    """Embeds a text as (length, position of its first letter); answers what ``replies`` holds first."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies: list[tuple[int, dict[str, str], bytes]] = []
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.key = ""
        self.hangs = threading.Event()
        self.stalls = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, *_: Any) -> None:
        """Say nothing of a client that has hung up, perhaps in another test's standard error."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append({"path": self.path, **body})
        self.server.headers.append(dict(self.headers))
        given = self.headers.get("Authorization", "")
        if self.server.key and given != f"Bearer {self.server.key}":
            return self.answer(401, {}, json.dumps({"error": {"message": f"Incorrect key: {given}"}}).encode())
        if self.server.hangs.is_set():
            self.server.hangs.clear()
            threading.Event().wait(HELD)
        if self.server.replies:
            return self.answer(*self.server.replies.pop(0))
        data = [{"index": n, "embedding": [len(text), ord(text[0])]} for n, text in enumerate(body["input"])]
        return self.answer(200, {}, json.dumps({"data": data[::-1]}).encode())

    def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.server.stalls.is_set():
            self.server.stalls.clear()
            self.wfile.flush()
            threading.Event().wait(HELD)
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("EQUILINGUA_API_KEY", raising=False)


def endpoint(server: Server, **options: Any) -> EmbeddingsEndpoint:
    return EmbeddingsEndpoint("tiny", server.url, **{"wait": 0, **options})


def test_vectors_come_in_the_order_of_the_texts_in_batches(server: Server) -> None:
    vectors = endpoint(server, batch_size=2).encode_query(["a", "bb", "ccc", "dd", "e"])
    assert vectors.tolist() == [[1, 97], [2, 98], [3, 99], [2, 100], [1, 101]]
    assert vectors.dtype == np.float32
    assert [asked["input"] for asked in server.asked] == [["a", "bb"], ["ccc", "dd"], ["e"]]
    assert {asked["path"] for asked in server.asked} == {"/v1/embeddings"}
    assert {asked["model"] for asked in server.asked} == {"tiny"}
    assert all("Authorization" not in headers for headers in server.headers)


def test_prompts_of_the_role_are_put_in_front(server: Server) -> None:
    model = endpoint(server, prompts={"query": "ask: "})
    model.encode_query(["a"])
    model.encode_document(["b", ""])
    assert [asked["input"] for asked in server.asked] == [["ask: a"], ["b", " "]]


def test_an_endpoint_is_an_encoder_with_a_cache(server: Server, tmp_path: Path) -> None:
    vectors = encode(endpoint(server), ["a", "bb", "a"], "query", EncodeOptions(cache=tmp_path))
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-6)
    again = encode(endpoint(server), ["bb", "a"], "query", EncodeOptions(cache=tmp_path))
    np.testing.assert_array_equal(again, vectors[[1, 0]])
    assert len(server.asked) == 1
    encode(endpoint(server, dimensions=2), ["a"], "query", EncodeOptions(cache=tmp_path))
    assert server.asked[1]["dimensions"] == 2


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_overloaded_server_is_asked_again(server: Server, status: int) -> None:
    server.replies = [(status, {"Retry-After": "0"}, b""), (status, {}, b"busy")]
    assert endpoint(server).encode_query(["a"]).tolist() == [[1, 97]]
    assert len(server.asked) == 3


def test_a_server_that_stays_overloaded_is_given_up(server: Server) -> None:
    server.replies = [(429, {}, b'{"error": {"message": "slow down"}}')] * 3
    with pytest.raises(
        InputError, match=r"tiny@.*: gave no whole answer in 3 attempts, the last time status 429: slow down"
    ):
        endpoint(server, attempts=3).encode_query(["a"])
    assert len(server.asked) == 3


def test_a_server_that_is_not_there_is_told() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as other:
        port = other.server_port
    with pytest.raises(InputError, match=r"gave no whole answer in 2 attempts, the last time .*refused"):
        EmbeddingsEndpoint("tiny", f"http://127.0.0.1:{port}/v1", attempts=2, wait=0).encode_query(["a"])


def test_the_key_comes_from_the_environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.key = KEY
    monkeypatch.setenv("EQUILINGUA_API_KEY", KEY)
    model = endpoint(server)
    assert model.encode_query(["a"]).tolist() == [[1, 97]]
    assert KEY not in repr(model) + model.name + model.cache_key


def test_a_key_for_openai_goes_nowhere_else(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    endpoint(server).encode_query(["a"])
    assert "Authorization" not in server.headers[0]


def test_a_key_that_is_none_is_refused_and_not_printed(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EQUILINGUA_API_KEY", f"{KEY}\n{KEY}")
    with pytest.raises(InputError, match="EQUILINGUA_API_KEY: holds characters that no key has") as told:
        endpoint(server).encode_query(["a"])
    assert KEY not in str(told.value)


def test_an_answer_that_breaks_off_is_asked_for_again(server: Server) -> None:
    server.replies = [(200, {"Content-Length": "500"}, b"{")]
    assert endpoint(server).encode_query(["a"]).tolist() == [[1, 97]]


def test_vectors_that_are_missing_are_asked_for_again(server: Server) -> None:
    short = b'{"data": [{"index": 0, "embedding": [1, 97]}]}'
    server.replies = [(200, {}, short)]
    assert endpoint(server).encode_query(["a", "bb"]).tolist() == [[1, 97], [2, 98]]
    server.replies = [(200, {}, short)] * 2
    with pytest.raises(InputError, match="2 attempts, the last time it gave 1 vectors for 2 texts"):
        endpoint(server, attempts=2).encode_query(["a", "bb"])


def test_a_server_that_does_not_answer_in_time_is_asked_again(server: Server) -> None:
    server.hangs.set()
    assert endpoint(server, timeout=PATIENCE).encode_query(["a"]).tolist() == [[1, 97]]
    assert len(server.asked) == 2


def test_what_came_before_a_server_broke_down_is_not_asked_for_again(server: Server, tmp_path: Path) -> None:
    texts = [letter * 3 for letter in "abcdefgh"]
    model = endpoint(server, attempts=1)
    encode(model, texts[:4], "query", EncodeOptions(cache=tmp_path))
    server.replies = [(503, {}, b"later")]
    with pytest.raises(InputError, match="status 503"):
        encode(model, texts, "query", EncodeOptions(cache=tmp_path))
    asked = len(server.asked)
    assert encode(model, texts, "query", EncodeOptions(cache=tmp_path)).shape == (8, 2)
    assert [text for request in server.asked[asked:] for text in request["input"]] == texts[4:]


def test_a_refused_key_is_told_and_not_printed(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.key = "another"
    with pytest.raises(
        InputError, match=r"status 401: Incorrect key:. Set the environment variable EQUILINGUA_API_KEY"
    ):
        endpoint(server).encode_query(["a"])
    monkeypatch.setenv("EQUILINGUA_API_KEY", KEY)
    with pytest.raises(
        InputError, match=r"status 401: Incorrect key: .*\*\*\*. The key in EQUILINGUA_API_KEY was refused"
    ) as told:
        endpoint(server).encode_query(["a"])
    assert KEY not in str(told.value)
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<html>", r"answered something else than embeddings \(JSONDecodeError"),
        (b'{"objects": []}', r"answered something else than embeddings \(KeyError: 'data'"),
        (b'{"data": [{"index": 0, "embedding": [1]}, {"index": 7, "embedding": [1]}]}', "KeyError: 1"),
        (b'{"data": [{"index": 0, "embedding": [1]}, {"index": 1, "embedding": [1, 2]}]}', "something else than embed"),
        (
            b'{"data": [{"index": 0, "embedding": "AAA"}, {"index": 1, "embedding": "AAA"}]}',
            "something else than embed",
        ),
    ],
)
def test_a_malformed_answer_is_refused(server: Server, body: bytes, message: str) -> None:
    server.replies = [(200, {}, body)]
    with pytest.raises(InputError, match=message):
        endpoint(server).encode_query(["a", "b"])


def test_other_dimensions_than_asked_for_are_refused(server: Server) -> None:
    with pytest.raises(InputError, match="gave vectors of 2 dimensions, 64 were asked for"):
        endpoint(server, dimensions=64).encode_query(["a"])
    server.replies = [(200, {}, b'{"data": [{"index": 0, "embedding": [1, 2, 3]}]}')]
    with pytest.raises(InputError, match="gave vectors of 2 and 3 dimensions"):
        endpoint(server, batch_size=1).encode_query(["a", "b"])


def test_a_key_at_the_end_of_a_long_message_is_hidden_before_it_is_cut(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EQUILINGUA_API_KEY", KEY)
    for filler in (" ".join(["x" * 9] * 30)[:-8], " " * 9_992):
        server.replies = [(400, {}, f"{filler}{KEY} is wrong".encode())]
        with pytest.raises(InputError, match="status 400") as told:
            endpoint(server).encode_query(["a"])
        assert "***" in str(told.value)
        assert KEY[:5] not in str(told.value)


def test_a_key_in_a_malformed_answer_is_hidden(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EQUILINGUA_API_KEY", KEY)
    server.replies = [(200, {}, json.dumps({"data": [{"index": KEY, "embedding": [1]}]}).encode())]
    with pytest.raises(InputError, match=r"something else than embeddings \(ValueError: .*\*\*\*") as told:
        endpoint(server).encode_query(["a"])
    assert KEY not in str(told.value)


def test_a_message_that_breaks_off_counts_as_empty_and_is_asked_for_again(server: Server) -> None:
    broken = (503, {"Transfer-Encoding": "chunked"}, b"50\r\nbu")
    server.replies = [broken]
    assert endpoint(server).encode_query(["a"]).tolist() == [[1, 97]]
    server.replies = [broken]
    with pytest.raises(InputError, match=r"1 attempts, the last time status 503: Service Unavailable$"):
        endpoint(server, attempts=1).encode_query(["a"])


def test_a_message_that_does_not_come_in_time_counts_as_empty_and_is_asked_for_again(server: Server) -> None:
    server.stalls.set()
    server.replies = [(503, {}, b"busy")]
    assert endpoint(server, timeout=PATIENCE).encode_query(["a"]).tolist() == [[1, 97]]
    assert len(server.asked) == 2


@pytest.mark.parametrize("host", ["192.168.1.5:8000", "example.org", "localhost.example.org", "[fe80::1]:8000"])
def test_a_key_goes_over_http_to_no_other_machine(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EQUILINGUA_API_KEY", KEY)
    with pytest.raises(
        InputError, match=r"the key in EQUILINGUA_API_KEY would be sent unencrypted over http.* Give an https address"
    ) as told:
        EmbeddingsEndpoint("tiny", f"http://{host}/v1", attempts=1, timeout=0.1).encode_query(["a"])
    assert KEY not in str(told.value)


def test_a_key_goes_over_http_to_this_machine(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EQUILINGUA_API_KEY", KEY)
    for host in ("127.0.0.1", "localhost"):
        EmbeddingsEndpoint("tiny", f"http://{host}:{server.server_port}/v1", attempts=1).encode_query(["a"])
    assert [headers["Authorization"] for headers in server.headers] == [f"Bearer {KEY}"] * 2
    for host in ("127.9.9.9", "[::1]"):
        with pytest.raises(InputError, match="gave no whole answer in 1 attempts"):
            EmbeddingsEndpoint("tiny", f"http://{host}:{server.server_port}/v1", attempts=1).encode_query(["a"])


def test_a_redirect_is_not_followed(server: Server) -> None:
    server.replies = [(307, {"Location": "http://127.0.0.1:9/v1/embeddings"}, b"")]
    with pytest.raises(InputError, match="status 307"):
        endpoint(server).encode_query(["a"])


def test_endpoints_go_by_name() -> None:
    assert retriever("openai:text-embedding-3-small") == EmbeddingsEndpoint("text-embedding-3-small", OPENAI_URL)
    local = retriever("openai:BAAI/bge-m3@http://localhost:8000/v1")
    assert local == EmbeddingsEndpoint("BAAI/bge-m3", "http://localhost:8000/v1")
    assert local.name == "openai:BAAI/bge-m3@http://localhost:8000/v1"


def test_other_addresses_are_refused_without_repeating_them() -> None:
    refused = ["ftp://host/v1", "file:///etc/passwd", "localhost:8000", "http://user:secret@host/v1"]
    refused += ["http://:secret@host/v1", "http://@host/v1", "http://host/v1?key=secret", "http://host/v1#secret"]
    for address in refused:
        with pytest.raises(InputError, match=r"an endpoint's address reads like https://") as told:
            EmbeddingsEndpoint("m", address)
        assert "secret" not in str(told.value)
    with pytest.raises(InputError, match="openai: no model is named"):
        retriever("openai:@http://localhost:8000/v1")


@pytest.mark.parametrize(
    "address", ["http://[::1/v1", "http://host:secret/v1", "http://host:99999999/v1", "http://user:secret"]
)
def test_an_address_that_cannot_be_read_is_told_without_repeating_it(address: str) -> None:
    with pytest.raises(InputError, match=r"URL: cannot be read as an address.* http://localhost:8000/v1") as caught:
        EmbeddingsEndpoint("tiny", address)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machines_servers_are_not_asked_through_a_proxy(
    server: Server, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setenv("EQUILINGUA_API_KEY", KEY)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with Server() as proxy:
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        for name in ("http_proxy", "HTTP_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.server_port}")
        try:
            url = f"http://{host}:{server.server_port}/v1"
            EmbeddingsEndpoint("tiny", url, attempts=1).encode_query(["a"])
            monkeypatch.delenv("EQUILINGUA_API_KEY")
            EmbeddingsEndpoint("tiny", "http://elsewhere.invalid/v1", attempts=1).encode_query(["bb"])
        finally:
            proxy.shutdown()
            thread.join()
    assert [asked["input"] for asked in server.asked] == [["a"]]
    assert [asked["input"] for asked in proxy.asked] == [["bb"]]
    assert not any("Authorization" in headers for headers in proxy.headers)


def test_long_waits_are_told_and_short_ones_are_not(
    server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("equilingua.retrieval.endpoint.time.sleep", waited.append)
    server.replies = [(429, {"Retry-After": "2"}, b"busy"), (429, {"Retry-After": "30"}, b"busy"), (503, {}, b"")]
    endpoint(server).encode_query(["a"])
    assert waited == [2, 30, 0]
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        f"openai:tiny@{server.url}: waits 30 s before attempt 3 of 6, since the last one failed: status 429: busy\n"
    )

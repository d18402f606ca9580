import json
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from embeddings_server import AT_ONCE, Server, answer, reply
from equilingua.errors import InputError
from equilingua.retrieval.endpoint import EmbeddingsEndpoint

# Seconds in which an answer must come; what is answered at once on a busy machine is in time.
PATIENCE = 2.0


def endpoint(server: Server, **options: Any) -> EmbeddingsEndpoint:
    return EmbeddingsEndpoint("tiny", server.url, **options)


def refused(server: Server, *texts: str, **options: Any) -> str:
    with pytest.raises(InputError) as told:
        endpoint(server, **options).encode_query(list(texts) or ["a"])
    return str(told.value)


def test_a_server_that_stays_overloaded_is_given_up(server: Server) -> None:
    server.rule = lambda _: reply({"error": {"message": "slow down"}}, 429, **AT_ONCE)
    assert refused(server, attempts=3) == (
        f"openai:tiny@{server.url}: gave no whole answer in 3 attempts, the last time status 429: slow down"
    )
    assert len(server.asked) == 3


def test_a_server_that_asks_to_wait_for_an_hour_is_not_waited_for(server: Server) -> None:
    server.rule = lambda _: reply({"error": {"message": "quota"}}, 429, **{"Retry-After": "3600"})
    assert "status 429: quota. It asks to wait 3,600 s: run again then" in refused(server)
    assert len(server.asked) == 1


def test_a_server_that_is_not_there_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with pytest.raises(InputError, match=r"gave no whole answer in 2 attempts, the last time .*refused"):
        EmbeddingsEndpoint("tiny", f"http://127.0.0.1:{port}/v1", attempts=2).encode_query(["a"])
    with pytest.raises(InputError, match=r"gave no whole answer in 1 attempts, the last time .+"):
        EmbeddingsEndpoint("tiny", "http://no-such-host.invalid/v1", attempts=1).encode_query(["a"])


# What a server writes, over and over, until the client hangs up: a byte of the status line, of a header, of the body.
DRIPS = {
    "status": (b"", b"H"),
    "header": (b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
    "a long header": (b"HTTP/1.1 200 OK\r\nX-A: ", b"b"),
    "body": (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b" "),
    "chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "an error's body": (b"HTTP/1.1 500 Error\r\nContent-Length: 100000\r\n\r\n", b" "),
    "a refusal's body": (b"HTTP/1.1 400 Bad\r\nContent-Length: 100000\r\n\r\n", b" "),
    "nothing": (b"", b""),
    "early hints": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
}


@pytest.mark.parametrize("part", DRIPS)
def test_a_drip_of_bytes_does_not_outlast_the_time_given(server: Server, part: str) -> None:
    begin, drop = DRIPS[part]
    hung_up = threading.Event()

    def drip(connection: socket.socket) -> None:
        try:
            connection.sendall(begin)
            connection.settimeout(0.05)
            while True:
                connection.sendall(drop)
                try:
                    if not connection.recv(1):
                        break
                except TimeoutError:
                    continue
        except OSError:
            pass
        hung_up.set()

    server.raw = drip
    message = refused(server, attempts=1, timeout=0.5)
    assert "gave no whole answer in 1 attempts, the last time no whole answer within 0.5 seconds" in message
    assert hung_up.wait(60)


def test_a_server_that_does_not_answer_in_time_is_asked_again(server: Server) -> None:
    calls: list[int] = []

    def once(connection: socket.socket) -> None:
        server.raw = None
        calls.append(1)
        connection.settimeout(60)
        connection.recv(1)

    server.raw = once
    assert endpoint(server, timeout=PATIENCE).encode_query(["a"]).tolist() == [[1, 97]]
    assert len(server.asked) == 2
    assert calls == [1]


# What a server writes after the head, over and over: JSON, zeros, and what unpacks to very much of them.
@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request", "500 Error"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_body_without_end_is_cut_off(server: Server, status: str, packed: bool) -> None:
    import zlib

    squeeze = zlib.compressobj(wbits=31)
    piece = b" " * 2**20
    sent = 0

    def flood(connection: socket.socket) -> None:
        nonlocal sent
        encoding = b"Content-Encoding: gzip\r\n" if packed else b""
        connection.sendall(f"HTTP/1.1 {status}\r\n".encode() + encoding + b"Connection: close\r\n\r\n")
        for _ in range(4096):
            data = squeeze.compress(piece) + squeeze.flush(zlib.Z_SYNC_FLUSH) if packed else piece
            connection.sendall(data)
            sent += len(piece)

    server.raw = flood
    message = refused(server, attempts=1, timeout=60)
    if status.startswith("200"):
        assert message.endswith("answered with more than 2 MiB for 1 texts, which no vectors take: it was cut off")
    else:
        assert f"status {status[:3]}: " in message
    # The rest of the 4 GiB was not taken: no more than what stands in buffers on the way.
    assert sent < 2**30


def test_an_answer_that_breaks_off_is_asked_for_again(server: Server) -> None:
    server.replies = [(200, {"Content-Length": "500"}, b"{")]
    assert endpoint(server).encode_query(["a"]).tolist() == [[1, 97]]


def test_a_message_that_breaks_off_is_told_as_far_as_it_came_and_asked_for_again(server: Server) -> None:
    broken = (503, {"Transfer-Encoding": "chunked", **AT_ONCE}, b"4\r\nbusy\r\n50\r\nbu")
    server.replies = [broken]
    assert endpoint(server).encode_query(["a"]).tolist() == [[1, 97]]
    server.rule = lambda _: (503, {"Content-Length": "0"}, b"")
    assert "1 attempts, the last time status 503: Service Unavailable" in refused(server, attempts=1)


def test_a_compressed_answer_is_read_though_it_was_not_asked_for(server: Server) -> None:
    import gzip

    body = gzip.compress(json.dumps(answer(["a"])).encode())
    server.replies = [(200, {"Content-Encoding": "gzip"}, body)]
    assert endpoint(server).encode_query(["a"]).tolist() == [[1, 97]]
    assert server.headers[0]["accept-encoding"] == "identity"
    server.replies = [(200, {"Content-Encoding": "zstd"}, body)]
    assert "answered compressed by zstd, unasked" in refused(server)


# How servers tell of an error: OpenAI, vLLM, TEI, Ollama, FastAPI (Jina, Voyage), Cohere, SiliconFlow, MiniMax, Azure.
TOLD: list[Any] = [
    {"error": {"message": "no such model", "type": "invalid_request_error", "param": None, "code": None}},
    {"object": "error", "message": "no such model", "type": "BadRequestError", "param": None, "code": 404},
    {"error": "no such model", "error_type": "Validation"},
    {"error": "no such model"},
    {"detail": "no such model"},
    {"detail": [{"loc": ["body", "model"], "msg": "no such model", "type": "value_error"}]},
    {"message": "no such model"},
    {"code": 20012, "message": "no such model", "data": None},
    {"vectors": None, "base_resp": {"status_code": 1004, "status_msg": "no such model"}},
    {"errors": [{"title": "no such model"}]},
    {"error": {"code": "DeploymentNotFound", "message": "no such model", "innererror": {"code": "x"}}},
    {"type": "urn:problem", "title": "no such model", "status": 404},
    "no such model",
    ["no such model"],
]


@pytest.mark.parametrize("status", [200, 400, 404, 422])
@pytest.mark.parametrize("document", TOLD)
def test_a_servers_words_are_told_wherever_they_stand(server: Server, status: int, document: Any) -> None:
    server.rule = lambda _: reply(document, status)
    message = refused(server, attempts=1)
    assert "no such model" in message
    assert "\n" not in message
    assert ("answered with" if status == 200 else f"status {status}: no such model") in message


def test_words_that_are_no_json_are_told(server: Server) -> None:
    page = b"<html><head><style>b {}</style></head><body><h1>502 Bad Gateway</h1>\n<p>nginx</p></body></html>"
    server.rule = lambda _: (502, AT_ONCE, page)
    assert "status 502: 502 Bad Gateway nginx" in refused(server, attempts=1)
    server.rule = lambda _: (403, {}, b"\xff\xfe no leave")
    assert "status 403: \ufffd\ufffd no leave" in refused(server)
    server.rule = lambda _: (418, {}, b"")
    assert "status 418: I'm a Teapot" in refused(server)


def test_an_error_of_a_passing_kind_under_a_good_status_is_asked_for_again(server: Server) -> None:
    for code in (429, 502, "503"):
        server.replies.append(reply({"error": {"message": "Provider returned error", "code": code}}))
    assert endpoint(server).encode_query(["a"]).tolist() == [[1, 97]]
    assert len(server.asked) == 4


def test_a_long_answer_that_is_none_is_told_in_part(server: Server) -> None:
    for body in (b"[" * 100_000, b"9" * 10_000, b"{" * 50, b"\xff" * 5000, json.dumps({"x": "y" * 9999}).encode()):
        server.rule = lambda _, body=body: (200, {}, body)
        message = refused(server)
        assert "answered with something else than embeddings: " in message
        assert len(message) < 500


@pytest.mark.parametrize("status", [200, 400, 401, 429, 500])
def test_control_characters_do_not_reach_the_terminal(
    server: Server, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = "a\x1b[2J\x07\x9b31m\r\n\u202egnp\x00z"
    server.rule = lambda _: reply({"error": {"message": evil}}, status, **AT_ONCE)
    message = refused(server, attempts=4) + capsys.readouterr().err.replace("\n", "")
    assert message.isprintable(), message
    server.rule = lambda _: (status, AT_ONCE, evil.encode())
    assert refused(server, attempts=1).isprintable()


def test_waits_that_a_server_asks_for_are_told_if_they_are_long(
    server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("openai._base_client.anyio.sleep", sleep)
    server.replies = [(429, {"Retry-After": asked}, b"busy") for asked in ("2", "30")]
    endpoint(server).encode_query(["a"])
    assert waited == [2, 30]
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        f"openai:tiny@{server.url}: waits 30 s, as the server asks, before attempt 3 of 6, since the last one failed: "
        "status 429: busy\n"
    )
    server.replies = [(503, {}, b"later")] * 3
    endpoint(server).encode_query(["a"])
    assert capsys.readouterr().err.splitlines() == [
        f"openai:tiny@{server.url}: makes attempt {number} of 6, since the last one failed: status 503: later"
        for number in (3, 4)
    ]


def test_a_date_until_which_to_wait_is_read(server: Server) -> None:
    server.rule = lambda _: reply({}, 429, **{"Retry-After": "Wed, 21 Oct 2037 07:28:00 GMT"})
    assert "It asks to wait" in refused(server)
    assert len(server.asked) == 1


ENCODE = """
import sys
from pathlib import Path
from equilingua.retrieval.encoding import EncodeOptions, encode
from equilingua.retrieval.endpoint import EmbeddingsEndpoint
model = EmbeddingsEndpoint("tiny", sys.argv[1])
texts = [f"text {n:02}" for n in range(40)]
encode(model, texts, "document", EncodeOptions(batch_size=4, cache=Path(sys.argv[2])))
"""


@pytest.mark.slow
def test_every_request_that_was_answered_is_kept_when_the_run_is_interrupted(server: Server, tmp_path: Path) -> None:
    asked, go_on = threading.Event(), threading.Event()
    answered = 0

    def rule(_: dict[str, Any]) -> Any:
        nonlocal answered
        if answered == 6:
            asked.set()
            go_on.wait(60)
        answered += 1

    server.rule = rule
    command = [sys.executable, "-c", ENCODE, server.url, str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert asked.wait(120)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
    go_on.set()
    assert "KeyboardInterrupt" in told
    server.asked.clear()
    subprocess.run(command, check=True)
    assert sorted(text for sent in server.sent for text in sent) == [f"text {n:02}" for n in range(24, 40)]
